"""How a place stands to the person: where they live, where they look for a dwelling, neither."""

from __future__ import annotations

from functools import cache

from seuil.assistant.facts.lexicon import load
from seuil.assistant.facts.message import Message

HOME, NEUTRAL, SOUGHT = 0, 1, 2  # the lower is believed before the higher
_SHORT = 3  # words before a place that only answers the question about it
_NEAR_SOUGHT, _NEAR_ELSEWHERE = 6, 3
_PREPOSITIONS = frozenset({"a", "au", "aux", "sur", "dans", "en", "de"})
_SELF = frozenset({"je", "nous", "on", "il", "elle", "salarie", "salariee", "moi"})
_OF = frozenset({"de", "du", "sur", "a"})


@cache
def words(section: str) -> frozenset[str]:
    """Return the words of ``section`` of ``data/place.yaml``."""
    content = load("place")[section]
    return frozenset(content.split() if isinstance(content, str) else content)


def standing(message: Message, start: int, end: int) -> int | None:
    """Return :data:`HOME`, :data:`NEUTRAL` or :data:`SOUGHT`; None where it is not the person's."""
    scope = message.scope
    if scope.past(start, end) or scope.other(start, end):
        return None
    before = scope.before(start).split()
    clue = telling(before, employer=message.asked == "employer_sector")
    if clue is None and len(before) < _SHORT and before[-1:] and before[-1] in _PREPOSITIONS:
        # « … dans une usine, à Lens »: the clause before still speaks of the same place.
        sentence, _ = scope.sentence(start)
        earlier = telling(message.text[sentence:start].split())
        clue = None if earlier == "sought" else earlier
    if message.asked == "department" and clue in ("work", "elsewhere") and len(before) < _SHORT:
        clue = None
    if clue in ("work", "elsewhere") or scope.asked(start, end):
        return None
    if clue == "sought":
        return SOUGHT
    if scope.hypothetical(start, end):
        return None
    return HOME if clue == "home" else NEUTRAL


def telling(before: list[str], employer: bool = False) -> str | None:
    """Return what the last telling word before a place says: home, work, elsewhere or sought.

    ``employer``: the question is about the employer, so that « la ville de Paris » is one.
    """
    sought = False
    for index in range(len(before) - 1, -1, -1):
        word = before[index]
        if _is_of(before, index) or (word in ("moi", "nous") and before[index - 1] == "chez"):
            return "home"
        if word == "creche" and _SELF & set(before[max(0, index - 1) : index]):
            return "home"  # « je crèche à Lens »
        if (word == "ville" and employer) or before[index - 2 : index + 1] == [
            "aide",
            "a",
            "domicile",
        ]:
            return "work"
        if word in words("home"):
            if words("sought") & set(before[max(0, index - _NEAR_SOUGHT) : index]):
                sought = True
                continue
            away = words("elsewhere") & set(before[max(0, index - _NEAR_ELSEWHERE) : index])
            return "elsewhere" if away else "home"
        for clue in ("sought", "work", "elsewhere"):
            if word in words(clue):
                return clue
    return "sought" if sought else None


def _is_of(before: list[str], index: int) -> bool:
    """Tell whether « je suis de … », « on est sur … » stands there."""
    return (
        before[index] in ("suis", "est", "sommes")
        and bool(_OF & set(before[index + 1 : index + 2]))
        and bool(_SELF & set(before[max(0, index - 1) : index]))
    )
