"""Reading the facts told: validation, cells, derived facts, contradictions.

What is known of a fact is a set of *cells*, kept as the bits of an integer: the values of a
choice, or the stretches of numbers between two thresholds of any rule. Everything that narrows a
fact (being told, following from another, excluding another) is an `and` of bits; no bit left is a
contradiction.
"""

from __future__ import annotations

import datetime
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .catalogue import AUDIENCES, FACTS, Fact
from .errors import FactError
from .library import LIBRARY
from .rules import FIRST_DAY, OPERATORS, RULES, Node, read_node

WORDS: Mapping[str, str] = LIBRARY["messages.yml"]["errors"]
_DATA = LIBRARY["facts.yml"]

NAMES = tuple(FACTS)
INDEX = {name: number for number, name in enumerate(FACTS)}
"""The place of each fact in `Told.info`."""

Effects = tuple[tuple[int, int], ...]
Found = tuple[int, int, Effects]
Look = Callable[[Any], Found]
NOTHING: Effects = ()
Span = tuple[float, float]

SINGLE = ("choice", "boolean", "department")


def _nodes() -> list[Node]:
    return [
        node
        for service in RULES.values()
        for version in service.versions
        for tree in (version.when, *(reading.when for reading in version.readings))
        for node in tree.walk()
    ] + [
        node
        for place in LIBRARY["wayout.yml"]["places"]
        for key in ("when", "unless")
        if key in place
        for node in read_node(place[key]).walk()
    ]


NODES = _nodes()


def cut(node: Node) -> float:
    """Where a test cuts the line of numbers: the least value above."""
    if node.kind in ("gte", "lt"):
        return node.threshold
    if FACTS[node.fact].type == "integer":
        return node.threshold + 1
    return math.nextafter(node.threshold, math.inf)


def _cuts() -> dict[str, list[float]]:
    found: dict[str, set[float]] = {
        fact.name: set() for fact in FACTS.values() if fact.type in ("integer", "number")
    }
    for node in NODES:
        if node.kind in OPERATORS:
            found[node.fact].add(cut(node))
    return {name: sorted(cuts) for name, cuts in found.items()}


CUTS = _cuts()
"""The cuts of every numeric fact; n cuts make n + 1 cells."""


def _department_cells() -> tuple[tuple[str, ...], ...]:
    """Departments that no rule tells apart share a cell."""
    tests = list(dict.fromkeys(node.values for node in NODES if node.fact == "department"))
    groups: dict[tuple[bool, ...], list[str]] = {}
    for code in FACTS["department"].values:
        groups.setdefault(tuple(code in test for test in tests), []).append(code)
    return tuple(tuple(codes) for codes in groups.values())


def cells(fact: Fact) -> tuple[Any, ...]:
    """The cells of a fact: values, groups of departments, booleans, or numbers of cells."""
    if fact.type == "boolean":
        return (False, True)
    if fact.type == "department":
        return _department_cells()
    if fact.type in ("integer", "number"):
        return tuple(range(len(CUTS[fact.name]) + 1))
    return fact.values


CELLS = {name: cells(fact) for name, fact in FACTS.items()}

ITEMS = FACTS["difficulties"].values
ITEM = {item: 1 << number for number, item in enumerate(ITEMS)}
NOT_GIVEN = 1 << len(ITEMS)
"""In the bits of `difficulties`, an item's bit is cleared when the item is known to be there, and
this one when a list was given: here too, learning clears bits."""
LIST = INDEX["difficulties"]

FULL = [
    (1 << (len(ITEMS) + 2)) - 1 if name == "difficulties" else (1 << max(len(CELLS[name]), 1)) - 1
    for name in FACTS
]


def shown(value: Any) -> str:
    """A value as an error shows it: short, on one line."""
    text = repr(value) if isinstance(value, str) else str(value)
    text = text.replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "..."


def bad(kind: str, fact: Fact, value: Any) -> FactError:
    """The error for a value this fact does not admit."""
    text = WORDS[kind].format(
        fact=fact.name,
        found=safe(value),
        values=", ".join(fact.values),
        min=_number(fact.minimum),
        max=_number(fact.maximum),
    )
    return FactError(text, fact.name)


def safe(value: Any) -> str:
    """`shown`, for values that may be too deep or too large to be written."""
    try:
        return shown(value)
    except (RecursionError, ValueError):
        return type(value).__name__


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if value < 1e6 else f"{int(value)}"


