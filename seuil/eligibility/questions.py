"""Which fact to ask first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .catalogue import FACTS
from .engine import Assessed, assess
from .told import Told
from .told import audience as check_audience


def choose(told: Told, services: Sequence[Assessed], audience: str | None) -> str | None:
    """The fact to ask first for these services, or None when none can change anything."""
    for service in services:
        found = _best(told, service.missing, audience)
        if found is not None:
            return found
    return None


def _best(told: Told, missing: Iterable[str], audience: str | None) -> str | None:
    askable = [name for name in missing if name not in told.facts and FACTS[name].may_ask(audience)]
    if audience in ("rh", "partenaire") and "wants_support" in missing:
        if "wants_support" not in askable and "employee_agrees" not in told.facts:
            askable.append("employee_agrees")
    if not askable:
        return None
    ready = [name for name in askable if not set(FACTS[name].after) & set(askable)]
    opening = [name for name in ready if (audience or "salarie") in FACTS[name].opening]
    if opening and not _anything(told):
        return opening[0]
    return min(ready or askable, key=lambda name: FACTS[name].cost + FACTS[name].sensitivity)


def _anything(told: Told) -> bool:
    return any(name not in ("as_of", "audience") for name in told.facts)


def next_question(
    facts: Mapping[str, Any],
    services: Iterable[str] | None = None,
    audience: str | None = None,
) -> str | None:
    """The fact to ask first for these services, or None when none can change anything.

    `audience` defaults to that of the facts. Raises FactError as `assess` does.
    """
    found = assess(facts, services)
    return choose(found.told, found.services, check_audience(audience) or found.told.audience)
