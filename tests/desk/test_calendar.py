"""When counsellors are there, and by when they take a case."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seuil.desk.calendar import PARIS, TARGETS, OpeningCalendar

calendar = OpeningCalendar()


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-18 09:00", True),
        ("2026-11-18 08:59:59", False),
        ("2026-11-18 17:59:59", True),
        ("2026-11-18 18:00", False),
        ("2026-11-21 10:00", False),  # a Saturday
        ("2026-11-11 10:00", False),  # 11 November
        ("2026-04-06 10:00", False),  # Easter Monday
        ("2026-05-14 10:00", False),  # Ascension
        ("2026-12-25 10:00", False),
        ("2027-01-01 10:00", False),
    ],
)
def test_the_hours(moment: str, is_open: bool) -> None:
    assert calendar.is_open(paris(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "priority", "due"),
    [
        ("2026-11-18 10:00", "critical", "2026-11-18 10:15"),
        ("2026-11-20 17:55", "critical", "2026-11-23 09:10"),  # over a weekend
        ("2026-11-21 23:00", "urgent", "2026-11-23 10:00"),
        ("2026-11-10 17:30", "urgent", "2026-11-12 09:30"),  # over 11 November
        ("2026-11-18 16:00", "high", "2026-11-19 11:00"),
        ("2026-11-18 10:00", "normal", "2026-11-20 10:00"),
        ("2026-11-19 10:00", "normal", "2026-11-23 10:00"),
        # The last Sunday of March and of October change the clock, never an opening day.
        ("2026-03-27 17:30", "urgent", "2026-03-30 09:30"),
        ("2026-10-23 17:30", "urgent", "2026-10-26 09:30"),
    ],
)
def test_the_promise(moment: str, priority: str, due: str) -> None:
    assert calendar.due(paris(moment), priority) == paris(due)


def test_a_closed_week_is_passed_over() -> None:
    week = frozenset(date(2026, 11, 16) + timedelta(days=day) for day in range(5))
    closed = OpeningCalendar(week)
    assert not closed.is_open(paris("2026-11-18 10:00"))
    assert closed.next_opening(paris("2026-11-18 10:00")) == paris("2026-11-23 09:00")
    assert closed.due(paris("2026-11-13 17:45"), "urgent") == paris("2026-11-23 09:45")


def test_a_house_closed_for_years_is_an_error_not_a_loop() -> None:
    first = date(2026, 1, 1)
    closed = OpeningCalendar(frozenset(first + timedelta(days=day) for day in range(4 * 366)))
    with pytest.raises(ValueError, match="three years"):
        closed.due(paris("2026-01-02 10:00"), "urgent")


moments = st.datetimes(
    datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC)
) | st.datetimes(
    datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(ZoneInfo("Pacific/Noumea"))
)
priorities = st.sampled_from(sorted(TARGETS))
closures = st.frozensets(st.dates(date(2024, 1, 1), date(2032, 12, 31)), max_size=20)


def open_time(of: OpeningCalendar, start: datetime, end: datetime) -> timedelta:
    """The opening time between two moments, counted day by day in local time."""
    total = timedelta()
    day = start.astimezone(PARIS).date()
    while day <= end.astimezone(PARIS).date():
        if of.is_open_day(day):
            opens = datetime(day.year, day.month, day.day, 9, tzinfo=PARIS).astimezone(UTC)
            closes = datetime(day.year, day.month, day.day, 18, tzinfo=PARIS).astimezone(UTC)
            total += max(timedelta(), min(closes, end) - max(opens, start))
        day += timedelta(days=1)
    return total


@given(moments, priorities, closures)
def test_the_target_is_counted_in_opening_time(
    now: datetime, priority: str, closed: frozenset[date]
) -> None:
    of = OpeningCalendar(closed)
    due = of.due(now, priority)
    assert open_time(of, now, due) == TARGETS[priority]
    assert of.is_open(due - timedelta(seconds=1))


@given(moments, moments, priorities)
def test_who_comes_first_is_promised_first(a: datetime, b: datetime, priority: str) -> None:
    first, second = sorted((a, b))
    assert calendar.due(first, priority) <= calendar.due(second, priority)


@given(moments, closures)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    now: datetime, closed: frozenset[date]
) -> None:
    of = OpeningCalendar(closed)
    opening = of.next_opening(now)
    assert of.is_open(opening)
    assert opening >= now
    if of.is_open(now):
        assert opening == now
    else:
        assert not of.is_open(opening - timedelta(seconds=1))
