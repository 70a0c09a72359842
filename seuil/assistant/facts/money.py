"""Amounts a month, and the hours of the last twelve months."""

from __future__ import annotations

from collections.abc import Iterator

from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set, says

_LEAST_EUROS = 50
_LEAST_HOURS = 60  # fewer are a working week, or a delay
_LEAST_NOTED = 200


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
        if fact == "net_monthly_pay" and not _own_and_net(message, start, end):
            continue
        yield Found(fact, quantity.real(), start, end)


def _own_and_net(message: Message, start: int, end: int) -> bool:
    """Tell whether a pay is the person's own, net, and a month's."""
    _, closes = message.scope.clause(start)
    said = " " + message.text[start : max(closes, end)]
    together = says("money", "together", message.scope.clause_text(start))
    return not together and not says("money", "gross", said)


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
    weekly = {match.start(1) for _, match in phrase_set("money", "not_these_hours").finditer(text)}
    for section, least in (("hours_last_12_months", _LEAST_HOURS), ("noted_hours", _LEAST_NOTED)):
        if section == "noted_hours" and not says("money", "agency_work", text):
            continue
        for _, match in phrase_set("money", section).finditer(text):
            mark = next(mark for mark in match.groups() if mark and mark[0] == "q")
            place, quantity = text.index(mark, match.start()), message.quantity(mark)
            if place in weekly or quantity.high < least or message.scope.negated(place):
                continue  # a week's, a delay, « jamais à 600 heures »
            if message.holds(*match.span(), past=False, negated=False):
                yield Found("hours_last_12_months", quantity.real(strict=1), *match.span())
