"""Which fact to ask first."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from .catalogue import FACTS
from .engine import Assessed, assess
from .rules import SERVICES
from .told import Told
from .told import audience as check_audience

SENSITIVITY = 0.1
"""How much one degree of sensitivity adds to the cost of a question."""

COSTS = {name: fact.cost + SENSITIVITY * fact.sensitivity for name, fact in FACTS.items()}


def choose(
    told: Told,
    services: Sequence[Assessed],
    audience: str | None,
    skip: Container[str] = (),
) -> str | None:
    """The fact to ask first for these services, or None when none can change anything.

    The first service that a question can still serve leads; among the questions that are as good
    for it, the one that the others can use.
    """
    for service in services:
        missing = service.missing
        askable = [name for name in missing if name not in skip and _askable(name, told, audience)]
        if askable:
            lead = _opening(told, askable, audience) if service.service == SERVICES[0] else None
            return lead or _best(told, service, askable)
        if "wants_support" in missing and _stands_in(told, audience):
            return "employee_agrees"
    return None


def _askable(name: str, told: Told, audience: str | None) -> bool:
    """Not asked yet, or told as a range too wide to decide: the threshold is left to ask."""
    open_range = told.facts.get(name) is not None
    return (open_range or name not in told.facts) and FACTS[name].may_ask(audience)


def _stands_in(told: Told, audience: str | None) -> bool:
    """HR cannot say what the person wants, but can say whether the person agrees to be referred."""
    return audience == "rh" and "employee_agrees" not in told.facts


def _opening(told: Told, askable: Iterable[str], audience: str | None) -> str | None:
    """The author's choice of a first question, while nothing was told."""
    if any(name not in ("as_of", "audience") for name in told.facts):
        return None
    who = audience or "salarie"
    return next((name for name in askable if who in FACTS[name].opening), None)


def _best(told: Told, service: Assessed, askable: list[str]) -> str:
    costs = {name: COSTS[name] for name in askable}
    return service.ask_first(costs) or min(askable, key=COSTS.__getitem__)


def next_question(
    facts: Mapping[str, Any],
    services: Iterable[str] | None = None,
    audience: str | None = None,
    skip: Container[str] = (),
) -> str | None:
    """The fact to ask first for these services, or None when none can change anything.

    A fact told as a range that straddles a threshold may be asked again (for that threshold:
    `threshold_to_ask`). `audience` defaults to that of the facts; the facts of `skip` are not
    asked. Raises FactError as `assess` does.
    """
    found = assess(facts, services)
    who = check_audience(audience) or found.told.audience
    return choose(found.told, found.services, who, skip)
