"""The phone agents' script: without a mouse, from the first word to the case."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
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


def test_the_map_says_where_the_call_is(call):
    page = call()
    here = page.locator("[data-map] [aria-current=step]")
    expect(here).to_contain_text("Accueil")
    to_the_verdict(page)
    expect(here).to_contain_text("Réponse")
    expect(page.locator("[data-map] [data-fact=contract]")).to_contain_text("dit")
    press(page, "F10")
    expect(here).to_contain_text("Coordonnées")
    press(page, "F9")
    expect(here).to_contain_text("Réponse")


def test_who_cannot_talk_now_is_told_when_to_call_again(call, accessible):
    page = call()
    press(page, "1")

    expect(page.locator("[data-say]")).to_contain_text("quand vous pourrez parler")
    expect(page.locator("[data-outcome]")).to_have_value("will_call")
    accessible(page)
    press(page, "Enter")
    expect(page.locator("[data-say]")).to_contain_text("bonjour")
    expect(page.locator("[data-outcome]")).to_have_value("")


def test_who_wants_no_case_is_thanked_and_the_summary_says_so(call):
    page = call()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    to_the_verdict(page)
    press(page, "1")
    expect(page.locator("[data-say]")).to_contain_text("je ne transmets rien")
    page.keyboard.press("F7")
    expect(page.locator("[data-outcome]")).to_be_focused()
    page.get_by_role("button", name="Copier le résumé").press("Enter")

    expect(page.locator("[data-copied]")).to_have_text("Résumé copié.")
    summary = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert "Issue : Information donnée" in [line.replace("\xa0", " ") for line in summary]


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


def test_the_danger_key_needs_no_server(call):
    page = call()
    page.route("**/agent/etape", lambda route: route.abort())
    page.keyboard.press("F2")

    expect(page.locator("[data-emergency] a[href='tel:17']")).to_be_visible()


def test_a_danger_that_was_none_is_taken_back(call):
    page = call()
    press(page, "Enter")
    press(page, "F2")
    expect(page.locator("[data-known]")).to_contain_text("Danger")
    page.get_by_role("button", name="Ce n’était pas un danger").click()

    expect(page.locator("[data-emergency] a")).to_have_count(0)
    expect(page.locator("[data-known] li")).to_have_count(0)
    assert asked(page) == "difficulties"


def test_a_danger_told_after_the_case_was_opened_reaches_the_counsellors(call, product):
    page = call()
    to_the_verdict(page)
    press(page, "F10")
    page.locator("#contact-phone").fill("06 12 34 56 78")
    page.locator("#contact-consent").check()
    page.locator("#contact-consent").press("Tab")
    press(page, "Enter")
    reference = page.locator("[data-answer] .reference").inner_text()
    press(page, "F2")
    expect(page.locator("[data-notice]")).to_contain_text("signalée aux conseillers")

    case = requests.get(
        f"{product.url}/api/cases/{reference}",
        headers={"Authorization": f"Bearer {product.token('counsellor')}"},
        timeout=20,
    ).json()
    assert case["flags"]["immediate_danger"]
    assert case["priority"] == "critical"


def test_what_is_only_suspected_is_asked_next(call):
    page = call()

    def suspect(route):
        answer = route.fetch()
        said = answer.json()
        said["state"]["urgency"]["suspected"] = ["family_violence"]
        route.fulfill(response=answer, json=said)

    page.route("**/messages", suspect)
    page.keyboard.press("F8")
    page.keyboard.type("elle parle tout bas")
    page.keyboard.press("Enter")

    expect(page.locator("[data-map] [data-fact=family_violence]")).to_have_attribute(
        "aria-current", "step"
    )


def test_logging_out_leaves_nothing_of_the_call_in_the_browser(call):
    page = call()
    press(page, "Enter")
    page.keyboard.press("2")
    press(page, "Enter")
    leave = page.get_by_role("button", name="Se déconnecter")
    leave.click()
    expect(page.locator("[data-notice]")).to_contain_text("Appuyez encore")
    leave.click()

    page.wait_for_url("**/file/connexion")
    assert page.evaluate("sessionStorage.length") == 0


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


def test_a_cut_is_said_and_the_answer_is_given_again(call):
    page = call()
    press(page, "Enter")
    page.keyboard.press("2")
    page.route("**/agent/etape", lambda route: route.abort(), times=1)
    page.keyboard.press("Enter")
    expect(page.locator("[data-notice]")).to_contain_text("Ce qui est noté reste ici")
    press(page, "Enter")

    expect(page.locator("[data-notice]")).to_be_hidden()
    expect(page.locator("[data-known]")).to_contain_text("Loyer impayé")


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
