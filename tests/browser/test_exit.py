"""Leaving in a hurry: nothing on screen at once, nothing left behind, no way back to it."""

from __future__ import annotations

import requests
from playwright.sync_api import expect

from tests.browser.conftest import ELSEWHERE


def test_the_button_leaves_for_good(chat, product):
    person = chat()
    page = person.page
    person.says("mon mari me frappe")
    cookie = page.context.cookies()[0]["value"]
    page.get_by_role("button", name="Quitter vite").click()
    page.wait_for_url(ELSEWHERE)
    page.wait_for_timeout(500)

    assert page.context.cookies() == []
    ended = requests.get(
        f"{product.url}/assistant", cookies={"seuil_conversation": cookie}, timeout=10
    )
    assert "mon mari me frappe" not in ended.text
    page.go_back()
    assert "mon mari me frappe" not in page.content()


def test_the_cover_comes_before_anything_else(chat):
    """At the very moment of the click: covered, neutral title; then emptied, before leaving."""
    person = chat()
    at_once = person.page.evaluate(
        """() => {
          // The page cannot be asked anything once it has left: it is kept here.
          window.requestAnimationFrame = (after) => (window.after = after);
          document.querySelector("[data-exit]").click();
          const cover = document.querySelector("[data-cover]").getBoundingClientRect();
          return {
            covered: cover.width >= innerWidth && cover.height >= innerHeight,
            title: document.title.trim(),
          };
        }"""
    )
    assert at_once == {"covered": True, "title": ""}

    person.page.wait_for_url(ELSEWHERE)


def test_nothing_is_left_in_the_page_nor_in_the_browser(chat):
    person = chat()
    # The page is asked until the next one comes: not before it has answered.
    held = []
    person.page.route(f"{ELSEWHERE}**", lambda route: held.append(route))
    left = person.page.evaluate(
        """() => new Promise((done) => {
          sessionStorage.setItem("seuil-text-size", "text-1");
          document.querySelector("[data-exit]").click();
          requestAnimationFrame(() => done({
            messages: document.querySelectorAll(".message").length,
            storage: localStorage.length + sessionStorage.length,
          }));
        })"""
    )

    assert left == {"messages": 0, "storage": 0}
    for _ in range(200):
        if held:
            break
        person.page.wait_for_timeout(50)
    held[0].fulfill(body="<p>Météo</p>")
    person.page.wait_for_url(ELSEWHERE)


def test_three_times_shift_leaves_and_tells_the_count(chat):
    person = chat()
    page = person.page
    page.keyboard.press("Shift")
    expect(page.locator("#exit-status")).to_have_text(
        "Encore deux fois la touche Maj pour quitter cette page."
    )
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")

    page.wait_for_url(ELSEWHERE)


def test_capital_letters_do_not_leave(chat):
    person = chat()
    person.text.focus()
    for letter in "ABCDE":
        person.page.keyboard.press(f"Shift+{letter}")

    expect(person.text).to_have_value("ABCDE")
    assert person.page.url.endswith("/assistant")


def test_without_javascript_the_button_leaves_too(visit):
    page = visit("/assistant", java_script_enabled=False)
    page.locator("#texte").fill("mon mari me frappe")
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("button", name="Quitter vite").click()

    page.wait_for_url(ELSEWHERE)
    assert page.context.cookies() == []


def test_every_page_has_the_way_out_and_says_its_limit(visit):
    for path in ("/", "/aide/urgence", "/rh", "/assistant"):
        page = visit(path)
        button = page.get_by_role("button", name="Quitter vite")
        expect(button).to_be_in_viewport()
        expect(button).to_have_accessible_description(
            "Ferme cette page aussitôt et ouvre un site de météo."
            " Au clavier, appuyez trois fois sur la touche Maj."
        )
    expect(
        visit("/").get_by_text("L’historique de votre navigateur, lui, n’est pas effacé")
    ).to_be_visible()
