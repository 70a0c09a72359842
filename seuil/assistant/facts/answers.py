"""Short answers: yes, no, more or less than the number asked about, I do not know."""

from __future__ import annotations

from seuil.assistant.facts.message import Message
from seuil.assistant.facts.phrases import phrase_set, says

_FEW = 7  # words of a message that says nothing but « je ne sais pas »


def yes_or_no(message: Message) -> bool | None:
    """Return the answer that the message gives to a question, or None."""
    text = message.text
    if _any("both", text):
        return None
    # The first word counts, and at one place the longest: « absolument pas », « pas de problème ».
    said = [
        (match.start(), match.start() - match.end(), section == "yes")
        for section in ("yes", "no")
        for _, match in phrase_set("answers", section).finditer(text)
    ]
    return min(said)[2] if said else None


def more_or_less(message: Message) -> bool | None:
    """Return whether the number is at least the threshold asked about, or None."""
    if _any("more", message.text):
        return True
    if _any("less", message.text):
        return False
    return yes_or_no(message)


def dont_know(message: Message) -> bool:
    """Tell whether the message says « je ne sais pas »."""
    if message.asked is None and len(message.text.split()) > _FEW:
        return False  # told in passing, of something else
    sought = message.asked is not None and _any("not_yet_known", message.text)
    unknown = _any("dont_know", message.text) and not _any("not_an_answer", message.text)
    return unknown or sought


def _any(section: str, text: str) -> bool:
    return says("answers", section, text)
