"""A case comes in once, whole, or not at all."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from seuil.desk import (
    Desk,
    DeskSettings,
    DeskUnavailable,
    IdempotencyConflict,
    InvalidCase,
    open_desk,
)
from seuil.desk import intake as intake_module
from seuil.desk.tables import case_events, cases, idempotency, outbox

from .conftest import CLAIRE, flags, new_case


async def count_of(desk: Desk, table: Any) -> int:
    async with desk.database.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def test_a_case_is_there_after_the_intake(desk: Desk) -> None:
    view = await desk.intake(new_case(flags=flags("homeless")), "key")
    assert view.priority == "urgent"
    found, total = await desk.queue()
    assert total == 1
    assert found[0].reference == view.reference
    assert found[0].facts["contract"] == "cdi"
    assert found[0].contact is None
    opened = await desk.case_with_contact(view.reference, CLAIRE)
    assert opened.contact is not None
    assert opened.contact["name"] == "Camille Dupré"
    assert [e.kind for e in await desk.history(view.reference)] == ["created", "contact_read"]
    assert await count_of(desk, outbox) == 1


async def test_the_same_intake_twenty_times_at_once_is_one_case(desk: Desk) -> None:
    views = await asyncio.gather(*(desk.intake(new_case(), "same") for _ in range(20)))
    assert len({view.reference for view in views}) == 1
    for table in (cases, case_events, idempotency, outbox):
        assert await count_of(desk, table) == 1


async def test_the_same_key_with_another_body_is_refused(desk: Desk) -> None:
    await desk.intake(new_case(), "same")
    with pytest.raises(IdempotencyConflict):
        await desk.intake(new_case(summary=["Autre."]), "same")
    assert await count_of(desk, cases) == 1


@pytest.mark.parametrize("step", ["add", "post", "commit"])
async def test_a_failure_on_the_way_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    async def fail(*args: object, **named: object) -> None:
        raise DeskUnavailable

    with monkeypatch.context() as broken:
        if step == "add":
            broken.setattr(intake_module.rows, "add", fail)
        elif step == "post":
            broken.setattr(desk, "post", fail)
        else:
            whole = desk._record

            async def record_then_fail(*args: Any) -> Any:
                await whole(*args)
                raise DeskUnavailable

            broken.setattr(desk, "_record", record_then_fail)
        with pytest.raises(DeskUnavailable):
            await desk.intake(new_case(), "key")
    for table in (cases, case_events, idempotency, outbox):
        assert await count_of(desk, table) == 0
    # The same key then takes the case in as if nothing had been.
    assert (await desk.intake(new_case(), "key")).status == "waiting"


async def test_a_case_survives_a_new_start(settings: DeskSettings) -> None:
    first = await open_desk(settings)
    view = await first.intake(new_case(), "key")
    await first.close()
    second = await open_desk(settings)
    try:
        assert (await second.intake(new_case(), "key")).reference == view.reference
        assert await second.verify() == []
    finally:
        await second.close()


async def test_a_locked_database_is_said_and_nothing_is_recorded(
    sqlite_settings: DeskSettings,
) -> None:
    desk = await open_desk(replace(sqlite_settings, busy_timeout=0.1))
    blocker = sqlite3.connect(desk.database.url.database or "", isolation_level=None)
    try:
        blocker.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DeskUnavailable):
            await desk.intake(new_case(), "key")
        assert await desk.ready() is False
        blocker.execute("ROLLBACK")
        assert await desk.ready() is True
        assert (await desk.intake(new_case(), "key")).version == 1
    finally:
        blocker.close()
        await desk.close()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"audience": "voisin"}, "audience"),
        ({"flags": {"homeless": "oui"}}, "flags"),
        ({"contact": {"name": "Camille"}}, "phone"),  # no way to reach the person
        ({"contact": {"phone": "12"}}, "phone"),
        ({"contact": {"phone": "appelez-moi"}}, "phone"),
        ({"contact": {"email": "camille"}}, "email"),
        ({"contact": {"phone": 612345678}}, "phone"),
        ({"contact": {"phone": "0612345678", "name": "x" * 121}}, "name"),
        ({"contact": {"phone": "0612345678", "safe_to_call": "oui"}}, "safe_to_call"),
    ],
)
async def test_what_cannot_be_taken_names_its_field(
    sqlite_desk: Desk, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidCase) as caught:
        await sqlite_desk.intake(new_case(**changes), "key")
    assert caught.value.field == field


@pytest.mark.parametrize("key", ["", "x" * 201, "nul\x00"])
async def test_a_key_must_be_short_and_plain(sqlite_desk: Desk, key: str) -> None:
    with pytest.raises(InvalidCase):
        await sqlite_desk.intake(new_case(), key)


async def test_text_that_a_database_cannot_keep_is_cleaned(desk: Desk) -> None:
    view = await desk.intake(
        new_case(contact={"name": "Ca\x00mille \ud800", "phone": "0612345678"}), "key"
    )
    opened = await desk.case_with_contact(view.reference, CLAIRE)
    assert opened.contact is not None
    assert opened.contact["name"] == "Camille"


@pytest.mark.parametrize(
    ("up", "facts", "priority"),
    [
        (["immediate_danger", "homeless"], {}, "critical"),
        (["homeless"], {}, "urgent"),
        (["family_violence"], {}, "urgent"),
        ([], {"difficulties": ["saisie"]}, "high"),
        ([], {"disaster": "technologique"}, "high"),
        ([], {"disaster": "aucune", "difficulties": ["impaye_loyer"]}, "normal"),
        ([], {"homeless": True}, "urgent"),  # a flag among the facts counts
    ],
)
async def test_the_priority_follows_the_flags_and_the_facts(
    sqlite_desk: Desk, up: list[str], facts: dict[str, Any], priority: str
) -> None:
    view = await sqlite_desk.intake(new_case(flags=flags(*up), facts=facts), "key")
    assert view.priority == priority


async def test_the_stay_is_never_recorded(desk: Desk) -> None:
    view = await desk.intake(
        new_case(
            facts={"regular_stay": True, "department": "67"},
            assessment={"services": [{"service": "aslli"}, {"service": "visale"}]},
        ),
        "key",
    )
    assert view.facts == {"department": "67"}
    assert view.assessment == {"services": [{"service": "visale"}]}


async def test_a_later_message_raises_the_urgency(desk: Desk, clock: Callable[[], Any]) -> None:
    view = await desk.intake(new_case(), "key")
    raised = await desk.raise_flags(view.reference, {"homeless": True})
    assert (raised.priority, raised.flags["homeless"]) == ("urgent", True)
    assert raised.due_at < view.due_at
    again = await desk.raise_flags(view.reference, {"homeless": True})
    assert again.version == raised.version
    # Nothing lowers a flag here, and the other flag does not lower the priority.
    kept = await desk.raise_flags(view.reference, {"homeless": False, "family_violence": True})
    assert kept.flags == flags("homeless", "family_violence")
    assert await desk.verify() == []


async def test_urgency_opens_a_closed_case_again(desk: Desk) -> None:
    view = await desk.intake(new_case(), "key")
    await desk.claim(view.reference, CLAIRE)
    await desk.close_case(view.reference, CLAIRE, "refused")
    raised = await desk.raise_flags(view.reference, {"immediate_danger": True})
    assert (raised.status, raised.priority, raised.outcome) == ("waiting", "critical", None)


async def test_what_the_conversation_learns_later_is_kept(desk: Desk) -> None:
    view = await desk.intake(new_case(), "key")
    later = await desk.refresh(view.reference, {"difficulties": ["expulsion"]}, {}, ["Expulsion."])
    assert later.priority == "high"
    assert later.facts == {"difficulties": ["expulsion"]}
    assert later.summary == ["Expulsion."]
    kept = await desk.refresh(view.reference, {"difficulties": ["impaye_loyer"]}, {}, [])
    assert kept.priority == "high"
