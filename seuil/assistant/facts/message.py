"""One message, ready to be read: its canonical text with numbers, lengths and dates marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from seuil.assistant.facts.calendar import Said, mark_dates
from seuil.assistant.facts.durations import Duration, mark_durations
from seuil.assistant.facts.numbers import Quantity, mark_quantities
from seuil.assistant.facts.scope import Scope
from seuil.assistant.facts.text import canonical

_SPEAK_OF_ANOTHER = frozenset({"rh", "partenaire", "agent"})
_NEAR = 80  # characters: how far the words « just before » or « just after » reach


@dataclass(frozen=True)
class Found:
    """A value found for a fact, and where (``start`` and ``end`` in the marked text)."""

    fact: str
    value: Any
    start: int
    end: int


@dataclass
class Message:
    """What the readers of facts read.

    ``asked`` is the fact pending, ``threshold`` the number it is asked against ("10 salariés ou
    plus ?"), ``known`` the facts told earlier in the order they were told.
    """

    plain: str
    asked: str | None
    threshold: float | None
    today: date
    audience: str | None
    known: Mapping[str, Any]
    text: str = ""
    quantities: list[Quantity] = field(default_factory=list)
    durations: list[Duration] = field(default_factory=list)
    dates: list[Said] = field(default_factory=list)
    denied: list[tuple[str, Any]] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        text: str,
        asked: str | None,
        threshold: float | None,
        today: date,
        audience: str | None,
        known: Mapping[str, Any],
    ) -> Message:
        """Prepare ``text``."""
        plain = canonical(text)
        message = cls(plain, asked, threshold, today, audience, known)
        marked = mark_dates(plain, today, message.dates)
        marked = mark_quantities(marked, message.quantities)
        message.text = mark_durations(marked, message.quantities, message.durations)
        return message

    @cached_property
    def scope(self) -> Scope:
        """What holds at each place of the text."""
        return Scope(self.text, of_another=self.audience in _SPEAK_OF_ANOTHER)

    def before(self, place: int) -> str:
        """Return the words just before ``place``, a space at both ends."""
        near = self.text[max(0, place - _NEAR) : place]
        return " " + (near if place <= _NEAR else near.partition(" ")[2]).lstrip()

    def after(self, place: int) -> str:
        """Return the words just after ``place``, a space at both ends."""
        near = self.text[place : place + _NEAR]
        short = len(near) < _NEAR
        return " " + (near if short else near.rpartition(" ")[0] + " ").lstrip()

    def quantity(self, mark: str) -> Quantity:
        """Return the quantity that ``mark`` (``q0q``) stands for."""
        return self.quantities[int(mark[1:-1])]

    def duration(self, mark: str) -> Duration:
        """Return the duration that ``mark`` (``d0d``) stands for."""
        return self.durations[int(mark[1:-1])]

    def said_date(self, mark: str) -> Said:
        """Return the date that ``mark`` (``t0t``) stands for."""
        return self.dates[int(mark[1:-1])]

    def holds(
        self,
        start: int,
        end: int,
        *,
        past: bool = True,
        other: bool = True,
        asked: bool = True,
        negated: bool = True,
        claim: tuple[str, Any] | None = None,
    ) -> bool:
        """Tell whether what stands there is told of the person, now (checks as switched on).

        ``claim`` is the fact and value it would tell: kept in ``denied`` when it is denied.
        """
        scope = self.scope
        if negated and scope.negated(start):
            if claim and not scope.other(start, end) and not scope.asked(start, end):
                self.denied.append(claim)
            return False
        if past and scope.past(start, end):
            return False
        if scope.hypothetical(start, end) or scope.to_come(start, end):
            return False
        if other and scope.other(start, end):
            return False
        return not (asked and scope.asked(start, end))

    @property
    def third_voice(self) -> bool:
        """Whether the writer speaks for someone else (HR, a partner, an agent)."""
        return self.audience in _SPEAK_OF_ANOTHER or self.scope.third_voice
