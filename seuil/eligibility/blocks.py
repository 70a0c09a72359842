"""Exact evaluation of a rule on partly known facts.

The verdict of `rules.md` is that of exhaustive completion: every way of completing what is not
known. Walking the completions one by one is out of reach, and three-valued (Kleene) logic is not
exact where branches overlap ("30 or under", "over 30 and …"). So a rule is compiled, once, to
*blocks*: small tables over a few facts, whose states are the bits of one integer, so that an `and`
walks a thousand completions at a time. A block over facts that occur nowhere else is seen from
outside only through its *classes* (the states that the rest of the rule cannot tell apart), which
makes the tables small and keeps the result exact.

Nothing here knows a rule: the rules are data (`rules/*.yml`).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any

from .catalogue import FACTS
from .rules import Node, Version
from .told import (
    CELLS,
    CUTS,
    EFFECTS,
    FULL,
    INDEX,
    ITEM,
    LIST,
    NAMES,
    NOT_GIVEN,
    Span,
    Told,
    cut,
    span,
)

LIMIT = 2048
"""The most states a table should have; a larger rule is cut into blocks."""

NUMBERS = (int, float)
YES, NO, OPEN = range(3)
"""The classes of a whole rule: it holds, it fails, the documents do not decide."""


class Table(dict[int, int]):
    """From what is known of one variable to the states of a block that it leaves.

    The usual keys are filled in; the others are computed each time and not kept.
    """

    def __init__(self, variable: Variable, patterns: list[int]) -> None:
        super().__init__()
        self.variable = variable
        self.patterns = patterns
        for bits in variable.usual():
            self[bits] = self.__missing__(bits)

    def __missing__(self, bits: int) -> int:
        return union(self.patterns, self.variable.classes(bits))

    def fast(self) -> list[int] | dict[int, int]:
        """The same table as a plain list, when every key is a usual one."""
        count = self.variable.full + 1
        return [self[bits] for bits in range(count)] if len(self) == count else self


class Variable:
    """Something a block depends on: a fact, a pair of numbers, or an inner block."""

    facts: tuple[str, ...] = ()
    size: int
    full: int

    def classes(self, bits: int) -> int:
        """The classes left, from the bits known."""
        raise NotImplementedError

    def usual(self) -> Iterable[int]:
        """The bits worth a ready answer."""
        raise NotImplementedError

    def test(self, node: Node) -> list[bool]:
        """For a test of a rule on this variable, whether each class passes it."""
        raise NotImplementedError


class FactVariable(Variable):
    """A fact with one value, whose cells are merged when the rule cannot tell them apart."""

    def __init__(self, name: str, tests: list[Node], coupled: set[str]) -> None:
        self.facts = (name,)
        self.place = INDEX[name]
        self.full = FULL[self.place]
        groups: dict[object, int] = {}
        self.of_cell: list[int] = []
        self.sample: list[object] = []
        self.cell_values = CELLS[name]
        for cell in CELLS[name]:
            key = (tuple(passes(test, cell) for test in tests), bonds(name, cell, coupled))
            if key not in groups:
                groups[key] = len(groups)
                self.sample.append(cell)
            self.of_cell.append(groups[key])
        self.size = len(groups)
        self.cells = [
            sum(1 << place for place, found in enumerate(self.of_cell) if found == number)
            for number in range(self.size)
        ]

    def unsure(self, told: Told) -> bool:
        """Whether what is told leaves more than one value."""
        bits = told.info[self.place]
        return bool(bits & (bits - 1))

    def classes(self, bits: int) -> int:
        """The classes left, from the bits known."""
        return sum(1 << number for number, cells in enumerate(self.cells) if bits & cells)

    def usual(self) -> Iterable[int]:
        """The bits worth a ready answer."""
        count = len(self.of_cell)
        return range(1 << count) if count <= 5 else (1 << place for place in range(count))

    def test(self, node: Node) -> list[bool]:
        """Whether each class passes a test."""
        return [passes(node, cell) for cell in self.sample]


class ListVariable(Variable):
    """The list of difficulties, seen only through the tests that a rule makes on it."""

    def __init__(self, tests: list[Node]) -> None:
        self.facts = ("difficulties",)
        self.place = LIST
        self.full = FULL[LIST]
        self.wanted = [sum(ITEM[item] for item in test.values) for test in tests]
        self.tests = tests
        reached = {0}
        for item, bit in ITEM.items():
            if item != "aucune":
                seen = sum(1 << n for n, wanted in enumerate(self.wanted) if wanted & bit)
                reached |= {before | seen for before in reached}
        alone = sum(1 << n for n, wanted in enumerate(self.wanted) if wanted & ITEM["aucune"])
        plain = any(
            not any(w & bit for w in self.wanted) for i, bit in ITEM.items() if i != "aucune"
        )
        if not plain:
            reached.discard(0)
        self.signatures = sorted(reached | {alone})
        self.size = len(self.signatures)

    def unsure(self, told: Told) -> bool:
        """Whether more difficulties may be told."""
        return bool(told.info[self.place] & NOT_GIVEN)

    def classes(self, bits: int) -> int:
        """The classes left, from the bits known."""
        seen = 0
        for number, wanted in enumerate(self.wanted):
            if bits & wanted != wanted:
                seen |= 1 << number
        if not bits & NOT_GIVEN:
            return 1 << self.signatures.index(seen)
        return sum(1 << n for n, found in enumerate(self.signatures) if found & seen == seen)

    def usual(self) -> Iterable[int]:
        """The bits worth a ready answer."""
        given = self.full & ~NOT_GIVEN
        return [given & ~bit for bit in ITEM.values()]

    def test(self, node: Node) -> list[bool]:
        """Whether each class passes a test."""
        number = self.tests.index(node)
        return [bool(found >> number & 1) for found in self.signatures]


class RatioVariable(Variable):
    """A number against a share of another: the cells of the first, times whether it is within."""

    def __init__(self, node: Node, tests: list[Node]) -> None:
        self.facts = (node.fact, node.of)
        self.share = node.threshold
        self.cuts = CUTS[node.fact]
        # Where each cell ends: a test "at most t" ends it at t, included.
        ends = {cut(test): test.threshold for test in tests if test.kind in ("lte", "gt")}
        self.ends = [ends[edge] for edge in self.cuts]
        self.size = 2 * (len(self.cuts) + 1)
        self.full = (1 << self.size) - 1
        self.free = self._moves((0.0, math.inf), (0.0, math.inf))

    def classes(self, bits: int) -> int:
        """The classes left, from the bits known."""
        return bits

    def usual(self) -> Iterable[int]:
        """The bits worth a ready answer."""
        return (1 << number for number in range(self.size))

    def test(self, node: Node) -> list[bool]:
        """Whether each class passes a test."""
        if node.kind == "ratio":
            return [number % 2 == 0 for number in range(self.size)]
        cells = [passes(node, number) for number in CELLS[node.fact]]
        return [cells[number // 2] for number in range(self.size)]

    def _spans(self, told: Told) -> tuple[Span, Span]:
        top, base = (
            (0.0, math.inf) if told.facts.get(name) is None else span(FACTS[name], told.facts[name])
            for name in self.facts
        )
        return top, (base[0] * self.share, base[1] * self.share)

    def _pieces(self, top: Span) -> Iterator[tuple[int, float, bool, float]]:
        """The cells of the number: their low end, whether it is left out, their high end."""
        first = bisect_right(self.cuts, top[0])
        last = bisect_right(self.cuts, top[1])
        for cell in range(first, last + 1):
            low = top[0] if cell == first else self.ends[cell - 1]
            high = top[1] if cell == last else self.ends[cell]
            yield cell, low, cell > first, high

    def bits(self, told: Told) -> int:
        """The cells left by what is told of the two numbers."""
        first: Any = told.facts.get(self.facts[0])
        second: Any = told.facts.get(self.facts[1])
        if first is None and second is None:
            return self.full
        if type(first) in NUMBERS and type(second) in NUMBERS:
            beyond = int(first > second * self.share)
            return 1 << 2 * bisect_right(self.cuts, first) + beyond
        top, base = self._spans(told)
        found = 0
        for cell, low, out, high in self._pieces(top):
            if low < base[1] or (low == base[1] and not out):
                found |= 1 << 2 * cell
            if high > base[0]:
                found |= 2 << 2 * cell
        return found

    def moves(self, told: Told) -> dict[str, list[tuple[int, int]]]:
        """For each of the two facts, the pairs of cells it can go between, the other staying."""
        if all(told.facts.get(name) is None for name in self.facts):
            return self.free
        return self._moves(*self._spans(told))

    def _moves(self, top: Span, base: Span) -> dict[str, list[tuple[int, int]]]:
        pieces = list(self._pieces(top))
        of_top: list[tuple[int, int]] = []
        of_base: list[tuple[int, int]] = []
        for place, (cell, low, out, high) in enumerate(pieces):
            # The base moves: some x of this cell, base[0] < x <= base[1].
            start, reach = max(low, base[0]), min(high, base[1])
            left_out = base[0] >= low or out
            if start < reach or (start == reach and not left_out):
                of_base.append((2 * cell, 2 * cell + 1))
            # The top moves within this cell or to the next, for one value of the base: a longer way
            # is made of such steps.
            reached = base[1] > low or (base[1] == low and not out)
            for other, low_, out_, high_ in pieces[place : place + 2]:
                if reached and max(low, base[0]) < high_:
                    of_top.append((2 * cell, 2 * other + 1))
                if other > cell and (base[1] > low_ or (base[1] == low_ and not out_)):
                    of_top.append((2 * cell, 2 * other))
                if other > cell and base[0] < high:
                    of_top.append((2 * cell + 1, 2 * other + 1))
        return {self.facts[0]: of_top, self.facts[1]: of_base}


class BlockVariable(Variable):
    """An inner block, seen through its classes."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.size = len(block.classes)
        self.full = (1 << self.size) - 1

    def classes(self, bits: int) -> int:
        """The classes left, from the bits known."""
        return bits

    def usual(self) -> Iterable[int]:
        """The bits worth a ready answer."""
        return range(1 << self.size) if self.size <= 5 else (1 << n for n in range(self.size))


