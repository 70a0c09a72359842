"""Words that nobody but their readers may see, searched for where they must not be."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from seuil.desk import Actor, DeskSettings, open_desk
from seuil.desk.access import DESK
from seuil.web.app import make_app
from seuil.web.settings import WebSettings

CLAIRE = Actor("u_claire", "Claire", "counsellor")
CONTACT = {
    "consent": True,
    "name": "Zéphyrine Canari",
    "phone": "06 99 88 77 66",
    "email": "zephyrine.canari@exemple.fr",
    "when": "quand le merle chante",
}
REACH = ("Zéphyrine", "99 88 77 66", "99887766", "zephyrine", "merle chante")
LIVE = ("parapluie orange", "girafe mauve")


@pytest.fixture
def turns() -> list[str]:
    """Every request that reached Rasa, addresses and bodies."""
    return []


@pytest.fixture
async def gateway(tmp_path: Path, turns: list[str]) -> AsyncIterator[TestClient]:
    """A gateway before a Rasa that only listens."""

    async def turn(request: web.Request) -> web.Response:
        body = await request.json()
        turns.append(f"{request.path_qs} {json.dumps(body, ensure_ascii=False)}")
        message = {"kind": "text", "text": "Je vous écoute."}
        return web.json_response({"messages": [message], "slots": body["slots"], "urgency": None})

    rasa = web.Application()
    rasa.router.add_post("/webhooks/seuil/turn", turn)
    desk = await open_desk(DeskSettings(var=tmp_path))
    async with TestServer(rasa) as server:
        settings = WebSettings(rasa_url=str(server.make_url("")).rstrip("/"))
        async with TestClient(TestServer(await make_app(settings, desk))) as client:
            yield client
    await desk.close()


async def test_contact_details_and_live_words_reach_neither_rasa_nor_a_log(gateway, turns, caplog):
    caplog.set_level(logging.DEBUG)
    desk = gateway.app[DESK]
    opened = await (await gateway.post("/api/conversations")).json()
    path = f"/api/conversations/{opened['id']}"
    headers = {"Authorization": f"Bearer {opened['token']}"}

    async def says(text: str) -> dict[str, Any]:
        answer = await gateway.post(f"{path}/messages", json={"text": text}, headers=headers)
        return await answer.json()

    await says("je dors dans ma voiture")
    await says("appelez-moi au 06.99.88.77.66 ou à zephyrine.canari@exemple.fr")
    receipt = await (await gateway.post(f"{path}/contact", json=CONTACT, headers=headers)).json()
    await desk.claim(receipt["reference"], CLAIRE)
    await desk.say(receipt["reference"], "Le parapluie orange.", CLAIRE)
    await says("La girafe mauve, au 06 99 88 77 66.")
    await desk.leave(receipt["reference"], CLAIRE)
    await says("au revoir")

    assert len(turns) >= 4
    for words, places in ((REACH, "".join(turns)), (LIVE, "".join(turns))):
        assert [word for word in words if word in places] == []
    assert "[…]" in "".join(turns)  # what was taken out was there
    metrics = await (await gateway.get("/metrics")).text()
    for place in (caplog.text, metrics):
        assert [word for word in (*REACH, *LIVE, "voiture") if word in place] == []


async def test_nothing_of_it_stands_in_an_address(gateway):
    opened = await (await gateway.post("/api/conversations")).json()
    cookie = {"Cookie": f"seuil_conversation={opened['token']}"}
    forms = {
        "/assistant": {"text": "je dors dans ma voiture, la girafe mauve"},
        "/assistant/contact": {**CONTACT, "consent": "true"},
    }
    for path, form in forms.items():
        answer = await gateway.post(path, data=form, headers=cookie, allow_redirects=False)
        assert answer.status == 303
        address = answer.headers["Location"]
        assert [word for word in (*REACH, *LIVE, opened["token"]) if word in address] == []
