"""A disaster and whether it is recognised; what changes the household's means."""

from __future__ import annotations

from collections.abc import Iterator

from seuil.assistant.facts.difficulties import elsewhere, over
from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set, says

_FILE = "difficulties"


def read(message: Message) -> Iterator[Found]:
    """Yield ``disaster`` and ``disaster_recognised``."""
    disasters = [*_disasters(message)]
    if not disasters and message.asked == "disaster":
        disasters = [
            Found("disaster", value, *match.span())
            for value, match in phrase_set(_FILE, "disaster_answers").finditer(message.text)
        ]
    yield from disasters
    spoken_of = disasters or message.known.get("disaster")
    if spoken_of or message.asked in ("disaster_recognised", "disaster"):
        yield from _recognised(message)


def _disasters(message: Message) -> Iterator[Found]:
    scope = message.scope
    for value, match in phrase_set(_FILE, "disaster").finditer(message.text):
        start, end = match.span()
        if scope.negated(start) or scope.hypothetical(start, start) or scope.other(start, end):
            continue
        if scope.asked(start, end) and not says(_FILE, "first_person", scope.clause_text(start)):
            continue
        opens, closes = scope.sentence(start)
        sentence = " " + message.text[opens:closes].lstrip()
        if elsewhere(message, start, end):
            continue
        if "inond" in match.group(0) and says(_FILE, "local_flood", sentence):
            continue  # « inondé par la machine du voisin »
        yield Found("disaster", value, start, end)


def _recognised(message: Message) -> Iterator[Found]:
    for value, match in phrase_set(_FILE, "recognised").finditer(message.text):
        denied = message.scope.negated(match.start()) or says(
            _FILE, "not_recognised", " " + match.group(0)
        )
        if value == "no" or not denied:
            yield Found("disaster_recognised", value == "yes", *match.span())


def read_means(message: Message) -> Iterator[Found]:
    """Yield what tells a change of means, an overindebtedness file or another measure."""
    for fact, match in phrase_set(_FILE, "also").finditer(message.text):
        start, end = match.span()
        landlord_s = fact == "charges_increased"  # « la propriétaire augmente le loyer »
        if not message.holds(start, end, past=False, negated=False, other=not landlord_s):
            continue
        if fact == "overindebtedness_file" and message.asked != fact and over(message, start, end):
            continue
        denied = message.scope.negated(start) or says(_FILE, "no_such_thing", " " + match.group(0))
        if not denied or message.asked == fact:
            yield Found(fact, not denied, start, end)
