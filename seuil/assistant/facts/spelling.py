"""Misspelt key words put right: « locatere » is read as « locataire ».

A word is put right only when it is close to one key word (one letter added, dropped, changed or
two swapped; two such slips from nine letters on) and is not a French word of its own
(``data/real_words.yaml``).
"""

from __future__ import annotations

from functools import lru_cache

from seuil.assistant.facts.lexicon import load

_SHORTEST = 5
_LONG = 9  # both words this long: two slips allowed


def _without_one(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _without(word: str) -> set[str]:
    """Return ``word`` and what is left of it with one letter, or two in a long word, removed."""
    once = _without_one(word)
    if len(word) < _LONG:
        return {word} | once
    return {word} | once | {shorter for part in once for shorter in _without_one(part)}


@lru_cache(maxsize=1)
def _index() -> tuple[frozenset[str], frozenset[str], dict[str, list[str]]]:
    keywords = frozenset(load("spelling")["keywords"].split())
    real = frozenset(load("real_words")["words"].split())
    index: dict[str, list[str]] = {}
    for keyword in sorted(keywords):
        for shorter in _without(keyword):
            index.setdefault(shorter, []).append(keyword)
    return keywords, real, index


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
    near: dict[str, int] = {}
    for shorter in _without(word):
        for keyword in index.get(shorter, ()):
            if keyword not in near:
                slips = distance(word, keyword)
                if slips <= (2 if min(len(word), len(keyword)) >= _LONG else 1):
                    near[keyword] = slips
    if not near:
        return word
    fewest = min(near.values())
    best = [keyword for keyword, slips in near.items() if slips == fewest]
    return min(best, key=lambda keyword: (keyword[0] != word[0], len(keyword), keyword))
