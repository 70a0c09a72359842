"""Towns and departments by name and by number, as canonical text writes them."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from seuil.assistant.facts.lexicon import load, rows
from seuil.assistant.facts.spelling import closest, deletions
from seuil.urgency.text import fold

_POSTAL = re.compile(r"\d{5}")
_CORSICA = {"0": "2A", "1": "2A", "2": "2B", "6": "2B"}
_ISLANDS = {"97133": "977", "97150": "978"}
_NUMBERED = re.compile(r"^(deux|trois|six)-(?=[a-z])()")
_SHORTEST_MISSPELT = 6


def plain_name(name: str) -> str:
    """Return a place's name as canonical text writes it."""
    words = _NUMBERED.sub(r"\1\2", fold(name)).replace("-", " ").replace("'", "' ").split()
    elided, shorter = load("spelling")["elided"], {"st": "saint", "ste": "sainte"}
    return " ".join(
        elided.get(w[:-1], w[:-1]) if w.endswith("'") else shorter.get(w, w) for w in words
    )


@lru_cache(maxsize=1)
def towns() -> dict[str, frozenset[str]]:
    """Return the departments that each town's name may mean (« au Mans » beside « Le Mans »)."""
    names: dict[str, set[str]] = {}
    for row in rows("towns"):
        name = plain_name(row["town"])
        names.setdefault(name, set()).add(row["department"])
        for article, contracted in (("le ", "au "), ("les ", "aux ")):
            if name.startswith(article):
                names.setdefault(contracted + name[len(article) :], set()).add(row["department"])
    return {name: frozenset(codes) for name, codes in names.items()}


@lru_cache(maxsize=1)
def departments() -> dict[str, str]:
    """Return the code of each department by name, those named as a town aside."""
    names = {plain_name(row["name"]): row["code"] for row in rows("departments")}
    return {name: code for name, code in names.items() if name not in ("saint martin", "paris")}


@lru_cache(maxsize=1)
def by_first_word() -> dict[str, list[str]]:
    """Return the names of towns and departments by their first word, longest first."""
    index: dict[str, list[str]] = {}
    for name in {**towns(), **departments()}:
        index.setdefault(name.split()[0], []).append(name)
    for names in index.values():
        names.sort(key=len, reverse=True)
    return index


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(row["code"] for row in rows("departments"))


def is_postal(raw: str) -> bool:
    """Tell whether the figures have the shape of a postal code."""
    return _POSTAL.fullmatch(raw) is not None


def code_of(raw: str) -> str | None:
    """Return the department of its number or of a postal code, or None.

    Corsica by its third figure; 97133 and 97150 are Saint-Barthélemy and Saint-Martin.
    """
    if is_postal(raw):
        if raw in _ISLANDS:
            return _ISLANDS[raw]
        if raw.startswith("20"):
            return _CORSICA.get(raw[2])
        code = raw[:3] if raw[:2] in ("97", "98") else raw[:2]
        return code if code in _codes() else None
    if len(raw) == 1:
        raw = "0" + raw
    return raw.upper() if raw.upper() in _codes() else None


@lru_cache(maxsize=1)
def _misspelt() -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for name in towns():
        if " " not in name and len(name) >= _SHORTEST_MISSPELT:
            for shorter in deletions(name):
                index.setdefault(shorter, []).append(name)
    return index


@cache
def nearest_town(word: str) -> str | None:
    """Return the one town that ``word`` misspells by a letter, or None."""
    if len(word) < _SHORTEST_MISSPELT:
        return None
    found = closest(word, _misspelt())
    return found[0] if len(found) == 1 else None
