"""The answer to a gentle question: « oui », « non, ça va », « je ne sais pas »."""

from __future__ import annotations

from enum import Enum

from seuil.urgency.message import Message

_POLARITY = {"homeless": False, "family_violence": True, "immediate_danger": True}


class Answer(Enum):
    """What an answer says of the flag that was asked about."""

    HOLDS = "holds"
    DENIES = "denies"
    UNSURE = "unsure"
    NONE = "none"


def answer(message: Message, flag: str) -> Answer:
    """Read ``message`` as an answer to the gentle question about ``flag``."""
    if message.says("answer_unsure"):
        return Answer.UNSURE
    for kind in (Answer.HOLDS, Answer.DENIES, Answer.UNSURE):
        if message.says(f"answer_{flag}_{kind.value}"):
            return kind
    holds_on_yes = _POLARITY[flag]
    if message.says("answer_yes"):
        return Answer.HOLDS if holds_on_yes else Answer.DENIES
    if message.says("answer_no"):
        return Answer.DENIES if holds_on_yes else Answer.HOLDS
    return Answer.NONE
