"""The planned length of a CDD, an alternance or an assignment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from seuil.assistant.facts.calendar import left, span
from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set, says

_LIMITED = frozenset({"cdd", "alternance", "interim"})
_LONGEST = 72  # months: no fixed-term contract lasts six years


def read(message: Message, contract: str | None) -> Iterator[Found]:
    """Yield the planned length of the contract, or the least it can be.

    ``contract`` is the status told in this message or before; an open-ended one has no length.
    """
    asked = message.asked == "contract_months"
    if contract is not None and contract not in _LIMITED and not asked:
        return
    for kind, match in phrase_set("times", "contract_months").finditer(message.text):
        if not message.holds(*match.span(), negated=False):
            continue
        if says("times", "other_contract", message.scope.clause_text(match.start())):
            continue  # « mon contrat d'assurance »
        if kind == "asked":
            told = asked and _planned(message, match)
        elif kind == "planned":
            told = _planned(message, match)
        else:
            told = asked or _of_the_contract(message, kind, match, contract)
        value = _value(message, kind, match) if told else None
        if value is not None:
            yield Found("contract_months", value, *match.span())


def _planned(message: Message, match: re.Match[str]) -> bool:
    """Tell whether a length is the one planned, of the contract of work."""
    words, before = " " + match.group(0), message.scope.before(match.start())
    if " cdi " in words or " depuis " in words or says("times", "remaining", before):
        return False
    mark = next(mark for mark in match.groups() if mark)
    if message.duration(mark).months.low > _LONGEST:
        return False  # « un apprenti de 19 ans »
    clause = message.scope.clause_text(match.start())
    # « logé en résidence avec un contrat d'un an »
    return says("times", "contract_of_work", words) or not says("times", "of_a_home", clause)


def _of_the_contract(
    message: Message, kind: str, match: re.Match[str], contract: str | None
) -> bool:
    """Tell whether what lasts or ends is the contract, not a stay, a lease or a stock."""
    words, scope = " " + match.group(0), message.scope
    clause = scope.clause_text(match.start())
    named = says("times", "names_contract", words if kind == "until" else clause)
    if not named and contract not in _LIMITED:
        return False
    if says("times", "not_a_contract", clause) and not says("times", "names_contract", clause):
        return False
    if kind != "until":
        return True
    so_far = scope.before(match.start()) + match.group(0)
    if says("times", "not_a_contract", so_far):
        return says("times", "contract_ends", so_far)
    start, _ = scope.sentence(match.start())
    return says("times", "names_contract", " " + message.text[start : match.end()])


def _value(message: Message, kind: str, match: re.Match[str]) -> Any:
    marks = [mark for mark in match.groups() if mark]
    if kind in ("planned", "asked"):
        return message.duration(marks[-1]).value()
    if kind == "left":
        months = message.duration(marks[-1]).months
        return {"min": months.real()} if months.bound == "exact" else None
    if kind == "span":
        return span(message.said_date(marks[0]), message.said_date(marks[1]), message.today)
    return _until(message, match.start(), marks[-1])


def _until(message: Message, place: int, mark: str) -> Any:
    """Return the length up to the date ``mark``: whole if the beginning is told too."""
    end = message.said_date(mark)
    start, close = message.scope.sentence(place)
    for _, match in phrase_set("times", "begun").finditer(" " + message.text[start:close]):
        if match.group(1) != mark:
            return span(message.said_date(match.group(1)), end, message.today)
    return {"min": left(end, message.today)}
