"""Rules with one thing wrong: each operator, threshold, value and connective, one at a time.

A mutant is judged by `value`, a three-valued reading of the facts that does not use the engine's
tables (those are made for the thresholds of the true rules).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from seuil.eligibility import FactError, catalogue, derive
from seuil.eligibility.rules import RULES, SERVICES, Node, Version

FLIPPED = {"gte": ("gt", "lt"), "gt": ("gte", "lte"), "lte": ("lt", "gt"), "lt": ("lte", "gte")}


def mutants(version: Version) -> Iterator[tuple[str, Node]]:
    """Each rule with one thing wrong, and what is wrong in it.

    The rule of another service, where it is part of this one, is left to that service.
    """
    borrowed = None
    if version.service != SERVICES[0]:
        other = RULES[SERVICES[0]].at(version.start)
        borrowed = other.when if other else None
    yield from _mutants(version.when, borrowed)


def _mutants(node: Node, borrowed: Node | None) -> Iterator[tuple[str, Node]]:
    for wrong in _wrong(node):
        yield f"{node.condition} {_said(node)} → {_said(wrong)}", wrong
    for place, part in enumerate(node.parts):
        if part == borrowed:
            continue
        for label, wrong in _mutants(part, borrowed):
            parts = (*node.parts[:place], wrong, *node.parts[place + 1 :])
            yield f"{node.condition} {label}".strip(), replace(node, parts=parts)


def _said(node: Node) -> str:
    if node.parts:
        return f"{node.kind}/{len(node.parts)}"
    values = sorted(map(str, node.values))
    return f"{node.kind} {node.fact} {values or node.threshold}"


def _wrong(node: Node) -> Iterator[Node]:
    if node.kind in ("all", "any"):
        yield replace(node, kind="any" if node.kind == "all" else "all")
        for place in range(len(node.parts)):
            yield replace(node, parts=node.parts[:place] + node.parts[place + 1 :])
    elif node.kind in FLIPPED:
        whole = catalogue()[node.fact].type == "integer"
        step = 1 if whole else 0.5
        for kind in FLIPPED[node.kind]:
            yield replace(node, kind=kind)
        yield replace(node, threshold=node.threshold + step)
        yield replace(node, threshold=node.threshold - step)
    elif node.kind == "ratio":
        yield replace(node, threshold=node.threshold + 0.001)
        yield replace(node, threshold=node.threshold - 0.001)
    elif node.kind in ("in", "any_of"):
        fact = catalogue()[node.fact]
        known: tuple[Any, ...] = (True, False) if fact.type == "boolean" else fact.values
        groups = [set(codes) for codes in fact.groups.values()] or [{value} for value in known]
        for group in groups:
            # A whole group of departments at once: the rules name them so.
            changed = node.values - group if group <= node.values else node.values | group
            if changed != node.values and not _implied(node, group):
                yield replace(node, values=frozenset(changed))
    elif node.kind == "undecided":
        yield Node("all")
        yield Node("any")


def _implied(node: Node, group: set[Any]) -> bool:
    """Whether a value says no more than another test of the same condition.

    Violences and a catastrophe told among the difficulties also tell `family_violence` and
    `disaster`, and a disaster told is among the difficulties: taking one of the two away changes
    nothing.
    """
    return node.condition == "" and (
        (group <= {"violences", "catastrophe"} and group <= node.values)
        or (node.fact == "disaster" and len(node.values) == 2)
    )


def completed(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts and what follows, `aucune` included: it excludes what would follow from others."""
    try:
        found = derive(facts)
    except FactError as error:  # a case of the files is never contradictory
        raise AssertionError(str(error)) from error
    items = set(found.get("difficulties") or ())
    if not facts.get("difficulties"):
        # Derived difficulties alone: the rest of the list is not known.
        items |= {item for item, holds in _DERIVED.items() if holds(found)}
    if items == {"aucune"}:
        found |= {"homeless": False, "family_violence": False, "disaster": "aucune"}
        found["overindebtedness_file"] = False
    found["_items"] = items
    return found


_DERIVED = {
    "sans_hebergement": lambda f: f.get("homeless") is True,
    "violences": lambda f: f.get("family_violence") is True,
    "catastrophe": lambda f: f.get("disaster") in ("naturelle", "technologique"),
    "surendettement": lambda f: f.get("overindebtedness_file") is True,
}


def value(node: Node, facts: Mapping[str, Any]) -> bool | None:
    """Whether a rule holds on facts already `completed`; None when that cannot be said."""
    if node.kind in ("all", "any"):
        parts = [value(part, facts) for part in node.parts]
        decided = node.kind == "any"
        return decided if decided in parts else None if None in parts else not decided
    if node.kind == "undecided":
        return None
    if node.kind == "any_of":
        if facts["_items"] & node.values:
            return True
        return False if facts.get("difficulties") else None
    if node.kind == "in" and node.fact == "disaster" and facts.get("disaster") is None:
        # Told in the list, its nature is not known, but it is one.
        told = "catastrophe" in facts["_items"]
        return True if told and {"naturelle", "technologique"} <= node.values else None
    told = facts.get(node.fact)
    if told is None:
        return False if node.kind == "in" and not node.values else None
    if node.kind == "in":
        return told in node.values
    low, high = _ends(told)
    if node.kind == "ratio":
        base = facts.get(node.of)
        if base is None:
            return None
        least, most = (end * node.threshold for end in _ends(base))
        return True if high <= least else False if low > most else None
    passed = {_compare(node.kind, end, node.threshold) for end in (low, high)}
    return passed.pop() if len(passed) == 1 else None


def _ends(told: Any) -> tuple[float, float]:
    if isinstance(told, Mapping):
        return told.get("min", 0), told.get("max", float("inf"))
    return told, told


def _compare(kind: str, number: float, threshold: float) -> bool:
    return {
        "gte": number >= threshold,
        "gt": number > threshold,
        "lte": number <= threshold,
        "lt": number < threshold,
    }[kind]


def verdict(held: bool | None, best: str) -> str:
    """The verdict that a value gives."""
    return "unknown" if held is None else best if held else "not_eligible"
