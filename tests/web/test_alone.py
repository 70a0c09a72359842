"""What the gateway still does when nothing answers behind it."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from aiohttp.test_utils import TestClient

from seuil.desk.access import DESK


async def opened(gateway: TestClient) -> tuple[str, dict[str, str]]:
    answer = await gateway.post("/api/conversations", json={"audience": "salarie"})
    body = await answer.json()
    assert answer.status == 201
    return f"/api/conversations/{body['id']}", {"Authorization": f"Bearer {body['token']}"}


async def says(gateway: TestClient, path: str, headers: dict[str, str], text: str) -> dict:
    answer = await gateway.post(f"{path}/messages", json={"text": text}, headers=headers)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def test_an_ordinary_message_is_kept_and_the_phone_line_given(gateway):
    path, headers = await opened(gateway)
    answer = await says(gateway, path, headers, "j'ai un loyer impayé")

    assert [m["from"] for m in answer["messages"]] == ["system"]
    assert "0970 800 800" in answer["messages"][0]["text"]
    read = await (await gateway.get(path, headers=headers)).json()
    assert "j'ai un loyer impayé" in [m["text"] for m in read["messages"]]


async def test_an_urgent_message_gets_its_numbers_and_can_still_open_a_case(gateway):
    path, headers = await opened(gateway)
    answer = await says(gateway, path, headers, "mon mari me frappe")

    assert [m["kind"] for m in answer["messages"]] == ["emergency", "contact_form"]
    assert answer["state"]["pending"] == "contact"
    opened_case = await gateway.post(
        f"{path}/contact", json={"consent": True, "phone": "0612345678"}, headers=headers
    )
    receipt = await opened_case.json()
    assert opened_case.status == 201
    case = await gateway.app[DESK].case_public(receipt["reference"])
    assert case["priority"] == "urgent"


async def test_a_locked_database_stops_no_answer_and_no_reference_is_given(gateway, tmp_path: Path):
    path, headers = await opened(gateway)
    lock = sqlite3.connect(tmp_path / "seuil.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        answer = await says(gateway, path, headers, "je dors dans ma voiture")
        refused = await gateway.post(
            f"{path}/contact", json={"consent": True, "phone": "0612345678"}, headers=headers
        )
        problem = await refused.json()
    finally:
        lock.execute("ROLLBACK")
        lock.close()

    assert answer["messages"][0]["kind"] == "emergency"
    assert refused.status == 503
    assert problem["detail"]
    assert "reference" not in problem
    read = await (await gateway.get(path, headers=headers)).json()
    assert read["state"]["case"] is None
    assert "case" not in [m["kind"] for m in read["messages"]]

    taken = await gateway.post(
        f"{path}/contact", json={"consent": True, "phone": "0612345678"}, headers=headers
    )
    assert taken.status == 201


async def test_the_same_contact_sent_twenty_times_opens_one_case(gateway):
    path, headers = await opened(gateway)
    await says(gateway, path, headers, "mon mari me frappe")
    body = {"consent": True, "phone": "0612345678"}
    answers = await asyncio.gather(
        *(gateway.post(f"{path}/contact", json=body, headers=headers) for _ in range(20))
    )
    references = {(await answer.json())["reference"] for answer in answers}

    assert len(references) == 1


async def test_too_many_messages_are_slowed_down_but_the_numbers_are_given(gateway):
    path, headers = await opened(gateway)
    for _ in range(6):
        await says(gateway, path, headers, "bonjour")
    answer = await gateway.post(
        f"{path}/messages", json={"text": "mon mari me frappe"}, headers=headers
    )
    problem = await answer.json()

    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert problem["messages"][0]["kind"] == "emergency"


async def test_too_many_conversations_from_one_address_are_refused(gateway):
    statuses = [(await gateway.post("/api/conversations")).status for _ in range(9)]

    assert statuses == [201] * 8 + [429]


async def test_a_flag_raised_after_the_case_is_open_reaches_the_desk(gateway):
    path, headers = await opened(gateway)
    await says(gateway, path, headers, "je dors dans ma voiture")
    await gateway.post(
        f"{path}/contact", json={"consent": True, "phone": "0612345678"}, headers=headers
    )
    answer = await says(gateway, path, headers, "il est derrière la porte avec un couteau")

    assert answer["messages"][0]["kind"] == "emergency"
    assert answer["state"]["case"]["priority"] == "critical"


async def test_readyz_says_which_part_does_not_answer(gateway):
    answer = await gateway.get("/readyz")

    assert answer.status == 503
    assert await answer.json() == {
        "ready": False,
        "rasa": False,
        "actions": False,
        "database": True,
    }


async def test_the_emergency_page_needs_neither_rasa_nor_the_database(gateway, tmp_path: Path):
    lock = sqlite3.connect(tmp_path / "seuil.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        answer = await gateway.get("/aide/urgence")
        page = await answer.text()
    finally:
        lock.execute("ROLLBACK")
        lock.close()

    assert answer.status == 200
    for number in ("17", "114", "3919", "115", "119", "3114"):
        assert number in page


async def test_nothing_that_was_written_is_readable_in_the_database(gateway, tmp_path: Path):
    path, headers = await opened(gateway)
    await says(gateway, path, headers, "les canaris violets dorment dans ma voiture ce soir")
    await gateway.post(
        f"{path}/contact",
        json={"consent": True, "phone": "0698765432", "name": "Zénobie"},
        headers=headers,
    )
    content = everything_in(tmp_path)
    assert b"canaris violets" not in content
    assert b"0698765432" not in content
    assert "Zénobie".encode() not in content


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
