"""What a message says of the three flags: clues found, put in their context, added up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seuil.urgency import people
from seuil.urgency.answers import Answer, answer
from seuil.urgency.flags import FLAGS
from seuil.urgency.foreign import flags_called
from seuil.urgency.message import Message, bounded
from seuil.urgency.patterns import STRENGTHS, Clue

YES = 0.8
SUSPECTED = 0.35
_UNSURE = 0.5
_MORE_TO_SAY = 0.2
# « Je ne suis pas une femme battue, il casse juste les choses »: the clue outweighs the denial.
_TOLD_DESPITE_DENIAL = 0.65


@dataclass(frozen=True)
class Reading:
    """The reading of one message.

    ``scores``: for each flag, from 0 to 1. ``decision``: ``yes`` (act), ``suspected`` (ask one
    gentle question) or ``no``. ``denied``: the flags the message plainly denies. ``themes``:
    ``suicide`` and ``child``, which choose the numbers. ``clues``: ids of what was found, for
    the maintainers; they quote nothing of what was written.
    """

    scores: Mapping[str, float]
    decision: Mapping[str, str]
    denied: frozenset[str]
    themes: frozenset[str]
    clues: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """``{"homeless": p, …, "decision": {"homeless": "yes|suspected|no", …}}``."""
        return {**{flag: self.scores[flag] for flag in FLAGS}, "decision": dict(self.decision)}


def read(text: str, asked: str | None = None, told: Mapping[str, bool] | None = None) -> Reading:
    """Read a message: pure, deterministic, no exception on any string.

    ``asked``: the question pending. When it is a flag, a bare "oui" or "non" answers its gentle
    question ("non" to "Avez-vous un endroit où dormir ce soir ?" is ``homeless``); anything else
    is ignored. ``told``: flags raised before in this conversation; after violence was told, "il
    arrive" is no longer a mere suspicion of danger.

    At most the first and the last 6,000 characters are read.
    """
    message = Message(text)
    told = told or {}
    found = [(clue, weight) for clue in message.book.clues if (weight := _weigh(message, clue))]
    weights = [(clue.flag, weight) for clue, weight in found]
    weights += [(flag, STRENGTHS["sure"]) for flag in flags_called(bounded(text))]
    weights += [(clue.also, STRENGTHS["hint"]) for clue, _ in found if _also(message, clue)]
    scores = {flag: _added(w for of, w in weights if of == flag) for flag in FLAGS}
    danger = scores["immediate_danger"]
    if told.get("family_violence") and danger >= SUSPECTED:
        scores["immediate_danger"] = _added((danger, STRENGTHS["hint"]))
    denied = {flag for flag in FLAGS if _denied(message, flag)}
    denied = {flag for flag in denied if scores[flag] < _TOLD_DESPITE_DENIAL}
    for flag in denied:
        scores[flag] = min(scores[flag], 0.1)
    if asked in FLAGS:
        _apply(answer(message, asked), asked, scores, denied)
    decision = {flag: _decide(scores[flag]) for flag in FLAGS}
    return Reading(
        scores={flag: round(scores[flag], 3) for flag in FLAGS},
        decision=decision,
        denied=frozenset(denied),
        themes=frozenset(clue.theme for clue, _ in found if clue.theme),
        clues=tuple(clue.id for clue, _ in found),
    )


def _decide(score: float) -> str:
    if score >= YES:
        return "yes"
    return "suspected" if score >= SUSPECTED else "no"


def _added(weights: Iterable[float]) -> float:
    """Independent clues add up: two hints make a suspicion firmer, four make a certainty."""
    doubt = 1.0
    for weight in weights:
        doubt *= 1.0 - weight
    return 1.0 - doubt


def _apply(given: Answer, flag: str, scores: dict[str, float], denied: set[str]) -> None:
    """Let an answer to the gentle question decide, unless the rest of the message says more."""
    if given is Answer.DENIES and scores[flag] >= _MORE_TO_SAY:
        given = Answer.UNSURE  # « non, mais il crie beaucoup »
    if given is Answer.HOLDS:
        scores[flag] = max(scores[flag], 0.99)
        denied.discard(flag)
    elif given is Answer.DENIES:
        scores[flag] = 0.01
        denied.add(flag)
    elif given is Answer.UNSURE:
        scores[flag] = max(scores[flag], _UNSURE)
        denied.discard(flag)


def _also(message: Message, clue: Clue) -> bool:
    """True when a danger comes from the family: « il est derrière la porte »."""
    return bool(clue.also) and any(
        people.unnamed(message, first, last)
        for form in clue.forms
        for first, last in message.spans(form)
    )


def _denied(message: Message, flag: str) -> bool:
    """True when the flag is plainly denied: « je ne suis pas à la rue », « jamais frappée »."""
    if message.any(message.book.denials[flag]):
        return True
    return any(
        message.negated(first, last)
        for clue in message.book.clues
        if clue.flag == flag and clue.weight >= YES
        for form in clue.forms
        if not form.negates
        for first, last in message.spans(form)
    )


def _weigh(message: Message, clue: Clue) -> float:
    """The weight of ``clue`` in this message: that of its best place, 0 when it is nowhere."""
    best = 0.0
    for form in clue.forms:
        for first, last in message.spans(form):
            weight = _weigh_span(message, clue, first, last, form.negates)
            best = max(best, weight)
            if best == clue.weight:
                return best
    return best


def _weigh_span(
    message: Message, clue: Clue, first: int, last: int, inherent_negation: bool
) -> float:
    if message.twice_negated(first, last) if inherent_negation else message.negated(first, last):
        return 0.0
    if _blocked(message, clue.flag, first, last) or not _concerned(message, clue, first, last):
        return 0.0
    weight = clue.weight
    far = people.past(message, first, last) or not people.present(message, first, last)
    if far and _over(message, clue.flag, first, last):
        return 0.0
    if _settled(message, clue.flag, first):
        weight *= 0.5
    if "now" in clue.checks and _in_sentence(message, "not_now", first):
        weight *= 0.5
    told_as_past = clue.flag != "immediate_danger" and people.imperfect(message, first, last)
    if told_as_past or _hypothetical(message, clue.flag, first):
        weight *= 0.6
    return weight


def _hypothetical(message: Message, flag: str, place: int) -> bool:
    """True when the roof is only feared to be lost: « si on nous met dehors »."""
    return flag == "homeless" and _in_sentence(message, "hypothetical", place)


def _blocked(message: Message, flag: str, first: int, last: int) -> bool:
    return any(start < last and first < end for start, end in message.blocked(flag))


def _concerned(message: Message, clue: Clue, first: int, last: int) -> bool:
    """True when what was found is said of the employee or their children."""
    if message.says("booklet") and not people.speaks_of_self(message, first, last):
        return False
    if message.says("question") and people.indefinite(message, first, last):
        return False
    if "subject" in clue.checks and people.subject(message, first, last) in ("family", "outsider"):
        return False
    if "agent" in clue.checks and people.agent(message, first, last) == "outsider":
        return False
    if "unnamed" in clue.checks and not people.unnamed(message, first, last):
        return False
    return "victim" not in clue.checks or people.victim(message, first, last) not in (
        "outsider",
        "family",
    )


def _settled(message: Message, flag: str, place: int) -> bool:
    """True when the message also says that all is well: a home, or only a joke.

    A home said anywhere counts; a joke counts in the sentence of the clue or in the next.
    """
    places = message.places(f"settled_{flag}")
    if flag == "homeless":
        return bool(places)
    start, end = message.sentence(place)
    _, end = message.sentence(min(end + 1, len(message.words) - 1))
    return any(start <= first <= end for first, _ in places)


def _over(message: Message, flag: str, first: int, last: int) -> bool:
    """True when a past clue is said to be far away, or solved."""
    if message.says("solved") or message.says(f"solved_{flag}"):
        return True
    return _in_sentence(message, "old_time", first)


def _in_sentence(message: Message, name: str, place: int) -> bool:
    """True when the context ``name`` is found in the sentence that holds ``place``."""
    start, end = message.sentence(place)
    return any(start <= first < end for first, _ in message.places(name))
