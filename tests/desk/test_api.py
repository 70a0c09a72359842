"""The desk over HTTP: who may do what, and what each error says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from seuil.desk import Desk
from seuil.desk.model import ROLES
from seuil.desk.routes import API, CONSOLE

from .conftest import flags, new_case

Client = TestClient[web.Request, web.Application]
PASSWORD = "une phrase assez longue"
JSON = {"Content-Type": "application/json"}
BODY = {
    "audience": "salarie",
    "facts": {"contract": "cdi", "employer_sector": "prive", "employer_size": 45},
    "contact": {"name": "Camille", "phone": "0612345678", "safe_to_call": True},
}


@pytest.fixture
async def tokens(desk: Desk) -> dict[str, dict[str, str]]:
    return {
        role: {"Authorization": f"Bearer {await desk.accounts.create_token(role, role)}"}
        for role in ROLES
    }


@pytest.fixture
async def reference(desk: Desk) -> str:
    return (await desk.intake(new_case(), "key")).reference


@pytest.mark.parametrize("role", [None, *ROLES])
async def test_each_role_enters_where_it_may_and_nowhere_else(
    sqlite_desk: Desk, role: str | None
) -> None:
    from .conftest import client_of

    view = await sqlite_desk.intake(new_case(), "key")
    headers = {"If-Match": "*"}
    if role is not None:
        token = await sqlite_desk.accounts.create_token("robot", role)
        headers["Authorization"] = f"Bearer {token}"
    client = await client_of(sqlite_desk)
    wrong = []
    for route in (*API, *CONSOLE):
        if route.roles is None or (route.path.endswith("/events") and role in route.roles):
            continue
        path = route.path.replace("{reference}", view.reference).replace("{other}", "AAAA-AAAA")
        answer = await client.request(
            route.method, path.replace("{verb}", "note"), headers=headers, allow_redirects=False
        )
        if role is None:
            right = answer.status in ((401,) if route in API else (303, 401))
        elif role not in route.roles:
            right = answer.status == 403
        elif route in API:
            right = answer.status not in (401, 403) and answer.status < 500
        else:
            # A console form without its token is refused, whoever sends it.
            right = answer.status == (200 if route.method == "GET" else 403)
        if not right:
            wrong.append((route.method, route.path, answer.status))
    await client.close()
    assert wrong == []


def test_what_is_open_to_all_is_only_the_way_in() -> None:
    free = {(r.method, r.path) for r in (*API, *CONSOLE) if r.roles is None}
    assert free == {
        ("POST", "/api/session"),
        ("DELETE", "/api/session"),
        ("POST", "/api/referrals"),
        ("GET", "/api/referrals/email"),
        ("POST", "/api/referrals/email"),
        ("GET", "/file/connexion"),
        ("POST", "/file/connexion"),
        ("GET", "/file/oidc/aller"),
        ("GET", "/file/oidc/retour"),
    }


async def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status == status
    assert answer.content_type == "application/problem+json"
    document: dict[str, Any] = await answer.json(content_type=None)
    assert document["status"] == status
    assert document["detail"] and document["title"]
    return document


async def test_an_agent_takes_a_case_in_and_a_counsellor_carries_it_to_the_end(
    client: Client, tokens: dict[str, dict[str, str]]
) -> None:
    body = {**BODY, "facts": {**BODY["facts"], "homeless": True}}  # type: ignore[dict-item]
    made = await client.post(
        "/api/cases", json=body, headers={**tokens["agent"], "Idempotency-Key": "k1"}
    )
    assert made.status == 201
    case = await made.json()
    assert case["priority"] == "urgent"
    assert case["assessment"]["services"][0]["service"] == "accompagnement_social"
    assert "contact" not in case
    url = f"/api/cases/{case['reference']}"
    mine = tokens["counsellor"]

    listed = await (await client.get("/api/cases?status=waiting", headers=mine)).json()
    assert [c["reference"] for c in listed["cases"]] == [case["reference"]]
    assert "contact" not in listed["cases"][0]

    opened = await client.get(url, headers=mine)
    assert (await opened.json())["contact"]["name"] == "Camille"
    version = opened.headers["ETag"]
    for path, sent, status in (
        ("claim", None, 200),
        ("notes", {"text": "Appelée."}, 201),
        ("contact-attempts", {"result": "reached"}, 201),
        ("close", {"outcome": "accompanied"}, 200),
    ):
        answer = await client.post(
            f"{url}/{path}", json=sent, headers={**mine, "If-Match": version}
        )
        assert answer.status == status, await answer.text()
        version = answer.headers["ETag"]
    events = (await (await client.get(f"{url}/history", headers=mine)).json())["events"]
    assert [e["kind"] for e in events] == [
        "created",
        "contact_read",
        "claimed",
        "note",
        "contact_attempt",
        "closed",
    ]
    assert events[3]["text"] == "Appelée."


async def test_the_same_key_gives_the_same_case(
    client: Client, tokens: dict[str, dict[str, str]]
) -> None:
    headers = {**tokens["agent"], "Idempotency-Key": "k1"}
    answers = await asyncio.gather(
        *(client.post("/api/cases", json=BODY, headers=headers) for _ in range(5))
    )
    assert {a.status for a in answers} == {201}
    assert len({(await a.json())["reference"] for a in answers}) == 1
    other = await client.post("/api/cases", json={**BODY, "summary": ["x"]}, headers=headers)
    await problem(other, 422)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"facts": None}, "field"),
        ({"facts": []}, "field"),
        ({"facts": {"contract": "cdo"}}, "fact"),
        ({"facts": {"difficulties": ["aucune", "saisie"]}}, "fact"),
        ({"contact": {"name": "Camille"}}, "field"),
        ({"contact": "0612345678"}, "field"),
        ({"flags": {"homeless": "oui"}}, "field"),
        ({"flags": {"rich": True}}, "field"),
        ({"summary": "long"}, "field"),
        ({"audience": 4}, "field"),
    ],
)
async def test_a_bad_case_is_told_by_its_field(
    client: Client, tokens: dict[str, dict[str, str]], change: dict[str, Any], named: str
) -> None:
    answer = await client.post(
        "/api/cases", json={**BODY, **change}, headers={**tokens["agent"], "Idempotency-Key": "k"}
    )
    assert (await problem(answer, 422))[named]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", JSON, 400),
        (b"[]", JSON, 400),
        (b"\xff", JSON, 400),
        (b'{"facts": NaN}', JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"x" * (2 * 1024 * 1024), JSON, 413),
    ],
)
async def test_a_body_that_is_none_is_told_so(
    client: Client,
    tokens: dict[str, dict[str, str]],
    body: bytes,
    headers: dict[str, str],
    status: int,
) -> None:
    answer = await client.post(
        "/api/cases", data=body, headers={**tokens["agent"], **headers, "Idempotency-Key": "k"}
    )
    await problem(answer, status)


async def test_an_intake_without_a_key_is_refused(
    client: Client, tokens: dict[str, dict[str, str]]
) -> None:
    await problem(await client.post("/api/cases", json=BODY, headers=tokens["agent"]), 400)


async def test_writes_carry_the_version(
    client: Client, tokens: dict[str, dict[str, str]], reference: str
) -> None:
    url, mine = f"/api/cases/{reference}/notes", tokens["counsellor"]
    for given in ({}, {"If-Match": '"9"'}, {"If-Match": "garbage"}):
        answer = await client.post(url, json={"text": "x"}, headers={**mine, **given})
        await problem(answer, 412)


async def test_a_claimed_case_names_its_holder(
    client: Client, tokens: dict[str, dict[str, str]], reference: str
) -> None:
    url = f"/api/cases/{reference}/claim"
    version = {"If-Match": '"1"'}
    assert (await client.post(url, headers={**tokens["counsellor"], **version})).status == 200
    refused = await problem(
        await client.post(url, headers={**tokens["supervisor"], **version}), 409
    )
    assert refused["claimed_by"] == "counsellor"


async def test_a_supervisor_gives_a_case_away(
    client: Client, tokens: dict[str, dict[str, str]], reference: str
) -> None:
    url = f"/api/cases/{reference}/assign"
    headers = {**tokens["supervisor"], "If-Match": "*"}
    given = await client.post(url, json={"to": "counsellor"}, headers=headers)
    assert (await given.json())["claimed_by"] == "counsellor"
    await problem(await client.post(url, json={"to": "personne"}, headers=headers), 422)
    await problem(await client.post(url, json={"to": "agent"}, headers=headers), 403)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/cases?status=lost", 422),
        ("/api/cases?page=0", 422),
        ("/api/cases?page=²", 422),
        ("/api/cases?q=%00", 200),
        ("/api/cases/AAAA-AAAA", 404),
        ("/api/cases/%00", 404),
        ("/api/cases/AAAA-AAAA/history", 404),
        ("/api/nothing", 404),
    ],
)
async def test_odd_addresses(
    client: Client, tokens: dict[str, dict[str, str]], path: str, status: int
) -> None:
    answer = await client.get(path, headers=tokens["supervisor"])
    assert answer.status == status
    if status != 200:
        await problem(answer, status)


async def test_a_wrong_method_is_told(client: Client) -> None:
    answer = await client.put("/api/session")
    await problem(answer, 405)
    assert "POST" in answer.headers["Allow"]


async def test_a_database_that_does_not_answer_is_a_503(
    client: Client, tokens: dict[str, dict[str, str]], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seuil.desk import DeskUnavailable

    async def gone(*args: object) -> None:
        raise DeskUnavailable

    monkeypatch.setattr(desk, "queue", gone)
    answer = await client.get("/api/cases", headers=tokens["counsellor"])
    await problem(answer, 503)
    assert answer.headers["Retry-After"]


async def test_an_unforeseen_error_says_nothing_of_its_inside(
    client: Client,
    tokens: dict[str, dict[str, str]],
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*args: object) -> None:
        raise RuntimeError("Camille, 0612345678")

    monkeypatch.setattr(desk, "queue", broken)
    answer = await client.get("/api/cases", headers=tokens["counsellor"])
    assert "Camille" not in json.dumps(await problem(answer, 500))
    assert "RuntimeError" in caplog.text
    assert "Camille" not in caplog.text


async def test_linking_erasing_and_exporting_over_http(
    client: Client, tokens: dict[str, dict[str, str]], desk: Desk, reference: str
) -> None:
    other = (await desk.intake(new_case(), "other")).reference
    url, mine = f"/api/cases/{reference}", {**tokens["supervisor"], "If-Match": "*"}
    linked = await client.post(f"{url}/links", json={"other": other}, headers=mine)
    assert (await linked.json())["version"] == 2
    assert (await client.delete(f"{url}/links/{other}", headers=mine)).status == 200
    await problem(await client.post(f"{url}/links", json={"other": reference}, headers=mine), 422)
    copy = await (await client.post(f"{url}/export", headers=mine)).json()
    assert copy["contact"]["name"] == "Camille Dupré"
    assert (await client.delete(url, headers=mine)).status == 204
    erased = await (await client.get(url, headers=mine)).json()
    assert (erased["facts"], erased["contact"]) == ({}, {})


async def test_snoozing_and_reopening_over_http(
    client: Client, tokens: dict[str, dict[str, str]], desk: Desk, reference: str, clock: Any
) -> None:
    url, mine = f"/api/cases/{reference}", {**tokens["counsellor"], "If-Match": "*"}
    await client.post(f"{url}/claim", headers=mine)
    for wrong in ("demain", "2026-11-20T10:00:00", "9999-01-01T00:00:00+01:00", None):
        answer = await client.post(f"{url}/snooze", json={"until": wrong}, headers=mine)
        await problem(answer, 422)
    until = "2026-11-20T10:00:00+01:00"
    aside = await client.post(f"{url}/snooze", json={"until": until}, headers=mine)
    assert (await aside.json())["snoozed_until"] == "2026-11-20T09:00:00+00:00"
    await client.post(f"{url}/claim", headers=mine)
    await client.post(f"{url}/close", json={"outcome": "refused"}, headers=mine)
    again = await client.post(f"{url}/reopen", headers=mine)
    assert (await again.json())["status"] == "waiting"
    await problem(await client.post(f"{url}/release", headers=mine), 409)


async def test_the_figures_hide_small_groups(
    client: Client, tokens: dict[str, dict[str, str]], desk: Desk
) -> None:
    for n in range(6):
        await desk.intake(new_case(), f"n{n}")
    await desk.intake(new_case(facts={"department": "67"}), "alsace")
    told = await (await client.get("/api/metrics/desk", headers=tokens["supervisor"])).json()
    assert told["departments"] == {"59": None, "67": None}
    assert told["weeks"][-1]["received"]["normal"] == 7
    assert told["hidden_under"] == 5


@pytest.fixture
async def session(client: Client, desk: Desk) -> AsyncIterator[Client]:
    await desk.accounts.create_user("Claire", "counsellor", PASSWORD)
    answer = await client.post("/api/session", json={"name": "Claire", "password": PASSWORD})
    assert answer.status == 201
    assert await answer.json() == {"name": "Claire", "role": "counsellor"}
    cookie = answer.cookies["seuil_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    yield client


async def test_a_session_opens_the_desk_and_ends(session: Client) -> None:
    assert (await session.get("/api/cases")).status == 200
    assert (await session.delete("/api/session")).status == 204
    await problem(await session.get("/api/cases"), 401)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://ailleurs.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
)
async def test_another_site_cannot_use_a_session(
    session: Client, reference: str, headers: dict[str, str]
) -> None:
    url = f"/api/cases/{reference}/claim"
    await problem(await session.post(url, headers={**headers, "If-Match": '"1"'}), 403)
    assert (await session.post(url, headers={"If-Match": '"1"'})).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Claire"},
        {"name": "Claire", "password": ""},
        {"name": "", "password": "x"},
        {"name": 4, "password": "x"},
        {"name": "Claire", "password": ["x"]},
    ],
)
async def test_a_log_in_needs_a_name_and_a_password(client: Client, body: dict[str, Any]) -> None:
    await problem(await client.post("/api/session", json=body), 422)


async def test_a_wrong_password_is_refused_then_throttled(client: Client, desk: Desk) -> None:
    await desk.accounts.create_user("Claire", "counsellor", PASSWORD)
    sent = {"name": "Claire", "password": "mauvais"}
    for _ in range(5):
        await problem(await client.post("/api/session", json=sent), 401)
    refused = await client.post("/api/session", json=sent)
    assert int(refused.headers["Retry-After"]) > 0
    await problem(refused, 429)


async def test_changes_are_told_as_they_happen(
    client: Client, tokens: dict[str, dict[str, str]], desk: Desk
) -> None:
    stream = await client.get("/api/cases/events", headers=tokens["counsellor"])
    assert stream.content_type == "text/event-stream"
    view = await desk.intake(new_case(flags=flags("homeless")), "key")
    told = b""
    async with asyncio.timeout(5):
        while b"data:" not in told:
            told += await stream.content.readline()
    event = json.loads(told.decode().split("data: ")[1])
    assert event == {"kind": "created", "reference": view.reference, "version": 1}
    stream.close()


async def test_a_process_that_ends_is_not_held_by_open_streams(
    client: Client, tokens: dict[str, dict[str, str]]
) -> None:
    stream = await client.get("/api/cases/events", headers=tokens["counsellor"])
    async with asyncio.timeout(20):
        await client.server.close()
        assert b"retry" in await stream.content.read()
