"""A bare number, length or date read against the question pending."""

from __future__ import annotations

import re
from collections.abc import Set
from datetime import timedelta
from functools import cache, lru_cache
from typing import Any

from seuil.assistant.facts.calendar import elapsed, left, months_between
from seuil.assistant.facts.kinds import AMOUNTS, MONTHS, WHOLE
from seuil.assistant.facts.lexicon import load
from seuil.assistant.facts.message import Message
from seuil.assistant.facts.numbers import Quantity
from seuil.assistant.facts.phrases import PhraseSet, compile_phrase, says

_ELAPSED = frozenset({"months_since_job_loss", "months_in_job"})
_CLAUSE_END = re.compile(r" (?:[.,;:!?()]|mais|donc) ")
_NOT_MEANT = re.compile(r" dont [^.,;]*| (?:et non |pas |au lieu de )+[qd]\d+[qd](?= [^,]*$)")
_ADDED = re.compile(r"q\d+q (?:euros )?(?:de \S+ )?(?:plus|et|\+) (?:de )?q\d+q")
_FEW = 10  # people, not euros
_KINDS_OF_TAIL = {
    **dict.fromkeys(MONTHS, ("months",)),
    **dict.fromkeys(("employer_size", "last_employer_size"), ("size",)),
}
_MARK = re.compile(r"[qdt]\d+[qdt]")


def bare_number(message: Message, fact: str, used: Set[str] = frozenset()) -> Any:
    """Return the value of ``fact`` when a number, length or date is all that a clause says.

    Clauses without a number may say anything (« je sais pas trop, une vingtaine »); a number among
    other words is no bare answer, and then nothing is read. ``used``: marks of numbers that other
    facts were read from.
    """
    if fact in load("answers")["wrong_figure"] and says("answers", f"wrong_{fact}", message.text):
        return None
    value = None
    for clause in _CLAUSE_END.split(_NOT_MEANT.sub(" ", message.text)):
        clause = _without_tail(clause, fact)
        words = clause.split()
        marks = [word for word in words if _MARK.fullmatch(word)]
        if used & set(marks):
            continue
        if fact == "contract_months" and "depuis" in words:
            continue  # the time gone by is not the time planned
        if not marks:
            if words in (["un"], ["une"]) and len(message.text.split()) == 1:
                value = 1
            continue
        if any(word not in _filler() and not _MARK.fullmatch(word) for word in words):
            return None
        if fact in AMOUNTS and len(marks) > 1:
            value = _amount(message, clause, marks, fact)
            continue
        value = value_of_mark(message, marks[-1], fact)
        if len(marks) == 2 and f" {marks[0]} {marks[1]} " in clause + " ":
            value = _between(message, marks, fact) or value
        counted = fact in ("employer_size", "last_employer_size") and says(
            "answers", "boss", clause + " "
        )
        if counted and isinstance(value, int):
            value -= 1
    return value


def _without_tail(clause: str, fact: str) -> str:
    """Return a clause without what only comments on its number: « 20 selon les mois »."""
    text = f" {clause.strip()} "
    for kind in ("any", *_KINDS_OF_TAIL.get(fact, ()), fact):
        for _, match in tails(kind).finditer(text):
            start = match.start()
            if _MARK.search(text, 0, start) and not _MARK.search(text, start):
                return text[:start].strip()
    return clause


@cache
def tails(kind: str) -> PhraseSet:
    """Return the phrases that may follow the number answering a question of ``kind``."""
    phrases = load("answers")["tails"].get(kind, ())
    return PhraseSet({kind: tuple(compile_phrase(source, load("groups")) for source in phrases)})


def _amount(message: Message, clause: str, marks: list[str], fact: str) -> Any:
    """Return « 1300 plus 400 » added up, « 2500 à nous deux » without the two; else None."""
    told = [message.quantity(mark) for mark in marks if mark[0] == "q"]
    if len(told) != 2 or any(quantity.bound != "exact" for quantity in told):
        return None
    first, second = told
    if _ADDED.search(clause):
        if fact == "net_monthly_pay":
            return None
        return of_quantity(first.plus(second.low), fact)
    if min(first.low, second.low) < _FEW:
        return of_quantity(max(told, key=lambda quantity: quantity.low), fact)
    return None


def _between(message: Message, marks: list[str], fact: str) -> Any:
    """Return « quinze seize » as a range, or None."""
    if any(mark[0] != "q" for mark in marks):
        return None
    low, high = (message.quantity(mark) for mark in marks)
    if not low.bound == high.bound == "exact" or high.low <= low.low:
        return None
    return of_quantity(Quantity("between", low.low, high.low), fact)


def value_of_mark(message: Message, mark: str, fact: str) -> Any:
    """Return what a marked number, length or date is worth as ``fact``, or None."""
    if mark[0] == "q":
        return of_quantity(message.quantity(mark), fact)
    if fact not in MONTHS and not (fact == "age" and mark[0] == "d"):
        return None
    if mark[0] == "d":
        duration = message.duration(mark)
        if fact == "age":
            return of_quantity(duration.years, fact) if duration.years else None
        return duration.value()
    said = message.said_date(mark)
    if fact in _ELAPSED:
        return elapsed(said, message.today)
    if fact == "contract_months":
        return {"min": left(said, message.today)}
    if fact == "job_start_in_months":
        return months_between(message.today, said.coming(message.today) - timedelta(days=1))
    return None


def of_quantity(quantity: Quantity | None, fact: str) -> Any:
    """Return a quantity in the shape of ``fact``."""
    if quantity is None:
        return None
    if fact == "age" and quantity.bound == "aine":
        return _decade(quantity)
    if fact in WHOLE:
        value: Any = quantity.whole()
        return value if fact != "age" or _is_age(value) else None
    if fact == "hours_last_12_months":
        return quantity.real(strict=1)
    if fact in MONTHS:
        return quantity.real(strict=0.01)
    return quantity.real()


def _decade(quantity: Quantity) -> Any:
    """Return « la trentaine » as an age: 30 to 39."""
    low = int(quantity.low)
    return {"min": low, "max": low + 9}


def _is_age(value: int | dict[str, int]) -> bool:
    ends = value.values() if isinstance(value, dict) else (value,)
    return all(0 <= end <= 120 for end in ends)


@lru_cache(maxsize=1)
def _filler() -> frozenset[str]:
    return frozenset(load("answers")["filler"].split())
