"""Assessing: facts in, verdicts with reasons and what is missing out.

Pure: no clock except the default of `as_of`, no cache between calls, no input or output.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .blocks import NO, OPEN, YES
from .catalogue import FACTS
from .errors import FactError
from .kleene import kleene
from .library import LIBRARY
from .program import Program, Reason
from .rules import RULES, SERVICES, Reading, Service, Version
from .told import INDEX, ITEM, WORDS, Told, read, safe
from .words import date

_TRUE = 2  # the bit of True in a boolean's cells
_NO_DISASTER = 1 << FACTS["disaster"].values.index("aucune")
_GRAVE = sum(ITEM[item] for item in ("sinistre", "catastrophe", "expulsion", "saisie"))


class Assessed:
    """The verdict of one service, with what it rests on.

    `verdict` is `eligible`, `possible`, `not_eligible` or `unknown`; `version` is None at a date
    with no document in force. What is costly and not always wanted is worked out when asked for.
    """

    __slots__ = ("_left", "_program", "_told", "reasons", "service", "verdict", "version")

    def __init__(self, service: Service, program: Program | None, told: Told) -> None:
        self.service = service.name
        self.version = program.version if program else None
        self._program = program
        self._told = told
        if program is None:
            self.verdict = "unknown"
            self.reasons: tuple[Reason, ...] = (_no_document(service),)
            self._left: tuple[int, ...] = ()
            return
        self._left, verdicts, self.reasons = program.run(told.info, told)
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
        return self._program.missing(self._told, self._left)

    @property
    def used(self) -> tuple[str, ...]:
        """The facts known, or following from those told, that this rule reads."""
        if self._program is None:
            return ()
        facts = self._program.facts
        return tuple(name for name in FACTS if name in facts and self._told.known(name))

    def ask_first(self, costs: Mapping[str, float]) -> str | None:
        """The fact to ask first for this service, out of those in `costs`."""
        if self._program is None:
            return None
        return self._program.plan.first(self._told.info, costs)

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


class Assessment:
    """What the rules say of some facts: `services`, in the order asked, at the date `as_of`."""

    __slots__ = ("as_of", "services", "told")

    def __init__(self, as_of: str, services: tuple[Assessed, ...], told: Told) -> None:
        self.as_of = as_of
        self.services = services
        self.told = told

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
    return Reason(condition.id, None, text.format(first=date(first.start)), condition.sources)


ALL = tuple(RULES)


class Dated:
    """A version, compiled when it is first asked for (a few milliseconds, once)."""

    __slots__ = ("compiled", "start", "version")

    def __init__(self, version: Version) -> None:
        self.version = version
        self.start = version.start
        self.compiled: Program | None = None

    def program(self) -> Program:
        """The compiled rule."""
        if self.compiled is None:
            self.compiled = Program(self.version)
        return self.compiled


NEWEST_FIRST = {
    name: tuple(Dated(version) for version in reversed(service.versions))
    for name, service in RULES.items()
}


def in_force(service: str, as_of: str) -> Program | None:
    """The compiled rule of a service at an ISO date; versions follow each other without a gap."""
    for dated in NEWEST_FIRST[service]:
        if dated.start <= as_of:
            return dated.compiled or dated.program()
    return None


def today() -> str:
    """Today in Paris, ISO."""
    import datetime
    from zoneinfo import ZoneInfo

    return datetime.datetime.now(ZoneInfo("Europe/Paris")).date().isoformat()


def chosen(services: Iterable[str] | None) -> tuple[str, ...]:
    """The services asked for, checked; all of them, in order, when None."""
    if services is None:
        return ALL
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
    as_of = today() if given is None else str(given)
    return Assessment(
        as_of,
        tuple([Assessed(RULES[name], in_force(name, as_of), told) for name in chosen(services)]),
        told,
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
