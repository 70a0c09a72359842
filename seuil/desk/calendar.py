"""Opening hours, and when a case must be taken.

Monday to Friday, 9:00 to 18:00, Europe/Paris, neither on French public holidays nor on the days
that a supervisor closes (rules.md, Contacts and Reading 12). Targets: urgency.md, Priorities.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

PARIS = ZoneInfo("Europe/Paris")
OPENS = time(9)
CLOSES = time(18)
WORKING_DAY = timedelta(hours=9)

TARGETS = {
    "critical": timedelta(minutes=15),
    "urgent": timedelta(hours=1),
    "high": timedelta(hours=4),
    "normal": 2 * WORKING_DAY,
}

_HORIZON = 3 * 366


@cache
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", years=year))


@dataclass
class OpeningCalendar:
    """The opening hours; `closures` are days closed besides weekends and public holidays.

    The desk keeps one calendar and replaces its closures when a supervisor changes them.
    """

    closures: Collection[date] = frozenset()

    def is_open_day(self, day: date) -> bool:
        """Whether counsellors work on that day."""
        return (
            day.weekday() < 5 and day not in _public_holidays(day.year) and day not in self.closures
        )

    def is_open(self, now: datetime) -> bool:
        """Whether counsellors are there at this moment (9:00 included, 18:00 not)."""
        local = now.astimezone(PARIS)
        return self.is_open_day(local.date()) and OPENS <= local.time() < CLOSES

    def next_opening(self, now: datetime) -> datetime:
        """The moment itself when open, else the next opening; in Paris time.

        Raises ValueError when every day of the next three years is closed.
        """
        start, _ = next(self._windows(now))
        return start.astimezone(PARIS)

    def due(self, now: datetime, priority: str) -> datetime:
        """When a case of this priority, here from `now`, must be taken; in UTC.

        The target is counted in opening time only: 15 minutes from Friday 17:55 is Monday 9:10.
        """
        left = TARGETS[priority]
        for start, end in self._windows(now):
            if left <= end - start:
                return start + left
            left -= end - start
        raise AssertionError  # _windows ends by raising

    def _windows(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The opening windows from `now` on, the first cut at `now`, in UTC."""
        moment = now.astimezone(UTC)
        first = now.astimezone(PARIS).date()
        for offset in range(_HORIZON):
            day = first + timedelta(days=offset)
            if not self.is_open_day(day):
                continue
            start = datetime.combine(day, OPENS, PARIS).astimezone(UTC)
            end = datetime.combine(day, CLOSES, PARIS).astimezone(UTC)
            if moment < end:
                yield max(start, moment), end
        raise ValueError("no opening within three years")
