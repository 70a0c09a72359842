"""Two gateways share a PostgreSQL: the person talks to one, the counsellor writes at the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from seuil.desk import Actor
from seuil.desk import open_desk as opened_desk
from seuil.desk.access import DESK
from seuil.web import live
from seuil.web.app import make_app
from seuil.web.settings import WebSettings
from tests.desk.conftest import Cluster, settings_of

NOBODY = "http://127.0.0.1:9"
CLAIRE = Actor("u_claire", "Claire", "counsellor")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    made.start()
    yield made
    made.stop("immediate")
    made.remove()


@pytest.fixture
async def machines(cluster: Cluster, tmp_path: Path) -> AsyncIterator[list[TestClient]]:
    database = cluster.new_database()
    async with AsyncExitStack() as stack:
        clients = []
        for name in ("one", "two"):
            desk = await opened_desk(settings_of(tmp_path / name, database))
            stack.push_async_callback(desk.close)
            settings = WebSettings(rasa_url=NOBODY, actions_url=NOBODY)
            server = TestServer(await make_app(settings, desk))
            clients.append(await stack.enter_async_context(TestClient(server)))
        yield clients


async def test_what_is_said_at_one_is_read_at_the_other(machines, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT", 1.0)
    here, there = machines
    opened = await (await here.post("/api/conversations")).json()
    path = f"/api/conversations/{opened['id']}"
    headers = {"Authorization": f"Bearer {opened['token']}"}

    async def says(at: TestClient, text: str) -> dict:
        answer = await at.post(f"{path}/messages", json={"text": text}, headers=headers)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    await says(here, "je dors dans ma voiture")
    contact = {"consent": True, "phone": "0612345678"}
    receipt = await (await there.post(f"{path}/contact", json=contact, headers=headers)).json()
    desk = there.app[DESK]
    await desk.claim(receipt["reference"], CLAIRE)
    stream = await here.get(f"{path}/events", headers=headers)
    try:
        async with asyncio.timeout(30):
            while not await desk.is_here(f"conversation/{opened['id']}"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            assert await desk.say(receipt["reference"], "Bonjour.", CLAIRE) is True
            frame = b""
            while b'"counsellor"' not in frame:
                frame = await stream.content.readuntil(b"\n\n")
    finally:
        stream.close()
    told = json.loads(frame.decode().partition("data: ")[2])
    assert told["state"]["live"]

    await says(there, "merci d'être là")
    await says(here, "je vous lis")
    heard = [line.text for line in await desk.spoken(opened["id"]) if line.kind == "heard"]
    assert heard == ["merci d'être là", "je vous lis"]
    views = [await (await at.get(path, headers=headers)).json() for at in machines]
    assert views[0] == views[1]
    texts = [message["text"] for message in views[0]["messages"]]
    for text in ("Bonjour.", "merci d'être là", "je vous lis"):
        assert texts.count(text) == 1
    await desk.leave(receipt["reference"], CLAIRE)
    answer = await says(here, "et maintenant ?")
    assert "de retour" in answer["messages"][0]["text"]
