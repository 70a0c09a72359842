"""Assessing: facts in, verdicts with reasons and what is missing out.

Pure: no clock except the default of `as_of`, no cache between calls, no input or output.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .blocks import NO, OPEN, YES, Block, BlockVariable, RatioVariable, compile_version
from .catalogue import FACTS
from .errors import FactError
from .kleene import kleene
from .library import LIBRARY
from .rules import RULES, SERVICES, Reading, Service, Source, Version
from .told import INDEX, ITEM, WORDS, Told, iso, read, safe

_TRUE = 2  # the bit of True in a boolean's cells
_NO_DISASTER = 1 << FACTS["disaster"].values.index("aucune")
_GRAVE = sum(ITEM[item] for item in ("sinistre", "catastrophe", "expulsion", "saisie"))


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


class Program:
    """One version of a rule, compiled."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.blocks = compile_version(version)
        self.last = self.blocks[-1]
        self.facts = frozenset(
            name for block in self.blocks for variable in block.variables for name in variable.facts
        )
        order = {name: number for number, name in enumerate(version.conditions)}
        self.steps = [self._step(block) for block in self.blocks]
        tests = [
            (order[name], number, holds, fails, *self._reasons(name))
            for number, block in enumerate(self.blocks)
            for name, holds, fails in block.tests
        ]
        self.tests = [test[1:] for test in sorted(tests, key=lambda test: test[0])]
        self.opens = [
            (number, states, self._open_reason(key))
            for number, block in enumerate(self.blocks)
            for key, states in block.opens
        ]

    def _open_reason(self, key: str) -> Reason:
        found = self.version.undecided[key]
        owner = next(
            condition.id
            for condition in self.version.conditions.values()
            if any(node.reason == key for node in condition.when.walk())
        )
        return Reason(owner, None, found.text, found.sources)

    def _step(self, block: Block) -> tuple[Any, ...]:
        facts: list[tuple[int, int, Any]] = []
        inner: list[tuple[int, int, Any]] = []
        ratios: list[tuple[RatioVariable, Any]] = []
        for variable, table in zip(block.variables, block.tables, strict=True):
            if isinstance(variable, BlockVariable):
                inner.append((self.blocks.index(variable.block), variable.full, table))
            elif isinstance(variable, RatioVariable):
                ratios.append((variable, table))
            else:
                facts.append((INDEX[variable.facts[0]], variable.full, table))
        classes = [(1 << number, states) for number, states in enumerate(block.classes)]
        return block.possible, facts, inner, ratios, classes

    def _reasons(self, name: str) -> tuple[Reason, Reason]:
        condition = self.version.conditions[name]
        return (
            Reason(name, True, condition.yes, condition.sources),
            Reason(name, False, condition.no, condition.sources),
        )

    def states(self, told: Told) -> tuple[list[int], list[int]]:
        """The states left in each block, and the classes left of each."""
        info = told.info
        left: list[int] = []
        seen: list[int] = []
        for possible, facts, inner, ratios, classes in self.steps:
            states = possible
            for place, full, table in facts:
                bits = info[place]
                if bits != full:
                    states &= table[bits]
            for number, full, table in inner:
                bits = seen[number]
                if bits != full:
                    states &= table[bits]
            for variable, table in ratios:
                bits = variable.bits(told)
                if bits != variable.full:
                    states &= table[bits]
            found = 0
            for bit, members in classes:
                if states & members:
                    found |= bit
            left.append(states)
            seen.append(found)
        return left, seen

    def reasons(self, left: list[int]) -> tuple[Reason, ...]:
        """The conditions known to hold or to fail."""
        found = []
        for number, holds, fails, yes, no in self.tests:
            states = left[number]
            if not states & ~holds:
                found.append(yes)
            elif not states & ~fails:
                found.append(no)
        return tuple(found)

    def left_open(self, left: list[int], decided: bool) -> tuple[Reason, ...]:
        """What the documents do not decide and that bears on these facts.

        `decided` says that nothing asked would change anything: then what may bear is told too.
        """
        return tuple(
            reason
            for number, states, reason in self.opens
            if (left[number] & states if decided else not left[number] & ~states)
        )

    def missing(self, told: Told, left: list[int], seen: list[int]) -> tuple[str, ...]:
        """The facts two values of which give different verdicts, all the rest being equal."""
        verdicts = [number for number in (YES, NO, OPEN) if seen[-1] >> number & 1]
        if len(verdicts) < 2:
            return ()
        pairs = [
            (left[-1] & self.last.classes[one], left[-1] & self.last.classes[other])
            for place, one in enumerate(verdicts)
            for other in verdicts[:place]
        ]
        found = set(self._moving(len(self.blocks) - 1, pairs, told, left, seen))
        return tuple(name for name in FACTS if name in found)

    def _moving(
        self,
        number: int,
        pairs: list[tuple[int, int]],
        told: Told,
        left: list[int],
        seen: list[int],
    ) -> Iterator[str]:
        """The facts of a block's own variables that lead from one side of a pair to the other."""
        block = self.blocks[number]
        for place in block.own:
            variable, stride = block.variables[place], block.strides[place]
            zero = block.patterns[place][0]
            if isinstance(variable, RatioVariable):
                for name, moves in variable.moves(told).items():
                    if any(meet(pairs, stride, zero, one, other) for one, other in moves):
                        yield name
            elif isinstance(variable, BlockVariable):
                inner = self.blocks.index(variable.block)
                deeper = list(self._deeper(block, place, inner, pairs, left[inner], seen[inner]))
                if deeper:
                    yield from self._moving(inner, deeper, told, left, seen)
            elif crosses(pairs, stride, zero, variable.size):
                yield variable.facts[0]

    def _deeper(
        self,
        block: Block,
        place: int,
        inner: int,
        pairs: list[tuple[int, int]],
        left: int,
        seen: int,
    ) -> Iterator[tuple[int, int]]:
        """The pairs of an inner block's states that the outer pairs tell apart."""
        stride, zero = block.strides[place], block.patterns[place][0]
        members = self.blocks[inner].classes
        classes = [number for number in range(len(members)) if seen >> number & 1]
        for position, one in enumerate(classes):
            for other in classes[:position]:
                where = meet(pairs, stride, zero, one, other)
                if where:
                    context = left & narrowed(block, self.blocks[inner], where)
                    yield context & members[one], context & members[other]


