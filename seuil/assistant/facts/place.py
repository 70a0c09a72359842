"""The department where the person lives (never where they work)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from seuil.assistant.facts.gazetteer import (
    by_first_word,
    code_of,
    departments,
    is_postal,
    nearest_town,
    plain_name,
    towns,
)
from seuil.assistant.facts.kinds import AMOUNTS, WHOLE
from seuil.assistant.facts.lexicon import load
from seuil.assistant.facts.message import Message
from seuil.assistant.facts.phrases import says
from seuil.assistant.facts.standing import NEUTRAL, standing, telling, words

_LONGEST_NAME = 7
_FEW = 5  # words of a message that only answers the question about the department
_WORD = re.compile(r"(?<= )[a-z]\S*(?= )")
_NUMBER = re.compile(r"(?<= )(?:q\d+q|2a|2b)(?= )")
_CLAUSES = re.compile(r" [.,;:!?] ")
_NOT_MEANT = re.compile(r" pas (?:le )?q\d+q(?= )")
_ARTICLES = frozenset({"le", "la", "les", "au", "aux"})
_STOPS = frozenset({"", ",", ".", ";", ":", "(", ")", "/", "!"})


@dataclass(frozen=True)
class Place:
    """Departments that a place may mean, how it stands to the person, and its words."""

    departments: frozenset[str]
    rank: int
    words: str


def read(message: Message) -> tuple[str | None, str | None]:
    """Return the department said, or None; and the words that do not decide, or None."""
    places = [*_named(message), *_numbered(message)] or [*_misspelt(message)]
    if not places:
        return _bare_code(message) or _abroad(message), _region(message)
    best = min(place.rank for place in places)
    chosen = [place for place in places if place.rank == best]
    meant = _common(chosen)
    if len(meant) > 1:  # a place said otherwise may tell which Saint-Denis
        for place in places:
            meant = meant & place.departments or meant
    if len(meant) == 1:
        return next(iter(meant)), None
    return None, " / ".join(dict.fromkeys(place.words for place in chosen))


def _common(places: list[Place]) -> frozenset[str]:
    """Return the departments that all the places may mean, or the only sure one."""
    common = frozenset.intersection(*(place.departments for place in places))
    sure = {code for place in places if len(place.departments) == 1 for code in place.departments}
    return common or frozenset(sure if len(sure) == 1 else ())


def _named(message: Message) -> Iterator[Place]:
    free, last = 0, Place(frozenset(), NEUTRAL, "")
    for match in _WORD.finditer(message.text):
        start = match.start()
        name = _name_at(message, start, match.group(0)) if start >= free else None
        if name is None:
            continue
        free = end = start + len(name)
        codes = _meant(message, name, start)
        if _denied(message, start, codes):
            continue
        rank = standing(message, start, end)
        if message.before(start).endswith(f" entre {last.words} et "):
            rank = last.rank  # « entre Dijon et Besançon »: either
        if rank == NEUTRAL and codes == towns().get(name) and _qualifies(message, start):
            continue
        if rank is not None:
            last = Place(codes, rank, name)
            yield last


def _denied(message: Message, start: int, codes: frozenset[str]) -> bool:
    """Tell whether a place is denied (« pas à Lille »), and note it."""
    if not message.scope.negated(start):
        return False
    if len(codes) == 1:
        message.denied.append(("department", next(iter(codes))))
    return True


def _qualifies(message: Message, start: int) -> bool:
    """Tell whether a town only qualifies another word: « la piscine de Rodez »."""
    return message.asked != "department" and _word_before(message, start) in ("de", "du")


def _word_before(message: Message, start: int) -> str:
    before = message.before(start).split()
    return before[-1] if before else ""


def _name_at(message: Message, start: int, word: str) -> str | None:
    """Return the longest name of a place that is read at ``start``, or None."""
    for name in by_first_word().get(word, ()):
        if message.text.startswith(name + " ", start):
            said = (
                _department_said
                if _meant(message, name, start) != towns().get(name)
                else _town_said
            )
            return name if said(message, name, start) else None
    return None


def _meant(message: Message, name: str, start: int) -> frozenset[str]:
    """Return the departments that a name means: « à Vienne » the town, « dans la Vienne » not."""
    code = departments().get(name)
    in_it = says("place", "in_the", message.before(start)) or (
        message.asked == "department" and _word_before(message, start) in ("le", "la")
    )
    if name in towns() and not (code and in_it):
        return towns()[name]
    return frozenset({code} if code else ())


def _misspelt(message: Message) -> Iterator[Place]:
    """Yield a town misspelt, where nothing but a town is expected."""
    answers = message.asked == "department" and len(message.text.split()) <= _FEW
    for match in _WORD.finditer(message.text):
        if answers or says("place", "lives_at", message.before(match.start())):
            name = nearest_town(match.group(0))
            rank = standing(message, *match.span()) if name else None
            if name and rank is not None:
                yield Place(towns()[name], rank, name)


def _department_said(message: Message, name: str, start: int) -> bool:
    """Tell whether a department's name is one here: « le Lot », « la Somme » are words too."""
    before = message.before(start)
    if name in ("la reunion", "reunion"):
        if says("place", "meeting", message.after(start + len(name))):
            return False
        if says("place", "of_a_street", before):
            return False
        return message.asked == "department" or says("place", "at_reunion", before)
    if message.asked == "department" and len(message.text.split()) <= _FEW:
        return True
    if name in words("common_departments"):
        return says("place", "in_the", before)
    return " " in name or says("place", "in_a_department", before)


