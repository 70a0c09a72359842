"""Earlier answers taken back: « non pardon, 45 », « 45, pas 54 », « en fait je suis en CDD »."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seuil.assistant.facts.bare import bare_number, of_quantity
from seuil.assistant.facts.kinds import BOOLEANS, NUMBERS
from seuil.assistant.facts.message import Message
from seuil.assistant.facts.phrases import phrase_set, says
from seuil.urgency import FLAGS


def takes_back(message: Message, changed: bool) -> bool:
    """Tell whether the words replace an earlier answer.

    Plain ones do (« je me suis trompée »); « en fait » does where a fact known changes
    (``changed``), or where nothing is known of what was told. « Non, c'est stable » corrects
    nothing where yes or no is the answer expected.
    """
    if says("answers", "correction", message.text):
        return True
    closed = message.asked in (*BOOLEANS, *FLAGS) or message.threshold is not None
    if not closed and says("answers", "no_but", message.text):
        return True
    if changed and says("answers", "rather", message.text):
        return True
    return (changed or not message.known) and says("answers", "perhaps_correction", message.text)


def changes(message: Message, facts: Mapping[str, Any]) -> bool:
    """Tell whether a fact known has another value now."""
    return any(message.known.get(fact, value) != value for fact, value in facts.items())


def meant(message: Message) -> str | None:
    """Return the fact that a bare number answers: the one asked, or the one it corrects.

    « Non pardon, 45 » right after a number was told corrects that number: the fact asked since
    has no answer yet to be corrected.
    """
    last = next(reversed(list(message.known)), None)
    if last not in NUMBERS or message.asked in message.known:
        return message.asked
    if says("answers", "correction", message.text) and bare_number(message, last) is not None:
        return last
    return message.asked


def swapped(message: Message) -> Iterator[tuple[str, Any]]:
    """Yield the fact whose known number the words take back (« 45, pas 54 »), with the new one."""
    for order, match in phrase_set("answers", "swap").finditer(message.text):
        first, second = (message.quantity(mark) for mark in match.groups()[:2])
        new, old = (first, second) if order == "new_first" else (second, first)
        for fact in reversed(list(message.known)):
            if fact in NUMBERS and message.known[fact] == of_quantity(old, fact):
                yield fact, of_quantity(new, fact)
                return


def replaced(message: Message) -> Iterator[tuple[str, Any]]:
    """Yield the last number told that a bare one may replace."""
    for fact in reversed(list(message.known)):
        value = bare_number(message, fact) if fact in NUMBERS else None
        if value is not None:
            yield fact, value
            return


def retracted(message: Message, facts: Mapping[str, Any]) -> list[str]:
    """Return the facts told earlier that the message denies without a new value."""
    return [
        fact
        for fact, value in dict.fromkeys(message.denied)
        if fact not in facts and message.known.get(fact) in (value, [value])
    ]