def meet(pairs: list[tuple[int, int]], stride: int, zero: int, one: int, other: int) -> int:
    """The states that lie on two sides of a pair with digits `one` and `other` (there, digit 0)."""
    found = 0
    for first, second in pairs:
        found |= (first >> one * stride) & (second >> other * stride)
        found |= (first >> other * stride) & (second >> one * stride)
    return found & zero


def crosses(pairs: list[tuple[int, int]], stride: int, zero: int, size: int) -> bool:
    """Whether changing one digit leads from one side of a pair to the other."""
    for first, second in pairs:
        here = there = 0
        for number in range(size):
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


class Assessed:
    """The verdict of one service, with what it rests on.

    `verdict` is `eligible`, `possible`, `not_eligible` or `unknown`; `version` is None at a date with
    no document in force. What is costly and not always wanted is worked out when asked for.
    """

    __slots__ = ("_left", "_program", "_seen", "_told", "reasons", "service", "verdict", "version")

    def __init__(self, service: Service, program: Program | None, told: Told) -> None:
        self.service = service.name
        self.version = program.version if program else None
        self._program = program
        self._told = told
        if program is None:
            self.verdict = "unknown"
            self.reasons: tuple[Reason, ...] = (_no_document(service),)
            return
        self._left, self._seen = program.states(told)
        self.reasons = program.reasons(self._left)
        verdicts = self._seen[-1]
        if verdicts == 1 << YES:
            self.verdict = program.version.verdict
        elif verdicts == 1 << NO:
            self.verdict = "not_eligible"
        else:
            self.verdict = "unknown"
            if verdicts >> OPEN & 1:
                self.reasons += program.left_open(self._left, verdicts == 1 << OPEN)

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts that can still change the verdict, in the catalogue's order."""
        if self._program is None or self.verdict != "unknown":
            return ()
        return self._program.missing(self._told, self._left, self._seen)

    @property
    def used(self) -> tuple[str, ...]:
        """The facts known, or following from those told, that this rule reads."""
        if self._program is None:
            return ()
        facts = self._program.facts
        return tuple(name for name in FACTS if name in facts and self._told.known(name))

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings of documents that disagree which bear on these facts."""
        if self.version is None:
            return ()
        return tuple(found for found in self.version.readings if kleene(found.when, self._told))

    def as_json(self) -> dict[str, Any]:
        """The service as `facts.md` writes it; `used`, `version`, `notes`, `readings` beside."""
        return {
            "service": self.service,
            "verdict": self.verdict,
            "missing": list(self.missing),
            "reasons": [reason.as_json() for reason in self.reasons],
            "used": list(self.used),
            "version": self.version.id if self.version else None,
            "notes": list(self.version.notes) if self.version else [],
            "readings": [{"number": r.number, "text": r.text} for r in self.readings],
        }


@dataclass(frozen=True)
class Assessment:
    """What the rules say of some facts, service by service, in the order asked."""

    as_of: str
    services: tuple[Assessed, ...]
    told: Told

    def service(self, name: str) -> Assessed:
        """One of the services asked for; KeyError when it was not."""
        for found in self.services:
            if found.service == name:
                return found
        raise KeyError(name)

    @property
    def next_question(self) -> str | None:
        """The fact to ask first, or None when none can change anything."""
        from .questions import choose

        return choose(self.told, self.services, self.told.audience)

    @property
    def priority(self) -> str:
        """`critical`, `urgent`, `high` or `normal` (`urgency.md`)."""
        return rank(self.told)

    def as_json(self) -> dict[str, Any]:
        """The assessment as `facts.md` writes it."""
        return {
            "as_of": self.as_of,
            "services": [service.as_json() for service in self.services],
            "next_question": self.next_question,
            "priority": self.priority,
        }


def _no_document(service: Service) -> Reason:
    text = LIBRARY["messages.yml"]["reasons"]["no_document"]
    first = service.versions[0]
    condition = next(iter(first.conditions.values()))
    return Reason(condition.id, None, text.format(first=first.start), condition.sources)


PROGRAMS = {
    name: tuple(Program(version) for version in service.versions) for name, service in RULES.items()
}


def in_force(service: str, as_of: str) -> Program | None:
    """The compiled rule of a service at an ISO date."""
    return next((p for p in PROGRAMS[service] if p.version.covers(as_of)), None)


def today() -> str:
    """Today in Paris, ISO."""
    import datetime
    from zoneinfo import ZoneInfo

    return datetime.datetime.now(ZoneInfo("Europe/Paris")).date().isoformat()


def chosen(services: Iterable[str] | None) -> tuple[str, ...]:
    """The services asked for, checked; all of them, in order, when None."""
    if services is None:
        return tuple(RULES)
    names = (services,) if isinstance(services, str) else tuple(services)
    for name in names:
        if name not in RULES:
            words = WORDS["service"].format(found=safe(name), values=", ".join(SERVICES))
            raise FactError(words, "services")
    return names


def assess(facts: Mapping[str, Any], services: Iterable[str] | None = None) -> Assessment:
    """What the rules say of these facts.

    Args:
        facts: fact name → value; absent is not asked, None is asked and not known. `as_of` defaults
            to today in Paris, the only thing read from outside the arguments.
        services: names out of `SERVICES`; all, in that order, when None.

    Raises:
        FactError: an unknown fact, a value that is not admissible, a contradiction, a date before
            2018-12-19, an unknown service.
    """
    told = read(facts)
    given = facts.get("as_of")
    as_of = today() if given is None else iso(given)
    names = chosen(services)
    return Assessment(
        as_of, tuple(Assessed(RULES[name], in_force(name, as_of), told) for name in names), told
    )


def rank(told: Told) -> str:
    """The priority of a case (`urgency.md`, Priorities of a case)."""
    info = told.info
    if info[INDEX["immediate_danger"]] == _TRUE:
        return "critical"
    if _TRUE in (info[INDEX["family_violence"]], info[INDEX["homeless"]]):
        return "urgent"
    present = ~info[INDEX["difficulties"]]
    if present & _GRAVE or not info[INDEX["disaster"]] & _NO_DISASTER:
        return "high"
    return "normal"


def priority(facts: Mapping[str, Any]) -> str:
    """The priority of a case from its facts; raises FactError as `assess` does."""
    return rank(read(facts))
