"""The desk's watch: cases that wake, claims left behind, alarms. Runs without any browser.

Several processes may run it at once: each step changes a row only from the state it found.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, RowMapping, and_, case, func, or_, select

from seuil.desk import cases as rows
from seuil.desk.core import Change, Core
from seuil.desk.lifecycle import FREE
from seuil.desk.model import PRIORITIES, SYSTEM
from seuil.desk.tables import cases, outbox, sessions, users

_log = logging.getLogger(__name__)
_BATCH = 200
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


class Watch(Core):
    """What is to be done with nobody asking."""

    async def watch(self) -> None:
        """One round: wake, take back, raise alarms. Raises DeskUnavailable."""
        await self._wake()
        await self._take_back()
        await self._raise_alarms()

    async def on_duty(self) -> int:
        """How many counsellors and supervisors were seen lately."""
        since = self.clock() - timedelta(seconds=self.settings.on_duty_within)
        query = (
            select(func.count(func.distinct(users.c.id)))
            .join(sessions, sessions.c.user_id == users.c.id)
            .where(
                sessions.c.seen_at > since,
                users.c.role.in_(("counsellor", "supervisor")),
                users.c.disabled_at.is_(None),
            )
        )
        async with self.database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def _references(self, wanted: ColumnElement[bool]) -> list[str]:
        query = select(cases.c.reference).where(wanted).limit(_BATCH)
        async with self.database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def _wake(self) -> None:
        def decide(row: RowMapping, now: datetime) -> Change | None:
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

        def decide(row: RowMapping, now: datetime) -> Change | None:
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
        def decide(row: RowMapping, now: datetime) -> Change | None:
            if row["status"] != "waiting" or row["alarmed_at"] is not None:
                return None
            data = {"nobody": nobody, "rank": row["rank"]}
            return Change("alarm", data, values={"alarmed_at": now}, bump=False)

        async with self.database.write() as connection:
            row = await rows.locked(connection, reference)
            view, change = await self.apply(connection, row, SYSTEM, None, decide)
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
