"""Short answers: yes, no, I do not know, a bare number, « non pardon, 45 »."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from seuil.assistant.facts.calendar import elapsed, left
from seuil.assistant.facts.lexicon import load
from seuil.assistant.facts.message import Message
from seuil.assistant.facts.numbers import Quantity
from seuil.assistant.facts.phrases import phrase_set

BOOLEANS = frozenset(
    [
        "disaster_recognised",
        "wants_support",
        "employee_agrees",
        "trial_period",
        "job_promised",
        "transfer_within_6_months",
        "worked_1_month_in_last_3",
        "bail_mobilite",
        "student_or_apprentice",
        "main_residence",
        "seeks_rental",
        "home_loan",
        "resources_decreased",
        "charges_increased",
        "overindebtedness_file",
        "regular_stay",
        "other_support_measure",
        "landlord_in_soli_al",
    ]
)
WHOLE = frozenset({"employer_size", "last_employer_size", "age"})
MONTHS = frozenset(
    {
        "contract_months", "months_since_job_loss", "months_in_job", "job_start_in_months",
        "aslli_months_already",
    }
)  # fmt: skip
AMOUNTS = frozenset(
    {"hours_last_12_months", "net_monthly_pay", "rent_with_charges", "household_resources"}
)
NUMBERS = WHOLE | MONTHS | AMOUNTS
_ELAPSED = frozenset({"months_since_job_loss", "months_in_job"})
_NOT_THE_RIGHT_FIGURE = {
    "net_monthly_pay": re.compile(
        r" (?:brut|bruts|smic|an|annuel|annuels|semaine|heure|heures|jour) "
    ),
    "rent_with_charges": re.compile(r" (?:hors|sans) (?:les )?charges | hc | nu "),
    "household_resources": re.compile(r" (?:brut|bruts|an|annuel|annuels) "),
    "hours_last_12_months": re.compile(r" (?:semaine|hebdo|jour|mois) "),
}
_CLAUSE_END = re.compile(r" (?:[.,;:!?()]|mais|donc) ")
_OF_WHICH = re.compile(r" dont [^.,;]*")
_BOSS = re.compile(
    r" (?:avec|dont|compris|comptant) (?:le |la |mon |ma )?(?:patron|patronne|gerant|gerante|chef) "
)
_ADDED = re.compile(r"q\d+q (?:euros )?(?:de \S+ )?(?:plus|et|\+) (?:de )?q\d+q")
_FEW = 10  # people, not euros
_MARK = re.compile(r"[qdt]\d+[qdt]")


def yes_or_no(message: Message) -> bool | None:
    """Return the answer that the message gives to a question, or None."""
    text = message.text
    if _any("both", text):
        return None
    yes, no = _first("yes", text), _first("no", text)
    if yes is None and no is None:
        return None
    return no is None or (yes is not None and yes <= no)


def more_or_less(message: Message) -> bool | None:
    """Return whether the number is at least the threshold asked about, or None."""
    if _any("more", message.text):
        return True
    if _any("less", message.text):
        return False
    return yes_or_no(message)


def dont_know(message: Message) -> bool:
    """Tell whether the message says « je ne sais pas »."""
    sought = message.asked is not None and _any("not_yet_known", message.text)
    unknown = _any("dont_know", message.text) and not _any("not_an_answer", message.text)
    return unknown or sought


def correction(message: Message) -> bool:
    """Tell whether the message takes back an earlier answer.

    « Non, c'est stable » corrects nothing where yes or no is the answer expected.
    """
    closed = message.asked in BOOLEANS or message.threshold is not None
    return _any("correction", message.text) or (not closed and _any("no_but", message.text))


def bare_number(message: Message, fact: str) -> Any:
    """Return the value of ``fact`` when a number, length or date is all that a clause says.

    Clauses without a number may say anything (« je sais pas trop, une vingtaine »); a number among
    other words is no bare answer, and then nothing is read.
    """
    wrong = _NOT_THE_RIGHT_FIGURE.get(fact)
    if wrong and wrong.search(message.text):
        return None
    value = None
    for clause in _CLAUSE_END.split(_OF_WHICH.sub(" ", message.text)):
        words = clause.split()
        marks = [word for word in words if _MARK.fullmatch(word)]
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
        counted = fact in ("employer_size", "last_employer_size") and _BOSS.search(clause)
        if counted and isinstance(value, int):
            value -= 1
    return value


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
        return left(said, message.today)
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


def _first(section: str, text: str) -> int | None:
    places = [match.start() for _, match in phrase_set("answers", section).finditer(text)]
    return min(places) if places else None


def _any(section: str, text: str) -> bool:
    return _first(section, text) is not None
