"""Amounts a month, and the hours of the last twelve months."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set

_LEAST_EUROS = 50
_LEAST_HOURS = 60  # fewer are a working week, or a delay
_TOGETHER = re.compile(
    r" (?:on|nous) (?:gagne|touche|a|percoit|gagnons|touchons|avons|percevons|vit) | a nous | (?:couple|foyer|menage) "
    r"| a q\d+q "
)
_LEAST_NOTED = 200
_NOTED_HOURS = re.compile(
    r"(?<=[.,;:(] )(q\d+q) heures (?:environ |au total |en tout |cette annee |sur d\d+d )?(?=[.,;:)]|$)"
)


def read(message: Message) -> Iterator[Found]:
    """Yield the amounts told with what they are: net pay, rent with charges, resources, hours."""
    yield from _amounts(message, "net_monthly_pay")
    yield from _rent(message)
    yield from _amounts(message, "household_resources")
    yield from _hours(message)


def _amounts(message: Message, fact: str) -> Iterator[Found]:
    for _, match in phrase_set("money", fact).finditer(message.text):
        told = [message.quantity(mark) for mark in match.groups() if mark]
        quantity = max(told, key=lambda quantity: quantity.low)  # « 2300 € à deux »
        start, end = match.span()
        if quantity.low < _LEAST_EUROS or not message.holds(start, end, negated=False):
            continue
        if fact == "net_monthly_pay" and _TOGETHER.search(message.scope.clause_text(start)):
            continue  # « avec mon mari on touche 2900 net »: the household's
        after = message.text[end - 1 : end + 24]
        if fact == "net_monthly_pay" and _any("gross", match.group(0) + after.split(",")[0] + " "):
            continue
        yield Found(fact, quantity.real(), start, end)


def _rent(message: Message) -> Iterator[Found]:
    together = False
    for _, match in phrase_set("money", "rent_plus").finditer(message.text):
        marks = [message.quantity(m) for m in match.groups() if m]
        if len(marks) == 2 and all(q.bound == "exact" for q in marks):
            together = True
            yield Found("rent_with_charges", marks[0].plus(marks[1].low).real(), *match.span())
    if not together:
        yield from _amounts(message, "rent_with_charges")


def _hours(message: Message) -> Iterator[Found]:
    text = message.text
    if " interim " in text or " interimaire " in text:
        for match in _NOTED_HOURS.finditer(text):
            quantity = message.quantity(match.group(1))
            if quantity.low >= _LEAST_NOTED and message.holds(*match.span()):
                yield Found("hours_last_12_months", quantity.real(strict=1), *match.span())
    weekly = {match.start(1) for _, match in phrase_set("money", "not_these_hours").finditer(text)}
    for _, match in phrase_set("money", "hours_last_12_months").finditer(text):
        mark = next(m for m in match.groups() if m and m[0] == "q")
        quantity = message.quantity(mark)
        if match.start(match.groups().index(mark) + 1) in weekly or quantity.high < _LEAST_HOURS:
            continue
        if message.scope.negated(match.start(match.groups().index(mark) + 1)):
            continue  # « on n'arrive jamais à 600 heures »
        if message.holds(*match.span(), past=False, negated=False):
            yield Found("hours_last_12_months", quantity.real(strict=1), *match.span())


def _any(section: str, text: str) -> bool:
    return next(phrase_set("money", section).finditer(" " + text.strip() + " "), None) is not None
