"""The small language in which ``data/*.yaml`` writes what people say.

A phrase is read word by word against the canonical text:

=============  ==============================================================
``mot``        that word (accents, capitals and elisions as one likes)
``mot(s)``     with or without the letters in brackets
``mot*``       any word that starts so
``a|b``        one word or the other
``{a b|c}``    one of several groups of words
``[de la]``    words that may be missing (``[a|b c]``: one of them, or nothing)
``<name>``     a group named under ``groups:`` of the file
``..``         up to three words, no punctuation (``...``: up to eight)
``<Q>``        a quantity; ``<D>`` a duration; ``<T>`` a date (placeholders of ``message``)
``^`` ``$``    start or end of a clause (punctuation, « et », « ou », « mais »)
``<|`` ``|>``  start or end of the text looked at
=============  ==============================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from seuil.assistant.facts.lexicon import load
from seuil.urgency.text import fold

WORD = r"[a-z0-9]\S*"
# The marks of placeholders begin with a letter no French word begins with alone.
_PLACEHOLDERS = {"Q": r"q\d+q", "D": r"d\d+d", "T": r"t\d+t"}
_GAPS = {"..": rf"(?:{WORD} ){{0,3}}?", "...": rf"(?:{WORD} ){{0,8}}?"}
_EDGES = {"<|": r"(?<=^ )", "|>": r"(?= *$)"}
_ELISION = re.compile(r"\b(j|m|t|s|n|d|l|c|qu|jusqu|lorsqu|puisqu)'")
_BAR = re.compile(r"\|(?![^\[\]]*\])")  # a bar outside square brackets
_CHUNK = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\S+")


@dataclass(frozen=True)
class Phrase:
    """A compiled phrase: its pattern, and words of which any match holds at least one."""

    pattern: re.Pattern[str]
    needs: tuple[str, ...]


def compile_phrase(source: str, groups: Mapping[str, Iterable[str]]) -> Phrase:
    """Compile one phrase of the language above."""
    elided = load("spelling")["elided"]
    plain = _ELISION.sub(lambda m: elided[m.group(1)] + " ", fold(source)).replace("-", " ")
    regex, needs = _sequence(_restore_placeholders(plain), groups)
    return Phrase(re.compile(r"(?<= )" + regex), needs)


def _restore_placeholders(source: str) -> str:
    for name in _PLACEHOLDERS:
        source = source.replace(f"<{name.lower()}>", f"<{name}>")
    return source


def _sequence(source: str, groups: Mapping[str, Iterable[str]]) -> tuple[str, tuple[str, ...]]:
    regex = ""
    needs: tuple[str, ...] = ()
    for chunk in _CHUNK.findall(source):
        part, part_needs = _chunk(chunk, groups)
        regex += part
        if part_needs and (not needs or _worth(part_needs) > _worth(needs)):
            needs = part_needs
    return regex, needs


def _worth(needs: tuple[str, ...]) -> float:
    return min(map(len, needs)) - len(needs) / 10


def _chunk(chunk: str, groups: Mapping[str, Iterable[str]]) -> tuple[str, tuple[str, ...]]:
    if chunk in _GAPS:
        return _GAPS[chunk], ()
    if chunk in _EDGES:
        return _EDGES[chunk], ()
    if chunk == "^":
        return r"(?:(?<=[.,;:!?()/] )|(?<=^ )|(?<= et )|(?<= ou )|(?<= mais ))", ()
    if chunk == "$":
        return r"(?=[.,;:!?()/]|$|et |ou |mais )", ()
    if chunk[0] == "[":
        regex, _ = _alternatives(_BAR.split(chunk[1:-1]), groups)
        return f"(?:{regex})?", ()
    if chunk[0] == "{":
        return _alternatives(_BAR.split(chunk[1:-1]), groups)
    if chunk[0] == "<" and chunk[-1] == ">":
        name = chunk[1:-1]
        if name in _PLACEHOLDERS:
            return f"({_PLACEHOLDERS[name]}) ", ()
        return _alternatives(list(groups[name]), groups)
    words = chunk.split("|")
    if len(words) > 1:
        return _alternatives(words, groups)
    return _word(chunk), _spellings(_written(chunk))


def _spellings(word: str) -> tuple[str, ...]:
    """Return every word that ``word`` stands for (« loyer(s) »), none for an open « loyer* »."""
    if "*" in word:
        return ()
    stem, *endings = re.split(r"\((\w+)\)", word)
    found = [stem]
    for ending in filter(None, endings):
        found += [shorter + ending for shorter in found]
    return tuple(found)


def _written(word: str) -> str:
    """Return ``word`` as canonical text writes it (« boîte » is an « entreprise » there)."""
    plain = load("spelling")["forms"].get(word, word)
    return word if " " in plain else plain


def _alternatives(
    sources: list[str], groups: Mapping[str, Iterable[str]]
) -> tuple[str, tuple[str, ...]]:
    parts = [_sequence(source.strip(), groups) for source in sources]
    regex = "(?:" + "|".join(regex for regex, _ in parts) + ")"
    if all(needs for _, needs in parts):
        return regex, tuple(dict.fromkeys(need for _, needs in parts for need in needs))
    return regex, ()


def _word(word: str) -> str:
    word = _written(word)
    pattern = re.sub(r"\\\(([a-z]+)\\\)", r"(?:\1)?", re.escape(word))
    return pattern.replace(r"\*", "[a-z]*") + " "


class PhraseSet:
    """Phrases by the value they tell, looked for by the words they cannot do without."""

    def __init__(self, by_value: Mapping[str, Iterable[Phrase]]) -> None:
        """Index the phrases of ``by_value``."""
        self._phrases = [
            (value, phrase.pattern) for value, phrases in by_value.items() for phrase in phrases
        ]
        self._by_word: dict[str, list[int]] = {}
        self._always: list[int] = []
        places = enumerate(phrase for phrases in by_value.values() for phrase in phrases)
        for place, phrase in places:
            if not phrase.needs:
                self._always.append(place)
            for word in set(phrase.needs):
                self._by_word.setdefault(word, []).append(place)
        self._words = frozenset(self._by_word)

    def finditer(self, text: str) -> Iterator[tuple[str, re.Match[str]]]:
        """Return (value, match) for every phrase found in canonical ``text``."""
        shared = self._words & _words_of(text)
        if shared or self._always:
            return self._search(text, shared)
        return iter(())  # the common case, worth being quick about

    def _search(self, text: str, shared: frozenset[str]) -> Iterator[tuple[str, re.Match[str]]]:
        possible = set(self._always)
        for word in shared:
            possible.update(self._by_word[word])
        for place in sorted(possible):
            value, pattern = self._phrases[place]
            for match in pattern.finditer(text):
                yield value, match

    def found(self, text: str) -> bool:
        """Tell whether any phrase is in canonical ``text``."""
        return next(self.finditer(text), None) is not None


def says(file: str, section: str, text: str) -> bool:
    """Tell whether ``text`` (canonical) says a phrase of ``section`` of ``data/<file>.yaml``."""
    return phrase_set(file, section).found(text)


@lru_cache(maxsize=32)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


@cache
def phrase_set(file: str, section: str) -> PhraseSet:
    """Return the phrases under ``section`` of ``data/<file>.yaml``, by value."""
    content: dict[str, Any] = load(file)
    groups = {**load("groups"), **content.get("groups", {})}
    entries = content[section]
    if isinstance(entries, list):
        entries = {section: entries}
    return PhraseSet(
        {
            str(value): tuple(compile_phrase(str(source), groups) for source in sources)
            for value, sources in entries.items()
        }
    )
