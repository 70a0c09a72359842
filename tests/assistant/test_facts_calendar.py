"""Lengths between two dates, as facts.md counts them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seuil.assistant.facts import read
from seuil.assistant.facts.calendar import add_months, months_between

DAYS = st.dates(date(2018, 12, 19), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 9, 1), date(2026, 11, 30), 3),  # facts.md's example
        (date(2027, 1, 3), date(2027, 4, 30), 3.93),  # three months, then 28 days of April's 30
        (date(2026, 1, 15), date(2026, 3, 10), 1.86),  # one month, then 24 days of February's 28
        (date(2026, 12, 31), date(2027, 1, 30), 1),
        (date(2026, 11, 20), date(2026, 11, 20), 0.03),
        (date(2026, 11, 20), date(2026, 11, 19), 0),
    ],
)
def test_both_days_are_counted_whole_months_first(start: date, end: date, months: float) -> None:
    assert months_between(start, end) == months


@given(DAYS, st.integers(1, 60))
def test_to_the_eve_of_the_same_day_is_whole_months(start: date, months: int) -> None:
    assert months_between(start, add_months(start, months) - timedelta(days=1)) == months


@given(DAYS, st.integers(0, 800))
def test_a_day_more_is_never_less(start: date, days: int) -> None:
    end = start + timedelta(days=days)
    assert months_between(start, end) <= months_between(start, end + timedelta(days=1))


@pytest.mark.parametrize(
    ("as_of", "months"),
    [
        (date(2026, 11, 20), {"min": 4.39}),  # the March to come
        (date(2027, 3, 15), {"min": 0.55}),  # this March
        (date(2027, 4, 1), {"min": 12}),  # the next one
    ],
)
def test_an_end_alone_is_a_lower_bound_counted_from_the_day(as_of: date, months: object) -> None:
    told = read("jusqu'à fin mars", asked="contract_months", as_of=as_of)
    assert told.facts == {"contract_months": months}


@pytest.mark.parametrize(
    ("as_of", "months"),
    [
        (date(2026, 12, 1), 6.0),  # current: October 2026 to March 2027
        (date(2026, 6, 1), 6.0),  # to come
        (date(2028, 1, 15), 6.03),  # a leap February
    ],
)
def test_dates_without_a_year_are_the_current_contract_or_the_next(
    as_of: date, months: float
) -> None:
    told = read("du 1er octobre au 31 mars", asked="contract_months", as_of=as_of)
    assert told.facts["contract_months"] == pytest.approx(months, abs=0.04)


@given(DAYS)
def test_since_a_month_counts_in_whole_months(today: date) -> None:
    told = read("au chômage depuis mars", as_of=today)
    assert told.facts["months_since_job_loss"] in range(12)
