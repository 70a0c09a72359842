"""The current status: contract, and what the same words say beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set

# Employment comes first where a status that is none stands beside it (a student with a CDD).
_JOBS = ("cdi", "cdd", "interim", "alternance", "fonctionnaire")
_COMPATIBLE = {
    frozenset({"cdi", "interim"}): "cdi",  # CDI intérimaire
    frozenset({"cdi", "alternance"}): "cdi",  # an apprenticeship under a CDI
    frozenset({"cdd", "alternance"}): "alternance",  # an apprenticeship is a fixed-term contract
    frozenset({"cdd", "interim"}): None,
    frozenset({"cdd", "etudiant"}): "cdd",
    frozenset({"cdi", "etudiant"}): "cdi",
    frozenset({"interim", "etudiant"}): "interim",
    frozenset({"alternance", "etudiant"}): "alternance",
    frozenset({"stage", "etudiant"}): "stage",
    frozenset({"fonctionnaire", "stage"}): "fonctionnaire",
    frozenset({"fonctionnaire", "cdi"}): None,
    frozenset({"demandeur_emploi", "sans_activite"}): "demandeur_emploi",
    frozenset({"preretraite", "retraite"}): "preretraite",
    frozenset({"interim", "demandeur_emploi"}): "demandeur_emploi",  # between two assignments
}


def read(message: Message) -> Iterator[Found]:
    """Yield the statuses that hold now, and ``student_or_apprentice`` where it is not derived."""
    found = [found for found in _candidates(message) if _current(message, found)]
    values = list(dict.fromkeys(item.value for item in found))
    yield from found
    student = {"etudiant", "alternance"} & set(values)
    if ("service civique" in message.text and "stage" in values) or (
        student and resolve(values) not in (None, "etudiant", "alternance")
    ):
        yield Found("student_or_apprentice", True, found[0].start, found[0].end)


def resolve(values: list[str]) -> str | None:
    """Return the one status that several told ones come to, or None: it has to be asked."""
    if len(values) == 1:
        return values[0]
    if len(values) == 2:
        return _COMPATIBLE.get(frozenset(values))
    return None


def _candidates(message: Message) -> Iterator[Found]:
    taken: list[tuple[int, int]] = []
    partial = [
        match.span()
        for _, match in phrase_set("contract", "partial_unemployment").finditer(message.text)
    ]
    for value, match in phrase_set("contract", "status").finditer(message.text):
        start, end = match.span()
        if value == "demandeur_emploi" and any(a < end and start < b for a, b in partial):
            continue
        taken.append((start, end))
        yield Found("contract", value, start, end)


def _current(message: Message, found: Found) -> bool:
    scope = message.scope
    # The marks of who and when stand before the word that names the status, inside the match too.
    word = message.text.rstrip().rfind(" ", found.start, found.end - 1) + 1
    place = max(found.start, word)
    if not message.holds(found.start, found.end):
        return False
    if place != found.start and (scope.negated(place) or scope.past(place, found.end)):
        return False
    return next(phrase_set("contract", "not_current").finditer(scope.before(place)), None) is None


def value_of(found: list[Found]) -> Any:
    """Return the resolved status of contract findings."""
    return resolve(list(dict.fromkeys(item.value for item in found)))
