"""HR and partners: check without a name, refer with the person's agreement, learn nothing after."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE

WISHED = "Oui, si la personne le souhaite"


def fill_in(page: Page, size: str = "45") -> None:
    page.locator("[name=employer_sector][value=prive]").check()
    page.get_by_label("Combien de salariés compte votre entreprise ?").fill(size)
    page.locator("#contract").select_option("cdi")
    page.locator("#department").select_option("59")
    page.get_by_label("Loyer impayé").check()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_check_follows_the_form(visit, accessible, size):
    page = visit("/rh", size=size)
    fill_in(page)

    word = page.locator(".verdict-word")
    expect(word).to_have_text(WISHED)
    expect(page.locator("[data-check] [role=status]")).to_have_text(WISHED)
    # What does not hold and changes nothing stays folded.
    expect(page.locator(".verdict > .reasons > .holds-false")).to_have_count(0)
    expect(page.locator(".verdict > .reasons > .holds-true").first).to_be_visible()
    page.get_by_label("Combien de salariés compte votre entreprise ?").fill("8")
    expect(word).to_have_text("À préciser")
    page.locator("[name=disaster][value=aucune]").check()
    page.locator("[data-check] [name=employee_agrees][value=true]").check()
    expect(word).to_have_text("Non : ce service n’est pas ouvert dans cette situation")
    expect(page.locator(".step").first).to_be_visible()
    accessible(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_the_text_to_hand_over_says_where_else_to_go_after_a_no(visit, scripts):
    page = visit("/rh", java_script_enabled=scripts)
    places = page.locator("#texte-a-remettre [data-places]")
    fill_in(page, size="8")
    page.locator("[name=disaster][value=aucune]").check()
    page.locator("[data-check] [name=employee_agrees][value=true]").check()
    if not scripts:
        page.get_by_role("button", name="Voir la réponse").click()
    expect(places).to_contain_text("FSL")
    if scripts:
        page.get_by_label("Combien de salariés compte votre entreprise ?").fill("45")
        expect(places).to_be_hidden()


def test_several_people_of_one_company_without_reloading(visit):
    page = visit("/rh")
    fill_in(page)
    expect(page.locator(".verdict-word")).to_have_text(WISHED)
    page.get_by_role("button", name="Autre personne, même entreprise").click()

    expect(page.locator("[data-answer] .placeholder")).to_be_visible()
    expect(page.get_by_label("Combien de salariés compte votre entreprise ?")).to_have_value("45")
    expect(page.locator("#contract")).to_have_value("")
    expect(page.locator("#contract")).to_be_focused()


def test_no_roof_shows_the_numbers_beside_the_verdict(visit, accessible):
    page = visit("/rh")
    page.locator("[data-check] [name=homeless][value=true]").check()

    expect(page.locator("[data-answer] a[href='tel:115']")).to_be_visible()
    expect(page.locator("[data-check] [role=status]")).to_contain_text("115")
    accessible(page)


def test_follow_ups_come_only_where_they_matter(visit):
    page = visit("/rh")
    months = page.locator("[data-field=contract_months]")
    expect(months).to_be_hidden()
    page.locator("#contract").select_option("interim")
    expect(months).to_be_visible()
    expect(page.locator("[data-field=hours_last_12_months]")).to_be_visible()


def test_a_number_that_is_none_is_said_beside_its_field(visit, accessible):
    page = visit("/rh")
    field = page.get_by_label("Combien de salariés compte votre entreprise ?")
    field.fill("beaucoup")

    expect(page.locator("[data-field=employer_size] .field-error")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    accessible(page)


def test_hr_is_asked_only_what_it_can_know(visit):
    asked = (
        visit("/rh")
        .locator("[data-check] [data-field]")
        .evaluate_all("fields => fields.map((field) => field.dataset.field)")
    )

    assert not {"age", "net_monthly_pay", "housing_status", "wants_support"} & set(asked)
    assert {"employer_sector", "contract", "department", "difficulties", "employee_agrees"} <= set(
        asked
    )


def test_a_check_without_javascript(visit):
    page = visit("/rh", java_script_enabled=False)
    fill_in(page)
    page.get_by_role("button", name="Voir la réponse").click()

    expect(page.locator(".verdict-word")).to_have_text(WISHED)
    expect(page.locator(".verdict > .reasons > .holds-false")).to_have_count(0)
    expect(page.locator("#contract")).to_have_value("cdi")
    assert "45" not in page.url


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_referral_needs_the_agreement_then_gives_a_receipt_and_nothing_else(
    visit, accessible, scripts
):
    page = visit("/rh", java_script_enabled=scripts)
    form = page.locator("[data-referral]")
    form.get_by_label("Votre entreprise ou votre organisme").fill("ACME")
    form.locator("#o-last_name").fill("Martin")
    form.locator("#o-first_name").fill("Zoé")
    form.locator("#o-phone").fill("06 12 34 56 78")
    send = page.get_by_role("button", name="Transmettre aux conseillers")
    send.click()

    expect(page.locator("#o-employee_agrees-error")).to_be_visible()
    expect(page.locator("#o-last_name")).to_have_value("Martin")
    page.locator("#o-employee_agrees").check()
    send.click()
    expect(page.locator("#accuse .reference")).to_have_text(re.compile(r"^\w{4}-\w{4}$"))
    expect(page.locator("#o-last_name")).to_have_value("")
    if scripts:
        expect(page.locator("#accuse")).to_be_focused()
        accessible(page)


def test_the_email_has_the_subject_that_the_documents_ask_for(visit, tmp_path):
    page = visit("/rh", accept_downloads=True)
    page.locator("#o-referrer").fill("ACME")
    page.locator("#o-last_name").fill("Martin")
    page.locator("#o-first_name").fill("Zoé")
    page.locator("#o-email").fill("zoe@exemple.fr")
    page.locator("[data-referral] [name=homeless][value=true]").check()
    page.locator("[data-referral] [name=family_violence][value=true]").check()
    page.locator("#o-employee_agrees").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Préparer l’e-mail").click()
    kept = tmp_path / "orientation.eml"
    download.value.save_as(kept)

    assert "Subject: ACME / ALR / VI" in kept.read_text(encoding="utf-8")
