"""What holds of the fact reader whatever is written."""

from __future__ import annotations

import string
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from seuil.assistant.facts import read
from seuil.eligibility import catalogue, derive

CASES = Path(__file__).parent / "facts_cases"
SAYINGS = [
    case["say"]
    for path in sorted(CASES.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
FACTS = [None, *catalogue()]
DAYS = st.dates(date(2018, 12, 19), date(2035, 12, 31))

anything = st.text(max_size=300)
# Sayings glued, cut and mixed: French enough to reach every family, odd enough to surprise it.
french = st.lists(st.sampled_from(SAYINGS), min_size=1, max_size=5).map(" ".join)
numbers = st.lists(
    st.one_of(
        st.text(string.digits + " .,/-€h", max_size=12),
        st.sampled_from(
            [
                "mois",
                "ans",
                "salariés",
                "euros",
                "net",
                "du",
                "au",
                "janvier",
                "31",
                "février",
                "depuis",
                "le",
                "entre",
                "et",
            ]
        ),
    ),
    max_size=12,
).map(" ".join)


def check(text: str, asked: str | None, today: date) -> None:
    reading = read(text, asked=asked, as_of=today)
    assert derive(reading.facts).keys() >= reading.facts.keys()
    assert not reading.dont_know or asked not in reading.facts
    assert {entry["fact"] for entry in reading.ambiguous}.isdisjoint(reading.facts)
    assert "as_of" not in reading.facts
    assert not reading.retracted


@settings(max_examples=150, deadline=None)
@given(anything, st.sampled_from(FACTS), DAYS)
def test_never_raises_on_any_text_and_reads_only_what_the_engine_takes(
    text: str, asked: str | None, today: date
) -> None:
    check(text, asked, today)


@settings(max_examples=200, deadline=None)
@given(french, st.sampled_from(FACTS), DAYS)
def test_sayings_mixed_give_facts_that_hold_together(
    text: str, asked: str | None, today: date
) -> None:
    check(text, asked, today)


@settings(max_examples=200, deadline=None)
@given(numbers, st.sampled_from(FACTS), DAYS)
def test_numbers_and_dates_in_any_order_give_admissible_values(
    text: str, asked: str | None, today: date
) -> None:
    check(text, asked, today)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SAYINGS), DAYS)
def test_capitals_accents_and_apostrophes_change_nothing(saying: str, today: date) -> None:
    plain = read(saying, as_of=today)
    assert read(saying.replace("'", "’"), as_of=today) == plain
    assert read(f"  {saying}\u200b ", as_of=today) == plain


def test_the_same_message_reads_the_same() -> None:
    first = [read(saying, as_of=date(2026, 11, 20)) for saying in SAYINGS]
    assert [read(saying, as_of=date(2026, 11, 20)) for saying in SAYINGS] == first


def test_a_very_long_message_is_read() -> None:
    reading: Any = read("je suis en CDI. " + "blabla " * 20_000, as_of=date(2026, 11, 20))
    assert reading.facts == {"contract": "cdi"}
