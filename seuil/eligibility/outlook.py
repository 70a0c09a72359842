"""What is left to find out of a rule: how likely it is to hold, and what asking will cost.

For tests that are independent, the cheapest way through an `all` asks first what costs least for
its chance of failing, and through an `any` what costs least for its chance of holding. That is
exact for one level and close to the optimum for the trees of our rules (measured in
`bench/eligibility`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .blocks import passes
from .expected import ITEM_WEIGHTS, WEIGHTS
from .library import LIBRARY
from .rules import Node
from .told import CELLS, INDEX, ITEM, LIST, NOT_GIVEN

RATIO_HOLDS = 0.6
"""How often a rent is expected to be within the share of resources."""


class Outlook(NamedTuple):
    """The chance that a piece holds, the cost of finding out, and the fact to ask first for it."""

    chance: float
    cost: float
    first: str | None


SURE = Outlook(1.0, 0.0, None)
NEVER = Outlook(0.0, 0.0, None)


class Piece:
    """A piece of a rule, ready to be looked at with what is known."""

    def look(self, info: list[int], costs: Mapping[str, float]) -> Outlook:
        """The outlook; only the facts in `costs` can be asked."""
        raise NotImplementedError


class Whole(Piece):
    """An `all` or an `any`."""

    def __init__(self, node: Node) -> None:
        self.every = node.kind == "all"
        self.parts = [piece(part) for part in node.parts]

    def look(self, info: list[int], costs: Mapping[str, float]) -> Outlook:
        """Ask the parts in the order of cost for the chance of being decided by each."""
        fixed = 1.0
        open_parts: list[tuple[float, float, Outlook]] = []
        for part in self.parts:
            found = part.look(info, costs)
            goes_on = found.chance if self.every else 1 - found.chance
            if goes_on == 0:
                return NEVER if self.every else SURE
            if found.first is None:
                fixed *= goes_on
            elif goes_on < 1:
                open_parts.append((found.cost / (1 - goes_on), goes_on, found))
        open_parts.sort(key=lambda entry: entry[0])
        reached, cost = 1.0, 0.0
        for _, goes_on, found in open_parts:
            cost += reached * found.cost
            reached *= goes_on
        reached *= fixed
        first = open_parts[0][2].first if open_parts else None
        return Outlook(reached if self.every else 1 - reached, cost, first)


class OneFact(Piece):
    """A test over one fact with one value."""

    def __init__(self, node: Node) -> None:
        self.fact = node.fact
        self.place = INDEX[node.fact]
        self.weights = WEIGHTS[node.fact]
        self.passing = sum(
            1 << number for number, cell in enumerate(CELLS[node.fact]) if passes(node, cell)
        )

    def look(self, info: list[int], costs: Mapping[str, float]) -> Outlook:
        """The share of the cells left that pass."""
        bits = info[self.place]
        yes = bits & self.passing
        if yes == bits:
            return SURE
        if not yes:
            return NEVER
        hit = total = 0.0
        for number, weight in enumerate(self.weights):
            if bits >> number & 1:
                total += weight
                if yes >> number & 1:
                    hit += weight
        chance = hit / total if total else 0.5
        cost = costs.get(self.fact)
        return Outlook(chance, 0.0, None) if cost is None else Outlook(chance, cost, self.fact)


class OneOfList(Piece):
    """A test on the difficulties told."""

    def __init__(self, node: Node) -> None:
        self.place = INDEX[node.fact]
        self.bits = sum(ITEM[item] for item in node.values)
        none = 1.0
        for item in node.values:
            none *= 1 - ITEM_WEIGHTS[item]
        self.chance = 1 - none

    def look(self, info: list[int], costs: Mapping[str, float]) -> Outlook:
        """Certain once one of them is told, or once a list was given without any."""
        bits = info[self.place]
        if bits & self.bits != self.bits:
            return SURE
        if not bits & NOT_GIVEN:
            return NEVER
        cost = costs.get("difficulties")
        if cost is None:
            return Outlook(self.chance, 0.0, None)
        return Outlook(self.chance, cost, "difficulties")


class Ratio(Piece):
    """A number against a share of another."""

    def __init__(self, node: Node) -> None:
        self.facts = (node.fact, node.of)

    def look(self, info: list[int], costs: Mapping[str, float]) -> Outlook:
        """The numbers are not looked at: while one can be asked, it may go either way."""
        asked = [name for name in self.facts if name in costs]
        if not asked:
            return Outlook(RATIO_HOLDS, 0.0, None)
        return Outlook(RATIO_HOLDS, sum(costs[name] for name in asked), asked[0])


class LeftOpen(Piece):
    """What the documents do not decide: no question helps."""

    def look(self, info: list[int], costs: Mapping[str, float]) -> Outlook:
        """Neither sure nor excluded."""
        return Outlook(0.5, 0.0, None)


def piece(node: Node) -> Piece:
    """A piece of a rule, ready to be looked at."""
    if node.parts:
        return Whole(node)
    if node.kind == "undecided":
        return LeftOpen()
    if node.kind == "ratio":
        return Ratio(node)
    if node.kind == "any_of":
        return OneOfList(node)
    return OneFact(node)


class Plan:
    """The order of questions for one rule."""

    def __init__(self, rule: Node) -> None:
        self.rule = piece(rule)
        self.lists = _lists([node for node in rule.walk() if node.kind == "any_of"])

    def first(self, info: list[int], costs: Mapping[str, float]) -> str | None:
        """The fact to ask first, out of those in `costs`.

        The list of difficulties, shown in full, answers other facts at once, which the order of the
        parts does not see: it is weighed apart, by what is left to ask after each of its answers.
        """
        found = self.rule.look(info, costs)
        if "difficulties" not in costs or found.first == "difficulties" or not self.lists:
            return found.first
        rest = {name: cost for name, cost in costs.items() if name != "difficulties"}
        after = sum(
            share * self.rule.look(_answered(info, told), rest).cost for share, told in self.lists
        )
        return "difficulties" if costs["difficulties"] + after <= found.cost else found.first


def _lists(tests: list[Node]) -> list[tuple[float, int]]:
    """What the tests can see of a list of difficulties: (share, the bits of items that show it)."""
    found = {0: (1.0, 0)}
    for item, weight in ITEM_WEIGHTS.items():
        seen = sum(1 << number for number, test in enumerate(tests) if item in test.values)
        after: dict[int, tuple[float, int]] = {}
        for before, (share, items) in found.items():
            for key, part, told in (
                (before, share * (1 - weight), items),
                (before | seen, share * weight, items | ITEM[item] if seen else items),
            ):
                already, kept = after.get(key, (0.0, told))
                after[key] = (already + part, kept)
        found = after
    return list(found.values()) if tests else []


_TIED = [
    (INDEX[name], CELLS[name].index(rule["else"]), sum(ITEM[item] for item in rule["unless"]))
    for name, rule in LIBRARY["facts.yml"]["whole_list"].items()
]


def _answered(info: list[int], told: int) -> list[int]:
    """What is known once the whole list was answered with these items."""
    after = info.copy()
    after[LIST] &= ~NOT_GIVEN & ~told
    for place, no, items in _TIED:
        if after[place] & 1 << no and not told & items:
            after[place] = 1 << no
    return after
