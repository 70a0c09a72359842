"""Which language a message is written in, when it is not French.

By the script first, then, for the languages written in Latin letters, by their small words: a
message is foreign only when it says clearly more in another language than in French, so that
« hello, je suis en CDI » stays French. The words are in ``languages.yml``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from seuil.urgency import fold, normalise

UNKNOWN = "unknown"  # a script that tells no one language
WORDS = Path(__file__).with_name("languages.yml")
_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH = 2  # words of another language, and more of them than of French
_READ = 2_000  # characters: a language shows at once


def foreign(text: str) -> str | None:
    """Return the code of the language that ``text`` is written in, None for French.

    ``UNKNOWN`` is a script that several languages share, or that none of ``languages.yml`` uses.
    """
    plain = normalise(text[:_READ])
    script = _script(plain)
    if script is not None:
        return _of_script(script, plain)
    scores = _scores(plain)
    french = scores.pop("fr")
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] >= _ENOUGH and scores[best] > 2 * french else None


def some_french(text: str) -> bool:
    """Tell whether a message, foreign as a whole, has French words in it."""
    plain = set(_languages()["plainly_french"].split())
    return not plain.isdisjoint(_WORD.findall(fold(normalise(text[:_READ]))))


def _scores(text: str) -> dict[str, int]:
    """Return how many different small words of each language ``text`` holds."""
    words = set(_WORD.findall(fold(text)))
    return {code: len(words & known) for code, known in _small_words().items()}


def _script(text: str) -> str | None:
    """Return the script that most letters are of, as Unicode names it; None for Latin."""
    letters = [char for char in text if char.isalpha()]
    others = [char for char in letters if "LATIN" not in unicodedata.name(char, "LATIN")]
    if len(others) * 2 <= len(letters) or not others:
        return None
    names = [unicodedata.name(char).split()[0] for char in others]
    return max(set(names), key=lambda name: (names.count(name), name))


def _of_script(script: str, text: str) -> str:
    for code, letters in _languages()["scripts"].get(script, {}).items():
        if not letters or any(letter in text.lower() for letter in letters):
            return str(code)
    return UNKNOWN


@lru_cache(maxsize=1)
def _languages() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return content


@lru_cache(maxsize=1)
def _small_words() -> dict[str, frozenset[str]]:
    return {code: frozenset(words.split()) for code, words in _languages()["small_words"].items()}
