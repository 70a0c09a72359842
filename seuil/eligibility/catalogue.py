"""The fact catalogue: the one vocabulary shared by rules, slots, API, console and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .library import LIBRARY

AUDIENCES = ("salarie", "rh", "partenaire", "agent")


@dataclass(frozen=True)
class Fact:
    """One fact of the vocabulary.

    `type` is `choice`, `list`, `boolean`, `integer`, `number`, `department` or `date`. `values` are
    the admissible values of the first two and of `department`, in order. `minimum` and `maximum`
    bound a number, in `unit`. `audiences` may be asked; `questions` has a French wording for every
    audience, `thresholds` one for "at least N?" after a range, with `{threshold}` in it.
    """

    name: str
    type: str
    values: tuple[str, ...]
    labels: Mapping[str, str]
    unit: str
    minimum: float | None
    maximum: float | None
    cost: float
    sensitivity: float
    audiences: tuple[str, ...]
    questions: Mapping[str, str]
    thresholds: Mapping[str, str]
    why: str
    help: str
    after: tuple[str, ...]
    opening: tuple[str, ...]
    prior: Any
    groups: Mapping[str, tuple[str, ...]]
    group_labels: Mapping[str, str]

    def question(self, audience: str | None = None) -> str:
        """The French question for this audience (the employee's when none is given)."""
        return self.questions[audience or "salarie"]

    def may_ask(self, audience: str | None) -> bool:
        """Whether this audience may be asked; with no audience, whether anyone may."""
        return bool(self.audiences) if audience is None else audience in self.audiences


def _wordings(given: Mapping[str, str]) -> Mapping[str, str]:
    if not given:
        return MappingProxyType({})
    employee = given["salarie"]
    third = given.get("tiers", employee)
    defaults = {"salarie": employee, "rh": third, "partenaire": third, "agent": employee}
    return MappingProxyType({who: given.get(who, defaults[who]) for who in AUDIENCES})


def _departments(groups: Mapping[str, list[str]]) -> tuple[str, ...]:
    mainland = [f"{number:02d}" for number in range(1, 96) if number != 20] + ["2A", "2B"]
    return (*mainland, *groups["drom"], *groups["outside"])


def _fact(name: str, entry: Mapping[str, Any]) -> Fact:
    labels: dict[str, str] = entry.get("values", {})
    groups: dict[str, list[str]] = dict(entry.get("groups", {}))
    values = tuple(labels)
    if entry["type"] == "department":
        values = _departments(groups)
        groups["metropole"] = [code for code in values if len(code) == 2]
        labels = {code: labels.get(code, code) for code in values}
    numeric = entry["type"] in ("integer", "number")
    return Fact(
        name=name,
        type=entry["type"],
        values=values,
        labels=MappingProxyType(labels),
        unit=entry.get("unit", ""),
        minimum=entry["min"] if numeric else None,
        maximum=entry["max"] if numeric else None,
        cost=entry["cost"],
        sensitivity=entry["sensitivity"],
        audiences=tuple(entry["audiences"]),
        questions=_wordings(entry["question"]),
        thresholds=_wordings(entry.get("threshold", {})),
        why=entry["why"],
        help=entry["help"],
        after=tuple(entry.get("after", ())),
        opening=tuple(entry.get("opening", ())),
        prior=entry.get("prior"),
        groups=MappingProxyType({key: tuple(codes) for key, codes in groups.items()}),
        group_labels=MappingProxyType(entry.get("group_labels", {})),
    )


FACTS: Mapping[str, Fact] = MappingProxyType(
    {name: _fact(name, entry) for name, entry in LIBRARY["facts.yml"]["facts"].items()}
)
"""Every fact by name, in the catalogue's order."""


def catalogue() -> Mapping[str, Fact]:
    """Every fact by name, in the catalogue's order (read-only)."""
    return FACTS
