"""The sector of the employer, told outright or by an activity."""

from __future__ import annotations

from collections.abc import Iterator

from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set, says

UNCLEAR = ""  # the sector of an activity that does not decide: it is asked
_MARKS = frozenset(".,;:(/")


def read(message: Message) -> Iterator[Found]:
    """Yield sectors; the value :data:`UNCLEAR` names an activity that does not decide."""
    found = [*_said(message)]
    if message.asked != "dwelling_type":  # « un privé » is then a landlord
        found += _by_activity(message)
    either = [m.span() for _, m in phrase_set("employer", "either").finditer(message.text)]
    for item in _not_inside_another(found):
        if not any(start <= item.start and item.end <= end for start, end in either):
            yield item  # « je ne sais pas si c'est public ou privé » tells neither


def _said(message: Message) -> Iterator[Found]:
    for value, match in phrase_set("employer", "said").finditer(message.text):
        if _of_the_person(message, *match.span(), value):
            yield Found("employer_sector", value, *match.span())


def _by_activity(message: Message) -> Iterator[Found]:
    text = message.text
    works = {match.end() for _, match in phrase_set("employer", "works").finditer(text)}
    for _, match in phrase_set("employer", "works_loosely").finditer(text):
        if not says("employer", "movement", " " + match.group(0)):
            works.add(match.end())
    for section in ("activity", "unclear"):
        for value, match in phrase_set("employer", section).finditer(text):
            start, end = match.span()
            told = (
                start in works
                or message.asked == "employer_sector"
                or _noted(message, start, end, decides=section == "activity")
            )
            if not told or not _of_the_person(message, start, end, value):
                continue
            if text[start:end] == "poste " and not message.before(start).endswith(" la "):
                continue  # « un poste de nuit » is not La Poste
            after = message.after(end)
            if says("employer", "sends", after) and not says("employer", "employs", after):
                continue  # « c'est la mairie qui m'envoie »
            sector = _decided_after(message, end) or (value if section == "activity" else UNCLEAR)
            yield Found("employer_sector", sector, start, end)


def _noted(message: Message, start: int, end: int, *, decides: bool) -> bool:
    """Tell whether an activity is a clause of its own in a note on someone's work."""
    clause = message.scope.clause_text(start).split()
    activity = message.text[start:end].split()
    before = message.before(start).split()
    return (
        (not before or before[-1] in _MARKS)
        and clause[:1] == activity[:1]
        and len(clause) <= len(activity) + (1 if decides else 0)
        and says("employer", "work_facts", message.text)
    )


def _of_the_person(message: Message, start: int, end: int, sector: str) -> bool:
    scope = message.scope
    before = scope.before(start)
    if before.endswith(" non ") or says("employer", "as_a_customer", before):
        return False
    if says("employer", "referrer", scope.clause_text(start)):
        return False  # a social worker's own employer
    if says("employer", "own_boss", scope.clause_text(start)):
        return False
    return message.holds(start, end, claim=("employer_sector", sector))


def _decided_after(message: Message, end: int) -> str | None:
    following = phrase_set("employer", "decides_after").finditer(message.after(end))
    return next((value for value, match in following if match.start() == 1), None)


def _not_inside_another(found: list[Found]) -> Iterator[Found]:
    for item in found:
        wider = (
            other.start <= item.start
            and item.end <= other.end
            and other.end - other.start > item.end - item.start
            for other in found
        )
        if not any(wider):
            yield item
