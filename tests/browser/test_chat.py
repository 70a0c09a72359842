"""The employee's chat: from the first word to the case, by keyboard, by touch, by ear."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from seuil.eligibility import value_label
from seuil.web.typography import french
from tests.browser.chat import Chat
from tests.browser.conftest import DESKTOP, PHONE, overflows

ELIGIBLE = "Oui : ce service est ouvert dans cette situation"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_from_unpaid_rent_to_a_case(chat, accessible, size):
    person = chat(size=size)
    person.says("bonjour jai 2 mois de loyer en retard")
    person.told_everything()

    card = person.card("verdict")
    expect(card.locator(".verdict-word")).to_have_text(ELIGIBLE)
    card.locator(".reason summary").first.click()
    expect(card.locator(".source").first).to_contain_text("Directive Service d’accompagnement")
    accessible(person.page)

    person.presses("Oui")
    form = person.card("contact")
    expect(form).to_be_visible()
    accessible(person.page)
    form.get_by_label("Téléphone").fill("06 12 34 56 78")
    form.get_by_label(re.compile("J’accepte que ces coordonnées")).check()
    form.get_by_role("button", name="Demander à être rappelé").click()
    person.idle()

    expect(person.card("case").locator(".reference")).to_have_text(re.compile(r"^\w{4}-\w{4}$"))
    expect(form).to_have_count(0)
    accessible(person.page)


def test_no_roof_tonight_shows_the_115_before_any_question(chat, accessible):
    person = chat()
    person.says("jai des soucis d'argent")
    person.says("jsé pa ou dormir ce soir jdors ds ma voiture")

    expect(person.page.locator("a.number[href='tel:115']").last).to_be_visible()
    shown = person.page.locator(".message").evaluate_all(
        "lines => lines.map((line) => line.querySelector('.card.emergency') ? 'numbers'"
        " : line.classList.contains('from-person') ? 'person' : 'other')"
    )
    after = shown[len(shown) - shown[::-1].index("person") :]
    assert after[0] == "numbers"
    assert "115" in person.heard()
    accessible(person.page)


def test_what_arrives_is_told_and_focus_stays(chat):
    person = chat()
    person.text.focus()
    person.says("je n'arrive plus à payer mon loyer")

    answer = person.transcript()[-1]
    assert answer in person.heard()
    assert person.page.evaluate("document.activeElement === document.querySelector('[data-text]')")


def test_while_waiting_the_field_is_read_only_and_the_button_disabled_for_readers(chat):
    person = chat()
    held = []
    person.page.route("**/messages", lambda route: held.append(route))
    person.text.fill("bonjour")
    person.text.press("Enter")

    expect(person.text).not_to_be_editable()
    expect(person.page.locator("[data-send]")).to_have_attribute("aria-disabled", "true")
    expect(person.page.locator("[data-status]")).to_have_text("Envoi de votre message…")
    expect(person.page.locator("[data-waiting]")).to_be_visible()
    held[0].continue_()
    person.idle()
    expect(person.text).to_be_editable()
    expect(person.page.locator("[data-status]")).to_have_text("")


def test_shift_enter_breaks_the_line_and_enter_sends(chat):
    person = chat()
    person.text.press_sequentially("Bonjour")
    person.text.press("Shift+Enter")
    person.text.press_sequentially("ça va ?")

    expect(person.text).to_have_value("Bonjour\nça va ?")
    person.text.press("Enter")
    person.idle()
    expect(person.text).to_have_value("")
    assert "Bonjour\nça va ?" in person.transcript()


def test_a_choice_by_keyboard_stays_readable_and_keeps_the_focus(chat):
    person = chat()
    person.says("loyer impayé")
    first = person.page.locator("button.choice").first
    title = first.inner_text()
    first.focus()
    person.page.keyboard.press("Enter")
    person.idle()

    expect(first).to_have_attribute("aria-pressed", "true")
    expect(first).to_have_attribute("aria-disabled", "true")
    expect(first).to_be_focused()
    assert title in person.transcript()


def test_a_double_click_answers_once(chat):
    person = chat()
    person.says("loyer impayé")
    sent = count_posts(person.page)
    person.page.locator("button.choice").first.dblclick()
    person.idle()

    assert len(sent) == 1


def test_several_situations_at_once(chat):
    person = chat()
    person.page.get_by_label("Loyer impayé").check()
    person.page.get_by_label("Séparation").check()
    person.page.get_by_role("button", name="Valider mes réponses").click()
    person.idle()

    assert "Loyer impayé, ou risque de l’être, Séparation" in person.transcript()


def test_a_message_cut_off_is_kept_and_sent_again_once(chat, product):
    person = chat()
    cut = True

    def maybe(route):
        route.abort() if cut else route.continue_()

    person.page.route("**/messages", maybe)
    person.says("je suis en CDI à Lille")
    line = person.page.locator(".message.unsent")
    expect(line).to_contain_text("Message non envoyé.")
    assert "Message non envoyé." in person.heard()

    cut = False
    line.get_by_role("button", name="Réessayer").click()
    person.idle()
    expect(line).to_have_count(0)
    person.page.reload()
    assert person.transcript().count("je suis en CDI à Lille") == 1


def test_a_refusal_that_arrived_is_not_taken_twice(chat):
    """The answer is lost on its way back: the same key brings the same answer."""
    person = chat()
    lost = True

    def maybe(route):
        nonlocal lost
        if lost:
            lost = False
            route.fetch()
            route.abort()
        else:
            route.continue_()

    person.page.route("**/messages", maybe)
    person.says("je suis en CDI")
    person.page.get_by_role("button", name="Réessayer").click()
    person.idle()
    person.page.reload()

    assert person.transcript().count("je suis en CDI") == 1


def test_offline_says_so_and_loses_nothing(chat):
    person = chat()
    person.page.context.set_offline(True)
    expect(person.page.locator("[data-notice]")).to_contain_text("plus de connexion")
    person.says("mon propriétaire veut me mettre dehors")
    expect(person.page.locator(".message.unsent .bubble")).to_have_text(
        "mon propriétaire veut me mettre dehors"
    )
    person.page.context.set_offline(False)
    person.page.get_by_role("button", name="Réessayer").click()
    person.idle()
    expect(person.page.locator(".message.unsent")).to_have_count(0)


def test_an_expired_conversation_starts_again_with_the_words_kept(chat):
    person = chat()
    person.page.context.clear_cookies()
    person.page.evaluate("fetch('/assistant/quitter', {method: 'POST', redirect: 'manual'})")
    person.page.route(
        "**/messages",
        lambda route: route.fulfill(status=404, json={"detail": "inconnue"}),
        times=1,
    )
    person.says("je suis en CDI")
    person.page.get_by_role("button", name="Commencer une nouvelle conversation").click()
    person.idle()

    expect(person.page.locator(".message.unsent")).to_have_count(0)
    assert "je suis en CDI" in person.transcript()


def test_a_reload_shows_the_same_words_from_the_server(chat):
    person = chat()
    person.told_everything()
    before = person.transcript()
    cards = person.page.locator(".card.verdict").all_inner_texts()
    person.page.reload()

    assert person.transcript() == before
    assert person.page.locator(".card.verdict").all_inner_texts() == cards


def test_another_tab_sees_what_was_said_here(chat):
    person = chat()
    person.says("loyer impayé")
    other = person.page.context.new_page()
    other.goto(person.page.url)

    assert other.locator(".bubble").all_inner_texts() == person.transcript()


@pytest.mark.parametrize(
    "words",
    [
        "<img src=x onerror=alert(1)><b>gras</b>",
        "/restart",
        "x" * 400,
        "مرحبا، أحتاج إلى المساعدة",
        "😀😀😀",
    ],
    ids=["html", "slash", "long word", "right to left", "emoji"],
)
def test_odd_words_are_only_words(chat, words):
    person = chat()
    person.says(words)

    assert words in person.transcript()
    assert not overflows(person.page)


def test_a_whole_pasted_email_is_taken_or_given_back(chat):
    person = chat()
    person.says("Bonjour,\n\n" + "Je vous écris au sujet de mon loyer. " * 600)

    assert "Je vous écris au sujet de mon loyer." in person.transcript()[-2]
    assert not overflows(person.page)


def test_what_was_understood_can_be_read_and_changed(chat, accessible):
    person = chat()
    person.says("je suis en CDI, loyer impayé")
    person.page.get_by_text("Options").click()
    panel = person.page.locator(".menu-panel")

    expect(panel.locator(".understood")).to_contain_text("Situation de travail")
    expect(panel.locator(".understood")).to_contain_text("CDI")
    accessible(person.page)
    panel.get_by_role("button", name=re.compile("Modifier.*Situation de travail")).click()
    person.idle()
    assert any(text.startswith("Je change ma réponse") for text in person.transcript())
    person.page.get_by_text("Options").click()
    expect(panel.locator(".understood")).not_to_contain_text("Situation de travail")


def test_escape_closes_the_options_and_gives_the_focus_back(chat):
    person = chat()
    summary = person.page.locator(".menu summary")
    summary.focus()
    person.page.keyboard.press("Enter")
    expect(person.page.locator(".menu-panel")).to_be_visible()
    person.page.keyboard.press("Escape")

    expect(person.page.locator(".menu-panel")).to_be_hidden()
    expect(summary).to_be_focused()


def test_text_can_be_made_larger(chat):
    person = chat()
    person.page.get_by_text("Options").click()
    before = font_size(person.page)
    person.page.get_by_role("button", name="Plus grand").click()

    assert font_size(person.page) > before
    assert not overflows(person.page)


def test_a_summary_can_be_copied_or_printed_after_a_warning(chat):
    person = chat()
    page = person.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    person.told_everything()
    page.get_by_text("Options").click()
    expect(page.locator("[data-comfort] .note")).to_contain_text("appareil partagé ou surveillé")
    page.get_by_role("button", name="Copier le résumé").click()
    expect(page.locator("[data-notice]")).to_have_text("C’est copié.")

    summary = page.evaluate("navigator.clipboard.readText()").replace("\xa0", " ")
    assert "- Situation de travail : CDI" in summary
    assert f"- L’accompagnement social : {ELIGIBLE}" in summary.replace("\xa0", " ")
    assert "je voudrais" not in summary
    page.evaluate(
        """() => {
          window.print = () => (window.sheet = {
            told: document.querySelector(".print-me").innerText,
            alone: document.body.classList.contains("print-one"),
          });
        }"""
    )
    page.get_by_text("Options").click()
    page.get_by_role("button", name="Imprimer le résumé").click()
    sheet = page.evaluate("window.sheet")
    assert "CDI" in sheet["told"]
    assert sheet["alone"]
    expect(page.locator(".print-me")).to_have_count(0)


def test_every_option_says_what_it_does(chat):
    person = chat()
    person.page.get_by_text("Options").click()
    expect(person.page.locator("[data-comfort]")).to_be_visible()

    names = person.page.locator(".menu-panel button").all_inner_texts()
    assert not [name for name in names if "<" in name or not name.strip()]


def test_erasing_leaves_nothing(chat):
    person = chat()
    person.says("je suis en CDI")
    person.page.get_by_text("Options").click()
    person.page.get_by_role("button", name="Tout effacer").click()
    person.idle()

    expect(person.messages).to_have_count(0)
    expect(person.page.locator("[data-notice]")).to_contain_text("La conversation est effacée")
    person.page.reload()
    person.ready()
    assert "je suis en CDI" not in person.transcript()


def test_starting_again_shows_a_new_conversation(chat):
    person = chat()
    person.says("je suis en CDI")
    person.page.get_by_text("Options").click()
    person.page.get_by_role("button", name="Recommencer").click()

    expect(person.page.locator(".message.from-person")).to_have_count(0)
    person.ready()
    assert "je suis en CDI" not in person.transcript()
    expect(person.page.locator(".menu summary")).to_be_focused()


def test_the_contact_form_says_what_is_missing_and_where(chat, accessible):
    person = chat()
    person.says("mon mari me frappe")
    person.presses("Oui")
    form = person.card("contact")
    form.get_by_label("Votre nom ou prénom").fill("Zoé")
    form.get_by_role("button", name="Demander à être rappelé").click()

    expect(form.locator("[data-errors]")).to_be_focused()
    expect(form.get_by_label("Téléphone")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Téléphone")).to_have_accessible_description(
        "Indiquez un téléphone ou une adresse e-mail."
    )
    expect(form.get_by_label("Votre nom ou prénom")).to_have_value("Zoé")
    accessible(person.page)
    form.get_by_role("link", name="Indiquez un téléphone ou une adresse e-mail.").click()
    expect(form.get_by_label("Téléphone")).to_be_focused()


def test_nothing_is_kept_by_the_browser_and_nothing_stands_in_the_address(chat):
    person = chat()
    person.told_everything()

    assert person.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert person.page.url.endswith("/assistant")
    cookies = person.page.context.cookies()
    assert [cookie["name"] for cookie in cookies] == ["seuil_conversation"]
    assert cookies[0]["httpOnly"]
    assert cookies[0]["expires"] == -1


def test_without_cookies_the_conversation_still_goes_on(chat):
    person = chat()
    person.page.context.clear_cookies()
    person.says("je suis en CDI")

    expect(person.page.locator(".message.unsent")).to_have_count(0)


def test_a_fact_is_said_by_the_script_as_by_the_server(chat):
    """The summary is written by the server first, then by the script: the same words."""
    values = [
        ("contract", "cdi"),
        ("homeless", True),
        ("homeless", False),
        ("department", None),
        ("department", "59"),
        ("difficulties", ["impaye_loyer", "separation"]),
        ("employer_size", 45),
        ("employer_size", {"min": 301}),
        ("employer_size", {"max": 9}),
        ("employer_size", {"min": 12, "max": 18}),
        ("contract_months", 2.5),
        ("net_monthly_pay", 1450),
    ]
    said = chat().page.evaluate(
        """async (values) => {
          const chat = document.querySelector("seuil-chat");
          const { valueLabel, factWords } = await import(
            chat.dataset.facts.replace("facts.json", "chat/comfort.js"));
          const facts = await factWords(chat.dataset.facts);
          const words = JSON.parse(document.getElementById("words").textContent).values;
          return values.map(([name, value]) => valueLabel(facts[name], value, words));
        }""",
        values,
    )

    assert said == [french(value_label(name, value)) for name, value in values]


# Without JavaScript


def test_from_unpaid_rent_to_a_case_without_javascript(visit):
    page = visit("/assistant", java_script_enabled=False)
    tell(page, "bonjour jai un loyer en retard")
    tell(
        page,
        "Je suis en CDI dans une entreprise privée de 45 salariés, j'habite à Lille (59),"
        " je voudrais être accompagné",
    )
    expect(page.locator(".verdict-word").last).to_have_text(ELIGIBLE)
    page.locator("button.choice", has_text="Oui").last.click()
    page.get_by_role("button", name="Demander à être rappelé").click()
    expect(page.locator(".field-error")).to_have_count(1)
    page.get_by_label(re.compile("J’accepte que ces coordonnées")).check()
    page.get_by_label("Adresse e-mail").fill("zoe@exemple.fr")
    page.get_by_role("button", name="Demander à être rappelé").click()

    expect(page.locator(".reference")).to_have_text(re.compile(r"^\w{4}-\w{4}$"))


def test_the_questions_left_are_told_with_and_without_javascript(visit):
    plain = visit("/assistant", java_script_enabled=False)
    tell(plain, "je suis en CDI, loyer impayé")
    told = plain.locator("[data-left]")
    expect(told).to_have_text(re.compile(r"Encore (une question|\d questions) environ"))
    page = visit("/assistant")
    Chat(page).ready().says("je suis en CDI, loyer impayé")

    expect(page.locator("[data-left]")).to_have_text(told.inner_text())


def test_several_situations_without_javascript(visit):
    page = visit("/assistant", java_script_enabled=False)
    tell(page, "bonjour")
    page.get_by_label("Loyer impayé").check()
    page.get_by_label("Séparation").check()
    page.get_by_role("button", name="Valider mes réponses").click()

    expect(page.locator(".from-person .bubble").last).to_contain_text("Séparation")


def test_an_answer_changed_without_javascript(visit):
    page = visit("/assistant", java_script_enabled=False)
    tell(page, "je suis en CDI, loyer impayé")
    page.locator(".menu summary").click()
    page.get_by_role("button", name=re.compile("Modifier.*Situation de travail")).click()

    expect(page.locator(".from-person .bubble").last).to_contain_text("Je change ma réponse")
    page.locator(".menu summary").click()
    expect(page.locator(".understood")).not_to_contain_text("Situation de travail")


def test_violence_without_javascript_gets_its_numbers(visit):
    page = visit("/assistant", java_script_enabled=False)
    tell(page, "mon mari me frappe")

    expect(page.locator("a.number[href='tel:3919']")).to_be_visible()


def test_erasing_without_javascript(visit):
    page = visit("/assistant", java_script_enabled=False)
    tell(page, "je suis en CDI")
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Tout effacer").click()

    expect(page.locator(".from-person")).to_have_count(0)
    assert [cookie["value"] for cookie in page.context.cookies()] == ["aucune"]


def tell(page: Page, words: str) -> None:
    page.locator("#texte").fill(words)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".from-person .bubble").last).to_contain_text(words[:20])


def count_posts(page: Page) -> list[str]:
    sent: list[str] = []
    page.on(
        "request",
        lambda request: sent.append(request.url) if request.url.endswith("/messages") else None,
    )
    return sent


def font_size(page: Page) -> float:
    return page.evaluate("parseFloat(getComputedStyle(document.querySelector('.bubble')).fontSize)")
