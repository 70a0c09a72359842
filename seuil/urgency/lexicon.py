"""The words of the field, in named groups, and the typos of them.

``lexicon.yml`` names groups of folded words (``vehicle``, ``hit``, ``partner``…). A token carries
one private character for each group it belongs to, so that a pattern tests a group with one
character of a regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from seuil.urgency.files import load
from seuil.urgency.text import fold, words

_FIRST_MARK = 0xE000
_TYPO_LENGTH = 5  # shorter words have too many honest neighbours
_SOUNDS = (
    ("eaux", "o"), ("eau", "o"), ("aux", "o"), ("au", "o"), ("ph", "f"), ("qu", "k"), ("ck", "k"),
    ("c", "k"), ("h", ""), ("y", "i"), ("z", "s"), ("en", "an"), ("em", "an"), ("am", "an"),
    ("ai", "e"), ("ei", "e"), ("oi", "wa"), ("oua", "wa"), ("ou", "u"),
)  # fmt: skip
_MUTE_END = re.compile(r"(?:er|ez|ee|ees|es|s|t|e|x|d|nt|r)$")
_DOUBLED = re.compile(r"(.)\1")


class Lexicon:
    """Groups of words, read once; ``extra`` are the words patterns name by themselves."""

    def __init__(self, data: Mapping[str, Any], extra: Sequence[str] = ()) -> None:
        self.grammar: Mapping[str, Any] = data["grammar"]
        self.not_imperfect = frozenset(data["not_imperfect"])
        self.marks: dict[str, str] = {}
        self._exact: dict[str, set[str]] = {}
        self._prefix: dict[str, set[str]] = {}
        self.phrases: dict[str, list[tuple[str, ...]]] = {}
        groups: Mapping[str, list[Any]] = data["groups"]
        for place, name in enumerate(groups):
            self.marks[name] = chr(_FIRST_MARK + place)
        for name in groups:
            for entry in _members(name, groups):
                self._add(fold(str(entry)), self.marks[name])
        self._known = {fold(str(word)) for word in data["not_typos"]} | set(self._exact)
        self._known |= {fold(part) for word in extra for part in word.split("_")}
        self._by_sound: dict[str, str] = {}
        self._by_deletion: dict[str, str] = {}
        for word in data["typo_targets"]:
            self._by_sound.setdefault(_sound(word), word)
            if len(word) >= _TYPO_LENGTH:
                for shorter in (word, *_deletions(word)):
                    self._by_deletion.setdefault(shorter, word)

    def _add(self, entry: str, mark: str) -> None:
        if entry.endswith("*"):
            self._prefix.setdefault(entry[:-1], set()).add(mark)
            return
        parts = tuple(words(entry)) if " " in entry or "'" in entry else (entry,)
        if len(parts) > 1:
            rows = self.phrases.setdefault(parts[0], [])
            if parts not in rows:
                rows.append(parts)
                rows.sort(key=len, reverse=True)
            entry = "_".join(parts)
        self._exact.setdefault(entry, set()).update(mark)

    def merged(self, words: Sequence[str]) -> list[tuple[int, str]]:
        """``words`` with locutions made one word: (how many words it takes, the word)."""
        out: list[tuple[int, str]] = []
        place = 0
        while place < len(words):
            size = 1
            for phrase in self.phrases.get(words[place], ()):
                if tuple(words[place : place + len(phrase)]) == phrase:
                    size = len(phrase)
                    break
            merged = "_".join(words[place : place + size])
            if size > 1 and words[place] in self.grammar["possessives"]:
                # « ma femme » stays « ma », then one word that says whose wife she is.
                out.append((1, words[place]))
                place, size = place + 1, size - 1
            out.append((size, merged))
            place += size
        return out

    def marks_of(self, word: str) -> str:
        """The marks of every group ``word`` belongs to, as one string."""
        found = set(self._exact.get(word, ()))
        for size in range(3, len(word) + 1):
            found |= self._prefix.get(word[:size], set())
        return "".join(sorted(found))

    def corrected(self, word: str) -> str:
        """``word``, or the word of the field it is a slip of: same sound, or one letter off."""
        if len(word) < _TYPO_LENGTH - 1 or word in self._known or not word.isalpha():
            return word
        if self.marks_of(word):
            return word
        by_sound = self._by_sound.get(_sound(word))
        if by_sound is not None and by_sound[0] == word[0]:
            return by_sound
        if len(word) < _TYPO_LENGTH:
            return word
        for candidate in (word, *_deletions(word)):
            close = self._by_deletion.get(candidate)
            # First letters are rarely wrong, and short words need all of theirs.
            if close is not None and close[0] == word[0] and _one_slip(word, close):
                return close
        return word


def _members(name: str, groups: Mapping[str, list[Any]]) -> Iterable[str]:
    for entry in groups[name]:
        text = str(entry)
        if text.startswith("<"):
            yield from _members(text[1:-1], groups)
        else:
            yield text


def _sound(word: str) -> str:
    for written, heard in _SOUNDS:
        word = word.replace(written, heard)
    return _MUTE_END.sub("", _DOUBLED.sub(r"\1", word))


def _deletions(word: str) -> Iterable[str]:
    return (word[:place] + word[place + 1 :] for place in range(1, len(word)))


def _one_slip(first: str, second: str) -> bool:
    """One letter missing, added, changed, or two neighbours swapped."""
    if abs(len(first) - len(second)) > 1:
        return False
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    rest_1, rest_2 = first[start:], second[start:]
    if rest_1 == rest_2:
        return True
    swapped = len(rest_1) > 1 and rest_1[1::-1] + rest_1[2:] == rest_2
    return swapped or rest_1[1:] == rest_2[1:] or rest_1[1:] == rest_2 or rest_1 == rest_2[1:]


def lexicon_data() -> Mapping[str, Any]:
    """The content of ``lexicon.yml``."""
    data: Mapping[str, Any] = load("lexicon.yml")
    return data