def passes(test: Node, cell: object) -> bool:
    """Whether a cell of the test's fact passes the test."""
    if test.kind == "in":
        return (cell[0] if isinstance(cell, tuple) else cell) in test.values
    assert isinstance(cell, int)
    above = cell > CUTS[test.fact].index(cut(test))
    return above if test.kind in ("gte", "gt") else not above


def bonds(name: str, cell: object, among: set[str] | None = None) -> frozenset[tuple[int, int]]:
    """What one value of a fact excludes of other facts: (place, bits kept)."""
    if FACTS[name].type not in ("choice", "boolean"):
        return frozenset()
    return frozenset(
        (place, keep)
        for place, keep in EFFECTS[name, cell]
        if place != LIST and (among is None or NAMES[place] in among)
    )


@dataclass
class Block:
    """A table: its variables, the states that may be, and its classes.

    `own` are the variables that occur nowhere else; the others (`shared`) vary slowest outside and
    are the low digits of the states here. `tests` are the conditions wholly inside: (id, states
    where it holds, states where it fails).
    """

    variables: list[Variable]
    strides: list[int]
    own: list[int]
    shared: list[int]
    states: int
    possible: int
    classes: list[int] = field(default_factory=list)
    seen: list[tuple[int, int, int]] = field(default_factory=list)
    tests: list[tuple[str, int, int]] = field(default_factory=list)
    opens: list[tuple[str, int]] = field(default_factory=list)
    seams: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.patterns = [
            [pattern(self.states, stride, variable.size, number) for number in range(variable.size)]
            for variable, stride in zip(self.variables, self.strides, strict=True)
        ]
        low = math.prod(self.variables[place].size for place in self.shared)
        self.shared_states = [pattern(self.states, 1, low, number) for number in range(low)]
        self.seams = {
            id(variable.block): [
                spread(variable.block, 1 << number, self)
                for number in range(len(variable.block.shared_states))
            ]
            for variable in self.variables
            if isinstance(variable, BlockVariable)
        }

    @cached_property
    def tables(self) -> list[Table]:
        """For each variable, the states left by what is known of it."""
        return [
            Table(variable, patterns)
            for variable, patterns in zip(self.variables, self.patterns, strict=True)
        ]

    def left(self, place: int, bits: int) -> int:
        """The states left by what is known of one variable."""
        return union(self.patterns[place], self.variables[place].classes(bits))


