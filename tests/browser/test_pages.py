"""The pages that are read: complete, reachable, whole on any screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, overflows

PAGES = (
    "/",
    "/aide/urgence",
    "/assistant",
    "/rh",
    "/regles",
    "/regles/changements",
    "/donnees",
    "/accessibilite",
    "/mentions-legales",
    "/introuvable",
)
FIRST_PAGE_BYTES = 60_000
CHAT_SCRIPT_BYTES = 15_000


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing(visit, accessible, path, size, scheme):
    accessible(visit(path, size=size, color_scheme=scheme))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "size", [{"width": 320, "height": 256}, {"width": 320, "height": 640}], ids=str
)
def test_nothing_is_cut_at_400_percent(visit, path, size):
    assert not overflows(visit(path, size=size))


@pytest.mark.parametrize("path", PAGES)
def test_text_at_200_percent_stays_whole(visit, path):
    page = visit(path)
    page.evaluate("document.documentElement.classList.add('twice')")
    page.evaluate(
        "document.adoptedStyleSheets = [Object.assign(new CSSStyleSheet())];"
        "document.adoptedStyleSheets[0].replaceSync('html.twice { font-size: 200% }')"
    )

    assert not overflows(page)


@pytest.mark.parametrize("path", PAGES)
def test_text_spaced_out_stays_whole(visit, path):
    page = visit(path)
    page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
            word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`);
          document.adoptedStyleSheets = [sheet];
        }"""
    )

    assert not overflows(page)


@pytest.mark.parametrize("path", PAGES)
def test_no_id_stands_twice(visit, path):
    ids = visit(path).locator("[id]").evaluate_all("all => all.map((one) => one.id)")

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", ["/", "/assistant", "/rh", "/aide/urgence"])
def test_each_stop_of_the_tab_key_is_seen(visit, path):
    page = visit(path)
    stops = 0
    for _ in range(30):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            """() => {
              const here = document.activeElement;
              if (here === document.body) return null;
              const { outlineStyle, outlineWidth } = getComputedStyle(here);
              const box = here.getBoundingClientRect();
              return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && box.width > 0
                && box.bottom > 0 && box.top < innerHeight;
            }"""
        )
        if ring is None:
            break
        stops += 1
        assert ring, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    assert stops >= 5


@pytest.mark.parametrize("path", PAGES)
def test_the_tab_says_nothing_of_what_is_going_on(visit, path):
    title = visit(path).title().lower()

    assert title.endswith("– seuil")
    assert not any(word in title for word in ("urgence", "violence", "danger", "logement"))


def test_the_right_door_in_one_look(visit):
    page = visit("/", size=DESKTOP)

    expect(page.get_by_role("link", name="Commencer avec l’assistant")).to_be_in_viewport()
    for name, path in (
        ("Commencer avec l’assistant", "/assistant"),
        ("Vérifier ou orienter", "/rh"),
        ("En danger, ou sans toit ce soir", "/aide/urgence"),
    ):
        link = page.get_by_role("link", name=name)
        expect(link).to_be_visible()
        assert link.get_attribute("href") == path
    expect(page.get_by_role("link", name="0970 800 800")).to_have_attribute(
        "href", "tel:0970800800"
    )


def test_the_phone_line_says_whether_somebody_answers(visit):
    expect(visit("/").locator(".opening")).to_have_text(
        # Either is right, depending on when the test runs.
        re.compile(r"Ouvert en ce moment, jusqu’à 18\sh|Fermé en ce moment. Ouvre .+ à 9\sh\.")
    )


def test_the_numbers_come_with_their_links(visit):
    page = visit("/aide/urgence")

    expect(page.get_by_text("laisse une trace dans le journal du téléphone")).to_be_visible()

    for link in (
        "tel:17",
        "tel:112",
        "sms:114",
        "tel:15",
        "tel:3919",
        "tel:119",
        "tel:115",
        "tel:3114",
    ):
        expect(page.locator(f"a[href='{link}']")).to_be_visible()


