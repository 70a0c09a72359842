"""What changed between two dates: every full state whose verdict differs, gathered in few cases.

Both rules are laid over one table of all the full states (every fact given, as finely as either
rule tells apart). The states that go from one verdict to another are gathered in *cases*: as large
a set of values of each fact as can be taken together. Nothing is left out and nothing added; a
state may belong to several cases.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from .blocks import FactVariable, Variable, one_table, pattern
from .catalogue import FACTS, Fact
from .engine import chosen, today
from .labels import fact_title
from .library import LIBRARY
from .rules import RULES, Version
from .told import CUTS, iso
from .words import date, listed, number, values

SAYS: Mapping[str, str] = LIBRARY["messages.yml"]["changes"]

Case = list[dict[str, Any]]
SITUATION = ("difficulties", "homeless", "family_violence", "overindebtedness_file")


def changes(service: str, first: str, second: str | None = None) -> dict[str, Any]:
    """What changed for a service between two dates (ISO; `second` is today when None).

    Plain JSON types, in French: `{"service", "title", "from", "to", "conditions", "moves"}`.
    `from` and `to` are versions (`{"id", "name", "from", "to"}`) or None when no document was in
    force. `conditions` names those `added`, `removed` and `changed`. Each of `moves` is
    `{"before", "after", "before_text", "after_text", "states", "cases"}`; a case is a list of
    `{"fact", "title", "values"}`, all of which hold together. Raises FactError for an unknown
    service or a bad date.
    """
    (name,) = chosen([service])
    old = RULES[name].at(iso(first))
    new = RULES[name].at(today() if second is None else iso(second))
    return {
        "service": name,
        "title": RULES[name].title,
        "from": _version(old),
        "to": _version(new),
        "conditions": _conditions(old, new),
        "moves": list(_moves(old, new)) if old and new and old is not new else [],
    }


def report(service: str) -> str:
    """Every change from one version of a service's rule to the next: the page that an expert signs.

    Raises FactError for an unknown service.
    """
    import hashlib  # not needed to assess: the import stays light

    text = "\n".join(_report_lines(*chosen([service]))) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    return "\n".join([text, SAYS["digest"].format(digest=digest), SAYS["signature"], ""])


def _report_lines(service: str) -> Iterator[str]:
    yield SAYS["title"].format(title=RULES[service].title)
    yield ""
    yield SAYS["method"]
    versions = RULES[service].versions
    for old, new in pairwise(versions):
        found = changes(service, old.start, new.start)
        yield ""
        yield SAYS["period"].format(
            old=old.name, start=date(old.start), new=new.name, change=date(new.start)
        )
        yield ""
        for key, names in found["conditions"].items():
            if names:
                yield "- " + SAYS[key].format(names=", ".join(names))
        for move in found["moves"]:
            yield ""
            yield SAYS["move"].format(
                before=move["before_text"], after=move["after_text"], states=move["states"]
            )
            yield ""
            for place, case in enumerate(move["cases"], 1):
                yield f"{place}. " + SAYS["between"].join(
                    SAYS["setting"].format(title=entry["title"], values=listed(entry["values"]))
                    for entry in case
                )


def _version(version: Version | None) -> dict[str, Any] | None:
    if version is None:
        return None
    return {"id": version.id, "name": version.name, "from": version.start, "to": version.end}


def _conditions(old: Version | None, new: Version | None) -> dict[str, list[str]]:
    before = old.conditions if old else {}
    after = new.conditions if new else {}
    return {
        "added": [name for name in after if name not in before],
        "removed": [name for name in before if name not in after],
        "changed": [
            name for name in after if name in before and after[name].when != before[name].when
        ],
    }


def _moves(old: Version, new: Version) -> Iterator[dict[str, Any]]:
    table = Table(old, new)
    for old_name, before in table.old.items():
        for new_name, after in table.new.items():
            states = before & after
            if old_name != new_name and states:
                found = cases(states, table.possible, table.patterns)
                yield {
                    "before": old_name,
                    "after": new_name,
                    "before_text": SAYS[old_name],
                    "after_text": SAYS[new_name],
                    "states": states.bit_count(),
                    "cases": [table.said(case) for case in found],
                }


class Table:
    """Two rules over one table, the difficulties and what tells them taken together.

    What is told of the situation (a list, homelessness, violence, a file at the bank) counts only
    through the conditions it meets, so it is one variable here, whose values are those conditions.
    """

    def __init__(self, old: Version, new: Version) -> None:
        full = one_table((old.when, new.when), last=SITUATION)
        block = full.block
        self.variables = [v for v in block.variables if v.facts[0] not in SITUATION]
        low = math.prod(variable.size for variable in self.variables)
        rules = [full.value(old.when), full.value(new.when)]
        told = {
            condition.id: full.value(condition.when)
            for version in (old, new)
            for condition in version.conditions.values()
            if any(node.fact in SITUATION for node in condition.when.walk())
        }
        groups = _grouped(rules, block.possible, low, block.states // low)
        self.situations = [_met(told, low * first) for first in groups]
        sets = [_gathered(found, groups, low) for rule in rules for found in rule]
        verdicts = [
            (old.verdict, "not_eligible", "unknown"),
            (new.verdict, "not_eligible", "unknown"),
        ]
        self.old = dict(zip(verdicts[0], sets[:3], strict=True))
        self.new = dict(zip(verdicts[1], sets[3:], strict=True))
        self.possible = _gathered(block.possible, groups, low)
        sizes = [variable.size for variable in self.variables] + [len(groups)]
        states = low * len(groups)
        self.patterns = []
        stride = 1
        for size in sizes:
            self.patterns.append([pattern(states, stride, size, digit) for digit in range(size)])
            stride *= size

    def said(self, case: list[int]) -> Case:
        """A case in French: the facts it sets, and their values."""
        found = [
            {
                "fact": variable.facts[0],
                "title": fact_title(variable.facts[0]),
                "values": _labels(variable, bits),
            }
            for variable, bits in zip(self.variables, case, strict=False)
            if bits != (1 << variable.size) - 1
        ]
        if case[-1] != (1 << len(self.situations)) - 1:
            said = [text for n, text in enumerate(self.situations) if case[-1] >> n & 1]
            found.append({"fact": "difficulties", "title": SAYS["situation"], "values": said})
        return found


def _grouped(rules: list[tuple[int, int, int]], possible: int, low: int, count: int) -> list[int]:
    """The high digits that give the two rules different values: one of each."""
    ones = (1 << low) - 1
    seen: dict[tuple[int, ...], int] = {}
    for high in range(count):
        key = tuple(found >> high * low & ones for rule in rules for found in rule)
        if possible >> high * low & ones:
            seen.setdefault(key, high)
    return list(seen.values())


def _gathered(states: int, groups: list[int], low: int) -> int:
    """The states of the high digits kept, side by side."""
    ones = (1 << low) - 1
    return sum((states >> high * low & ones) << place * low for place, high in enumerate(groups))


def _met(told: Mapping[str, tuple[int, int, int]], state: int) -> str:
    """The conditions on the situation that a state meets, and those it does not, in French."""
    met = [name for name, (holds, _, _) in told.items() if holds >> state & 1]
    others = [name for name in told if name not in met]
    key = "met_and_not" if met and others else "met" if met else "not_met"
    words = {"conditions": met or others, "others": others}
    return SAYS[key].format(**{name: SAYS["and"].join(found) for name, found in words.items()})


def cases(states: int, possible: int, patterns: list[list[int]]) -> list[list[int]]:
    """Cover some states with few products of values: for each variable, the bits of its values.

    A case holds no other possible state, and no value that only makes impossible ones.
    """
    allowed = states | ~possible
    found: list[list[int]] = []
    left = states
    order = sorted(range(len(patterns)), key=lambda place: len(patterns[place]))
    while left:
        seed = left & -left
        case = [next(1 << n for n, states_ in enumerate(of) if seed & states_) for of in patterns]
        for place in order:
            others = product(case, patterns, without=place)
            case[place] = sum(
                1 << value
                for value, states_ in enumerate(patterns[place])
                if not others & states_ & ~allowed
            )
        left &= ~product(case, patterns)
        found.append(case)
    return [_trimmed(case, states, patterns) for case in found]


def _trimmed(case: list[int], states: int, patterns: list[list[int]]) -> list[int]:
    """A case without the values that add no state, where it names values at all."""
    trimmed = []
    for place, bits in enumerate(case):
        if bits != (1 << len(patterns[place])) - 1:
            others = product(case, patterns, without=place) & states
            bits = sum(
                1 << value
                for value, states_ in enumerate(patterns[place])
                if bits >> value & 1 and others & states_
            )
        trimmed.append(bits)
    return trimmed


def product(case: list[int], patterns: list[list[int]], without: int | None = None) -> int:
    """The states of a case (one variable left free)."""
    found = -1
    for place, (bits, of) in enumerate(zip(case, patterns, strict=True)):
        if place != without and bits != (1 << len(of)) - 1:
            states = 0
            for value, states_ in enumerate(of):
                if bits >> value & 1:
                    states |= states_
            found &= states
    return found


def _labels(variable: Variable, bits: int) -> list[str]:
    assert isinstance(variable, FactVariable)
    fact = FACTS[variable.facts[0]]
    cells = [n for n, found in enumerate(variable.of_cell) if bits >> found & 1]
    if fact.type in ("integer", "number"):
        return [_stretch(fact, cells[0], cells[-1])]
    codes: list[Any] = []
    for cell in cells:
        value = variable.cell_values[cell]
        codes += value if isinstance(value, tuple) else (value,)
    return values(fact, codes)


def _stretch(fact: Fact, first: int, last: int) -> str:
    """Cells of numbers that follow each other, in French."""
    cuts = CUTS[fact.name]
    whole = fact.type == "integer"
    low = cuts[first - 1] if first else None
    high = cuts[last] if last < len(cuts) else None
    unit = fact.unit
    if low is None:
        assert high is not None
        return SAYS["below"].format(high=number(high, unit))
    if high is None:
        return SAYS["at_least"].format(low=number(low, unit))
    if whole and high - 1 == low:
        return SAYS["exactly"].format(low=number(low, unit))
    if whole:
        return SAYS["whole"].format(low=number(low), high=number(high - 1, unit))
    return SAYS["span"].format(low=number(low), high=number(high, unit))
