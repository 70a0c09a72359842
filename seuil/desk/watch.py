"""The desk's watch: cases that wake, claims left behind, alarms. Runs without any browser.

Several processes may run it at once: each step changes a row only from the state it found.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select

from seuil.desk import cases as rows
from seuil.desk.calendar import PARIS
from seuil.desk.core import CaseRow, Change
from seuil.desk.errors import InvalidCase, NotAllowed
from seuil.desk.lifecycle import FREE
from seuil.desk.model import PRIORITIES, SYSTEM, Actor, CaseView
from seuil.desk.presence import Presence
from seuil.desk.tables import cases, closures, outbox, presence, sessions, users

_log = logging.getLogger(__name__)
_BATCH = 200
_AT_THE_DESK = "desk"
# How long before a missed promise the alarm is raised, by rank.
SOON = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1))


@dataclass(frozen=True)
class Pulse:
    """How the queue fares at a moment: figures without persons, for the operator.

    `waiting` and `overdue` are by priority; `unattended` counts the critical and urgent cases
    that wait with nobody on duty; `oldest` is the longest wait in seconds.
    """

    waiting: dict[str, int]
    overdue: dict[str, int]
    claimed: int
    on_duty: int
    unattended: int
    oldest: float
    outbox_late: int


@dataclass(frozen=True)
class ClosedDay:
    """A day that a supervisor closed."""

    day: date
    reason: str
    set_by: str


class Watch(Presence):
    """What is to be done with nobody asking."""

    def __init__(self, *opened: Any) -> None:
        super().__init__(*opened)
        self._told_at_the_desk: dict[str, datetime] = {}

    async def watch(self) -> None:
        """One round: wake, take back, raise alarms. Raises DeskUnavailable."""
        await self._wake()
        await self._take_back()
        await self._raise_alarms()

    async def on_duty(self) -> int:
        """How many counsellors and supervisors used the desk, or had it open, lately."""
        since = self.clock() - timedelta(seconds=self.settings.on_duty_within)
        acted = select(sessions.c.user_id).where(sessions.c.seen_at > since)
        there = select(presence.c.who).where(
            presence.c.place == _AT_THE_DESK, presence.c.seen_at > since
        )
        query = select(func.count()).where(
            users.c.role.in_(("counsellor", "supervisor")),
            users.c.disabled_at.is_(None),
            or_(users.c.id.in_(acted), users.c.id.in_(there)),
        )
        async with self.database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def at_the_desk(self, actor: Actor) -> None:
        """Someone has the console open, even without touching it; told once in a while."""
        now = self.clock()
        known = self._told_at_the_desk.get(actor.id)
        if known is None or now - known > timedelta(seconds=self.settings.on_duty_within) / 3:
            self._told_at_the_desk[actor.id] = now
            await self.here(_AT_THE_DESK, actor)

    async def _references(self, wanted: ColumnElement[bool]) -> list[str]:
        query = select(cases.c.reference).where(wanted).limit(_BATCH)
        async with self.database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def _wake(self) -> None:
        def decide(row: CaseRow, now: datetime) -> Change | None:
            if row["status"] != "snoozed" or row["snoozed_until"] > now:
                return None
            values = {
                "status": "waiting",
                "snoozed_until": None,
                "due_at": self.due(row["rank"], row["snoozed_until"]),
            }
            return Change("woken", values=values)

        due = and_(cases.c.status == "snoozed", cases.c.snoozed_until <= self.clock())
        for reference in await self._references(due):
            await self.act(reference, SYSTEM, None, decide)

    async def _take_back(self) -> None:
        limit = self.clock() - timedelta(seconds=self.settings.claim_idle)

        def decide(row: CaseRow, now: datetime) -> Change | None:
            if row["status"] != "claimed" or row["acted_at"] is not None:
                return None
            if max(row["claimed_at"], row["read_at"] or row["claimed_at"]) > limit:
                return None
            return Change(
                "abandoned", {"by": row["claimed_name"]}, values={**FREE, "status": "waiting"}
            )

        idle = and_(
            cases.c.status == "claimed",
            cases.c.acted_at.is_(None),
            cases.c.claimed_at <= limit,
            or_(cases.c.read_at.is_(None), cases.c.read_at <= limit),
        )
        for reference in await self._references(idle):
            await self.act(reference, SYSTEM, None, decide)

    async def _raise_alarms(self) -> None:
        now = self.clock()
        nobody = await self.on_duty() == 0
        late = or_(
            *(
                and_(cases.c.rank == rank, cases.c.due_at <= now + margin)
                for rank, margin in enumerate(SOON)
            )
        )
        pressing = cases.c.rank <= 1
        alarming = or_(late, pressing) if nobody else late
        waiting = and_(cases.c.status == "waiting", cases.c.alarmed_at.is_(None), alarming)
        for reference in await self._references(waiting):
            await self._raise_alarm(reference, nobody=nobody)

    async def _raise_alarm(self, reference: str, *, nobody: bool) -> None:
        def decide(row: CaseRow, now: datetime) -> Change | None:
            if row["status"] != "waiting" or row["alarmed_at"] is not None:
                return None
            data = {"nobody": nobody, "rank": row["rank"]}
            return Change("alarm", data, values={"alarmed_at": now}, bump=False)

        async with self.database.write() as connection:
            held = await rows.locked(connection, self.vault, reference)
            view, change = await self.apply(connection, held, SYSTEM, None, decide)
            if change is not None:
                await self.post(connection, "case.alarm", view, self.clock())
        if change is not None:
            _log.warning(
                "alarm: case %s (%s) waits, due %s, %s",
                view.reference,
                view.priority,
                view.due_at.isoformat(timespec="minutes"),
                "nobody on duty" if nobody else "someone on duty",
            )
            self.tell("alarm", view)

    # Closed days, a supervisor's

    async def close_day(self, day: date, reason: str, actor: Actor) -> None:
        """Close a day to come, within two years; promises already made do not change."""
        if not actor.supervises:
            raise NotAllowed
        today = self.clock().astimezone(PARIS).date()
        if not today <= day <= today + timedelta(days=730):
            raise InvalidCase("day")
        async with self.database.write() as connection:
            await connection.execute(delete(closures).where(closures.c.day == day))
            await connection.execute(
                insert(closures).values(
                    day=day, reason=reason, set_by=actor.name, set_at=self.clock()
                )
            )
        await self.load_calendar()

    async def open_day(self, day: date, actor: Actor) -> None:
        """Open again a day that had been closed."""
        if not actor.supervises:
            raise NotAllowed
        async with self.database.write() as connection:
            await connection.execute(delete(closures).where(closures.c.day == day))
        await self.load_calendar()

    async def closed_days(self) -> list[ClosedDay]:
        """The closed days from today on."""
        today = self.clock().astimezone(PARIS).date()
        query = select(closures).where(closures.c.day >= today).order_by(closures.c.day)
        async with self.database.read() as connection:
            found = (await connection.execute(query)).all()
        return [ClosedDay(row.day, row.reason, row.set_by) for row in found]

    async def load_calendar(self) -> None:
        """Read the closed days into the calendar."""
        async with self.database.read() as connection:
            days = (await connection.execute(select(closures.c.day))).scalars()
            self.calendar.closures = frozenset(days)

    async def stale_claims(self, since: timedelta) -> Sequence[CaseView]:
        """The claimed cases without any event for that long: told, never taken back."""
        query = (
            select(cases)
            .where(cases.c.status == "claimed", cases.c.updated_at < self.clock() - since)
            .order_by(cases.c.updated_at)
            .limit(50)
        )
        async with self.database.read() as connection:
            return await rows.views(connection, self.vault, query)

    async def pulse(self) -> Pulse:
        """The figures of the moment, for the metrics and the supervisor's page."""
        now = self.clock()
        late = func.sum(case((cases.c.due_at < now, 1), else_=0))
        by_rank = (
            select(cases.c.rank, func.count().label("n"), late.label("late"))
            .where(cases.c.status == "waiting")
            .group_by(cases.c.rank)
        )
        oldest = select(func.min(cases.c.created_at)).where(cases.c.status == "waiting")
        claimed = select(func.count()).where(cases.c.status == "claimed")
        unsent = select(func.count()).where(
            outbox.c.next_at.is_not(None), outbox.c.created_at < now - timedelta(minutes=10)
        )
        duty = await self.on_duty()
        async with self.database.read() as connection:
            found = (await connection.execute(by_rank)).all()
            first = (await connection.execute(oldest)).scalar()
            held = (await connection.execute(claimed)).scalar_one()
            behind = (await connection.execute(unsent)).scalar_one()
        waiting = {PRIORITIES[row.rank]: int(row.n) for row in found}
        overdue = {PRIORITIES[row.rank]: int(row.late) for row in found}
        pressing = waiting.get("critical", 0) + waiting.get("urgent", 0)
        return Pulse(
            waiting={p: waiting.get(p, 0) for p in PRIORITIES},
            overdue={p: overdue.get(p, 0) for p in PRIORITIES},
            claimed=int(held),
            on_duty=duty,
            unattended=0 if duty else pressing,
            oldest=(now - first).total_seconds() if first else 0.0,
            outbox_late=int(behind),
        )