def test_the_first_page_is_light(visit, product):
    sizes: list[int] = []
    page = visit("/aide/urgence")
    page.on("requestfinished", lambda one: sizes.append(sum_of(one.sizes())))
    page.context.clear_cookies()
    page.goto(product.url + "/", wait_until="networkidle")

    assert sum(sizes) < FIRST_PAGE_BYTES


def test_the_first_page_carries_its_sheet_and_the_next_ones_do_not(visit):
    page = visit("/")
    expect(page.locator("style")).to_have_count(1)
    expect(page.locator("link[rel=stylesheet]")).to_have_count(0)
    page.get_by_role("link", name="Vérifier ou orienter").click()

    expect(page.locator("link[rel=stylesheet]")).to_have_count(1)
    expect(page.locator("h1")).to_have_css("text-wrap-style", "balance")


def test_the_chat_is_at_most_15_kilobytes_of_script(visit, product):
    sizes: dict[str, int] = {}
    page = visit("/aide/urgence")
    page.on(
        "requestfinished",
        lambda one: sizes.__setitem__(one.url, one.sizes()["responseBodySize"]),
    )
    page.goto(product.url + "/assistant", wait_until="networkidle")
    # The options' script comes with their first use; it counts too.
    page.locator(".menu summary").click()
    expect(page.locator("[data-comfort]")).to_be_visible()

    scripts = {url: size for url, size in sizes.items() if url.endswith(".js")}
    assert len(scripts) >= 5
    assert sum(scripts.values()) < CHAT_SCRIPT_BYTES


def test_nothing_moves_after_the_page_is_there(visit):
    page = visit("/aide/urgence")
    page.goto(page.url.replace("/aide/urgence", "/"), wait_until="networkidle")

    shift = page.evaluate(
        """() => new Promise((done) => {
            let total = 0;
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries()) total += entry.value;
            }).observe({ type: "layout-shift", buffered: true });
            setTimeout(() => done(total), 200);
        })"""
    )
    assert shift == 0


def sum_of(sizes: dict[str, int]) -> int:
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def test_the_rules_are_shown_at_the_date_asked(visit):
    page = visit("/regles")
    expect(page.locator("#ASD-A1a")).to_be_visible()
    page.get_by_label("À la date du").fill("2022-07-01")
    page.get_by_role("button", name="Voir la règle").click()

    expect(page.locator("#ASD-A1")).to_be_visible()
    expect(page.locator("#ASD-A1a")).to_have_count(0)
    page.locator("#ASD-A1 summary").click()
    expect(page.locator("#ASD-A1 blockquote").first).to_contain_text("10 salariés")


def test_a_service_without_a_document_at_that_date_says_so(visit):
    page = visit("/regles?service=visale&date=2020-01-01")

    expect(page.locator(".notice")).to_contain_text("aucun document n’est en vigueur")


@pytest.mark.parametrize("query", ["?date=1999-01-01", "?date=hier", "?service=<b>x"])
def test_a_wrong_address_of_the_rules_still_shows_rules(visit, query):
    expect(visit(f"/regles{query}").locator("#ASD-A1")).to_be_visible()


def test_the_drawing_of_a_rule_can_be_opened(visit):
    page = visit("/regles", size=DESKTOP)
    page.get_by_text("La même règle, dessinée").click()

    expect(page.get_by_role("img", name="L’accompagnement social")).to_be_visible()


def test_what_changed_between_two_dates_is_told_case_by_case(visit):
    page = visit("/regles/changements?de=2023-10-19&a=2023-10-20")

    expect(page.get_by_role("heading", name="« non » devient « oui »")).to_be_visible()
    expect(page.locator(".cases li").first).to_contain_text("Agricole")


def test_two_dates_under_one_rule_have_nothing_to_compare(visit):
    page = visit("/regles/changements?de=2023-11-01&a=2024-01-01")

    expect(page.locator(".notice")).to_contain_text("la même règle")
