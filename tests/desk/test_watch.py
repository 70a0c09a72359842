"""Nobody has to look for a case to be looked after."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from seuil.desk import Desk, DeskUnavailable
from seuil.desk.tables import outbox

from .conftest import CLAIRE, PAUL, Clock, flags

TakeIn = Callable[..., Any]
PASSWORD = "une phrase assez longue"


async def posted(desk: Desk) -> list[str]:
    async with desk.database.read() as connection:
        return list((await connection.execute(select(outbox.c.kind))).scalars())


async def on_duty(desk: Desk) -> None:
    await desk.accounts.create_user("Claire", "counsellor", PASSWORD)
    await desk.accounts.log_in("Claire", PASSWORD, "192.0.2.1")


async def test_a_case_put_aside_comes_back_on_its_day(
    desk: Desk, take_in: TakeIn, clock: Clock
) -> None:
    view = await take_in()
    await desk.claim(view.reference, CLAIRE)
    until = clock.now + timedelta(days=2)
    await desk.snooze(view.reference, CLAIRE, until)
    await desk.watch()
    assert (await desk.case(view.reference)).status == "snoozed"
    clock.pass_(days=2, minutes=3)
    await desk.watch()
    back = await desk.case(view.reference)
    assert (back.status, back.snoozed_until) == ("waiting", None)
    assert back.due_at == desk.promise("normal", until)


async def test_a_claim_left_behind_goes_back(desk: Desk, take_in: TakeIn, clock: Clock) -> None:
    view = await take_in()
    await desk.claim(view.reference, CLAIRE)
    clock.pass_(minutes=29)
    await desk.watch()
    assert (await desk.case(view.reference)).status == "claimed"
    clock.pass_(minutes=1)
    await desk.watch()
    back = await desk.case(view.reference)
    assert (back.status, back.claimed_by, back.due_at) == ("waiting", None, view.due_at)
    abandoned = (await desk.history(view.reference))[2]
    assert (abandoned.kind, abandoned.data) == ("abandoned", {"by": "Claire"})


async def test_reading_the_contact_gives_time_and_an_action_keeps_the_claim(
    desk: Desk, take_in: TakeIn, clock: Clock
) -> None:
    read, acted, others = await take_in(), await take_in(), await take_in()
    for view in (read, acted, others):
        await desk.claim(view.reference, CLAIRE)
    clock.pass_(minutes=20)
    await desk.case_with_contact(read.reference, CLAIRE)
    await desk.attempt(acted.reference, CLAIRE, "no_answer")
    # A colleague's note or reading is not the holder's.
    await desk.note(others.reference, PAUL, "Vu.")
    await desk.case_with_contact(others.reference, PAUL)
    clock.pass_(minutes=15)
    await desk.watch()
    held = [(await desk.case(v.reference)).status for v in (read, acted, others)]
    assert held == ["claimed", "claimed", "waiting"]
    clock.pass_(minutes=20)
    await desk.watch()
    held = [(await desk.case(v.reference)).status for v in (read, acted)]
    assert held == ["waiting", "claimed"]


async def test_an_urgent_case_with_nobody_on_duty_raises_an_alarm_once(
    desk: Desk, take_in: TakeIn, caplog: pytest.LogCaptureFixture
) -> None:
    urgent, _ = await take_in(flags=flags("homeless")), await take_in()
    with caplog.at_level(logging.WARNING):
        await desk.watch()
        await desk.watch()
    assert caplog.text.count("nobody on duty") == 1
    assert "Camille" not in caplog.text
    assert [k for k in await posted(desk) if k == "case.alarm"] == ["case.alarm"]
    assert [e.kind for e in await desk.history(urgent.reference)] == ["created", "alarm"]
    assert (await desk.pulse()).unattended == 1


async def test_with_someone_on_duty_only_a_promise_about_to_be_missed_does(
    desk: Desk, take_in: TakeIn, clock: Clock
) -> None:
    await on_duty(desk)
    view = await take_in(flags=flags("homeless"))
    await desk.watch()
    assert "case.alarm" not in await posted(desk)
    pulse = await desk.pulse()
    assert (pulse.on_duty, pulse.unattended, pulse.waiting["urgent"]) == (1, 0, 1)
    clock.pass_(minutes=46)
    await desk.watch()
    assert (await posted(desk)).count("case.alarm") == 1
    # Taken and put back, it may raise another.
    await desk.claim(view.reference, CLAIRE)
    await desk.release(view.reference, CLAIRE)
    clock.pass_(minutes=20)
    await desk.watch()
    assert (await posted(desk)).count("case.alarm") == 2
    pulse = await desk.pulse()
    assert pulse.overdue["urgent"] == 1
    assert pulse.oldest == 66 * 60


async def test_the_house_keeps_itself_and_outlives_a_failing_round(
    desk: Desk, take_in: TakeIn, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await take_in()
    await desk.claim(view.reference, CLAIRE)
    clock.pass_(hours=1)
    whole, rounds = desk.watch, 0

    async def failing_first() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise DeskUnavailable
        await whole()

    monkeypatch.setattr(desk, "watch", failing_first)
    task = asyncio.create_task(desk.keep_house(every=0.01))
    async with asyncio.timeout(10):
        while (await desk.case(view.reference)).status != "waiting":  # noqa: ASYNC110 - the database says it, no event of ours
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert rounds >= 2


async def test_old_closed_cases_are_erased_in_time(
    desk: Desk, take_in: TakeIn, clock: Clock
) -> None:
    old, recent = await take_in(), await take_in()
    await desk.claim(old.reference, CLAIRE)
    await desk.close_case(old.reference, CLAIRE, "accompanied")
    clock.pass_(days=400)
    await desk.claim(recent.reference, CLAIRE)
    await desk.close_case(recent.reference, CLAIRE, "accompanied")
    assert await desk.purge() == 0
    clock.pass_(days=331)
    assert await desk.purge() == 1
    assert (await desk.case(old.reference)).erased
    assert not (await desk.case(recent.reference)).erased
    desk.settings = replace(desk.settings, keep_closed_days=1)
    assert await desk.purge() == 1
    assert await desk.purge() == 0
