"""The current status: contract, and what the same words say beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set, says

_TOLD_BY_ABSENCE = ("demandeur_emploi", "sans_activite")  # « sans emploi »
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
    if message.asked == "bail_mobilite_reason":
        return  # « une mission temporaire » is the lease's reason
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
    partial = [
        match.span()
        for _, match in phrase_set("contract", "partial_unemployment").finditer(message.text)
    ]
    if message.asked == "contract":
        for value, match in phrase_set("contract", "answers").finditer(message.text):
            yield Found("contract", value, *match.span())
    agency = phrase_set("contract", "interim_as_cdd").found(message.text)
    for value, match in phrase_set("contract", "status").finditer(message.text):
        if agency and value == "cdd":
            continue
        start, end = match.span()
        overlaps = any(a < end and start < b for a, b in partial)
        if not (overlaps and value == "demandeur_emploi"):
            yield Found("contract", value, start, end)


def _current(message: Message, found: Found) -> bool:
    claim = (found.fact, found.value)
    if not message.holds(found.start, found.end, claim=claim):
        return False
    scope = message.scope
    place = found.start
    if found.value not in _TOLD_BY_ABSENCE:
        # Denials and the past stand before the word that names the status, inside the match too.
        place = max(place, message.text.rfind(" ", found.start, found.end - 1) + 1)
        if not message.holds(place, found.end, claim=claim):
            return False
    if found.value == "independant" and says("contract", "on_the_side", message.after(found.end)):
        return False
    if scope.before(found.start).endswith("= ") or message.text.startswith("= ", found.end):
        return False  # an order to a machine, not something told
    if " bail mobilite " in scope.clause_text(found.start):
        return False  # what it says there is the reason of the lease
    if phrase_set("contract", "in_general").found(scope.before(found.start)):
        return False
    return not phrase_set("contract", "not_current").found(scope.before(place))


def value_of(found: list[Found]) -> Any:
    """Return the resolved status of contract findings."""
    return resolve(list(dict.fromkeys(item.value for item in found)))
