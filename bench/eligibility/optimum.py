"""The fewest questions, by dynamic programming over what is known.

A state is what is left of a rule once the answers are in; two states with the same rule left are
one. From a state, asking a fact leads to the states of its answers, each with its expected share
(`bench.eligibility.personas`); the value of a state is one question more than the best of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product
from typing import Any

from bench.eligibility.personas import FREE_ITEMS, samples
from seuil.eligibility.blocks import FactVariable, ListVariable, RatioVariable
from seuil.eligibility.deriving import whole_list
from seuil.eligibility.engine import in_force
from seuil.eligibility.errors import FactError
from seuil.eligibility.program import Program
from seuil.eligibility.rules import SERVICES
from seuil.eligibility.told import INDEX, ITEM, LIST, NOT_GIVEN, Told, read

sys.setrecursionlimit(10_000)

TIED_FACTS = {
    "family_violence": "violences",
    "disaster": "catastrophe",
    "homeless": "sans_hebergement",
    "overindebtedness_file": "surendettement",
}

State = tuple[list[int], dict[str, Any]]


class Optimum:
    """The best order of questions for one service at a date."""

    def __init__(self, service: str, as_of: str) -> None:
        assert service in SERVICES
        found = in_force(service, as_of)
        assert found is not None
        self.program: Program = found
        self.variables = {
            name: variable
            for block in found.blocks
            for variable in block.variables
            for name in variable.facts
        }
        self.ratio = next(
            (v for v in self.variables.values() if isinstance(v, RatioVariable)), None
        )
        self.list = self.variables.get("difficulties")
        self.answers = {
            name: list(self._answers(name, variable))
            for name, variable in self.variables.items()
            if isinstance(variable, FactVariable)
        }
        self.signatures = self._signatures()
        self.memo: dict[Any, tuple[float, str]] = {}

    def _answers(self, name: str, variable: FactVariable) -> Iterator[tuple[Any, int, float]]:
        """(value, its class, its share) for each class of the fact; values are told as such."""
        shares = [0.0] * variable.size
        values: list[Any] = [None] * variable.size
        for place, (value, share) in enumerate(samples(name)):
            shares[variable.of_cell[place]] += share
            values[variable.of_cell[place]] = value
        for number, (value, share) in enumerate(zip(values, shares, strict=True)):
            yield value, variable.cells[number], share

    def _signatures(self) -> dict[int, tuple[float, frozenset[str]]]:
        """What the rule can see of the free difficulties: its share, and items that show it."""
        if not isinstance(self.list, ListVariable):
            return {}
        found: dict[int, tuple[float, frozenset[str]]] = {0: (1.0, frozenset())}
        for item, share in FREE_ITEMS.items():
            seen = int(item == "surendettement")
            for number, wanted in enumerate(self.list.wanted):
                if wanted & ITEM[item]:
                    seen |= 2 << number
            after: dict[int, tuple[float, frozenset[str]]] = {}
            for before, (chance, items) in found.items():
                told = items if before | seen == before and seen else items | {item}
                for key, part, shown in (
                    (before, chance * (1 - share), items),
                    (before | seen, chance * share, told),
                ):
                    already, kept = after.get(key, (0.0, shown))
                    after[key] = (already + part, kept)
            found = after
        return found

    def value(self, state: State) -> float:
        """The expected number of questions until the verdict."""
        info, facts = state
        told = Told(facts, info)
        left, _, _ = self.program.run(info, told)
        missing = self.program.missing(told, left)
        if not missing:
            return 0.0
        key = self._key(left, info, facts)
        if key not in self.memo:
            best = min((self._cost(name, state, missing), name) for name in missing)
            self.memo[key] = best
        return self.memo[key][0]

    def order(self, facts: dict[str, Any]) -> str | None:
        """The fact to ask first."""
        told = read(facts)
        state = (told.info, facts)
        if not self.value(state):
            return None
        left, _, _ = self.program.run(told.info, told)
        return self.memo[self._key(left, told.info, facts)][1]

    def _key(self, left: tuple[int, ...], info: list[int], facts: dict[str, Any]) -> Any:
        """What is left of the rule: the same for states that differ in what no longer matters."""
        found: list[Any] = []
        for block, states in zip(self.program.blocks, left, strict=True):
            offset = 0
            for place in range(len(block.variables)):
                kept = [n for n, pattern in enumerate(block.patterns[place]) if states & pattern]
                if len(kept) == 1:
                    offset += kept[0] * block.strides[place]
            found.append(tuple((states & members) >> offset for members in block.classes))
        if self.ratio is not None:
            found.append(tuple(facts.get(name) for name in self.ratio.facts))
        if self.list is not None:
            found.append((info[LIST] & NOT_GIVEN, info[INDEX["family_violence"]]))
        return tuple(found)

    def _cost(self, name: str, state: State, missing: tuple[str, ...]) -> float:
        total = weight = 0.0
        for after, share in self._after(name, state):
            if share:
                total += share * self.value(after)
                weight += share
        return 1 + (total / weight if weight else 0.0)

    def _after(self, name: str, state: State) -> Iterator[tuple[State, float]]:
        info, facts = state
        if name == "difficulties":
            yield from self._after_list(info, facts)
            return
        if self.ratio is not None and name in self.ratio.facts:
            for value, share in samples(name):
                yield (info, {**facts, name: value}), share
            return
        promised = 1.0
        if name == "job_start_in_months" and facts.get("job_promised") is None:
            # Asked of someone with no promise, the answer is that there is none.
            (_, _, none), (_, _, promised) = self.answers["job_promised"]
            told = read({**facts, "job_promised": False})
            yield (told.info, {**facts, "job_promised": False}), none
        for value, cells, part in self.answers[name]:
            share = part * promised
            if info[INDEX[name]] & cells:
                try:
                    told = read({**facts, name: value})
                except FactError:
                    continue
                yield (told.info, told.facts), share  # type: ignore[misc]

    def _after_list(self, info: list[int], facts: dict[str, Any]) -> Iterator[tuple[State, float]]:
        """The whole list answered, and what it tells besides: violence, disaster, no roof, debt."""
        found: dict[tuple[str, ...], float] = {}
        for (chance, items), tied in product(self.signatures.values(), self._tied(info)):
            told = items | tied[1]
            key = tuple(sorted(told)) or ("aucune",)
            found[key] = found.get(key, 0.0) + chance * tied[0]
        for items, share in found.items():
            more = {
                name: value for name, value in whole_list(items).items() if facts.get(name) is None
            }
            try:
                told_after = read({**facts, **more})
            except FactError:
                continue
            yield (told_after.info, {**facts, **more}), share

    def _tied(self, info: list[int]) -> Iterator[tuple[float, set[str]]]:
        """The difficulties that other facts tell as well, with their share on what is known."""
        options = []
        for name, item in TIED_FACTS.items():
            shares = [0.0, 0.0]
            for place, (value, share) in enumerate(samples(name)):
                if info[INDEX[name]] >> place & 1:
                    shares[value not in (False, "aucune")] += share
            options.append([(shares[0], None), (shares[1], item)])
        for picked in product(*options):
            chance = 1.0
            for share, _ in picked:
                chance *= share
            if chance:
                yield chance, {item for _, item in picked if item}