# --- literals: (fact, value), or ("difficulties", item), or (fact, "given") ----------------------

Literal = tuple[str, Any]


def _literals(written: Mapping[str, Any]) -> tuple[Literal, ...]:
    return tuple(written.items())


SIMPLE: list[tuple[Literal, Literal]] = []
JOINT: list[tuple[tuple[Literal, ...], Literal]] = []
for _rule in _DATA["derivations"]:
    _then = _literals(_rule["then"])[0]
    _when = _literals(_rule["when"])
    if len(_when) == 1:
        SIMPLE.append((_when[0], _then))
    else:
        JOINT.append((_when, _then))


def _closure(literal: Literal) -> frozenset[Literal]:
    found = {literal}
    while True:
        more = {then for when, then in SIMPLE if when in found} - found
        if not more:
            return frozenset(found)
        found |= more


def _all_literals() -> Iterator[Literal]:
    for name, fact in FACTS.items():
        if fact.type in ("choice", "boolean", "list"):
            yield from ((name, value) for value in CELLS[name])
        elif fact.type in ("integer", "number"):
            yield (name, "given")


CLOSURE = {literal: _closure(literal) for literal in _all_literals()}


def _pairs() -> set[frozenset[Literal]]:
    written = (_literals(pair) for pair in _DATA["exclusions"])
    return {frozenset(pair) for pair in written}


_EXCLUDED = _pairs()


def _forbidden(literal: Literal) -> Iterator[Literal]:
    """The literals that cannot hold beside this one, by themselves."""
    name, value = literal
    if name == "difficulties":
        alone = value == "aucune"
        yield from ((name, item) for item in ITEMS if (item == "aucune") != alone)
    elif value != "given":
        yield from ((name, other) for other in CELLS[name] if other != value)
    for pair in _EXCLUDED:
        if literal in pair:
            yield from pair - {literal}


def _implying() -> dict[Literal, set[Literal]]:
    found: dict[Literal, set[Literal]] = {}
    for literal, closure in CLOSURE.items():
        for then in closure:
            found.setdefault(then, set()).add(literal)
    return found


_IMPLYING = _implying()


def _rivals(literal: Literal) -> set[Literal]:
    """The literals that cannot hold beside this one, with all that follows from each."""
    forbidden = {other for then in CLOSURE[literal] for other in _forbidden(then)}
    return set().union(*(_IMPLYING.get(other, set()) for other in forbidden))


RIVALS = {literal: _rivals(literal) for literal in CLOSURE}


def _bit(literal: Literal) -> int:
    return 1 << CELLS[literal[0]].index(literal[1])


def _effects(literal: Literal) -> Effects:
    """What a literal does to other facts: what follows from it, and what it excludes."""
    effects: dict[int, int] = {}
    for name, value in CLOSURE[literal]:
        if (name, value) == literal:
            continue
        keep = ~ITEM[value] if name == "difficulties" else _bit((name, value))
        effects[INDEX[name]] = effects.get(INDEX[name], -1) & keep
    for other in RIVALS[literal]:
        if other[0] not in ("difficulties", literal[0]) and other[1] != "given":
            effects[INDEX[other[0]]] = effects.get(INDEX[other[0]], -1) & ~_bit(other)
    return tuple(effects.items())


EFFECTS = {literal: _effects(literal) for literal in CLOSURE}


# --- one reader a fact: value → (place, bits, effects) ----------------------------------------


def _choice(fact: Fact) -> Look:
    place = INDEX[fact.name]
    return {
        value: (place, _bit((fact.name, value)), EFFECTS[fact.name, value]) for value in fact.values
    }.__getitem__


def _boolean(fact: Fact) -> Look:
    place = INDEX[fact.name]
    no, yes = ((place, 1 << value, EFFECTS[fact.name, bool(value)]) for value in (0, 1))

    def look(value: Any) -> Found:
        if value is True:
            return yes
        if value is False:
            return no
        raise bad("boolean", fact, value)

    return look


def _department(fact: Fact) -> Look:
    place = INDEX[fact.name]
    return {
        code: (place, 1 << number, NOTHING)
        for number, codes in enumerate(CELLS[fact.name])
        for code in codes
    }.__getitem__