def _town_said(message: Message, name: str, start: int) -> bool:
    """Tell whether a town's name is one here: « tours », « sens », « le port » are words too."""
    text, parts = message.text, name.split()
    before, previous = message.before(start), _word_before(message, start)
    if says("place", "of_a_street", before) or previous in words("titles"):
        return False
    article = parts[0] if len(parts) == 2 and parts[0] in _ARTICLES else None
    if name not in words("common") and not (article and parts[1] in words("common")):
        return True
    if article and parts[1] in words("common_with_article"):
        return says("place", "lives_at_once", before)
    if article in ("au", "aux") or previous in words("before_a_town"):
        return True
    following = message.after(start + len(name)).lstrip(" (")
    if re.match(r"q\d+q", following) or re.fullmatch(r"q\d+q", previous):
        return True
    return message.asked == "department" and len(text.split()) <= len(parts) + 2


def _numbered(message: Message) -> Iterator[Place]:
    for match in _NUMBER.finditer(message.text):
        raw = _figures(message, match.group(0))
        code = code_of(raw) if raw else None
        if code and _denied(message, match.start(), frozenset({code})):
            continue
        if code is None or says("place", "not_a_code", message.after(match.end())):
            continue
        said = _postal_said if is_postal(raw) else _number_said
        rank = standing(message, *match.span()) if said(message, *match.span(), raw) else None
        if rank is not None:
            yield Place(frozenset({code}), rank, raw)


def _figures(message: Message, mark: str) -> str:
    if mark[0] != "q":
        return mark
    quantity = message.quantity(mark)
    return quantity.raw if quantity.bound == "exact" else ""


def _postal_said(message: Message, start: int, end: int, raw: str) -> bool:
    before, after = message.before(start), message.after(end)
    if message.asked == "department" or says("place", "postal_lead", before) or _after_town(before):
        return not says("place", "money_before", before)
    following = (after.split() or [""])[0]
    if following in by_first_word() and following not in words("not_a_town"):
        return True
    alone = _word_before(message, start) in _STOPS and following in _STOPS
    number_asked = message.asked in WHOLE | AMOUNTS
    return alone and not number_asked and bool(before.strip(" ,.;") or after.strip(" ,.;"))


def _number_said(message: Message, start: int, end: int, raw: str) -> bool:
    before, after = message.before(start), message.after(end)
    if says("place", "department_lead", before):
        return len(raw) > 1 or " departement " in before
    if says("place", "lives_alone", before):
        return says("place", "ends", after) or not after.strip()
    if not _after_town(before):
        return False
    bracketed = before.endswith("( ") and after.startswith(" )")
    return bracketed or (after.split() or [""])[0] in _STOPS


def _after_town(before: str) -> bool:
    last = before.rstrip("(, ").split()
    return any(" ".join(last[-size:]) in towns() for size in range(1, _LONGEST_NAME))


def _bare_code(message: Message) -> str | None:
    """Return the department when a code is the whole answer to the question about it."""
    if message.asked != "department":
        return None
    for clause in _CLAUSES.split(_NOT_MEANT.sub(" ", message.text)):
        rest = [word for word in clause.split() if word not in words("answer_words")]
        if len(rest) == 1 and _NUMBER.match(f" {rest[0]} ", 1):
            return code_of(_figures(message, rest[0]))
    return None


@cache
def _names(section: str) -> re.Pattern[str]:
    names = [plain_name(name) for name in load("place")[section]]
    return re.compile(r"(?<= )(?:" + "|".join(sorted(names, key=len, reverse=True)) + r")(?= )")


def _abroad(message: Message) -> str | None:
    for match in _names("abroad").finditer(message.text):
        before = message.scope.before(match.start()).split()
        clue = telling(before)
        lives = message.asked == "department" or bool(words("lives_beside") & set(before))
        if (
            (lives or clue == "home")
            and clue not in ("work", "elsewhere")
            and message.holds(*match.span())
        ):
            return "etranger"
    return None


def _region(message: Message) -> str | None:
    for match in _names("regions").finditer(message.text):
        clue = telling(message.scope.before(match.start()).split())
        told = message.asked == "department" or clue == "home"
        if told and message.holds(*match.span()):
            return match.group(0)
    return None
