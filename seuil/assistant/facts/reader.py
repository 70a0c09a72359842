"""The reader: every family of facts over one message, then one reading out of what they found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from seuil.assistant.facts import (
    admission,
    answers,
    bare,
    contract,
    contract_length,
    corrections,
    difficulties,
    disaster,
    housing,
    job,
    kinds,
    money,
    person,
    place,
    sector,
    size,
)
from seuil.assistant.facts.message import Found, Message
from seuil.eligibility import catalogue

_MARK = re.compile(r"\b[qdt]\d+[qdt]\b")
_PARIS = ZoneInfo("Europe/Paris")
_DIFFICULTIES = catalogue()["difficulties"].values


@dataclass(frozen=True)
class FactReading:
    """What a message says.

    ``facts``: values in the shapes of facts.md (a list of difficulties holds those of this message
    only); ``dont_know``: the message answers "je ne sais pas" to what is asked; ``correction``: it
    replaces an earlier answer; ``retracted``: facts taken back without a new value; ``ambiguous``:
    ``{"fact": …, "because": …}`` for words that do not decide; ``agrees``: the yes or no given to
    what is pending when that is no fact (an offer).
    """

    facts: dict[str, Any] = field(default_factory=dict)
    dont_know: bool = False
    correction: bool = False
    retracted: list[str] = field(default_factory=list)
    ambiguous: list[dict[str, str]] = field(default_factory=list)
    agrees: bool | None = None


def read(
    text: str,
    asked: str | Mapping[str, Any] | None = None,
    as_of: date | None = None,
    audience: str | None = None,
    known: Mapping[str, Any] | None = None,
) -> FactReading:
    """Read the facts that ``text`` says.

    ``asked`` is the fact pending, or ``{"fact": …, "threshold": …}`` for "10 salariés ou plus ?";
    ``as_of`` the date of reading (today in Paris by default); ``audience`` who writes; ``known``
    the facts told earlier, in the order they were told. Never raises on any text.
    """
    fact, threshold = _asked(asked)
    today = as_of or datetime.now(_PARIS).date()
    message = Message.of(text, fact, threshold, today, audience, known or {})
    message.asked = corrections.meant(message)
    return _Reading(message).result()


def _asked(asked: str | Mapping[str, Any] | None) -> tuple[str | None, float | None]:
    if isinstance(asked, Mapping):
        return asked.get("fact"), asked.get("threshold")
    return asked, None


def _only_end(months: Any) -> bool:
    """Tell whether only the end of a contract is known: at least the time left."""
    return isinstance(months, Mapping) and set(months) == {"min"}


class _Reading:
    def __init__(self, message: Message) -> None:
        self.message = message
        self.facts: dict[str, Any] = {}
        self.ambiguous: list[dict[str, str]] = []
        self.used: set[str] = set()  # marks of the numbers read

    def result(self) -> FactReading:
        message = self.message
        self._employer()
        self._contract()
        self._place()
        self._housing()
        self._difficulties()
        self._times()
        self._last(money.read(message))
        self._person()
        self._answer()
        replaces = self._correct()
        self._admit()
        unknown = answers.dont_know(message) and not (
            self.facts if message.asked is None else message.asked in self.facts
        )
        retracted = corrections.retracted(message, self.facts)
        changed = corrections.changes(message, self.facts) or bool(retracted)
        correction = replaces or corrections.takes_back(message, changed)
        if correction and "difficulties" in self.facts:
            told = [*(message.known.get("difficulties") or ()), *self.facts["difficulties"]]
            self.facts["difficulties"] = self._less_denied(told)
        offered = message.asked is not None and message.asked not in catalogue()
        agrees = answers.yes_or_no(message) if offered else None
        return FactReading(self.facts, unknown, correction, retracted, self.ambiguous, agrees)

    def _admit(self) -> None:
        """Keep what the engine takes; what contradicts itself has to be asked."""
        self.facts = admission.admissible(self.facts)
        while clashing := [n for n in admission.contradiction(self.facts) if n in self.facts]:
            for name in clashing:
                self._unclear(name, str(self.facts.pop(name)))

    def _less_denied(self, told: Iterable[str]) -> list[str]:
        """Return the difficulties told, less those the message denies, in the catalogue's order.

        A correction replaces the list, so that what it does not speak of has to be in it.
        """
        denied = {value for fact, value in self.message.denied if fact == "difficulties"}
        left = set(told) - denied
        return [
            name for name in _DIFFICULTIES if name in left and (name != "aucune" or left == {name})
        ]

    def _unclear(self, fact: str, because: str) -> None:
        self.ambiguous.append({"fact": fact, "because": because})

    def _words(self, found: Found) -> str:
        return self.message.text[found.start : found.end].strip()

    def _employer(self) -> None:
        sectors = list(sector.read(self.message))
        values = list(dict.fromkeys(found.value for found in sectors if found.value))
        if len(values) == 2 and "agricole" in values and "prive" in values:
            values = ["agricole"]  # « une entreprise privée agricole »
        if len(values) == 1:
            self.facts["employer_sector"] = values[0]
        elif sectors:
            self._unclear("employer_sector", " / ".join(dict.fromkeys(map(self._words, sectors))))
        self._last(size.read(self.message))

    def _last(self, found: Iterable[Found]) -> None:
        for item in sorted(found, key=lambda item: item.start):
            self.facts[item.fact] = item.value
            if item.fact in kinds.NUMBERS:
                self.used |= set(_MARK.findall(self.message.text[item.start : item.end]))

    def _contract(self) -> None:
        found = list(contract.read(self.message))
        statuses = [item for item in found if item.fact == "contract"]
        self._last(item for item in found if item.fact != "contract")
        if statuses:
            value = contract.value_of(statuses)
            if value:
                self.facts["contract"] = value
            else:
                self._unclear("contract", " / ".join(dict.fromkeys(i.value for i in statuses)))

    def _place(self) -> None:
        department, because = place.read(self.message)
        if department:
            self.facts["department"] = department
        elif because:
            self._unclear("department", because)

    def _housing(self) -> None:
        statuses = [item.value for item in housing.read_status(self.message)]
        if not statuses and self.message.asked == "housing_status":
            statuses = [item.value for item in housing.read_answer(self.message)]
        if statuses:
            value = housing.resolve(list(dict.fromkeys(statuses)))
            if value:
                self.facts["housing_status"] = value
            else:
                self._unclear("housing_status", " / ".join(dict.fromkeys(statuses)))
        if self.message.asked != "employer_sector":  # « un bailleur social » is then the employer
            self._last(housing.read_dwelling(self.message))

    def _difficulties(self) -> None:
        if self.message.asked == "bail_mobilite_reason":
            return
        told = {item.value for item in difficulties.read(self.message)}
        if told:
            self.facts["difficulties"] = [name for name in _DIFFICULTIES if name in told]
        elif difficulties.read_none(self.message):
            self.facts["difficulties"] = ["aucune"]
        self._last(disaster.read(self.message))
        self._last(disaster.read_means(self.message))

    def _times(self) -> None:
        message = self.message
        contract_told = self.facts.get("contract", message.known.get("contract"))
        lengths = list(contract_length.read(message, contract_told))
        exact = [item for item in lengths if not isinstance(item.value, dict)]
        self._last((exact or lengths)[:1])
        self._last(job.read_months_in_job(message, planned=bool(lengths)))
        self._last(job.read_job_loss(message, contract_told))
        self._last(job.read_job_to_come(message))
        if message.asked != "bail_mobilite_reason":
            self._last(job.read_transfer(message))
        self._last(job.read_trial(message))
        self._last(job.read_last_three(message))

    def _person(self) -> None:
        message = self.message
        self._last(person.read_age(message))
        self._last(person.read_audience(message))
        if message.asked == "audience" and "audience" not in self.facts:
            self._last(person.read_audience_answer(message))
        self._last(person.read_wishes(message))
        self._last(person.read_told(message))
        self._last(person.read_reason(message))
        self._last(person.read_aslli(message))

    def _answer(self) -> None:
        """Read a short answer against the question pending."""
        asked = self.message.asked
        if asked == "contract_months" and _only_end(self.facts.get(asked)):
            whole = bare.bare_number(self.message, asked, self.used)
            if whole is not None and not _only_end(whole):  # « 4 mois, jusqu'en mars »
                self.facts[asked] = whole
        if asked and asked not in self.facts:
            value = self._against(asked)
            if value is not None:
                self.facts[asked] = value

    def _correct(self) -> bool:
        """Read what replaces an answer told earlier; tell whether something does."""
        message = self.message
        found = dict(corrections.swapped(message))
        if not found and not self.facts and corrections.takes_back(message, changed=True):
            found = dict(corrections.replaced(message))
        self.facts.update(found)
        known = message.known.get("difficulties") or []
        left = self._less_denied(known)
        if left and len(left) < len(known):
            self.facts.setdefault("difficulties", left)
            return True
        return bool(found)

    def _against(self, asked: str) -> Any:
        message = self.message
        if asked in kinds.NUMBERS:
            return self._number(asked)
        if asked in kinds.BOOLEANS:
            told = person.read_asked(message)
            if told is not None or answers.dont_know(message):
                return told
            return answers.yes_or_no(message)
        if answers.yes_or_no(message) is False:
            return {"disaster": "aucune", "difficulties": ["aucune"]}.get(asked)
        return None

    def _number(self, asked: str) -> Any:
        message = self.message
        value = bare.bare_number(message, asked, self.used)
        if value is not None:
            return value
        if asked == "aslli_months_already" and answers.yes_or_no(message) is False:
            return 0
        return self._threshold(message.threshold) if message.threshold is not None else None

    def _threshold(self, threshold: float) -> dict[str, float] | None:
        """Read « oui », « plutôt moins » against « 10 salariés ou plus ? »."""
        reaches = answers.more_or_less(self.message)
        if reaches is None:
            return None
        told = self.message.known.get(self.message.asked or "")
        known = dict(told) if isinstance(told, Mapping) else {}
        number = int(threshold) if threshold == int(threshold) else threshold
        if reaches:
            return {**known, "min": number}
        return {**known, "max": number - (0.01 if self.message.asked in kinds.MONTHS else 1)}
