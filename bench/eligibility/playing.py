"""Playing conversations out: how many questions until the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from seuil.eligibility import FactError, assess, next_question, whole_list

AS_OF = "2026-01-01"
MOST = 60

Order = Callable[[dict[str, Any]], str | None]


def engine_order(service: str, audience: str = "agent") -> Order:
    """The engine's own order."""
    return lambda facts: next_question(facts, [service], audience)


def asked_in_order(service: str) -> Order:
    """A fixed order, the catalogue's, of the facts still missing."""

    def choose(facts: dict[str, Any]) -> str | None:
        missing = assess(facts, [service]).services[0].missing
        return next((name for name in missing if name not in facts), None)

    return choose


def questions(person: dict[str, Any], order: Order, known: Mapping[str, Any]) -> int:
    """How many questions this person is asked, when some facts are known of all."""
    facts: dict[str, Any] = {"as_of": AS_OF, **known}
    for count in range(MOST):
        name = order(facts)
        if name is None:
            return count
        if name == "difficulties":
            # The whole list was shown: it answers what it shows.
            told = whole_list(person["difficulties"])
            facts |= {key: value for key, value in told.items() if facts.get(key) is None}
        elif name == "job_start_in_months" and name not in person:
            facts["job_promised"] = False  # "what start? nothing was promised"
        else:
            facts[name] = person.get(name)
    raise AssertionError(f"more than {MOST} questions")


def fitting(people: Iterable[dict[str, Any]], known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The people whom what is known of all does not contradict, with it."""
    found = []
    for person in people:
        fitted = {**person, **known}
        try:
            assess(fitted, [])
        except FactError:
            continue
        found.append(fitted)
    return found


def mean_questions(
    people: Iterable[dict[str, Any]], order: Order, known: Mapping[str, Any] | None = None
) -> float:
    """The mean number of questions over some people."""
    told = known or {}
    counts = [questions(person, order, told) for person in fitting(people, told)]
    return sum(counts) / len(counts)
