"""The answer to a gentle question: « oui », « non, ça va », « je ne sais pas »."""

from __future__ import annotations

from enum import Enum

from seuil.urgency.message import Message

_POLARITY = {"homeless": False, "family_violence": True, "immediate_danger": True}
_SHORT = 14  # words, marks included


class Answer(Enum):
    """What an answer says of the flag that was asked about."""

    HOLDS = "holds"
    DENIES = "denies"
    UNSURE = "unsure"
    NONE = "none"


def answer(message: Message, flag: str) -> Answer:
    """Read ``message`` as an answer to the gentle question about ``flag``.

    « Oui, dans ma voiture » to "Avez-vous un endroit où dormir ce soir ?" is no roof: what is
    said of the flag goes before a bare yes or no.
    """
    for kind in (Answer.HOLDS, Answer.UNSURE, Answer.DENIES):
        if message.says(f"answer_{flag}_{kind.value}"):
            return kind
    if message.says("answer_unsure"):
        return Answer.UNSURE
    holds_on_yes = _POLARITY[flag]
    # « Non mais ma question, c'est le prêt… »: a long message may not be an answer at all.
    confirmed = Answer.HOLDS if len(message.words) <= _SHORT else Answer.UNSURE
    if message.says("answer_no"):
        return Answer.DENIES if holds_on_yes else confirmed
    if message.says("answer_yes"):
        return confirmed if holds_on_yes else Answer.DENIES
    return Answer.NONE
