"""One version of a rule, compiled: from what is known to what follows from it.

The blocks (`blocks.py`) say what to compute; here the computation is written out as one straight
Python function a version, which is four times as fast as walking the blocks. That function holds
nothing but numbers of ours and the names of tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .blocks import (
    NO,
    OPEN,
    YES,
    Block,
    BlockVariable,
    FactVariable,
    ListVariable,
    RatioVariable,
    Variable,
    compile_version,
    flat,
)
from .catalogue import FACTS
from .outlook import Plan
from .rules import Source, Version
from .told import Told


@dataclass(frozen=True)
class Reason:
    """A condition that is known to hold or not, in French, with its source.

    `holds` is None for what the documents leave open. `sources` are all the passages; the first is
    the one shown.
    """

    rule: str
    holds: bool | None
    text: str
    sources: tuple[Source, ...]

    def as_json(self) -> dict[str, Any]:
        """The reason as `facts.md` writes it."""
        return {
            "rule": self.rule,
            "holds": self.holds,
            "text": self.text,
            "source": self.sources[0].as_json() if self.sources else None,
            "sources": [source.as_json() for source in self.sources],
        }


Run = Callable[[list[int], Told], tuple[tuple[int, ...], int, tuple[Reason, ...]]]
Pair = tuple[int, int]


class Program:
    """One version of a rule, compiled.

    `run` takes what is known and gives the states left in each block, the classes left to the whole
    rule (bits of YES, NO, OPEN), and the conditions known to hold or to fail.
    """

    def __init__(self, version: Version) -> None:
        self.version = version
        self.blocks = compile_version(version)
        self.last = self.blocks[-1]
        self.number = {id(block): number for number, block in enumerate(self.blocks)}
        self.facts = frozenset(
            name for block in self.blocks for variable in block.variables for name in variable.facts
        )
        self.opens = [
            (number, states, self._open_reason(key))
            for number, block in enumerate(self.blocks)
            for key, states in block.opens
        ]
        self.plan = Plan(flat(version.when))
        self.run: Run = self._written_out()

    def _open_reason(self, key: str) -> Reason:
        found = self.version.undecided[key]
        owner = next(
            condition.id
            for condition in self.version.conditions.values()
            if any(node.reason == key for node in condition.when.walk())
        )
        return Reason(owner, None, found.text, found.sources)

    # --- the function -----------------------------------------------------------------------------

    def _written_out(self) -> Run:
        space: dict[str, Any] = {}
        lines = ["def run(info, told):"]
        for number, block in enumerate(self.blocks):
            lines += self._block(number, block, space)
        lines.append("    reasons = []")
        order = {name: place for place, name in enumerate(self.version.conditions)}
        tests = sorted(
            (order[name], number, holds, fails)
            for number, block in enumerate(self.blocks)
            for name, holds, fails in block.tests
        )
        names = tuple(self.version.conditions)
        for place, number, holds, fails in tests:
            condition = self.version.conditions[names[place]]
            space[f"yes{place}"] = Reason(condition.id, True, condition.yes, condition.sources)
            space[f"no{place}"] = Reason(condition.id, False, condition.no, condition.sources)
            possible = self.blocks[number].possible
            lines += [
                f"    if not s{number} & {possible & ~holds:#x}:",
                f"        reasons.append(yes{place})",
                f"    elif not s{number} & {possible & ~fails:#x}:",
                f"        reasons.append(no{place})",
            ]
        last = len(self.blocks) - 1
        left = ", ".join(f"s{number}" for number in range(last + 1))
        lines.append(f"    return ({left},), c{last}, tuple(reasons)")
        exec("\n".join(lines), space)  # noqa: S102 - the text is ours, made of numbers
        run: Run = space["run"]
        return run

    def _block(self, number: int, block: Block, space: dict[str, Any]) -> Iterator[str]:
        state = f"s{number}"
        yield f"    {state} = {block.possible:#x}"
        for place, (variable, table) in enumerate(zip(block.variables, block.tables, strict=True)):
            name = f"t{number}_{place}"
            space[name] = table.fast()
            yield f"    bits = {self._bits(variable, name, space)}"
            yield f"    if bits != {variable.full:#x}:"
            yield f"        {state} &= {name}[bits]"
        classes = " | ".join(
            f"({1 << place} if {state} & {states:#x} else 0)"
            for place, states in enumerate(block.classes)
            if states
        )
        yield f"    c{number} = {classes}"

    def _bits(self, variable: Variable, name: str, space: dict[str, Any]) -> str:
        """The expression for what is known of a variable."""
        if isinstance(variable, BlockVariable):
            return f"c{self.number[id(variable.block)]}"
        if isinstance(variable, RatioVariable):
            space[f"{name}_bits"] = variable.bits
            return f"{name}_bits(told)"
        assert isinstance(variable, FactVariable | ListVariable)
        return f"info[{variable.place}]"

    # --- what is left open, and what is missing ---------------------------------------------------

    def left_open(self, left: tuple[int, ...], decided: bool) -> tuple[Reason, ...]:
        """What the documents do not decide and that bears on these facts.

        `decided` says that nothing asked would change anything: then what may bear is told too.
        """
        return tuple(
            reason
            for number, states, reason in self.opens
            if (left[number] & states if decided else not left[number] & ~states)
        )

    def missing(self, told: Told, left: tuple[int, ...]) -> tuple[str, ...]:
        """The facts two values of which give different verdicts, all the rest being equal."""
        sides = [left[-1] & self.last.classes[verdict] for verdict in (YES, NO, OPEN)]
        sides = [side for side in sides if side]
        pairs = [(one, other) for place, one in enumerate(sides) for other in sides[:place]]
        if not pairs:
            return ()
        found = set(self._moving(len(self.blocks) - 1, pairs, told, left))
        return tuple(name for name in FACTS if name in found)

    def _moving(
        self, number: int, pairs: list[Pair], told: Told, left: tuple[int, ...]
    ) -> Iterator[str]:
        """The facts of a block's own variables that lead from one side of a pair to the other."""
        block = self.blocks[number]
        for place in block.own:
            variable, stride = block.variables[place], block.strides[place]
            zero = block.patterns[place][0]
            if isinstance(variable, BlockVariable):
                inner = self.number[id(variable.block)]
                deeper = list(self._deeper(block, place, inner, pairs, left[inner]))
                if deeper:
                    yield from self._moving(inner, deeper, told, left)
            elif isinstance(variable, RatioVariable):
                for name, moves in variable.moves(told).items():
                    if any(meet(pairs, stride, zero, one, other) for one, other in moves):
                        yield name
            elif (
                isinstance(variable, FactVariable | ListVariable)
                and variable.unsure(told)
                and crosses(pairs, stride, zero, variable.size)
            ):
                yield variable.facts[0]

    def _deeper(
        self, block: Block, place: int, inner: int, pairs: list[Pair], left: int
    ) -> Iterator[Pair]:
        """The pairs of an inner block's states that the outer pairs tell apart."""
        stride, zero = block.strides[place], block.patterns[place][0]
        members = self.blocks[inner].classes
        classes = [number for number, states in enumerate(members) if left & states]
        for position, one in enumerate(classes):
            for other in classes[:position]:
                where = meet(pairs, stride, zero, one, other)
                if where:
                    context = left & narrowed(block, self.blocks[inner], where)
                    yield context & members[one], context & members[other]


def meet(pairs: list[Pair], stride: int, zero: int, one: int, other: int) -> int:
    """The states on two sides of a pair with digits `one` and `other`; their digit is set to 0."""
    found = 0
    for first, second in pairs:
        found |= (first >> one * stride) & (second >> other * stride)
        found |= (first >> other * stride) & (second >> one * stride)
    return found & zero


def crosses(pairs: list[Pair], stride: int, zero: int, size: int) -> bool:
    """Whether changing one digit leads from one side of a pair to the other."""
    for first, second in pairs:
        here, there = first, second
        for number in range(1, size):
            here |= first >> number * stride
            there |= second >> number * stride
        if here & there & zero:
            return True
    return False


def narrowed(outer: Block, inner: Block, where: int) -> int:
    """The states of an inner block whose shared digits are those of some of the outer states."""
    if not inner.shared:
        return -1
    found = 0
    for pattern, states in zip(outer.seams[id(inner)], inner.shared_states, strict=True):
        if where & pattern:
            found |= states
    return found
