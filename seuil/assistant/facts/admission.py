"""What may leave the reader: values the engine takes, and no two facts that cannot both hold."""

from __future__ import annotations

from typing import Any

from seuil.eligibility import FactError, catalogue, derive


def admissible(facts: dict[str, Any]) -> dict[str, Any]:
    """Return ``facts`` without numbers that are out of bounds (a pay of 10 billion)."""
    return {name: value for name, value in facts.items() if _within_bounds(name, value)}


def _within_bounds(name: str, value: Any) -> bool:
    fact = catalogue()[name]
    if fact.minimum is None or fact.maximum is None:
        return True
    ends = list(value.values()) if isinstance(value, dict) else [value]
    return all(fact.minimum <= end <= fact.maximum for end in ends) and ends == sorted(ends)


def contradiction(facts: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of two facts that cannot both hold, or nothing."""
    try:
        derive(facts)
    except FactError as error:
        return error.facts
    return ()
