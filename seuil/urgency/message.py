"""One message, cut into marked words, ready to be searched; and what surrounds a place in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache

from seuil.urgency.patterns import Book, Form, book
from seuil.urgency.text import COMMA, END, words

# A message longer than this is read at both ends: the cost stays bounded.
HEAD = TAIL = 6_000
# What nobody says: « 06 17 11 51 15 » holds no 17, 115 nor 15, and no address or setting of a
# program (« homeless=true ») tells anything.
_NOT_SAID = re.compile(
    r"(?<![\d/])(?:\+33|0033|0) ?[1-9](?:[ .-]?\d\d){4}(?!\d)"
    r"|https?://\S+|www\.\S+|\S+@\S+\.\w+|\b\w+=\w+"
)
_COMMA_MARK = "\uf8ff"
_MARK = re.compile("[\ue000-\uf8ff]+")


def bounded(text: str) -> str:
    """The part of ``text`` that is read: all of it, or its two ends."""
    if len(text) <= HEAD + TAIL:
        return text
    return f"{text[:HEAD]}\n{text[-TAIL:]}"


class Message:
    """A message's words, each followed by the marks of its groups, joined by spaces."""

    def __init__(self, text: str) -> None:
        self.book: Book = book()
        self.tokens = _marked(tuple(words(_NOT_SAID.sub(" ", bounded(text)))))
        self.words = [_MARK.sub("", token) for token in self.tokens]
        self.line = "".join(f"{token} " for token in self.tokens)
        self._places: dict[str, list[tuple[int, int]]] = {}
        self._blocked: dict[str, list[tuple[int, int]]] = {}
        self._starts: list[int] = []
        place = 0
        for token in self.tokens:
            self._starts.append(place)
            place += len(token) + 1
        marks = {mark for token in self.tokens for mark in token[1:] if mark >= "\ue000"}
        self.holds = frozenset(self.words) | marks

    def spans(self, form: Form) -> list[tuple[int, int]]:
        """Where ``form`` matches, as pairs of token indexes (first, one past the last)."""
        if not form.possible(self.holds):
            return []
        found = []
        for match in form.regex.finditer(self.line):
            first = bisect_right(self._starts, match.start()) - 1
            last = bisect_right(self._starts, max(match.start(), match.end() - 1))
            found.append((first, last))
        return found

    def any(self, forms: tuple[Form, ...]) -> bool:
        """True when one of ``forms`` matches somewhere."""
        return any(form.possible(self.holds) and form.regex.search(self.line) for form in forms)

    def says(self, name: str) -> bool:
        """True when the context ``name`` is found somewhere."""
        return bool(self.places(name))

    def places(self, name: str) -> list[tuple[int, int]]:
        """Where the context ``name`` is found; worked out once."""
        if name not in self._places:
            forms = self.book.context.get(name, ())
            self._places[name] = [span for form in forms for span in self.spans(form)]
        return self._places[name]

    def blocked(self, flag: str) -> list[tuple[int, int]]:
        """Where words only look like a clue of ``flag``; worked out once."""
        if flag not in self._blocked:
            forms = (*self.book.blocks[flag], *self.book.blocks["all"])
            self._blocked[flag] = [span for form in forms for span in self.spans(form)]
        return self._blocked[flag]

    def has(self, place: int, *groups: str) -> bool:
        """True when the word at ``place`` belongs to one of ``groups``."""
        token = self.tokens[place]
        return any(self.book.lexicon.marks[group] in token for group in groups)

    def ends_clause(self, place: int) -> bool:
        """True when a comma or a sentence's end follows the word at ``place``."""
        return self.tokens[place].endswith(_COMMA_MARK) or self.words[place] == END

    def sentence(self, place: int) -> tuple[int, int]:
        """The sentence that holds ``place``, as token indexes."""
        first = place
        while first > 0 and self.words[first - 1] != END:
            first -= 1
        last = place
        while last < len(self.words) and self.words[last] != END:
            last += 1
        return first, last

    def negated(self, first: int, last: int) -> bool:
        """True when a negation bears on the words from ``first`` to ``last``.

        « il ne me frappe pas », « jamais frappée », « sans dormir dehors »; but not « pas
        loin », « pas que », « plus fort ».
        """
        grammar = self.book.lexicon.grammar
        before = first - 1
        if before > 0 and self.words[before] in grammar["determiners"]:
            before -= 1
        for place in range(max(0, before), min(len(self.words), last + 2)):
            word = self.words[place]
            if word not in grammar["negators"]:
                continue
            if place >= last and word in grammar["negators_before"]:
                continue
            if place >= last and any(self.ends_clause(i) for i in range(last - 1, place)):
                return False
            if place < first and self.ends_clause(place):
                continue
            if word in grammar["weak_negators"] and not self._after_ne(place):
                continue
            following = self.words[place + 1] if place + 1 < len(self.words) else END
            if following in grammar["not_a_denial"] or (
                place > 0 and self.words[place - 1] == "meme"
            ):
                continue
            return True
        return False

    def twice_negated(self, first: int, last: int) -> bool:
        """True for « pas sans logement »: the negation that is part of a clue is undone."""
        return any(
            self.words[place] == "sans" and self.words[place - 1] == "pas"
            for place in range(max(1, first), last)
        )

    def _after_ne(self, place: int) -> bool:
        return "ne" in self.words[max(0, place - 5) : place]


