"""A counsellor joins a person's conversation, with the assistant dead: it needs none."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from aiohttp.test_utils import TestClient

from seuil.desk import Actor, Desk, WrongState
from seuil.desk.access import DESK
from seuil.web import live
from seuil.web.api import STORE, TALK
from seuil.web.rasa import Answer

CLAIRE = Actor("u_claire", "Claire Martin", "counsellor")
SHOWN = "une conseillère ou un conseiller"


class Person:
    """Someone in an urgent situation, whose case is open."""

    def __init__(self, gateway: TestClient) -> None:
        self.gateway = gateway
        self.desk: Desk = gateway.app[DESK]

    async def open(self, *, with_case: bool = True) -> Person:
        opened = await (await self.gateway.post("/api/conversations")).json()
        self.id, self.token = opened["id"], opened["token"]
        self.path = f"/api/conversations/{self.id}"
        self.headers = {"Authorization": f"Bearer {self.token}"}
        if with_case:
            await self.says("je dors dans ma voiture")
            body = {"consent": True, "phone": "0612345678"}
            receipt = await self.posts("contact", body)
            self.reference = receipt["reference"]
            await self.desk.claim(self.reference, CLAIRE)
        return self

    async def posts(self, what: str, body: dict[str, Any], status: int = 0) -> dict[str, Any]:
        answer = await self.gateway.post(f"{self.path}/{what}", json=body, headers=self.headers)
        assert answer.status == (status or (201 if what == "contact" else 200))
        return await answer.json()

    async def says(self, text: str) -> dict[str, Any]:
        return await self.posts("messages", {"text": text})

    async def reads(self) -> dict[str, Any]:
        return await (await self.gateway.get(self.path, headers=self.headers)).json()

    async def heard(self) -> list[str | None]:
        return [line.text for line in await self.desk.spoken(self.id) if line.kind == "heard"]


@pytest.fixture
async def person(gateway: TestClient) -> Person:
    return await Person(gateway).open()


def senders(answer: dict[str, Any]) -> list[str]:
    return [message["from"] for message in answer["messages"]]


async def test_the_person_reads_who_joined_and_what_they_say(person):
    await person.desk.say(person.reference, "Bonjour, je vous lis.", CLAIRE)
    view = await person.reads()
    joined, said = view["messages"][-2:]

    assert joined["from"] == "system"
    assert SHOWN in joined["text"]
    assert "L'assistant automatique se tait" in joined["text"]
    assert person.reference in joined["text"]
    assert "Claire" not in str(view)
    assert (said["from"], said["text"]) == ("counsellor", "Bonjour, je vous lis.")
    assert said["data"] == {"by": SHOWN}
    assert view["state"]["live"] == SHOWN
    assert view["state"]["case"]["status"] == "claimed"
    assert (await person.reads())["messages"] == view["messages"]
    document = await (await person.gateway.get("/api/openapi.json")).json()
    schema = {"$ref": "#/components/schemas/Conversation", **document}
    jsonschema.Draft202012Validator(schema).validate(view)


async def test_what_the_person_writes_goes_to_the_counsellor_whole(person):
    await person.desk.join(person.reference, CLAIRE)
    first = await person.says("Merci. Mon autre numéro : 06 98 76 54 32")
    then = await person.says("je suis seul")

    assert senders(first) == ["system"]
    assert then["messages"] == []
    assert await person.heard() == ["Merci. Mon autre numéro : 06 98 76 54 32", "je suis seul"]
    mine = [m["text"] for m in (await person.reads())["messages"] if m["from"] == "person"]
    assert mine[-1] == "je suis seul"


async def test_urgent_words_still_bring_the_numbers_and_reach_the_case(person):
    await person.desk.join(person.reference, CLAIRE)
    answer = await person.says("il est derrière la porte avec un couteau")

    kinds = [message["kind"] for message in answer["messages"]]
    assert kinds == ["text", "emergency", "text"]
    assert answer["state"]["urgency"]["immediate_danger"] is True
    assert answer["state"]["case"]["priority"] == "critical"
    assert await person.heard() == ["il est derrière la porte avec un couteau"]


async def test_a_bare_yes_answers_the_counsellor_and_not_the_question_before(person):
    held = await person.gateway.app[STORE].find(person.token)
    held.conversation.slots["requested_slot"] = "immediate_danger"
    await person.desk.join(person.reference, CLAIRE)
    answer = await person.says("oui")

    assert answer["state"]["urgency"]["immediate_danger"] is False
    assert answer["state"]["case"]["priority"] == "urgent"


async def test_a_choice_is_handed_over_by_its_title(person):
    held = await person.gateway.app[STORE].find(person.token)
    asked = held.conversation.add(
        "assistant",
        "Avez-vous un endroit où dormir ?",
        "question",
        choices=[
            {"title": "Oui, j'ai peur ce soir", "payload": {
                "intent": "inform", "facts": {"immediate_danger": True}}},
        ],
    )  # fmt: skip
    await person.desk.join(person.reference, CLAIRE)
    answer = await person.posts("messages", {"choice": asked["choices"][0]["id"]})

    assert await person.heard() == ["Oui, j'ai peur ce soir"]
    assert "emergency" in [message["kind"] for message in answer["messages"]]
    assert answer["state"]["case"]["priority"] == "critical"


@pytest.mark.parametrize("how", ["leave", "release", "close_case"])
async def test_when_the_counsellor_leaves_the_assistant_is_back(person, how):
    await person.desk.say(person.reference, "Bonjour.", CLAIRE)
    await person.reads()
    more = ("accompanied",) if how == "close_case" else ()
    await getattr(person.desk, how)(person.reference, CLAIRE, *more)
    answer = await person.says("et maintenant ?")

    assert "L'assistant automatique est de retour" in answer["messages"][0]["text"]
    assert len(answer["messages"]) == 2  # and the turn was the assistant's
    assert answer["state"]["live"] is None
    assert await person.heard() == []


async def test_the_pending_question_is_asked_again_as_it_stood(person):
    held = await person.gateway.app[STORE].find(person.token)
    held.conversation.slots["requested_slot"] = "contract"
    choices = [{"title": "CDI", "payload": {"intent": "inform", "facts": {"contract": "cdi"}}}]
    asked = held.conversation.add(
        "assistant", "Quel contrat ?", "question", question="contract", choices=choices
    )
    await person.desk.say(person.reference, "Bonjour.", CLAIRE)
    await person.says("bonjour madame")
    await person.desk.leave(person.reference, CLAIRE)
    view = await person.reads()

    again = view["messages"][-1]
    assert {**again, "id": ""} == {**asked, "id": ""}
    assert again["id"] != asked["id"]
    assert view["state"]["question"] == "contract"
    assert len((await person.reads())["messages"]) == len(view["messages"])


async def test_what_is_pending_and_is_no_question_is_left_to_the_assistant(person, monkeypatch):
    turns = []

    async def turn(said: dict[str, Any]) -> Answer:
        turns.append(said)
        return Answer([{"kind": "text", "text": "Lequel des deux ?"}], said["slots"], None)

    held = await person.gateway.app[STORE].find(person.token)
    held.conversation.slots["requested_slot"] = "conflict"
    monkeypatch.setattr(person.gateway.app[TALK]._rasa, "turn", turn)
    await person.desk.say(person.reference, "Bonjour.", CLAIRE)
    await person.says("bonjour madame")
    assert turns == []
    await person.desk.leave(person.reference, CLAIRE)
    assert (await person.reads())["messages"][-1]["text"] == "Lequel des deux ?"
    assert len(turns) == 1


async def test_a_counsellor_gone_between_two_looks_hands_the_turn_back(person):
    await person.desk.join(person.reference, CLAIRE)
    await person.reads()
    talk = person.gateway.app[TALK]

    async def nothing_new(conversation: Any) -> list[dict[str, Any]]:
        return []

    await person.desk.leave(person.reference, CLAIRE)
    talk.take_in, whole = nothing_new, talk.take_in
    try:
        answer = await person.says("vous êtes là ?")
    finally:
        talk.take_in = whole

    assert answer["state"]["live"] is None
    assert "0970 800 800" in answer["messages"][-1]["text"]
    assert await person.heard() == []


async def test_a_conversation_without_a_case_asks_the_desk_nothing(gateway, monkeypatch):
    person = await Person(gateway).open(with_case=False)

    def never(*given: Any, **more: Any) -> Any:
        raise AssertionError("the desk was asked")

    for name in ("spoken", "hear", "here", "case_public", "live"):
        monkeypatch.setattr(person.desk, name, never)
    await person.says("bonjour")
    assert (await person.reads())["state"]["live"] is None


async def test_a_locked_database_loses_no_word_and_keeps_the_numbers(person, tmp_path: Path):
    await person.desk.join(person.reference, CLAIRE)
    await person.reads()
    await person.gateway.app[STORE].flush()
    lock = sqlite3.connect(tmp_path / "seuil.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        refused = await person.posts("messages", {"text": "mon mari me frappe"}, status=503)
        held = await person.gateway.app[STORE].find(person.token)
        transcript = [message["text"] for message in held.conversation.messages]
    finally:
        lock.execute("ROLLBACK")
        lock.close()

    assert refused["messages"][0]["kind"] == "emergency"
    assert "mon mari me frappe" not in transcript  # the page keeps it, to be sent again
    answer = await person.says("mon mari me frappe")
    assert "emergency" in [message["kind"] for message in answer["messages"]]
    assert await person.heard() == ["mon mari me frappe"]


async def test_the_same_key_reaches_the_counsellor_once(person):
    await person.desk.join(person.reference, CLAIRE)
    headers = {**person.headers, "Idempotency-Key": "k"}
    answers = await asyncio.gather(
        *(
            person.gateway.post(
                f"{person.path}/messages", json={"text": "je suis là"}, headers=headers
            )
            for _ in range(5)
        )
    )

    assert {answer.status for answer in answers} <= {200, 429}
    assert await person.heard() == ["je suis là"]


async def test_an_erased_conversation_is_sent_nothing(person):
    erased = await person.gateway.delete(person.path, headers=person.headers)
    assert erased.status == 204
    with pytest.raises(WrongState) as caught:
        await person.desk.say(person.reference, "Bonjour.", CLAIRE)
    assert caught.value.kind == "person_gone"
    assert list(await person.desk.spoken(person.id)) == []


class Stream:
    """What server-sent events bring to a page."""

    def __init__(self, person: Person) -> None:
        self.person = person

    async def __aenter__(self) -> Stream:
        self.answer = await self.person.gateway.get(
            f"{self.person.path}/events", headers=self.person.headers
        )
        assert self.answer.status == 200
        await self.answer.content.readuntil(b"\n\n")
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.answer.close()

    async def next(self) -> tuple[str, Any]:
        async with asyncio.timeout(20):
            while True:
                frame = (await self.answer.content.readuntil(b"\n\n")).decode()
                if frame.startswith("event: "):
                    kind, _, data = frame.removeprefix("event: ").partition("\ndata: ")
                    return kind, json.loads(data)


async def soon(true: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(400):
        if await true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("never")


async def test_words_reach_an_open_page_at_once_and_presence_follows_the_page(person):
    place = f"conversation/{person.id}"
    async with Stream(person) as stream:
        assert (await stream.next())[0] == "case"  # claimed meanwhile
        await soon(lambda: person.desk.is_here(place))
        assert await person.desk.say(person.reference, "Bonjour.", CLAIRE) is True
        told = []
        while "counsellor" not in told:
            kind, data = await stream.next()
            assert kind == "message"
            told += senders(data)
        assert told == ["system", "counsellor"]
        assert data["state"]["live"] == SHOWN
        async with Stream(person):
            pass
        await asyncio.sleep(3 * live.PULSE)
        # Closing one page says nothing of the other.
        assert await person.desk.is_here(place)

    async def away() -> bool:
        return not await person.desk.is_here(place)

    await soon(away)
    assert await person.desk.say(person.reference, "Toujours là ?", CLAIRE) is False
    # It waits there, and nowhere else.
    assert (await person.reads())["messages"][-1]["text"] == "Toujours là ?"


async def test_a_page_open_before_the_case_is_told_once_it_is(gateway, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT", 0.2)
    person = await Person(gateway).open(with_case=False)
    async with Stream(person) as stream:
        await person.says("je dors dans ma voiture")
        receipt = await person.posts("contact", {"consent": True, "phone": "0612345678"})
        await person.desk.claim(receipt["reference"], CLAIRE)
        while (await stream.next())[1].get("status") != "claimed":
            pass
        await person.desk.say(receipt["reference"], "Bonjour.", CLAIRE)
        assert (await stream.next())[0] == "message"


async def test_without_scripts_the_page_says_who_is_there(person):
    await person.desk.say(person.reference, "Bonjour, je vous lis.", CLAIRE)
    cookie = {"Cookie": f"seuil_conversation={person.token}"}
    page = await (await person.gateway.get("/assistant", headers=cookie)).text()

    assert "Bonjour, je vous lis." in page
    assert f"<strong data-direct-who>{SHOWN}</strong>" in page
    direct = page[page.index("data-direct") : page.index("data-direct-who")]
    assert "hidden" not in direct
    await person.gateway.post("/assistant", data={"text": "merci"}, headers=cookie)
    assert await person.heard() == ["merci"]
    await person.desk.leave(person.reference, CLAIRE)
    page = await (await person.gateway.get("/assistant", headers=cookie)).text()
    direct = page[page.index("data-direct") : page.index("data-direct-who")]
    assert "hidden" in direct


async def test_erasing_the_case_reaches_the_conversation_and_rasa(person, monkeypatch):
    forgotten = []

    async def forget(conversation: str) -> bool:
        forgotten.append(conversation)
        return len(forgotten) > 1  # Rasa is down the first time

    monkeypatch.setattr(person.gateway.app[TALK]._rasa, "forget", forget)
    supervisor = Actor("u_nadia", "Nadia", "supervisor")
    await person.desk.erase(person.reference, supervisor)
    await person.desk.send_posted()
    gone = await person.gateway.get(person.path, headers=person.headers)
    assert gone.status == 404
    assert forgotten == [person.id]
    later = person.desk.clock
    monkeypatch.setattr(person.desk, "clock", lambda: later() + timedelta(minutes=2))
    await person.desk.send_posted()
    assert forgotten == [person.id, person.id]
