"""Rules in French: each test of a rule, said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .catalogue import FACTS, Fact
from .labels import fact_title
from .library import LIBRARY
from .rules import OPERATORS, Node, Version

SAYS: Mapping[str, Any] = LIBRARY["messages.yml"]["explain"]
FEW, MOST = 3, 0.6
"""Past this number and this share of a fact's values, the others are named instead."""


def number(value: float, unit: str = "") -> str:
    """A number as French writes it, with its unit."""
    whole = f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{int(value):,}"
    text = whole.replace(",", "\u00a0").replace(".", ",")
    return f"{text}\u00a0{unit}" if unit else text


def date(iso: str) -> str:
    """An ISO date as French writes it: 1er janvier 2025."""
    year, month, day = (int(part) for part in iso.split("-"))
    words = LIBRARY["messages.yml"]["dates"]
    return f"{words['first'] if day == 1 else day} {words['months'][month - 1]} {year}"


def listed(items: Iterable[str]) -> str:
    """Several values on one line, in French."""
    found = list(items)
    if len(found) < 2:
        return "".join(found)
    return f"{SAYS['comma'].join(found[:-1])}{SAYS['or']}{found[-1]}"


def values(fact: Fact, wanted: Iterable[Any]) -> list[str]:
    """The labels of some values of a fact, groups of departments by their name."""
    left = set(wanted)
    if fact.type == "boolean":
        yes = LIBRARY["labels.yml"]["values"]
        return [yes["yes"] if value else yes["no"] for value in sorted(left)]
    found: list[str] = []
    for group, codes in sorted(fact.groups.items(), key=lambda entry: -len(entry[1])):
        if left.issuperset(codes):
            found.append(fact.group_labels[group])
            left -= set(codes)
    return found + [fact.labels[value] for value in fact.values if value in left]


def test(node: Node, version: Version | None = None) -> str:
    """One test of a rule, in French."""
    if node.kind == "undecided":
        assert version is not None
        return str(SAYS["undecided"].format(text=version.undecided[node.reason].text))
    title = fact_title(node.fact)
    if node.kind == "ratio":
        return str(
            SAYS["ratio"].format(
                title=title, percent=number(node.threshold * 100), other=fact_title(node.of)
            )
        )
    fact = FACTS[node.fact]
    if node.kind in OPERATORS:
        return str(SAYS[node.kind].format(title=title, number=number(node.threshold, fact.unit)))
    shown, kind = node.values, node.kind
    if fact.type in ("choice", "list") and len(shown) > max(FEW, MOST * len(fact.values)):
        shown, kind = frozenset(fact.values) - shown, f"{kind}_most"
    return str(SAYS[kind].format(title=title, values=listed(values(fact, shown))))
