"""The console in a browser without JavaScript: log in, take a case, write, close."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from seuil.desk import Desk

from .conftest import PAUL, Clock, flags, new_case

Client = TestClient[web.Request, web.Application]
PASSWORD = "une phrase assez longue"
CONTACT = {
    "name": "<b>Camille</b>",
    "phone": "06 12 34 56 78",
    "when": "entre 12 h et 13 h",
    "safe_to_leave_message": False,
}


@pytest.fixture
async def claire(client: Client, desk: Desk) -> AsyncIterator[Client]:
    await desk.accounts.create_user("Claire", "counsellor", PASSWORD)
    sent = {"name": "Claire", "password": PASSWORD, "suite": "/file"}
    answer = await client.post("/file/connexion", data=sent)
    assert answer.status == 200
    assert "La file" in await answer.text()
    yield client


def hidden(page: str, field: str) -> str:
    found = re.search(rf'name="{field}" value="([^"]*)"', page)
    assert found is not None, field
    return found[1]


async def submit(client: Client, url: str, page: str, **fields: str) -> Any:
    sent = {"jeton": hidden(page, "jeton"), **fields}
    if 'name="version"' in page:
        sent["version"] = hidden(page, "version")
    return await client.post(url, data=sent)


async def test_the_whole_way_of_a_case(claire: Client, desk: Desk) -> None:
    view = await desk.intake(new_case(contact=CONTACT, flags=flags("family_violence")), "key")
    page = await (await claire.get("/file")).text()
    assert view.reference in page
    assert "Violences intrafamiliales" in page
    url = f"/file/dossiers/{view.reference}"
    page = await (await submit(claire, "/file/suivant", page)).text()
    assert "Pris par vous" in page
    assert "06 12 34 56 78" not in page

    page = await (await submit(claire, f"{url}/coordonnees", page)).text()
    assert "06 12 34 56 78" in page
    assert "Ne pas laisser de message" in page
    assert "entre 12 h et 13 h" in page
    assert "&lt;b&gt;Camille&lt;/b&gt;" in page

    page = await (await submit(claire, f"{url}/note", page, text="<i>Appelée</i>")).text()
    assert "&lt;i&gt;Appelée&lt;/i&gt;" in page
    page = await (await submit(claire, f"{url}/contact", page, result="no_answer")).text()
    assert "Pas de réponse" in page
    answer = await submit(claire, f"{url}/clore", page, outcome="refused", detail="")
    assert "Le dossier est clos." in await answer.text()
    assert [e.kind for e in await desk.history(view.reference)] == [
        "created",
        "claimed",
        "contact_read",
        "note",
        "contact_attempt",
        "closed",
    ]


async def test_a_stranger_is_asked_to_log_in_and_comes_back(client: Client, desk: Desk) -> None:
    view = await desk.intake(new_case(), "key")
    url = f"/file/dossiers/{view.reference}"
    page = await (await client.get(url)).text()
    assert hidden(page, "suite") == url
    await desk.accounts.create_user("Claire", "counsellor", PASSWORD)
    sent = {"name": "Claire", "password": PASSWORD, "suite": url}
    page = await (await client.post("/file/connexion", data=sent)).text()
    assert f"Dossier {view.reference}" in page


@pytest.mark.parametrize(
    "suite",
    ["https://ailleurs.example", "//ailleurs.example", "/file/../x", "/filex", "/file/connexion"],
)
async def test_nobody_is_sent_elsewhere_after_logging_in(
    client: Client, desk: Desk, suite: str
) -> None:
    await desk.accounts.create_user("Claire", "counsellor", PASSWORD)
    sent = {"name": "Claire", "password": PASSWORD, "suite": suite}
    answer = await client.post("/file/connexion", data=sent, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/file")


async def test_a_wrong_password_is_told_in_the_page(client: Client) -> None:
    answer = await client.post("/file/connexion", data={"name": "Claire", "password": "non"})
    assert answer.status == 401
    assert "ne correspond pas" in await answer.text()


async def test_the_text_of_a_note_outlives_the_session(
    claire: Client, desk: Desk, clock: Clock
) -> None:
    view = await desk.intake(new_case(), "key")
    url = f"/file/dossiers/{view.reference}"
    page = await (await claire.get(url)).text()
    clock.pass_(hours=13)
    answer = await submit(claire, f"{url}/note", page, text="Un long récit.")
    assert answer.status == 401
    page = await answer.text()
    assert hidden(page, "draft") == "Un long récit."
    sent = {
        "name": "Claire",
        "password": PASSWORD,
        "suite": hidden(page, "suite"),
        "draft": hidden(page, "draft"),
    }
    page = await (await claire.post("/file/connexion", data=sent)).text()
    assert "Un long récit.</textarea>" in page
    await submit(claire, f"{url}/note", page, text="Un long récit.")
    assert (await desk.history(view.reference))[-1].text == "Un long récit."


async def test_a_form_without_the_sessions_token_is_refused(claire: Client, desk: Desk) -> None:
    view = await desk.intake(new_case(), "key")
    url = f"/file/dossiers/{view.reference}/prendre"
    for sent in ({"version": "1"}, {"version": "1", "jeton": "0" * 64}, {"jeton": "é"}):
        assert (await claire.post(url, data=sent)).status == 403
    assert (await desk.case(view.reference)).status == "waiting"


async def test_a_case_changed_meanwhile_is_shown_with_what_was_written(
    claire: Client, desk: Desk
) -> None:
    view = await desk.intake(new_case(), "key")
    url = f"/file/dossiers/{view.reference}"
    page = await (await claire.get(url)).text()
    await desk.claim(view.reference, PAUL)
    answer = await submit(claire, f"{url}/note", page, text="Ma note.")
    assert answer.status == 412
    page = await answer.text()
    assert "Ma note.</textarea>" in page
    assert "Pris par Paul" in page
    answer = await submit(claire, f"{url}/prendre", page)
    assert answer.status == 409 or "déjà pris par Paul" in await answer.text()


async def test_an_agent_has_no_queue(client: Client, desk: Desk) -> None:
    await desk.accounts.create_user("Ana", "agent", PASSWORD)
    sent = {"name": "Ana", "password": PASSWORD}
    answer = await client.post("/file/connexion", data=sent, allow_redirects=False)
    assert answer.headers["Location"] == "/agent"
    answer = await client.get("/file")
    assert answer.status == 403
    assert "Accès refusé" in await answer.text()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/file/dossiers/AAAA-AAAA", 404),
        ("/file?statut=perdu", 422),
        ("/file?page=x", 422),
        ("/file?q=%3Cscript%3E&statut=closed", 200),
    ],
)
async def test_odd_addresses_get_a_page(claire: Client, path: str, status: int) -> None:
    answer = await claire.get(path)
    assert answer.status == status
    page = await answer.text()
    assert "<script>" not in page
    assert '<html lang="fr">' in page


async def test_pages_are_kept_by_no_cache_and_framed_by_nobody(claire: Client) -> None:
    answer = await claire.get("/file")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


async def test_logging_out_ends_the_session(claire: Client) -> None:
    page = await (await claire.get("/file")).text()
    page = await (await submit(claire, "/file/deconnexion", page)).text()
    assert "Connexion" in page
    assert (await claire.get("/api/cases")).status == 401


async def test_every_kind_of_event_has_its_label(claire: Client, desk: Desk) -> None:
    from seuil.desk.words import words

    view = await desk.intake(new_case(), "key")
    await desk.raise_flags(view.reference, {"homeless": True})
    await desk.refresh(view.reference, {}, {}, [])
    page = await (await claire.get(f"/file/dossiers/{view.reference}")).text()
    for kind in ("created", "flags_raised", "refreshed"):
        assert words("console")["events"][kind] in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3),
        ("priorite=urgent", 1),
        ("signal=homeless", 1),
        ("signal=family_violence", 0),
        ("origine=conversation", 3),
        ("origine=referral", 0),
        ("departement=59", 2),
        ("retard=1", 0),
        ("statut=claimed&miens=1", 0),
        ("q=0612345678&departement=59", 2),
    ],
)
async def test_filters(claire: Client, desk: Desk, query: str, found: int) -> None:
    await desk.intake(new_case(flags=flags("homeless")), "1")
    await desk.intake(new_case(), "2")
    await desk.intake(new_case(facts={"department": "67"}), "3")
    page = await (await claire.get(f"/file?{query}")).text()
    assert len(re.findall(r'<th scope="row">', page)) == found


@pytest.mark.parametrize("query", ["priorite=x", "signal=x", "origine=x"])
async def test_an_unknown_filter_is_told(claire: Client, query: str) -> None:
    assert (await claire.get(f"/file?{query}")).status == 422


@pytest.fixture
async def nadia(client: Client, desk: Desk) -> AsyncIterator[Client]:
    await desk.accounts.create_user("Nadia", "supervisor", PASSWORD)
    await client.post("/file/connexion", data={"name": "Nadia", "password": PASSWORD})
    yield client


async def test_a_supervisor_sees_the_figures_and_takes_them_away(nadia: Client, desk: Desk) -> None:
    for n in range(6):
        await desk.intake(new_case(contact=CONTACT), str(n))
    page = await (await nadia.get("/file/suivi")).text()
    assert 'role="img"' in page
    assert 'class="k-normal"' in page
    answer = await nadia.get("/file/suivi.csv")
    assert answer.content_type == "text/csv"
    text = (await answer.read()).decode("utf-8-sig")
    assert "départements;59;;6" in text
    assert "Camille" not in text and "612345678" not in text


async def test_a_supervisor_closes_a_day_and_opens_it_again(
    nadia: Client, desk: Desk, clock: Clock
) -> None:
    before = desk.promise("normal", clock.now)
    page = await (await nadia.get("/file/suivi")).text()
    sent = {"day": "2026-11-19", "reason": "Inventaire"}
    page = await (await submit(nadia, "/file/suivi/fermer", page, **sent)).text()
    assert "19/11/2026" in page and "Inventaire" in page
    assert desk.promise("normal", clock.now) > before
    for wrong in (
        {"day": "hier", "reason": "x"},
        {"day": "2020-01-01", "reason": "x"},
        {"day": ""},
    ):
        assert (await submit(nadia, "/file/suivi/fermer", page, **wrong)).status == 422
    await submit(nadia, "/file/suivi/ouvrir", page, day="2026-11-19")
    assert desk.promise("normal", clock.now) == before


async def test_erasing_asks_for_the_reference_in_full(nadia: Client, desk: Desk) -> None:
    view = await desk.intake(new_case(), "key")
    url = f"/file/dossiers/{view.reference}"
    page = await (await nadia.get(url)).text()
    answer = await submit(nadia, f"{url}/effacer", page, confirm="oui")
    assert answer.status == 422
    assert not (await desk.case(view.reference)).erased
    page = await (await submit(nadia, f"{url}/effacer", page, confirm=view.reference)).text()
    assert "Les données de ce dossier ont été effacées" in page


async def test_linked_and_alike_cases_are_shown(claire: Client, desk: Desk) -> None:
    one, two = [await desk.intake(new_case(), key) for key in ("1", "2")]
    url = f"/file/dossiers/{one.reference}"
    page = await (await claire.get(url)).text()
    assert "est-ce la même personne" in page and two.reference in page
    page = await (await submit(claire, f"{url}/lier", page, other=two.reference)).text()
    assert "est-ce la même personne" not in page and two.reference in page
    page = await (await submit(claire, f"{url}/delier", page, other=two.reference)).text()
    assert "est-ce la même personne" in page


async def test_two_who_look_at_one_case_are_told(claire: Client, desk: Desk) -> None:
    view = await desk.intake(new_case(), "key")
    await desk.here(f"case/{view.id}", PAUL)
    page = await (await claire.get(f"/file/dossiers/{view.reference}")).text()
    assert "Aussi ouvert par\u00a0: Paul" in page


async def test_a_page_that_refreshes_itself_keeps_no_session_alive(
    claire: Client, desk: Desk, clock: Clock
) -> None:
    for _ in range(5):
        clock.pass_(minutes=30)
        answer = await claire.get("/file", headers={"Seuil-Background": "1"}, allow_redirects=False)
    assert answer.status == 303
    # Until then its counsellor was on duty.
    assert await desk.on_duty() == 0


async def test_a_console_left_open_is_on_duty(claire: Client, desk: Desk, clock: Clock) -> None:
    clock.pass_(minutes=30)
    assert await desk.on_duty() == 0
    await claire.get("/file", headers={"Seuil-Background": "1"})
    assert await desk.on_duty() == 1
