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
