"""Who does what to whom: is the one without a roof, or the one hurt, the employee?"""

from __future__ import annotations

import re

from seuil.urgency.message import Message

_FAR = 60  # words back to the noun a pronoun stands for


def subject(message: Message, first: int, last: int) -> str:
    """Who the words from ``first`` to ``last`` are said of.

    ``self``, ``child``, ``employee``, ``family``, ``outsider``, ``generic`` or ``unknown``.
    """
    grammar = message.book.lexicon.grammar
    said = message.words[first:last]
    if any(word in grammar["self"] or word in grammar["first_person_verbs"] for word in said):
        return "self"
    singular = any(word in grammar["singular_verbs"] for word in said)
    start, _ = message.sentence(first)
    place = min(first + 1, last) - 1
    for i in range(place, max(start, first - 9) - 1, -1):
        if singular and _is_plural(message.words[i]):
            continue
        found = _person(message, i, start)
        if found == "pronoun":
            return _antecedent(message, i)
        if found:
            return found
    return "unknown"


def _person(message: Message, i: int, start: int) -> str:
    grammar = message.book.lexicon.grammar
    if message.words[i] in grammar["self"]:
        return "self"
    if message.has(i, "he", "she"):
        return "pronoun"
    if any(word in grammar["complements"] for word in message.words[max(start, i - 2) : i]):
        return ""
    return _kind(message, i)


def _kind(message: Message, i: int) -> str:
    """The kind of person a noun names; empty when it names none."""
    if message.words[i - 1] in ("suis", "sommes") and i > 0:
        return ""  # « je suis responsable de magasin »
    if message.has(i, "outsider"):
        return "outsider"
    if message.words[i + 1 : i + 2] in (["de"], ["du"]) and i + 2 < len(message.words):
        owner = i + 3 if message.words[i + 2] in ("le", "la", "mon", "ma") else i + 2
        if owner < len(message.words) and message.has(owner, "outsider"):
            return "outsider"  # « le fils du propriétaire », « le mari de ma collègue »
    if message.has(i, "child"):
        return "child"
    if message.has(i, "partner", "kin_m", "kin_f", "kin_p"):
        return "family"
    if message.has(i, "employee"):
        return "employee"
    return ""


def _antecedent(message: Message, pronoun: int) -> str:
    """The kind of person a pronoun stands for: the nearest noun before it that agrees."""
    feminine = message.has(pronoun, "she")
    plural = message.words[pronoun] in ("ils", "elles")
    outsider = False  # the employee, when there is one, is who an HR message is about
    for i in range(pronoun - 1, max(-1, pronoun - _FAR), -1):
        kind = _kind(message, _head(message, i)) if _kind(message, i) else ""
        if not kind or plural != _is_plural(message.words[i]):
            continue
        if _gender(message, i) == ("masculine" if feminine else "feminine"):
            continue
        if kind == "outsider":
            outsider = True
            continue
        return kind
    return "outsider" if outsider else "unknown"


def _head(message: Message, noun: int) -> int:
    """« la sœur d'un de nos techniciens »: the place of the sister, who is the one spoken of."""
    chain = message.book.lexicon.grammar["chain"]
    place = noun - 1
    while place > 0 and message.words[place] in chain and noun - place <= 4:
        place -= 1
    if place < noun - 1 and place >= 0 and not message.ends_clause(place) and _kind(message, place):
        return place
    return noun


def _gender(message: Message, noun: int) -> str:
    """``feminine``, ``masculine`` or empty, by the noun itself or by the article before it."""
    if message.has(noun, "kin_f", "partner_f"):
        return "feminine"
    if message.has(noun, "kin_m", "partner_m"):
        return "masculine"
    articles = message.book.lexicon.grammar["articles"]
    before = message.words[noun - 1] if noun else ""
    return next((gender for gender, words in articles.items() if before in words), "")


def _is_plural(noun: str) -> bool:
    return noun.endswith("s") and noun not in ("fils", "epoux")


def agent(message: Message, first: int, last: int) -> str:
    """Who does it: the kind of the noun, or of the pronoun's noun, nearest to the verb."""
    for i in range(first, last):
        kind = _kind(message, i)
        if kind in ("family", "child"):
            return kind
    start, _ = message.sentence(first)
    for i in range(min(first + 1, last) - 1, max(start, first - 9) - 1, -1):
        if message.has(i, "he", "she"):
            return _antecedent(message, i)
        kind = _kind(message, i)
        if kind:
            return kind
    return "unknown"


def victim(message: Message, first: int, last: int) -> str:
    """Who suffers it: ``self`` when a first person is in the words, or whom they follow."""
    said = range(first, last)
    if any(message.has(i, "self") for i in said) or any(message.has(i, "child") for i in said):
        return "self"
    start, _ = message.sentence(first)
    for i in range(first - 1, max(start, first - 9) - 1, -1):
        if message.has(i, "she", "he"):
            return _antecedent(message, i)
        if message.words[i] in message.book.lexicon.grammar["self"]:
            return "self"
        kind = _kind(message, _head(message, i)) if _kind(message, i) else ""
        if kind:
            return "partner" if message.has(i, "partner") else kind
    return "unknown"


def unnamed(message: Message, first: int, last: int) -> bool:
    """True when the « il » or « elle » of these words names nobody, or somebody of the family."""
    for i in range(first, last):
        if message.has(i, "he", "she"):
            return _antecedent(message, i) in ("unknown", "family", "child")
    return agent(message, first, last) != "outsider"


def speaks_of_self(message: Message, first: int, last: int) -> bool:
    """True when the words, or the one before them, hold a first person."""
    start, _ = message.sentence(first)
    grammar = message.book.lexicon.grammar
    return any(
        message.has(i, "self") or message.words[i] in grammar["first_person_verbs"]
        for i in range(max(start, first - 1), last)
    )


def indefinite(message: Message, first: int, last: int) -> bool:
    """True when they are said of « un salarié », « des gens »: nobody in particular."""
    grammar = message.book.lexicon.grammar
    start, _ = message.sentence(first)
    for i in range(last - 1, max(start, first - 9), -1):
        if not message.has(i, "employee", "outsider", "someone"):
            continue
        before = message.words[max(start, i - 3) : i]
        if before[-1] in grammar["indefinite"]:
            return not any(word in grammar["definite_before"] for word in before)
        if before[-1] in grammar["precise"]:
            return False
    return False


def present(message: Message, first: int, last: int) -> bool:
    """True when the words hold a verb in the present: « elle dort », « je suis »."""
    verbs = message.book.lexicon.grammar["present_verbs"]
    return any(word in verbs for word in message.words[max(0, first - 1) : last])


_IMPERFECT = re.compile(r"[a-z]{2,}(?:ais|ait|aient)")


def imperfect(message: Message, first: int, last: int) -> bool:
    """True when the words hold an imperfect: « je dormais dans ma voiture »."""
    others = message.book.lexicon.not_imperfect
    return any(
        _IMPERFECT.fullmatch(word) and word not in others
        for word in message.words[max(0, first - 2) : last]
    )


def past(message: Message, first: int, last: int) -> bool:
    """True when the words hold any past tense."""
    auxiliaries = message.book.lexicon.grammar["auxiliaries"]
    around = message.words[max(0, first - 2) : last]
    return imperfect(message, first, last) or any(word in auxiliaries for word in around)
