"""Calls for help in other languages: whole phrases, read as they are."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain

from seuil.urgency.files import load
from seuil.urgency.text import fold, normalise

_GAP = r"\W+(?:\w+\W+){0,3}?"
_WORD = re.compile(r"\w+")


def flags_called(text: str) -> frozenset[str]:
    """Return the flags that ``text`` raises in a language of ``foreign.yml``."""
    plain = fold(normalise(text))
    if plain.isascii() and _telling_words().isdisjoint(_WORD.findall(plain)):
        return frozenset()  # nearly every message, and worth being quick about
    return frozenset(flag for flag, pattern in _patterns().items() if pattern.search(plain))


@lru_cache(maxsize=1)
def _phrases() -> dict[str, list[str]]:
    return {
        flag: [fold(normalise(phrase)) for phrase in chain.from_iterable(by_language.values())]
        for flag, by_language in load("foreign.yml").items()
    }


@lru_cache(maxsize=1)
def _telling_words() -> frozenset[str]:
    """The longest word of each phrase."""
    return frozenset(
        max(_WORD.findall(phrase), key=len) for phrase in chain.from_iterable(_phrases().values())
    )


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        flag: re.compile("|".join(map(_regex, phrases))) for flag, phrases in _phrases().items()
    }


def _regex(phrase: str) -> str:
    said = _GAP.join(re.escape(part.strip()) for part in phrase.split("~"))
    # Scripts without spaces have no word's edge to stop at.
    return rf"\b{said}\b" if phrase.isascii() else said
