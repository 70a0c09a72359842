"""Which threshold to ask about when a person only knows a range ("une dizaine de salariés")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .catalogue import FACTS
from .engine import Assessment, assess


def threshold_to_ask(
    name: str, facts: Mapping[str, Any], services: Iterable[str] | None = None
) -> float | None:
    """The N of "N or more?" that splits the range given for `name` where it matters.

    None when the fact has no range, no such question, or no threshold inside the range can change
    anything. The range known is narrowed by the answer: `N - 1` at most (or just under `N`), or at
    least `N`. Raises FactError as `assess` does.
    """
    given = facts.get(name)
    if not isinstance(given, Mapping) or not FACTS[name].thresholds:
        return None
    chosen = tuple(services) if services is not None else None
    for threshold in sorted(set(_thresholds(name, assess(facts, chosen)))):
        if not _inside(threshold, given):
            continue
        below = {**given, "max": below_threshold(name, threshold)}
        above = {**given, "min": threshold}
        if _outlook({**facts, name: below}, chosen) != _outlook({**facts, name: above}, chosen):
            return threshold
    return None


def below_threshold(name: str, threshold: float) -> float:
    """The largest value under the threshold that the fact can take."""
    return round(threshold - _step(name), 2)


def _step(name: str) -> float:
    return 1 if FACTS[name].type == "integer" else 0.01


def _thresholds(name: str, assessment: Assessment) -> Iterator[float]:
    for service in assessment.services:
        if service.version is None:
            continue
        for condition in service.version.conditions.values():
            for node in condition.when.walk():
                if node.fact == name and node.kind in ("gte", "lt"):
                    yield node.threshold
                if node.fact == name and node.kind in ("gt", "lte"):
                    yield node.threshold + _step(name)


def _inside(threshold: float, given: Mapping[str, Any]) -> bool:
    low, high = given.get("min"), given.get("max")
    return (low is None or low < threshold) and (high is None or threshold <= high)


def _outlook(facts: Mapping[str, Any], services: tuple[str, ...] | None) -> list[Any]:
    found = assess(facts, services).services
    return [(service.verdict, service.missing) for service in found]
