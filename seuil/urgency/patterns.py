"""Clues written as data, compiled: ``patterns/*.yml`` → regular expressions over marked words.

A form is a line of elements separated by spaces:

=============  ==================================================================
``voiture``    that folded word; ``a|b`` either; ``frapp*`` any word so beginning;
               ``chez_moi`` these words in a row
``<vehicle>``  a word of that group of ``lexicon.yml``; ``<a>|<b>|mot`` either
``~3``         up to three words of the same sentence, whatever they are
``[mot]``      that element, or nothing
``^`` ``$``    the beginning, the end of a sentence
=============  ==================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from seuil.urgency.files import load
from seuil.urgency.lexicon import Lexicon, lexicon_data

FILES = ("homeless", "violence", "danger", "suicide")
# How sure one clue alone makes us; clues add up (see reading.py).
STRENGTHS = {"sure": 0.95, "strong": 0.7, "hint": 0.45, "faint": 0.25}
_MARKS = "[\ue000-\uf8ff]*"
_ANY_WORD = r"[^ .]+ "


@dataclass(frozen=True)
class Form:
    """One way to say a clue.

    ``needs``: words and marks without which it cannot match; ``choices``: sets of which it needs
    one member each. They spare most searches. ``negates``: it holds its own negation.
    """

    regex: re.Pattern[str]
    needs: frozenset[str]
    choices: tuple[frozenset[str], ...]
    negates: bool

    def possible(self, holds: frozenset[str]) -> bool:
        """True when a message that ``holds`` these words and marks may match."""
        return self.needs <= holds and not any(map(holds.isdisjoint, self.choices))


@dataclass(frozen=True)
class Clue:
    """What a form gives away.

    ``flag`` is one of ``FLAGS``; ``checks`` name what must be true of the people around it
    (``subject``, ``agent``, ``victim``); ``theme`` is ``suicide`` or ``child`` or empty; ``also``
    is another flag it makes likely, when nobody from outside the family does it.
    """

    id: str
    flag: str
    weight: float
    checks: frozenset[str]
    theme: str
    also: str
    forms: tuple[Form, ...]


@dataclass(frozen=True)
class Book:
    """Everything the reader knows: the words, the clues, what solves, denies or blocks them."""

    lexicon: Lexicon
    clues: tuple[Clue, ...]
    context: Mapping[str, tuple[Form, ...]]
    denials: Mapping[str, tuple[Form, ...]]
    blocks: Mapping[str, tuple[Form, ...]]


def compile_form(line: str, lexicon: Lexicon) -> Form:
    """Compile one line of the notation above; ``ValueError`` names an unknown group."""
    parts: list[str] = []
    choices: set[frozenset[str]] = set()
    negates = False
    negating = {*lexicon.grammar["negators"], *lexicon.grammar["negating_groups"]}
    for _, element in lexicon.merged(line.split()):
        if element == "^":
            parts.append(r"(?:(?<=\. )|(?<=\A))")
            continue
        if element == "$":
            parts.append(r"(?=\.|\Z)")
            continue
        if element.startswith("~"):
            parts.append(f"(?:{_ANY_WORD}){{0,{int(element[1:])}}}?")
            continue
        optional = element.startswith("[")
        regex, wanted = _element(element.strip("[]"), lexicon, line)
        negates |= not negating.isdisjoint(re.findall(r"[a-z]+", element))
        parts.append(f"(?:{regex})?" if optional else regex)
        if wanted and not optional:
            choices.add(wanted)
    needs = frozenset(word for choice in choices if len(choice) == 1 for word in choice)
    return Form(
        re.compile("(?<![^ ])" + "".join(parts)),
        needs,
        tuple(choice for choice in choices if len(choice) > 1),
        negates,
    )


def _element(element: str, lexicon: Lexicon, line: str) -> tuple[str, frozenset[str]]:
    """One element: its expression, and the words or marks of which it needs one."""
    marks: list[str] = []
    regexes: list[str] = []
    wanted: set[str] = set()
    open_ended = False
    for choice in element.split("|"):
        if choice.startswith("<"):
            name = choice[1:-1]
            if name not in lexicon.marks:
                raise ValueError(f"groupe inconnu <{name}> dans la forme « {line} »")
            marks.append(lexicon.marks[name])
            continue
        # A locution of the lexicon is one word in a message; any other is several.
        spelt = ""
        for place, (_, word) in enumerate(lexicon.merged(choice.split("_"))):
            stem = word.removesuffix("*")
            open_ended |= stem != word
            spelt += re.escape(stem) + ("[^ ]* " if stem != word else f"{_MARKS} ")
            if place == 0:
                wanted.add(word)
        regexes.append(spelt)
    if marks:
        regexes.append(f"[^ ]*[{''.join(marks)}][^ ]* ")
    regex = regexes[0] if len(regexes) == 1 else f"(?:{'|'.join(regexes)})"
    return regex, frozenset() if open_ended else frozenset((*wanted, *marks))


def _load(name: str) -> dict[str, Any]:
    data: dict[str, Any] = load(f"patterns/{name}.yml")
    return data


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every clue as written, with the name of its file: for the tests and for reviewers."""
    for name in FILES:
        for row in _load(name)["clues"]:
            yield name, row


def _lines() -> Iterator[str]:
    for _, row in rows():
        yield from row["say"]
    for part in _load("context").values():
        for lines in part.values():
            yield from lines


def _own_words() -> list[str]:
    elements = (element for line in _lines() for element in line.split())
    choices = (choice for element in elements for choice in element.strip("[]").split("|"))
    return [choice for choice in choices if choice.replace("_", "").isalnum()]


@lru_cache(maxsize=1)
def book() -> Book:
    """The compiled patterns; built once, about a tenth of a second."""
    lexicon = Lexicon(lexicon_data(), _own_words())

    def forms(lines: list[str]) -> tuple[Form, ...]:
        return tuple(compile_form(line, lexicon) for line in lines)

    clues = tuple(
        Clue(
            id=f"{name}.{row['id']}",
            flag=row.get("flag", _load(name)["flag"]),
            weight=STRENGTHS[row["strength"]],
            checks=frozenset(row.get("checks", ())),
            theme=row.get("theme", ""),
            also=row.get("also", ""),
            forms=forms(row["say"]),
        )
        for name, row in rows()
    )
    context = _load("context")
    return Book(
        lexicon=lexicon,
        clues=clues,
        context={name: forms(lines) for name, lines in context["message"].items()},
        denials={flag: forms(lines) for flag, lines in context["denials"].items()},
        blocks={flag: forms(lines) for flag, lines in context["blocks"].items()},
    )
