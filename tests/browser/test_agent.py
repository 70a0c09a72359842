"""The phone agents' script: without a mouse, from the first word to the case."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, PHONE, overflows

WIDE = {"width": 1360, "height": 900}
CALL = Callable[..., Page]


@pytest.fixture
def call(visit, agent) -> CALL:
    """Log in and come to the first sentence."""

    def begin(**options) -> Page:
        page = visit("/agent", **{"size": WIDE, **options})
        page.locator("[name=name]").fill(agent)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url("**/agent")
        expect(page.locator("[data-say]")).to_contain_text("bonjour")
        return page

    return begin


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other, each once its question is there."""
    for key in keys:
        before = page.locator("[data-say]").inner_text()
        page.keyboard.press(key)
        expect(page.locator("[data-say]")).not_to_have_text(before)


def answer(page: Page, words: str) -> None:
    before = page.locator("[data-say]").inner_text()
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.locator("[data-say]")).not_to_have_text(before)


def asked(page: Page) -> str:
    return page.locator("[data-map] [aria-current=step]").get_attribute("data-fact")


# How each fact of the support is answered by somebody who is eligible.
KEYS = {
    "employer_sector": lambda page: press(page, "1"),
    "employer_size": lambda page: answer(page, "45"),
    "contract": lambda page: press(page, "1"),
    "department": lambda page: answer(page, "59000"),
    "wants_support": lambda page: press(page, "1"),
}


def to_the_verdict(page: Page) -> None:
    press(page, "Enter")
    page.keyboard.press("2")
    page.keyboard.press("8")
    press(page, "Enter")
    for _ in KEYS:
        KEYS[asked(page)](page)


def test_the_script_needs_an_account(visit):
    assert "/file/connexion" in visit("/agent").url


def test_no_mouse_from_the_first_word_to_the_case(call, accessible):
    page = call()
    accessible(page)
    to_the_verdict(page)
    expect(page.locator("[data-say]")).to_contain_text("le service peut vous accompagner")
    expect(page.locator(".verdict-line").first).to_contain_text("Oui")
    accessible(page)
    press(page, "F10")
    page.keyboard.type("Zoé")
    page.keyboard.press("Tab")
    page.keyboard.type("06 12 34 56 78")
    page.keyboard.press("Enter")
    expect(page.locator("[data-errors]")).to_be_focused()
    page.locator("#contact-consent").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    press(page, "Enter")

    expect(page.locator("[data-say]")).to_contain_text("enregistrée sous la référence")
    accessible(page)
    press(page, "Enter")
    expect(page.locator("[data-known] li")).to_have_count(0)


def test_an_answer_changed_computes_the_rest_again(call):
    page = call()
    to_the_verdict(page)
    page.get_by_role("button", name="Modifier : Taille de l’employeur").click()
    expect(page.locator("[data-map] [aria-current=step]")).to_have_attribute(
        "data-fact", "employer_size"
    )
    answer(page, "8")

    expect(page.locator("[data-known]")).to_contain_text("8 salariés")
    expect(page.locator(".verdict-line").first).not_to_contain_text("Oui")


def test_back_takes_the_last_answer_again(call):
    page = call()
    press(page, "Enter")
    page.keyboard.press("2")
    press(page, "Enter")
    first = asked(page)
    KEYS[first](page)
    press(page, "F9")

    assert asked(page) == first


def test_the_danger_key_shows_the_numbers_at_once(call, accessible):
    page = call()
    expect(page.locator("[data-danger]")).to_be_in_viewport()
    page.keyboard.press("F2")

    expect(page.locator("[data-emergency] a[href='tel:17']")).to_be_visible()
    expect(page.locator("[data-say]")).to_contain_text("appelez le 17")
    accessible(page)


def test_the_persons_own_words_are_read_as_in_the_chat(call):
    page = call()
    page.keyboard.press("F8")
    page.keyboard.type("je suis en CDI et je dors dans ma voiture")
    page.keyboard.press("Enter")

    expect(page.locator("[data-known]")).to_contain_text("CDI")
    expect(page.locator("[data-emergency] a[href='tel:115']")).to_be_visible()


def test_keys_can_be_switched_off_and_never_act_while_typing(call):
    page = call()
    press(page, "Enter")
    page.keyboard.press("F4")
    page.keyboard.type("2 enfants")
    expect(page.locator("[data-notes]")).to_have_value("2 enfants")
    expect(page.locator("[data-answer] input:checked")).to_have_count(0)
    page.locator("[data-keys]").uncheck()
    page.locator("[data-answer]").focus()
    page.keyboard.press("2")
    expect(page.locator("[data-answer] input:checked")).to_have_count(0)


def test_a_reload_loses_nothing_that_was_typed(call):
    page = call()
    press(page, "Enter")
    page.keyboard.press("2")
    press(page, "Enter")
    page.keyboard.press("F4")
    page.keyboard.type("rappeler après 17 h")
    page.reload()

    expect(page.locator("[data-notes]")).to_have_value("rappeler après 17 h")
    expect(page.locator("[data-known]")).to_contain_text("Loyer impayé")


def test_a_session_that_ended_keeps_what_is_noted(call):
    page = call()
    press(page, "Enter")
    page.context.clear_cookies()
    page.keyboard.press("2")
    page.keyboard.press("Enter")

    expect(page.locator("[data-notice]")).to_contain_text("Votre session est terminée")
    expect(page.locator("[data-call]")).to_be_visible()


def test_two_answers_that_cannot_both_hold_are_said(call):
    page = call()
    page.keyboard.press("F8")
    page.keyboard.type("je suis fonctionnaire")
    page.keyboard.press("Enter")
    expect(page.locator("[data-known]")).to_contain_text("Fonctionnaire")
    page.keyboard.press("F8")
    page.keyboard.type("mon employeur est une entreprise privée")
    page.keyboard.press("Enter")

    expect(page.locator("[data-notice]")).to_contain_text("ne vont pas ensemble")


def test_on_a_phone_nothing_is_cut(call):
    page = call(size=PHONE)
    press(page, "Enter")

    assert not overflows(page)
