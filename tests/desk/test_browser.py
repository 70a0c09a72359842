"""The console as counsellors use it, in Debian's Chromium: phone and desktop, keys, live news."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect
from sqlalchemy import insert

from seuil.desk import Desk, routes
from seuil.desk.problems import middleware
from seuil.desk.tables import conversations
from seuil.eligibility import assess

from .conftest import PAUL, flags, new_case

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
PASSWORD = "une phrase assez longue"
CONTACT = {
    "name": "Camille Dupré",
    "phone": "06 12 34 56 78",
    "when": "entre 12 h et 13 h",
    "safe_to_leave_message": False,
}
FACTS = {
    "contract": "cdi",
    "employer_sector": "prive",
    "employer_size": 45,
    "department": "59",
    "difficulties": ["impaye_loyer"],
    "wants_support": True,
}
# A loaded machine may take seconds.
expect.set_options(timeout=20_000)

Visit = Callable[..., Any]


@pytest.fixture
async def address(sqlite_desk: Desk) -> AsyncIterator[str]:
    app = web.Application(middlewares=[middleware])
    routes.setup(app, sqlite_desk)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("/")).rstrip("/")
    await server.close()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser
        await browser.close()


@pytest.fixture
async def visit(chromium: Browser, sqlite_desk: Desk, address: str) -> AsyncIterator[Visit]:
    """Log someone in and open a page; nothing may go wrong in its scripts."""
    wrong: list[str] = []

    async def open_one(
        path: str = "/file", name: str = "Claire", role: str = "counsellor", **options: Any
    ) -> Page:
        await sqlite_desk.accounts.create_user(name, role, PASSWORD)
        context = await chromium.new_context(
            **{"viewport": DESKTOP, "locale": "fr-FR", "reduced_motion": "reduce", **options}
        )
        context.set_default_timeout(20_000)
        page = await context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: wrong.append(said.text) if "Content Security" in said.text else None,
        )
        await page.goto(f"{address}{path}")
        await page.get_by_label("Nom").fill(name)
        await page.get_by_label("Mot de passe").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("form.who")
        return page

    yield open_one
    assert wrong == []


async def take_in(desk: Desk, key: str = "key", **changes: Any) -> Any:
    values = {"contact": CONTACT, "facts": FACTS, "assessment": assess(FACTS).as_json(), **changes}
    return await desk.intake(new_case(**values), key)


async def no_fault(page: Page) -> None:
    """axe finds nothing, and the page scrolls one way only."""
    results = await Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(wide)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_sound(
    visit: Visit, sqlite_desk: Desk, size: dict[str, int], scheme: str
) -> None:
    view = await take_in(sqlite_desk, flags=flags("homeless", "family_violence"))
    other = await take_in(sqlite_desk, "other")
    await sqlite_desk.link(view.reference, PAUL, other.reference)
    page = await visit(role="supervisor", viewport=size, color_scheme=scheme)
    await no_fault(page)
    await page.get_by_role("button", name="Prendre le dossier suivant").click()
    await page.get_by_role("button", name="Afficher les coordonnées").click()
    await expect(page.get_by_text("06 12 34 56 78")).to_be_visible()
    for summary in await page.locator("summary").all():
        await summary.click()
    await no_fault(page)
    base = page.url.split("/file")[0]
    for path in ("/file?statut=claimed", "/file/suivi", "/file/compte", "/file/dossiers/AAAA-AAAA"):
        await page.goto(base + path)
        await no_fault(page)
    await page.get_by_role("button", name="Se déconnecter").click()
    await expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
    await no_fault(page)


async def test_a_case_from_the_queue_to_its_end_with_the_keyboard_alone(
    visit: Visit, sqlite_desk: Desk
) -> None:
    view = await take_in(sqlite_desk)
    page = await visit()
    await page.keyboard.press("s")
    await expect(page.get_by_role("heading", name=f"Dossier {view.reference}")).to_be_visible()
    # How to reach the person safely stands there before the details are asked for.
    await expect(page.get_by_text("Ne pas laisser de message.")).to_be_visible()
    await expect(page.get_by_text("06 12 34 56 78")).to_have_count(0)
    await page.keyboard.press("c")
    await expect(page.get_by_role("link", name="06 12 34 56 78")).to_be_visible()
    await page.get_by_text("Tentative de contact", exact=True).first.focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("Résultat").select_option("no_answer")
    await page.get_by_label("Commentaire (facultatif)").fill("Deux sonneries.")
    await page.get_by_role("button", name="Enregistrer la tentative").press("Enter")
    await expect(page.get_by_text("La tentative est enregistrée.")).to_be_visible()
    await page.keyboard.press("n")
    await page.keyboard.type("Appelée, sans succès.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("La note est enregistrée.")).to_be_visible()
    await page.get_by_text("Clore", exact=True).focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("Issue").select_option("accompanied")
    await page.get_by_role("button", name="Clore le dossier").press("Enter")
    await expect(page.get_by_text("Le dossier est clos.")).to_be_visible()
    kinds = [event.kind for event in await sqlite_desk.history(view.reference)]
    assert kinds == [
        *("created", "claimed", "contact_read"),
        *("contact_attempt", "note", "closed"),
    ]


async def test_a_supervisor_reads_the_figures_and_closes_a_day(
    visit: Visit, sqlite_desk: Desk
) -> None:
    # Groups of five or more, or they would be hidden.
    for n in range(12):
        view = await take_in(sqlite_desk, f"key-{n}", flags=flags(*["homeless"] * (n % 2)))
        await sqlite_desk.claim(view.reference, PAUL)
        await sqlite_desk.close_case(view.reference, PAUL, "accompanied")
    waiting = await take_in(sqlite_desk, "waiting", flags=flags("homeless"))
    page = await visit("/file/suivi", "Nadia", "supervisor")
    now = page.get_by_role("region", name="Maintenant")
    await expect(now.get_by_role("row", name="Urgent").get_by_role("cell").first).to_have_text("1")
    plots = page.get_by_role("img", name="Dossiers reçus par semaine")
    await expect(plots).to_be_visible()
    assert await plots.locator("rect").count() > 0
    outcomes = page.get_by_role("region", name="Issues")
    await expect(outcomes.get_by_role("row", name="Accompagnement engagé")).to_contain_text("12")
    async with page.expect_download() as arriving:
        await page.get_by_role("link", name="Télécharger les chiffres (CSV)").click()
    told = (await (await arriving.value).path()).read_text(encoding="utf-8-sig")
    assert ";" in told and "Camille" not in told and waiting.reference not in told
    await page.get_by_label("Jour", exact=True).fill("2026-12-24")
    await page.get_by_label("Motif").fill("Fermeture annuelle")
    await page.get_by_role("button", name="Fermer ce jour").click()
    await expect(page.get_by_text("24/12/2026 : Fermeture annuelle (par Nadia)")).to_be_visible()
    await no_fault(page)
    await page.get_by_role("link", name="Urgent").click()
    await page.get_by_role("link", name=waiting.reference).click()
    await page.get_by_text("Attribuer", exact=True).first.click()
    await page.get_by_label("À qui (nom du compte)").fill("Nadia")
    await page.get_by_role("button", name="Attribuer").click()
    await expect(page.get_by_text("Le dossier est attribué.")).to_be_visible()


async def test_one_key_actions_are_silent_while_typing_and_when_switched_off(
    visit: Visit, sqlite_desk: Desk
) -> None:
    view = await take_in(sqlite_desk)
    page = await visit()
    await page.get_by_label("Référence, téléphone ou courriel").press("s")
    assert (await sqlite_desk.case(view.reference)).status == "waiting"
    await page.get_by_role("link", name="Claire").click()
    await page.get_by_role("button", name="Désactiver les raccourcis").click()
    await page.get_by_role("link", name="La file", exact=True).click()
    await page.keyboard.press("s")
    await expect(page.get_by_role("heading", name="La file")).to_be_visible()
    assert (await sqlite_desk.case(view.reference)).status == "waiting"


async def test_the_queue_stays_current_and_moves_no_focus(visit: Visit, sqlite_desk: Desk) -> None:
    first = await take_in(sqlite_desk)
    page = await visit()
    link = page.get_by_role("link", name=first.reference)
    await link.focus()
    urgent = await take_in(sqlite_desk, "2", flags=flags("homeless"))
    await expect(page.get_by_role("link", name=urgent.reference)).to_be_visible()
    await expect(link).to_be_focused()
    await expect(page.get_by_role("status")).to_contain_text("2 dossiers")
    await sqlite_desk.claim(urgent.reference, PAUL)
    await expect(page.get_by_role("link", name=urgent.reference)).to_have_count(0)


async def test_a_text_under_way_outlives_what_others_do(visit: Visit, sqlite_desk: Desk) -> None:
    view = await take_in(sqlite_desk)
    page = await visit(f"/file/dossiers/{view.reference}")
    note = page.get_by_label("Note", exact=True)
    await note.fill("Un long récit.")
    await sqlite_desk.claim(view.reference, PAUL)
    await expect(page.get_by_text("Ce dossier vient de changer.")).to_be_visible()
    await expect(note).to_have_value("Un long récit.")
    await page.get_by_role("link", name="Relire le dossier").click()
    await expect(page.get_by_text("Pris par Paul")).to_be_visible()
    await expect(note).to_have_value("Un long récit.")
    await page.get_by_role("button", name="Enregistrer la note").click()
    await expect(page.get_by_text("La note est enregistrée.")).to_be_visible()
    await expect(note).to_have_value("")


async def test_two_counsellors_see_each_other(visit: Visit, sqlite_desk: Desk) -> None:
    view = await take_in(sqlite_desk)
    one = await visit(f"/file/dossiers/{view.reference}", "Claire")
    two = await visit(f"/file/dossiers/{view.reference}", "Paul")
    await expect(two.get_by_text("Aussi ouvert par : Claire.")).to_be_visible()
    await two.get_by_role("button", name="Prendre ce dossier").click()
    await expect(one.get_by_text("Aussi ouvert par : Paul.")).to_be_visible()
    await one.get_by_role("button", name="Prendre ce dossier").click()
    await expect(one.get_by_role("alert")).to_contain_text("déjà pris par Paul")


async def test_talking_with_the_person(visit: Visit, sqlite_desk: Desk, clock: Any) -> None:
    async with sqlite_desk.database.write() as connection:
        await connection.execute(
            insert(conversations).values(
                id="c1",
                token_hash="h",
                audience="salarie",
                created_at=clock.now,
                updated_at=clock.now,
                expires_at=clock.now + timedelta(hours=1),
                state=b"",
                version=1,
            )
        )
    view = await take_in(sqlite_desk)
    page = await visit(f"/file/dossiers/{view.reference}")
    await page.keyboard.press("p")
    said = page.get_by_label("Message à la personne")
    await said.fill("Bonjour, je suis conseillère.")
    await page.get_by_role("button", name="Envoyer").click()
    # The person has no page open: it is said, and the message waits for them.
    await expect(page.get_by_role("alert")).to_contain_text("n’est plus devant la conversation")
    await sqlite_desk.here("conversation/c1")
    await said.fill("Je vous écoute.")
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.get_by_text("est affiché dans la conversation")).to_be_visible()
    await sqlite_desk.hear("c1", "Merci beaucoup.")
    await expect(page.get_by_role("list", name="Messages échangés")).to_contain_text(
        "Merci beaucoup."
    )
    await page.get_by_role("button", name="Quitter la conversation").click()
    await expect(page.get_by_text("l’assistant y revient")).to_be_visible()
    kinds = [line.kind for line in await sqlite_desk.spoken("c1")]
    assert kinds == ["joined", "said", "said", "heard", "left"]


async def test_without_javascript_all_of_it_works(visit: Visit, sqlite_desk: Desk) -> None:
    view = await take_in(sqlite_desk)
    page = await visit(java_script_enabled=False)
    await page.get_by_role("link", name=view.reference).click()
    await page.get_by_role("button", name="Prendre ce dossier").click()
    await page.get_by_label("Note", exact=True).fill("Sans script.")
    await page.get_by_role("button", name="Enregistrer la note").click()
    await expect(page.get_by_text("Sans script.")).to_be_visible()


async def test_the_network_may_go_and_come_back(visit: Visit, sqlite_desk: Desk) -> None:
    page = await visit()
    await page.context.set_offline(True)
    view = await take_in(sqlite_desk)
    await asyncio.sleep(0.5)
    await page.context.set_offline(False)
    # The stream opens again by itself and the next event shows what was missed.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.get_by_role("link", name=view.reference)).to_be_visible()