def union(patterns: list[int], classes: int) -> int:
    """The states of some classes."""
    found = 0
    for number, states in enumerate(patterns):
        if classes >> number & 1:
            found |= states
    return found


def pattern(states: int, stride: int, size: int, number: int) -> int:
    """The states where the digit of this stride and size is `number`."""
    width = stride * size
    found = ((1 << stride) - 1) << number * stride
    while width < states:
        found |= found << width
        width *= 2
    return found & ((1 << states) - 1)


@dataclass(frozen=True)
class Inner(Node):
    """A piece of a rule already compiled to a block."""

    block: Block | None = None
    origin: Node | None = None


def leaves(node: Node) -> Iterator[Node]:
    """The tests of a piece, those inside its inner blocks included."""
    for piece in node.walk():
        if isinstance(piece, Inner) and piece.origin is not None:
            yield from leaves(piece.origin)
        elif piece.fact:
            yield piece


class Compiler:
    """Compiles a rule to blocks, inner ones first; to one table when it is not to be cut up."""

    def __init__(self, rule: Node, cut_up: bool = True, last: Container[str] = ()) -> None:
        self.blocks: list[Block] = []
        self.last = last
        self.root = flat(rule)
        self.uses: dict[str, list[Node]] = {}
        for leaf in leaves(self.root):
            self.uses.setdefault(leaf.fact, []).append(leaf)
        self.variable = {name: self._variable(name, tests) for name, tests in self.uses.items()}
        if cut_up:
            self.finish(self.plan(self.root))

    def _variable(self, name: str, tests: list[Node]) -> Variable:
        unique = list(dict.fromkeys(replace(test, condition="") for test in tests))
        ratio = next((test for test in unique if test.kind == "ratio"), None)
        if ratio is not None:
            return RatioVariable(ratio, unique)
        if name == "difficulties":
            return ListVariable(unique)
        return FactVariable(name, unique, self._bound(name))

    def _bound(self, name: str) -> set[str]:
        """The facts of this rule that values of this one exclude, twins aside.

        A value whose twin (same tests, fewer bonds with any fact) is always there beside it never
        changes what is possible, so its own bonds need not be followed.
        """
        if FACTS[name].type not in ("choice", "boolean"):
            return set()
        tests = list(dict.fromkeys(self.uses[name]))
        kept: set[str] = set()
        for cell in CELLS[name]:
            mine = {NAMES[place] for place, _ in bonds(name, cell)}
            twins = (
                other
                for other in CELLS[name]
                if other != cell
                and all(passes(test, other) == passes(test, cell) for test in tests)
                and {NAMES[place] for place, _ in bonds(name, other)} < mine
            )
            twin = next(twins, None)
            spared = {NAMES[place] for place, _ in bonds(name, twin)} if twin is not None else mine
            kept |= spared & set(self.uses)
        return kept

    # --- planning --------------------------------------------------------------------------------

    def names(self, node: Node) -> set[str]:
        """The facts a piece depends on, those of its inner blocks that are shared included."""
        found: set[str] = set()
        for piece in node.walk():
            if isinstance(piece, Inner):
                assert piece.block is not None
                for place in piece.block.shared:
                    found.add(piece.block.variables[place].facts[0])
            elif piece.fact:
                found.add(piece.fact)
        return found

    def private(self, node: Node) -> set[str]:
        """The facts that occur in this piece only."""
        inside: dict[str, int] = {}
        for leaf in leaves(node):
            inside[leaf.fact] = inside.get(leaf.fact, 0) + 1
        return {name for name, count in inside.items() if count == len(self.uses[name])}

    def size(self, node: Node) -> int:
        """How many states the table of a piece would have."""
        inner = [piece.block for piece in node.walk() if isinstance(piece, Inner)]
        return math.prod(self.variable[name].size for name in self.names(node)) * math.prod(
            len(block.classes) for block in inner if block is not None
        )

    def plan(self, node: Node) -> Node:
        """Replace, where the table would be too large, pieces of this node by blocks."""
        if not node.parts or self.size(node) <= LIMIT:
            return node
        parts = [self.plan(part) for part in node.parts]
        closed = [part for part in parts if self.closed(part)]
        if len(closed) > 1:
            group = self.inner(Node(node.kind, parts=tuple(closed)))
            parts = [part for part in parts if part not in closed] + [group]
        return replace(node, parts=tuple(self.wrap(part) for part in parts))

    def closed(self, node: Node) -> bool:
        """Whether a piece shares no fact with the rest of the rule (and has some)."""
        names = {leaf.fact for leaf in leaves(node)}
        return bool(names) and names == self.private(node)

    def wrap(self, node: Node) -> Node:
        """This piece as a block, when it has two variables of its own or more."""
        if isinstance(node, Inner):
            return node
        blocks = sum(isinstance(piece, Inner) for piece in node.walk())
        own = self.private(node) & self.names(node)
        return self.inner(node) if len(own) + blocks > 1 else node

    # --- tables ----------------------------------------------------------------------------------

    def inner(self, node: Node) -> Inner:
        """A piece as a block of its own."""
        return Inner("inner", block=self.build(node, self.private(node)), origin=node)

    def build(self, node: Node, own: set[str]) -> Block:
        """A piece as a block, its states gathered in classes."""
        block = self.table(node, own)
        holds, fails = self.value(node, block)
        self.classify(block, holds & block.possible, fails & block.possible)
        self.blocks.append(block)
        return block

    def table(self, node: Node, own: set[str]) -> Block:
        """The table of a piece, its shared variables first, without the states that cannot be."""
        names = self.names(node)
        shared = sorted(names - own, key=INDEX.__getitem__)
        mine = sorted(own & names, key=lambda name: (name in self.last, INDEX[name]))
        inner = [piece.block for piece in node.walk() if isinstance(piece, Inner)]
        variables: list[Variable] = [self.variable[name] for name in (*shared, *mine)]
        variables += [BlockVariable(block) for block in inner if block is not None]
        strides: list[int] = []
        states = 1
        for variable in variables:
            strides.append(states)
            states *= variable.size
        block = Block(
            variables,
            strides,
            own=list(range(len(shared), len(variables))),
            shared=list(range(len(shared))),
            states=states,
            possible=(1 << states) - 1,
        )
        self.restrict(block)
        return block

    def restrict(self, block: Block) -> None:
        """Leave out the states that contradict themselves."""
        place_of = {
            variable.place: number
            for number, variable in enumerate(block.variables)
            if isinstance(variable, FactVariable)
        }
        for number, variable in enumerate(block.variables):
            for digit, states in enumerate(block.patterns[number]):
                if isinstance(variable, FactVariable):
                    left = self._left(block, variable, digit, place_of)
                elif isinstance(variable, BlockVariable):
                    left = spread(variable.block, variable.block.seen[digit][2], block)
                else:
                    continue
                block.possible &= ~states | left

    def _left(
        self, block: Block, variable: FactVariable, digit: int, place_of: Mapping[int, int]
    ) -> int:
        """The states that a class of a fact leaves: those that one of its values leaves."""
        found = 0
        for number, cell in enumerate(CELLS[variable.facts[0]]):
            if variable.of_cell[number] == digit:
                left = (1 << block.states) - 1
                for place, keep in bonds(variable.facts[0], cell):
                    if place in place_of:
                        left &= block.left(place_of[place], FULL[place] & keep)
                found |= left
        return found

    def value(self, node: Node, block: Block) -> tuple[int, int]:
        """The states of a block where a piece holds, and those where it fails.

        The conditions met on the way are noted, with the states where what the documents leave open
        would decide them.
        """
        for piece in node.walk():
            if piece.condition and piece.condition not in {test[0] for test in block.tests}:
                block.tests.append((piece.condition, *self.worth(piece, block)))
                block.opens += self.opens(piece, block)
        return self.worth(node, block)

    def opens(self, piece: Node, block: Block) -> Iterator[tuple[str, int]]:
        """What a condition leaves open, each with the states where settling it could settle it.

        The other things it leaves open are settled both ways: one never hides another.
        """
        reasons = sorted({found.reason for found in piece.walk() if found.reason})
        for reason in reasons:
            others = [other for other in reasons if other != reason]
            states = 0
            for ways in product((ALWAYS, NEVER), repeat=len(others)):
                settled = piece
                for other, way in zip(others, ways, strict=True):
                    settled = forced(settled, other, way)
                with_it, _ = self.worth(forced(settled, reason, ALWAYS), block)
                without, _ = self.worth(forced(settled, reason, NEVER), block)
                states |= with_it ^ without
            yield reason, states

    def worth(self, node: Node, block: Block) -> tuple[int, int]:
        """The states of a block where a piece holds, and those where it fails."""
        everything = (1 << block.states) - 1
        if isinstance(node, Inner):
            return self.inner_value(node, block)
        if node.kind == "undecided":
            return 0, 0
        if node.kind in ("all", "any"):
            values = [self.worth(part, block) for part in node.parts]
            strict, loose = (0, 1) if node.kind == "all" else (1, 0)
            every, some = everything, 0
            for value in values:
                every &= value[strict]
                some |= value[loose]
            return (every, some) if node.kind == "all" else (some, every)
        variable = self.variable[node.fact]
        passed = variable.test(replace(node, condition=""))
        classes = sum(1 << number for number, held in enumerate(passed) if held)
        holds = union(block.patterns[block.variables.index(variable)], classes)
        return holds, everything & ~holds

    def inner_value(self, node: Inner, block: Block) -> tuple[int, int]:
        """The value of an inner block in the states of an outer one."""
        assert node.block is not None
        number = next(
            place
            for place, variable in enumerate(block.variables)
            if isinstance(variable, BlockVariable) and variable.block is node.block
        )
        holds = fails = 0
        for states, (yes, no, _) in zip(block.patterns[number], node.block.seen, strict=True):
            holds |= states & spread(node.block, yes, block)
            fails |= states & spread(node.block, no, block)
        return holds, fails

    def classify(self, block: Block, holds: int, fails: int) -> None:
        """Group the states of the own variables that nothing outside can tell apart."""
        low = math.prod(block.variables[place].size for place in block.shared)
        ones = (1 << low) - 1
        groups: dict[tuple[int, int, int], int] = {}
        for number in range(block.states // low):
            shift = number * low
            allowed = block.possible >> shift & ones
            if allowed:
                key = (holds >> shift & ones, fails >> shift & ones, allowed)
                groups[key] = groups.get(key, 0) | ones << shift
        block.seen = list(groups)
        block.classes = list(groups.values())

    def finish(self, node: Node) -> None:
        """The last block: its classes are that the rule holds, fails, or is left open."""
        self.build(node, self.names(node))
        last = self.blocks[-1]
        by_value = {(1, 0): YES, (0, 1): NO, (0, 0): OPEN}
        classes = [0, 0, 0]
        for (holds, fails, _), states in zip(last.seen, last.classes, strict=True):
            classes[by_value[holds, fails]] = states
        last.classes = classes


def one_table(rules: Iterable[Node], last: Container[str] = ()) -> OneTable:
    """Several rules over one table of full states, the facts of `last` being its high digits."""
    compiler = Compiler(Node("any", parts=tuple(rules)), cut_up=False, last=last)
    return OneTable(compiler, compiler.table(compiler.root, set(compiler.uses)))


class OneTable:
    """A table of all the full states that some rules tell apart."""

    def __init__(self, compiler: Compiler, block: Block) -> None:
        self._compiler = compiler
        self.block = block

    def value(self, rule: Node) -> tuple[int, int, int]:
        """The states where a rule, or a piece of one, holds, fails, is left open."""
        possible = self.block.possible
        holds, fails = self._compiler.worth(flat(rule), self.block)
        holds, fails = holds & possible, fails & possible
        return holds, fails, possible & ~holds & ~fails


def spread(inner: Block, shared: int, outer: Block) -> int:
    """States of the shared variables of an inner block, as states of the outer one."""
    found = 0
    low = math.prod(inner.variables[place].size for place in inner.shared)
    numbers = [outer.variables.index(inner.variables[place]) for place in inner.shared]
    for state in range(low):
        if shared >> state & 1:
            states = (1 << outer.states) - 1
            for place, number in zip(inner.shared, numbers, strict=True):
                digit = state // inner.strides[place] % inner.variables[place].size
                states &= outer.patterns[number][digit]
            found |= states
    return found


ALWAYS, NEVER = Node("all"), Node("any")


def forced(rule: Node, name: str, by: Node) -> Node:
    """A rule with one condition, or one thing left open, replaced."""
    if name in (rule.condition, rule.reason):
        return by
    return replace(rule, parts=tuple(forced(part, name, by) for part in rule.parts))


def flat(node: Node) -> Node:
    """The same rule, with an `all` inside an `all` (or `any`) written as one, ids kept."""
    parts: list[Node] = []
    for part in (flat(part) for part in node.parts):
        if part.kind == node.kind and not part.condition:
            parts.extend(part.parts)
        else:
            parts.append(part)
    return replace(node, parts=tuple(parts))


def compile_version(version: Version) -> list[Block]:
    """The blocks of a rule, inner ones first, the whole rule last."""
    return Compiler(version.when).blocks