def number(fact: Fact, value: Any) -> float:
    """A number within the bounds of its fact; whole when the fact counts."""
    if type(value) not in (int, float):
        raise bad(fact.type, fact, value)
    assert fact.minimum is not None and fact.maximum is not None
    if not fact.minimum <= value <= fact.maximum:  # false for NaN as well
        raise bad(fact.type, fact, value)
    if fact.type == "integer" and value != int(value):
        raise bad(fact.type, fact, value)
    found: float = value
    return found


def span(fact: Fact, value: Any) -> Span:
    """The least and the greatest value a number or a range allows (infinite when open)."""
    if not isinstance(value, Mapping):
        exact = number(fact, value)
        return exact, exact
    if not value or not set(value) <= {"min", "max"}:
        raise FactError(WORDS["range_keys"].format(fact=fact.name, found=safe(value)), fact.name)
    assert fact.minimum is not None
    low = value.get("min")
    high = value.get("max")
    least = fact.minimum if low is None else number(fact, low)
    most = math.inf if high is None else number(fact, high)
    if low is None and high is None:
        raise FactError(WORDS["range_keys"].format(fact=fact.name, found=safe(value)), fact.name)
    if least > most:
        words = WORDS["range_order"].format(fact=fact.name, low=least, high=most)
        raise FactError(words, fact.name)
    return least, most


def _numeric(fact: Fact) -> Look:
    place = INDEX[fact.name]
    cuts = CUTS[fact.name]
    effects = EFFECTS[fact.name, "given"]
    full = FULL[place]
    low, high = fact.minimum, fact.maximum
    assert low is not None and high is not None

    def look(value: Any) -> Found:
        if type(value) is int and low <= value <= high:
            return place, 1 << bisect_right(cuts, value), effects
        if isinstance(value, Mapping):
            least, most = span(fact, value)
            left = full >> bisect_right(cuts, least) << bisect_right(cuts, least)
            return place, left & (2 << bisect_right(cuts, most)) - 1, effects
        return place, 1 << bisect_right(cuts, number(fact, value)), effects

    return look


def _items(fact: Fact) -> Look:
    place = INDEX[fact.name]
    full = FULL[place]
    single = {
        item: (place, full & ~NOT_GIVEN & ~bit, EFFECTS[fact.name, item])
        for item, bit in ITEM.items()
    }

    def look(value: Any) -> Found:
        if not isinstance(value, list | tuple | set | frozenset):
            raise bad("list", fact, value)
        known = full
        effects: Effects = NOTHING
        for item in value:
            if not isinstance(item, str) or item not in ITEM:
                raise bad("list", fact, item)
            _, bits, more = single[item]
            known &= bits
            if more:
                effects += more
        if not known & ITEM["aucune"] and (full & ~known) != NOT_GIVEN | ITEM["aucune"]:
            others = ", ".join(sorted(set(value) - {"aucune"}))
            raise FactError(WORDS["alone"].format(fact=fact.name, others=others), fact.name)
        return place, known, effects

    return look


def iso(value: Any) -> str:
    """An admissible `as_of` as ISO text."""
    fact = FACTS["as_of"]
    if type(value) is datetime.date:
        found = value.isoformat()
    else:
        try:
            found = datetime.date.fromisoformat(value).isoformat()
        except (TypeError, ValueError):
            found = ""
        if not found or found != value:
            raise bad("date", fact, value)
    if found < FIRST_DAY:
        raise FactError(
            WORDS["too_early"].format(fact="as_of", found=found, first=FIRST_DAY), "as_of"
        )
    return found


def _date(fact: Fact) -> Look:
    found: Found = (INDEX[fact.name], 1, NOTHING)

    def look(value: Any) -> Found:
        iso(value)
        return found

    return look


_MAKERS: Mapping[str, Callable[[Fact], Look]] = {
    "choice": _choice,
    "boolean": _boolean,
    "department": _department,
    "integer": _numeric,
    "number": _numeric,
    "list": _items,
    "date": _date,
}
LOOK = {name: _MAKERS[fact.type](fact) for name, fact in FACTS.items()}

_JOINT = tuple(
    (
        tuple((INDEX[name], _bit((name, value))) for name, value in when),
        tuple((INDEX[name], _bit((name, value))) for name, value in CLOSURE[then]),
    )
    for when, then in JOINT
)
_JOINT_NAMES = frozenset(name for when, _ in JOINT for name, _ in when[:1])


