"""A cut, a restart, a refusal, two tabs: the page stays whole and says what happened."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chat import Chat
from tests.browser.conftest import PASSWORD, PATIENCE_MS, PHONE, overflows
from tests.running import Product

REFUSED = {"profile": {"default_content_setting_values": {"cookies": 2}}}


@pytest.fixture
def refusing(chromium: Browser, product, tmp_path) -> Iterator[Callable[..., Page]]:
    """Open a page of the product in a browser set to refuse every cookie."""
    contexts: list[BrowserContext] = []

    def open_one(path: str, **options) -> Page:
        profile = tmp_path / str(len(contexts))
        (profile / "Default").mkdir(parents=True)
        (profile / "Default" / "Preferences").write_text(json.dumps(REFUSED), encoding="utf-8")
        context = chromium.browser_type.launch_persistent_context(
            profile,
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            viewport=PHONE,
            locale="fr-FR",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto(product.url + path)
        return page

    yield open_one
    for context in contexts:
        context.close()


def test_with_cookies_refused_the_conversation_goes_on(refusing):
    page = refusing("/assistant")
    person = Chat(page).ready()
    person.says("je suis en CDI")
    person.says("loyer impayé")

    assert page.context.cookies() == []
    assert "je suis en CDI" in person.transcript()
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Plus grand").click()
    expect(page.locator("html")).to_have_class("text-1")


def test_without_javascript_nor_cookies_each_message_is_answered_and_it_is_said(refusing):
    page = refusing("/assistant", java_script_enabled=False)
    page.locator("#texte").fill("mon mari me frappe")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("a.number[href='tel:3919']")).to_be_in_viewport()
    page.locator("#texte").fill("loyer impayé")
    page.get_by_role("button", name="Envoyer").click()

    expect(page.locator("[data-notice]")).to_contain_text("refuse les cookies")
    expect(page.locator(".from-person .bubble")).to_have_text(["loyer impayé"])


def test_logging_in_with_cookies_refused_says_why_it_cannot(refusing, agent):
    page = refusing("/agent")
    page.locator("[name=name]").fill(agent)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("refuse les cookies")


def test_a_reload_while_waiting_loses_nothing(chat):
    person = chat()
    # The server has it; its answer does not come back.
    person.page.route("**/messages", lambda route: route.fetch() and None)
    person.text.fill("je suis en CDI")
    with person.page.expect_request("**/messages"):
        person.text.press("Enter")
    expect(person.page.locator("[data-waiting]")).to_be_visible()
    person.page.unroute_all(behavior="ignoreErrors")
    person.page.reload()
    person.idle()

    assert person.transcript().count("je suis en CDI") == 1
    assert person.transcript()[-1] != "je suis en CDI"


def test_two_tabs_are_one_conversation(chat):
    person = chat()
    other = Chat(person.page.context.new_page())
    other.page.goto(person.page.url)
    other.ready()
    person.says("je suis en CDI")
    other.says("loyer impayé")
    person.page.reload()
    person.idle()

    told = [words for words in person.transcript() if words in ("je suis en CDI", "loyer impayé")]
    assert told == ["je suis en CDI", "loyer impayé"]


def test_a_restart_of_the_server_in_the_middle_loses_nothing(chromium, tmp_path):
    running = Product(tmp_path).start()
    try:
        context = chromium.new_context(viewport=PHONE, locale="fr-FR")
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{running.url}/assistant")
        person = Chat(page).ready()
        person.says("je suis en CDI")
        running.stop()
        person.says("loyer impayé")
        expect(page.locator(".message.unsent")).to_contain_text("Message non envoyé.")
        running.output.clear()
        running.start()
        page.get_by_role("button", name="Réessayer").click()
        person.idle()
        expect(page.locator(".message.unsent")).to_have_count(0)
        page.reload()
        person.idle()
        assert person.transcript().count("je suis en CDI") == 1
        assert person.transcript().count("loyer impayé") == 1
        context.close()
    finally:
        running.stop()


def test_a_referral_cut_off_keeps_every_word_and_goes_the_second_time(visit):
    page = visit("/rh")
    page.locator("#o-referrer").fill("ACME")
    page.locator("#o-last_name").fill("Martin")
    page.locator("#o-first_name").fill("Zoé")
    page.locator("#o-phone").fill("06 12 34 56 78")
    page.locator("#o-employee_agrees").check()
    page.route("**/api/referrals", lambda route: route.abort(), times=1)
    send = page.get_by_role("button", name="Transmettre aux conseillers")
    send.click()
    expect(page.locator("[data-referral] [data-errors]")).to_contain_text("Rien n’est perdu")
    expect(page.locator("#o-last_name")).to_have_value("Martin")
    send.click()

    expect(page.locator("#accuse .reference")).to_be_visible()


@pytest.mark.parametrize("words", ["x" * 400, "<b>gras</b>", "مرحبا"], ids=["long", "html", "rtl"])
def test_odd_words_in_the_referral_stay_words(visit, words):
    page = visit("/rh", java_script_enabled=False)
    page.locator("#o-referrer").fill(words)
    page.locator("#o-origin").fill(words)
    page.get_by_role("button", name="Transmettre aux conseillers").click()

    expect(page.locator("#o-origin")).to_have_value(words)
    assert not overflows(page)
