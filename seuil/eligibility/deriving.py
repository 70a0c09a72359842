"""The facts that follow from those told (`facts.md`, Derived facts)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .library import LIBRARY
from .told import CLOSURE, ITEMS, JOINT, Literal, read, told_literals


def derive(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts given and those that follow from them.

    Derived difficulties are added to the list given; with no list given there is still none, since
    every other difficulty stays unknown. Raises FactError as `assess` does.
    """
    read(facts)
    literals = told_literals(facts)
    held: set[Literal] = set().union(*(CLOSURE[literal] for literal in literals))
    for when, then in JOINT:
        if held.issuperset(when):
            held |= CLOSURE[then]
    found = dict(facts)
    items = {value for name, value in held if name == "difficulties"}
    for name, value in held:
        if name != "difficulties" and value != "given" and found.get(name) is None:
            found[name] = value
    if found.get("difficulties"):
        found["difficulties"] = [item for item in ITEMS if item in items]
    return found


def whole_list(chosen: Iterable[str]) -> dict[str, Any]:
    """The facts that one answer to the whole list of difficulties, shown in full, tells.

    What was shown and not chosen is recorded as false: the homelessness, violence, disaster and
    overindebtedness that the list shows need not be asked again.
    """
    picked = list(chosen) or ["aucune"]
    found: dict[str, Any] = {"difficulties": picked}
    for name, rule in LIBRARY["facts.yml"]["whole_list"].items():
        if not set(picked) & set(rule["unless"]):
            found[name] = rule["else"]
    return found