class Told:
    """What is known: `facts` as given, and `info`, the cells left to each fact, by `INDEX`."""

    __slots__ = ("facts", "info")

    def __init__(self, facts: Mapping[str, Any], info: list[int]) -> None:
        self.facts = facts
        self.info = info

    @property
    def audience(self) -> str | None:
        """Who is talking, when it was said."""
        found: str | None = self.facts.get("audience")
        return found

    def known(self, name: str) -> bool:
        """Whether the fact was given, or follows from those given, to a single cell."""
        bits = self.info[INDEX[name]]
        if name == "difficulties":
            return bits != FULL[LIST]
        if FACTS[name].type in SINGLE:
            return bits & (bits - 1) == 0
        return self.facts.get(name) is not None


def read(facts: Mapping[str, Any]) -> Told:
    """Check the facts and narrow what is known.

    Raises FactError for an unknown fact, a value that is not admissible, or a contradiction.
    """
    if not isinstance(facts, Mapping):
        raise FactError(WORDS["not_an_object"].format(found=safe(facts)))
    info = FULL.copy()
    try:
        for name, value in facts.items():
            look = LOOK[name]
            if value is not None:
                place, bits, effects = look(value)
                bits &= info[place]
                if not bits:
                    raise contradiction(facts)
                info[place] = bits
                if effects:
                    narrow(info, effects, facts)
    except (KeyError, TypeError):
        raise _fault(facts) from None
    if not _JOINT_NAMES.isdisjoint(facts):
        for when, then in _JOINT:
            if all(info[place] == bit for place, bit in when):
                narrow(info, then, facts)
    return Told(facts, info)


def narrow(info: list[int], effects: Effects, facts: Mapping[str, Any]) -> None:
    """Apply what follows from a fact told to what is known of the others."""
    for place, keep in effects:
        left = info[place] & keep
        if not left:
            raise contradiction(facts)
        info[place] = left


def _fault(facts: Mapping[str, Any]) -> FactError:
    """The error of the first fact that has no such name or no such value."""
    for name, value in facts.items():
        if name not in FACTS:
            return unknown(name)
        if value is not None:
            try:
                LOOK[name](value)
            except (KeyError, TypeError):
                fact = FACTS[name]
                return bad("department" if fact.type == "department" else "choice", fact, value)
    raise AssertionError("every fact could be read")


def unknown(name: Any) -> FactError:
    """The error for a name that is no fact, with the nearest one that is."""
    if not isinstance(name, str):
        return FactError(WORDS["key_not_text"].format(found=safe(name)))
    from difflib import get_close_matches

    near = get_close_matches(name[:60], FACTS, 1)
    hint = WORDS["hint"].format(near=near[0]) if near else ""
    return FactError(WORDS["unknown_fact"].format(fact=shown(name)[1:-1], hint=hint), name)


def told_literals(facts: Mapping[str, Any]) -> list[Literal]:
    """What the facts say, as literals; ranges and departments exclude nothing."""
    found: list[Literal] = []
    for name, value in facts.items():
        kind = FACTS[name].type
        if value is None:
            continue
        if kind == "list":
            found.extend((name, item) for item in value)
        elif kind in ("choice", "boolean"):
            found.append((name, value))
        elif kind in ("integer", "number"):
            found.append((name, "given"))
    return found


def contradiction(facts: Mapping[str, Any]) -> FactError:
    """The error naming two facts told that cannot both hold."""
    checked = {name: value for name, value in facts.items() if name in FACTS}
    literals = told_literals(checked)
    for number, one in enumerate(literals):
        for other in literals[:number]:
            if one[0] != other[0] and one in RIVALS[other]:
                return _pair(checked, other[0], one[0])
    for when, then in JOINT:
        if all(literal in literals for literal in when):
            for other in literals:
                if other in RIVALS[then]:
                    return _pair(checked, when[0][0], other[0])
    names = tuple(checked)
    return _pair(checked, names[0], names[-1])


def _pair(facts: Mapping[str, Any], first: str, second: str) -> FactError:
    words = WORDS["contradiction"].format(
        first=first,
        first_value=safe(facts[first]),
        second=second,
        second_value=safe(facts[second]),
    )
    return FactError(words, first, second)


def audience(name: str | None) -> str | None:
    """An admissible audience, or None."""
    if name is not None and name not in AUDIENCES:
        raise FactError(
            WORDS["audience"].format(found=safe(name), values=", ".join(AUDIENCES)), "audience"
        )
    return name
