"""Misspelt key words put right: « locatere » is read as « locataire ».

A word is put right only when it is close to one key word (one letter added, dropped, changed or
two swapped; two such slips from nine letters on) and is not a French word of its own
(``data/real_words.yaml``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from seuil.assistant.facts.lexicon import load

_SHORTEST = 5
_LONG = 9  # both words this long: two slips allowed


def deletions(word: str) -> set[str]:
    """Return ``word`` and what is left of it with one letter removed (two in a long word)."""
    once = {word[:i] + word[i + 1 :] for i in range(len(word))}
    if len(word) >= _LONG:
        once |= {part[:i] + part[i + 1 :] for part in once for i in range(len(part))}
    return {word} | once


@lru_cache(maxsize=1)
def _index() -> tuple[frozenset[str], frozenset[str], dict[str, list[str]]]:
    keywords = frozenset(load("spelling")["keywords"].split())
    real = frozenset(load("real_words")["words"].split())
    index: dict[str, list[str]] = {}
    for keyword in sorted(keywords):
        for shorter in deletions(keyword):
            index.setdefault(shorter, []).append(keyword)
    return keywords, real, index


def is_key(word: str) -> bool:
    """Tell whether ``word`` is a key word of the reader, rightly spelt."""
    return word in _index()[0]


def distance(a: str, b: str) -> int:
    """Return the number of slips (add, drop, change, swap of neighbours) between two words."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


@lru_cache(maxsize=20_000)
def corrected(word: str) -> str:
    """Return the key word that ``word`` misspells, or ``word`` itself."""
    keywords, real, index = _index()
    if len(word) < _SHORTEST or len(word) > 20 or word in keywords or word in real:
        return word
    near = closest(word, index)
    if not near:
        return word
    return min(near, key=lambda keyword: (keyword[0] != word[0], len(keyword), keyword))


def closest(word: str, index: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the words of ``index`` (by their :func:`deletions`) that ``word`` misspells least."""
    near: dict[str, int] = {}
    for shorter in deletions(word):
        for known in index.get(shorter, ()):
            if known not in near:
                slips = distance(word, known)
                if slips <= (2 if min(len(word), len(known)) >= _LONG else 1):
                    near[known] = slips
    fewest = min(near.values(), default=0)
    return [known for known, slips in near.items() if slips == fewest]
