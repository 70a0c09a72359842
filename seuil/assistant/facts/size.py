"""The number of employees of the employer, or of the last one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.numbers import Quantity
from seuil.assistant.facts.phrases import phrase_set, says

_NAMED_SIZES = {"tpe": {"max": 19}, "pme": {"max": 249}}
_MORE_THAN_A_HOUSEHOLD = 9
_NEAR = 40  # characters in which « avec le patron » still goes with the number


def read(message: Message) -> Iterator[Found]:
    """Yield sizes of the employer, or of the last one where the words say so."""
    found = [*_counted(message), *_alone(message)]
    yield from found
    if not found:
        yield from _named(message)


def _alone(message: Message) -> Iterator[Found]:
    sections = ["alone", "alone_answers"] if message.asked == "employer_size" else ["alone"]
    for section in sections:
        for _, match in phrase_set("employer", section).finditer(message.text):
            if message.holds(*match.span()):
                yield Found("employer_size", 1, *match.span())


def _named(message: Message) -> Iterator[Found]:
    for value, match in phrase_set("employer", "named_size").finditer(message.text):
        before = message.scope.before(match.start())
        if message.holds(*match.span()) and not says("employer", "last_employer", before):
            yield Found("employer_size", _NAMED_SIZES[value], *match.span())


def _counted(message: Message) -> Iterator[Found]:
    """Yield the first kind of count that the message holds, from the surest to the barest."""
    for kind in (_total, _and_me, _told, _noted, _headcount):
        found = list(kind(message))
        if found:
            yield from found
            return


def _total(message: Message) -> Iterator[Found]:
    """Yield « au siège on est 15, mais en tout 400 », as the answer to the question."""
    if message.asked == "employer_size":
        for _, match in phrase_set("employer", "total").finditer(message.text):
            yield Found("employer_size", message.quantity(match.group(1)).whole(), *match.span())
            return


def _and_me(message: Message) -> Iterator[Found]:
    """Yield « 3 gars et moi »."""
    for _, match in phrase_set("employer", "and_me").finditer(message.text):
        if message.holds(*match.span()) and not _home(message, match.start()):
            size = message.quantity(match.group(1)).plus(1)
            yield Found("employer_size", size.whole(), *match.span())
            return


def _told(message: Message) -> Iterator[Found]:
    """Yield « 45 salariés », « une boîte de 12 personnes »."""
    scope = message.scope
    for _, match in phrase_set("employer", "size").finditer(message.text):
        start, end = match.span()
        before = scope.before(start) + match.group(0)
        previous = says("employer", "last_employer", before)
        if not message.holds(start, end, past=not previous, negated=False):
            continue
        if scope.negated(start) and message.quantity(match.group(1)).bound == "exact":
            continue
        if says("employer", "some_of_them", message.after(end)) or says(
            "employer", "group_of_them", before
        ):
            continue
        if _home(message, start) and not says("employer", "employer_words", " " + match.group(0)):
            continue
        fact = "last_employer_size" if previous else "employer_size"
        yield Found(fact, _without_boss(message, match).whole(), start, end)


def _noted(message: Message) -> Iterator[Found]:
    """Yield « CDI, usine, 150 personnes »: a clause of its own in a note on someone's work."""
    for _, match in phrase_set("employer", "noted_size").finditer(message.text):
        quantity = message.quantity(match.group(1))
        if quantity.low >= _MORE_THAN_A_HOUSEHOLD and _at_work(message, match.start()):
            yield Found("employer_size", quantity.whole(), *match.span())
            return


def _headcount(message: Message) -> Iterator[Found]:
    """Yield « on est douze », where no household is meant."""
    for _, match in phrase_set("employer", "headcount").finditer(message.text):
        quantity = message.quantity(match.group(1))
        at_work = (
            message.asked == "employer_size"
            or quantity.low >= _MORE_THAN_A_HOUSEHOLD
            or _at_work(message, match.start())
            or says("employer", "boss_counted", _around(message, match))
        )
        if at_work and not _home(message, match.start()) and message.holds(*match.span()):
            yield Found("employer_size", _without_boss(message, match).whole(), *match.span())


def _without_boss(message: Message, match: re.Match[str]) -> Quantity:
    """Return the count, less the boss where « avec le patron » says that he is in it."""
    quantity = message.quantity(match.group(1))
    return (
        quantity.plus(-1) if says("employer", "boss_counted", _around(message, match)) else quantity
    )


def _around(message: Message, match: re.Match[str]) -> str:
    return " " + message.text[match.start() : match.end() + _NEAR]


def _at_work(message: Message, place: int) -> bool:
    start, _ = message.scope.sentence(place)
    return says("employer", "work_words", " " + message.text[start:place])


def _home(message: Message, place: int) -> bool:
    """Tell whether people are counted at home, or in a team: neither is the employer."""
    _, end = message.scope.clause(place)
    here = message.scope.before(place) + message.text[place:end].split(" je ")[0] + " "
    return says("employer", "home_words", here) or says("employer", "team_words", here)
