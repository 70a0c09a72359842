"""Figures of the desk: by week, priority, outcome, department; small groups hidden.

A count from 1 to 4 is hidden (None), and when a breakdown would hide one count only, its next
smallest is hidden with it, so that no subtraction from a total gives it away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import case, func, select

from seuil.desk.calendar import PARIS
from seuil.desk.model import OUTCOMES, PRIORITIES
from seuil.desk.tables import cases
from seuil.desk.watch import Watch

SMALLEST = 5
WEEKS = 12

Counts = dict[str, int | None]


@dataclass(frozen=True)
class Week:
    """A week from Monday: cases received by priority, and how those taken met the promise."""

    monday: date
    received: Counts
    total: int | None
    on_time: int | None
    late: int | None

    @property
    def label(self) -> str:
        """ISO week, such as 2026-W47."""
        return self.monday.strftime("%G-W%V")


@dataclass(frozen=True)
class Figures:
    """The figures of the last weeks, small groups hidden; `waiting` is now."""

    since: date
    waiting: Counts
    overdue: Counts
    oldest_minutes: int
    on_duty: int
    weeks: tuple[Week, ...]
    outcomes: Counts
    departments: Counts

    def as_json(self) -> dict[str, Any]:
        """The figures for the API; a hidden count is null."""
        return {
            "since": self.since.isoformat(),
            "waiting": self.waiting,
            "overdue": self.overdue,
            "oldest_minutes": self.oldest_minutes,
            "weeks": [
                {
                    "week": week.label,
                    "received": week.received,
                    "total": week.total,
                    "on_time": week.on_time,
                    "late": week.late,
                }
                for week in self.weeks
            ],
            "outcomes": self.outcomes,
            "departments": self.departments,
            "hidden_under": SMALLEST,
        }


def hide_small(counts: Mapping[str, int]) -> Counts:
    """The counts with small ones hidden, and a second one when only one would be."""
    small = {name for name, count in counts.items() if 0 < count < SMALLEST}
    shown = sorted((count, name) for name, count in counts.items() if count >= SMALLEST)
    if len(small) == 1 and shown:
        small.add(shown[0][1])
    return {name: None if name in small else count for name, count in counts.items()}


def _shown(count: int) -> int | None:
    return None if 0 < count < SMALLEST else count


class FiguresOf(Watch):
    """Counting, in the database."""

    async def figures(self, weeks: int = WEEKS) -> Figures:
        """The figures of the last `weeks` weeks, this one included (weeks of Paris)."""
        today = self.clock().astimezone(PARIS).date()
        this_monday = today - timedelta(days=today.weekday())
        mondays = [this_monday - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
        pulse = await self.pulse()
        return Figures(
            since=mondays[0],
            waiting=hide_small(pulse.waiting),
            overdue=hide_small(pulse.overdue),
            oldest_minutes=int(pulse.oldest // 60),
            on_duty=pulse.on_duty,
            weeks=tuple([await self._week(monday) for monday in mondays]),
            outcomes=hide_small(await self._outcomes(mondays[0])),
            departments=hide_small(await self._departments(mondays[0])),
        )

    async def _week(self, monday: date) -> Week:
        start, end = _midnight(monday), _midnight(monday + timedelta(weeks=1))
        query = (
            select(
                cases.c.rank,
                func.count().label("n"),
                func.sum(case((cases.c.on_time.is_(True), 1), else_=0)).label("on_time"),
                func.sum(case((cases.c.on_time.is_(False), 1), else_=0)).label("late"),
            )
            .where(cases.c.created_at >= start, cases.c.created_at < end)
            .group_by(cases.c.rank)
        )
        async with self.database.read() as connection:
            found = (await connection.execute(query)).all()
        received = {PRIORITIES[row.rank]: int(row.n) for row in found}
        met = hide_small(
            {
                "on_time": sum(int(row.on_time) for row in found),
                "late": sum(int(row.late) for row in found),
            }
        )
        return Week(
            monday=monday,
            received=hide_small({p: received.get(p, 0) for p in PRIORITIES}),
            total=_shown(sum(received.values())),
            on_time=met["on_time"],
            late=met["late"],
        )

    async def _outcomes(self, since: date) -> dict[str, int]:
        query = (
            select(cases.c.outcome, func.count().label("n"))
            .where(
                cases.c.status == "closed",
                cases.c.closed_at >= _midnight(since),
                cases.c.outcome.is_not(None),
            )
            .group_by(cases.c.outcome)
        )
        async with self.database.read() as connection:
            found = {row.outcome: int(row.n) for row in await connection.execute(query)}
        return {outcome: found.get(outcome, 0) for outcome in OUTCOMES}

    async def _departments(self, since: date) -> dict[str, int]:
        query = (
            select(cases.c.department, func.count().label("n"))
            .where(cases.c.created_at >= _midnight(since), cases.c.department.is_not(None))
            .group_by(cases.c.department)
        )
        async with self.database.read() as connection:
            found = Counter({row.department: int(row.n) for row in await connection.execute(query)})
        return dict(sorted(found.items()))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS)
