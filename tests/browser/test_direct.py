"""A counsellor in one browser, a person in another: they talk, and the assistant steps aside."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.browser.conftest import DESKTOP, PASSWORD, PHONE
from tests.product.talking import Person
from tests.running import Product

DOORS = {"width": 320, "height": 640}


@pytest.fixture(scope="session")
def counsellor(product: Product) -> str:
    """The name of a counsellor whom people know as Claire."""
    name = "claire.martin"
    product.desk(
        *("user", "create", name, "--role", "counsellor", "--shown-as", "Claire"),
        "--password-stdin",
        given=PASSWORD,
    )
    return name


@pytest.fixture
def case_page(visit: Callable[..., Page], counsellor: str) -> Callable[[str], Page]:
    """Log the counsellor in, open a case and take it."""

    def take(reference: str) -> Page:
        page = visit(f"/file/dossiers/{reference}", size=DESKTOP)
        page.get_by_label("Nom").fill(counsellor)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Prendre ce dossier").click()
        expect(page.get_by_text("Le dossier est à vous.")).to_be_visible()
        return page

    return take


def asks_to_be_called(person: Chat) -> str:
    """Tell an urgent situation, leave a number; return the case's reference."""
    person.says("jsé pa ou dormir ce soir jdors ds ma voiture")
    if not person.card("contact").count():
        person.presses("Oui")
    form = person.card("contact")
    form.get_by_label("Téléphone").fill("06 12 34 56 78")
    form.get_by_label(re.compile("J’accepte que ces coordonnées")).check()
    form.get_by_role("button", name="Demander à être rappelé").click()
    person.idle()
    return person.card("case").locator(".reference").inner_text()


def writes(page: Page, text: str) -> None:
    page.get_by_label("Message à la personne").fill(text)
    page.get_by_role("button", name="Envoyer").click()


def test_a_counsellor_and_a_person_talk_from_two_browsers(chat, case_page, accessible):
    person = chat(size=PHONE)
    reference = asks_to_be_called(person)
    asked = person.transcript()[-1]
    direct = person.page.locator("[data-direct]")
    expect(direct).to_be_hidden()
    person.text.fill("J’étais en train d’écrire")
    person.text.focus()

    desk = case_page(reference)
    writes(desk, "Bonjour, je suis conseillère. Êtes-vous en sécurité ?")
    expect(desk.get_by_text("est affiché dans la conversation")).to_be_visible()

    said = person.page.locator(".message.from-counsellor")
    expect(said.locator(".bubble")).to_have_text(
        "Bonjour, je suis conseillère. Êtes-vous en sécurité\u00a0?"
    )
    expect(said.locator(".who")).to_have_text("Claire")
    assert "Claire\u00a0: Bonjour, je suis conseillère." in person.heard()
    expect(direct).to_contain_text("Vous parlez avec Claire.")
    for number in ("tel:17", "sms:114", "tel:115", "tel:3919"):
        expect(direct.locator(f"a[href='{number}']")).to_be_in_viewport()
    expect(person.text).to_be_focused()
    expect(person.text).to_have_value("J’étais en train d’écrire")
    accessible(person.page)

    person.says("Oui, merci d'être là")
    expect(desk.get_by_role("list", name="Messages échangés")).to_contain_text(
        "Oui, merci d'être là"
    )
    assert "Assistant" not in person.page.locator(".message").last.locator(".who").inner_text()
    accessible(desk)

    desk.get_by_role("button", name="Quitter la conversation").click()
    expect(desk.get_by_text("l’assistant y revient")).to_be_visible()
    expect(direct).to_be_hidden()
    expect(person.page.locator(".message").last).to_have_class(re.compile("from-assistant"))
    assert person.transcript()[-1] == asked
    assert "L’assistant automatique est de retour" in "\n".join(person.transcript())

    person.page.close()
    # The stream is seen to be closed within a second.
    desk.wait_for_timeout(2_500)
    writes(desk, "Un dernier mot.")
    expect(desk.get_by_role("alert")).to_contain_text("n’est plus devant la conversation")


def test_with_rasa_dead_they_talk_all_the_same(product, chat, case_page):
    person = chat()
    reference = asks_to_be_called(person)
    product.keep_down("rasa")
    try:
        desk = case_page(reference)
        writes(desk, "Bonjour, je vous lis.")
        expect(person.page.locator(".message.from-counsellor")).to_be_visible()
        person.says("mon mari me frappe")
        expect(person.page.locator("a.number[href='tel:3919']").last).to_be_visible()
        expect(desk.get_by_role("list", name="Messages échangés")).to_contain_text(
            "mon mari me frappe"
        )
        desk.get_by_role("button", name="Quitter la conversation").click()
        expect(person.page.locator("[data-direct]")).to_be_hidden()
    finally:
        product.bring_back("rasa")
    person.says("bonjour")
    expect(person.page.locator(".message").last).to_have_class(re.compile("from-assistant"))


def test_on_a_narrow_screen_the_numbers_and_the_field_are_both_in_view(chat, case_page):
    person = chat(size=DOORS)
    desk = case_page(asks_to_be_called(person))
    writes(desk, "Bonjour.")
    direct = person.page.locator("[data-direct]")
    expect(direct).to_be_visible()
    expect(direct.locator("a[href='tel:17']")).to_be_in_viewport()
    expect(person.text).to_be_in_viewport()
    assert person.page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


def test_without_scripts_the_conversation_is_read_by_a_button(product, visit, case_page):
    person = Person(product.url)
    person.says("jdors ds ma voiture")
    if "contact_form" not in person.kinds:
        person.says("oui")
    reference = person.leaves_contact()["reference"]
    page = visit("/aide/urgence", java_script_enabled=False)
    cookie: dict[str, Any] = {
        "name": "seuil_conversation",
        "value": person.token,
        "url": product.url,
    }
    page.context.add_cookies([cookie])
    page.goto(f"{product.url}/assistant")
    desk = case_page(reference)
    writes(desk, "Bonjour, je vous lis.")
    page.goto(f"{product.url}/assistant")
    expect(page.get_by_text("Bonjour, je vous lis.")).to_be_visible()
    page.get_by_label("Votre message").fill("Merci")
    page.get_by_role("button", name="Envoyer").click()
    expect(desk.get_by_role("list", name="Messages échangés")).to_contain_text("Merci")
    writes(desk, "Je vous rappelle demain.")
    page.get_by_role("button", name="Lire ses nouveaux messages").click()
    expect(page.get_by_text("Je vous rappelle demain.")).to_be_visible()