@lru_cache(maxsize=4)
def _marked(plain: tuple[str, ...]) -> list[str]:
    lexicon = book().lexicon
    corrected = [_corrected(word) for word in plain]
    slurring = [lexicon.marks[group] for group in lexicon.grammar["slurring"]]
    slurred = lexicon.grammar["slurred_have"]
    mine = lexicon.marks["self"]
    impersonal = lexicon.grammar["impersonal"]
    people = [lexicon.marks[group] for group in ("family", "he", "she", "outsider")]
    merged = lexicon.merged(corrected)
    out: list[str] = []
    place = 0
    for step, (size, word) in enumerate(merged):
        parts = corrected[place : place + size]
        place += size
        if word == COMMA:
            if out and out[-1] != END:
                out[-1] += _COMMA_MARK
            continue
        following = _marks(merged[step + 1][1]) if step + 1 < len(merged) else ""
        if word in slurred and (
            any(mark in following for mark in slurring)
            or (out and _slurs(out[-1], following, people))
        ):
            out.extend(("me" + _marks("me"), slurred[word]))
            continue
        if word == "sont" and lexicon.marks["family"] in following:
            word = "son"  # « sont mari »
        if word == "il" and _impersonal([w for _, w in merged[step + 1 : step + 5]], impersonal):
            out.append("il_")
            continue
        marks = _marks(word)
        if size > 1 and mine not in marks and any(mine in _marks(part) for part in parts):
            marks += mine
        out.append(word + marks)
    return out


def _slurs(before: str, following: str, people: list[str]) -> bool:
    """« mon mari ma dit »: after somebody, and before no other somebody, « ma » is « m'a »."""
    if before.endswith(_COMMA_MARK):
        return False
    somebody = any(mark in before for mark in people) or _MARK.sub("", before) == "qui"
    return somebody and not any(mark in following for mark in people)


def _impersonal(following: list[str], impersonal: Mapping[str, list[str]]) -> bool:
    """« il faut », « il y a », « il me reste »: an « il » that is nobody."""
    skipped = ""
    for word in following:
        if word in impersonal["verbs"]:
            return True
        if word in impersonal["verbs_after_a_pronoun"]:
            return skipped in impersonal["pronouns"]
        if word not in impersonal["skipped"]:
            return False
        skipped = word
    return False


@lru_cache(maxsize=20_000)
def _marks(word: str) -> str:
    return book().lexicon.marks_of(word)


@lru_cache(maxsize=20_000)
def _corrected(word: str) -> str:
    return book().lexicon.corrected(word)
