"""Housing: the status, the kind of dwelling, the home loan."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set, says

_NAMED = ("heberge", "proprietaire", "locataire", "accedant")


def read_status(message: Message) -> Iterator[Found]:
    """Yield housing statuses that hold now; an owner who still pays is ``accedant``."""
    text, scope = message.text, message.scope
    loan = says("housing", "loan", text) and not says("housing", "paid", text)
    for value, match in phrase_set("housing", "status").finditer(text):
        start, end = match.span()
        before = scope.before(start)
        claim = ("housing_status", value)
        # The word that names the status may come last: « suis pas vraiment locataire ».
        last = max(text.rfind(" ", start, end - 1) + 1, start)
        denied_inside = value in _NAMED and scope.negated(last)
        if not message.holds(
            last if denied_inside else start,
            end,
            other=value != "heberge" or not says("housing", "hosts", " " + match.group(0)),
            negated=value != "sans_logement",
            claim=claim,
        ):
            continue
        if value == "sans_logement" and says("difficulties", "not_sans_hebergement", before):
            continue
        if value == "sans_logement" and scope.negated(start) and "plus" not in match.group(0):
            continue
        if value != "sans_logement" and says("housing", "wanted", before):
            continue
        if value == "locataire" and says("housing", "lets", scope.clause_text(start)):
            continue
        if value == "accedant" and says("housing", "inability", before):
            continue
        if value in ("proprietaire", "locataire") and _someone_s(message, value, match):
            continue
        if value == "proprietaire" and loan:
            value = "accedant"
        yield Found("housing_status", value, start, end)


def read_answer(message: Message) -> Iterator[Found]:
    """Yield the status that short words answer, when it is asked."""
    for value, match in phrase_set("housing", "answers").finditer(message.text):
        if not message.scope.negated(match.start()):
            yield Found("housing_status", value, *match.span())


def _someone_s(message: Message, word: str, match: re.Match[str]) -> bool:
    """Tell whether ``word`` names someone's landlord or tenant, not what the person is."""
    place = message.text.find(word, *match.span())
    if place < 0:
        return False
    if says("housing", "someone_s", message.scope.before(place)):
        return True
    plural = message.text.startswith("s ", place + len(word))
    after = message.after(place + len(word) + (2 if plural else 1))
    return word == "proprietaire" and says("housing", "acts", after)


def resolve(values: list[str]) -> str | None:
    """Return the one status that several told ones come to, or None: it has to be asked."""
    told = set(values)
    if len(told) == 1:
        return values[0]
    if told == {"accedant", "proprietaire"}:
        return "accedant"
    if "sans_logement" in told and told <= {"sans_logement", "heberge"}:
        return "sans_logement"
    return None


def read_dwelling(message: Message) -> Iterator[Found]:
    """Yield the kind of dwelling lived in."""
    text, scope = message.text, message.scope
    told = False
    for value, match in phrase_set("housing", "dwelling").finditer(text):
        start, end = match.span()
        wanted = says("housing", "wanted", scope.before(start))
        if wanted or not message.holds(start, end):
            continue
        if value == "parc_prive_conventionne" and says("housing", "excluded_conventions", text):
            value = "parc_prive"
        told = True
        yield Found("dwelling_type", value, start, end)
    if message.asked == "dwelling_type" and not told:
        for value, match in phrase_set("housing", "dwelling_answers").finditer(text):
            if not scope.negated(match.start()):
                yield Found("dwelling_type", value, *match.span())
