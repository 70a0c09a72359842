"""The department where the person lives (never where they work)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from seuil.assistant.facts.gazetteer import (
    by_first_word,
    code_of,
    departments,
    is_postal,
    nearest_town,
    plain_name,
    towns,
)
from seuil.assistant.facts.lexicon import load
from seuil.assistant.facts.message import Message

_HOME, _NEUTRAL, _SOUGHT = 0, 1, 2
_LONGEST_NAME = 7
_WORD = re.compile(r"(?<= )[a-z]\S*(?= )")
_NUMBER = re.compile(
    r"(?<= )(?P<mark>q\d+q|2a|2b)(?= )"
    r"(?! (?:eme|e|ieme|arrondissement|euros|heures|salaries|personnes|ans|mois|au|pour|enfants))"
)
_SAYS_DEPARTMENT = re.compile(
    r" (?:dans (?:le )?|en |(?:suis|est|sommes|vis|viens|habitants?|ici) du |(?:habite|vis) (?:dans )?le "
    r"|(?:departement|code|numero) (?:(?:du|de|le|est|c|ce|n|numero|:) )*)$"
)
_POSTAL_LEAD = re.compile(
    r" (?:habite|vis|postal|reside|demeurant|domicilie|domiciliee|adresse|a|au|sur|departement) "
    r"(?:(?:le|est|c|ce|:|au|a|dans) )*$"
)
_NOT_A_TOWN = re.compile(r" (?:par|le|la|les|au|aux|de|du|a) (?!\S+ $)")
_ALONE_AFTER = re.compile(r" (?:habite|vis) $")
_ENDS = re.compile(r" (?:[.,;:!?()]|mais|et|avec|depuis|$)")
_MARKS = ([], [","], ["."], [";"], [":"], ["("], ["/"])
_MARKS_AFTER = ("", ",", ".", ";", ":", ")", "/", "!")
_AT_REUNION = re.compile(r" (?:a|de|ile de|sur)(?: le)? (?:la )?$")
_IN_THE = re.compile(
    r" (?:dans|departement(?: de| du)?|habite|vis dans) (?:le|la|les) $| departement (?:de|du|:) $"
)
_IN = re.compile(
    r" (?:dans|en|departement|habite|sur|a|de)(?: le| la| les| du| de)* $|[,(:] $|^ $| dans le $"
)
_LIVES_AT = re.compile(
    r" (?:habite|habitons|habitant|vis|vit|vivons|loge|reside|demeure|installee?) (?:a|sur|vers|au|pres de) $"
)
_FEW = 5
_MONEY_BEFORE = re.compile(
    r" (?:dois|doit|devons|dette|dettes|credit|credits|pret|prets|impaye|impayes|loyer|salaire|gagne"
    r"|touche|somme|montant|plus de|environ|total|reste) (?:de |du |un |d |environ |plus |encore )*$"
)
_SELF = (["je"], ["nous"], ["on"], ["il"], ["elle"], ["salarie"], ["salariee"], ["moi"])
_STREET = re.compile(
    r" (?:rue|avenue|boulevard|place|chemin|allee|gare|route|faubourg|quai) (?:de |du |le |la |des )*$"
)
_PREPOSITIONS = frozenset(
    [
        "a",
        "au",
        "aux",
        "sur",
        "habite",
        "habitons",
        "vers",
        "ville",
        "commune",
        "secteur",
        "pres",
        "chez_moi",
        "vis",
        "reside",
        "demeure",
        "dans",
    ]
)


@dataclass(frozen=True)
class Place:
    """Departments that a place may mean, how it stands to the person, and its words."""

    departments: frozenset[str]
    rank: int
    words: str
    start: int


def read(message: Message) -> tuple[str | None, str | None]:
    """Return the department said, or None; and the words that do not decide, or None."""
    places = [*_named(message), *_numbered(message)] or [*_misspelt_town(message)]
    if not places:
        return _whole_answer(message), _region(message)
    best = min(place.rank for place in places)
    chosen = [place for place in places if place.rank == best]
    common = frozenset.intersection(*(place.departments for place in chosen))
    if not common:  # one of them may only repeat another more widely
        sure = {next(iter(p.departments)) for p in chosen if len(p.departments) == 1}
        common = frozenset(sure) if len(sure) == 1 else frozenset()
    if len(common) > 1:
        hints = [p.departments for p in places if p.departments & common != common]
        for hint in hints:
            common = common & hint or common
    if len(common) == 1:
        return next(iter(common)), None
    return None, " / ".join(dict.fromkeys(place.words for place in chosen))


@cache
def _set(section: str) -> frozenset[str]:
    content = load("place")[section]
    return frozenset(content.split() if isinstance(content, str) else content)


def _named(message: Message) -> Iterator[Place]:
    text = message.text
    free = 0
    for match in _WORD.finditer(text):
        start = match.start()
        if start < free:
            continue
        name = _name_at(message, start, match.group(0))
        if name is None:
            continue
        free = end = start + len(name)
        codes = towns().get(name) or frozenset({departments()[name]})
        rank = _standing(message, start, end)
        if rank == _NEUTRAL and name in towns() and _belongs(message, start):
            continue
        if rank is not None:
            yield Place(codes, rank, name, start)


def _belongs(message: Message, start: int) -> bool:
    """Tell whether the town only qualifies another word: « la piscine de Rodez »."""
    words = message.text[:start].split()
    return message.asked != "department" and words[-1:] in (["de"], ["du"])


def _name_at(message: Message, start: int, word: str) -> str | None:
    """Return the longest name of a place that is read at ``start``, or None."""
    text = message.text
    for name in by_first_word().get(word, ()):
        if text.startswith(name + " ", start):
            end = start + len(name)
            if name in towns():
                if _town_said(message, name, text[:start].rsplit(None, 1)[-1:], end):
                    return name
            elif _department_said(message, name, start, end):
                return name
            return None
    return None


def _misspelt_town(message: Message) -> Iterator[Place]:
    """Yield a town misspelt, where nothing but a town is expected."""
    for match in _WORD.finditer(message.text):
        lives = _LIVES_AT.search(message.text[: match.start()])
        if lives or (message.asked == "department" and len(message.text.split()) <= _FEW):
            name = nearest_town(match.group(0))
            rank = _standing(message, *match.span()) if name else None
            if name and rank is not None:
                yield Place(towns()[name], rank, name, match.start())


def _department_said(message: Message, name: str, start: int, end: int) -> bool:
    text = message.text
    before = text[:start]
    if name in ("la reunion", "reunion"):
        following = (text[end:].split() or [""])[0]
        return (
            message.asked == "department" or _AT_REUNION.search(before) is not None
        ) and following not in _set("reunion_is_a_meeting")
    if message.asked == "department" and len(text.split()) <= _FEW:
        return True
    if name in _set("common_departments"):
        return _IN_THE.search(before) is not None
    return " " in name or _IN.search(before) is not None


def _town_said(message: Message, name: str, before: list[str], end: int) -> bool:
    text, previous = message.text, (before or [""])[0]
    words = name.split()
    risky = name in _set("common") or (
        len(words) == 2
        and words[0] in ("le", "la", "les", "au", "aux")
        and words[1] in _set("common")
    )
    if _STREET.search(text[: end - len(name)]) or previous in (
        "madame",
        "monsieur",
        "mademoiselle",
    ):
        return False
    if text.startswith((" de ", " du "), end) and words[0] == "saint" and len(words) == 2:
        return True
    if not risky:
        return True
    if words[0] in ("au", "aux"):
        return words[1] not in (
            "port",
            "marin",
            "francois",
            "robert",
            "moule",
            "luc",
            "blanc",
        ) or bool(re.search(r" (?:habite|vis|vit|habitons|loge|reside) $", text[: end - len(name)]))
    if previous in _PREPOSITIONS:
        return words[0] not in ("le", "la", "les") or words[1] not in (
            "garde", "possession", "trinite", "defense", "union", "port", "blanc", "moule", "madeleine",
        ) or bool(re.search(r" (?:habite|vis|vit|habitons|loge|reside) a $", text[: end - len(name)]))  # fmt: skip
    if re.match(r" \(? ?q\d+q", text[end : end + 9]) or re.fullmatch(r"q\d+q", previous):
        return True
    return message.asked == "department" and len(text.split()) <= len(words) + 2


def _standing(message: Message, start: int, end: int) -> int | None:
    """Return how a place stands to the person: home, neutral, sought; None: not theirs."""
    scope = message.scope
    if scope.negated(start) or scope.past(start, end) or scope.other(start, end):
        return None
    before = scope.before(start).split()
    clue = _clue(before, message.asked == "employer_sector")
    if clue is None and before and before[-1] in ("a", "au", "aux", "sur", "dans", "en", "de"):
        sentence, _ = scope.sentence(start)
        earlier = message.text[sentence:start].split()
        clue = _clue(earlier) if len(before) <= 2 else None
        if clue == "sought":
            clue = None
    if message.asked == "department" and clue in ("work", "elsewhere") and len(before) < 3:
        clue = None
    if clue in ("work", "elsewhere"):
        return None
    if scope.asked(start, end):
        return None
    if clue == "sought":
        return _SOUGHT
    if scope.hypothetical(start, end):
        return None
    return _HOME if clue == "home" else _NEUTRAL


def _clue(words: list[str], employer: bool = False) -> str | None:
    """Return what the last telling word before a place says of it.

    ``employer``: the question is about the employer, so that « la ville de Paris » is one.
    """
    sought = False
    for index in range(len(words) - 1, -1, -1):
        word = words[index]
        if word == "ville" and employer:
            return "work"
        if word == "domicile" and words[index - 2 : index] == ["aide", "a"]:
            return "work"
        if (
            word in ("suis", "est", "sommes")
            and words[index + 1 : index + 2] in (["de"], ["du"], ["sur"], ["a"])
            and words[index - 1 : index] in _SELF
        ):
            return "home"
        if word in _set("home"):
            wanted = set(words[max(0, index - 6) : index]) & _set("sought")
            if wanted:
                sought = True
                continue
            if set(words[max(0, index - 3) : index]) & _set("elsewhere"):
                return "elsewhere"
            return "home"
        if word in _set("sought"):
            return "sought"
        if word in _set("work"):
            return "work"
        if word in _set("elsewhere"):
            return "elsewhere"
    return "sought" if sought else None


def _numbered(message: Message) -> Iterator[Place]:
    for match in _NUMBER.finditer(message.text):
        mark = match.group("mark")
        raw = message.quantity(mark).raw if mark[0] == "q" else mark
        if mark[0] == "q" and message.quantity(mark).bound != "exact":
            continue
        code = code_of(raw)
        start, end = match.span("mark")
        said = _postal_said if is_postal(raw) else _number_said
        if code is None or not said(message, start, end):
            continue
        rank = _standing(message, start, end)
        if rank is not None:
            yield Place(frozenset({code}), rank, raw, start)


def _postal_said(message: Message, start: int, end: int) -> bool:
    before, after = message.text[:start], message.text[end:]
    if message.asked == "department" or _POSTAL_LEAD.search(before) or _after_town(before):
        return not _MONEY_BEFORE.search(before)
    following = (after.split() or [""])[0]
    if following in by_first_word() and not _NOT_A_TOWN.match(after):
        return True
    alone = before.split()[-1:] in _MARKS and following in _MARKS_AFTER
    return alone and message.asked is None and bool(before.strip(" ,.;") or after.strip(" ,.;"))


def _number_said(message: Message, start: int, end: int) -> bool:
    before, after = message.text[:start], message.text[end:]
    if _SAYS_DEPARTMENT.search(before):
        mark = message.text[start:end]
        figures = message.quantity(mark).raw if mark[0] == "q" else mark
        return len(figures) > 1 or " departement " in before
    if _ALONE_AFTER.search(before):
        return _ENDS.match(after) is not None
    in_brackets = before.endswith("( ") and after.startswith(" )")
    return _after_town(before) and (in_brackets or (after.split() or [""])[0] in _MARKS_AFTER)


def _after_town(before: str) -> bool:
    words = before.rstrip("( ").split()
    return any(" ".join(words[-size:]) in towns() for size in range(1, _LONGEST_NAME))


def _whole_answer(message: Message) -> str | None:
    """Return the department when the question was about it and a code is the whole answer."""
    if message.asked != "department":
        return _abroad(message)
    words = [word for word in message.text.split() if word not in _ANSWER_WORDS]
    if len(words) == 1:
        mark = words[0]
        if re.fullmatch(r"q\d+q", mark) and message.quantity(mark).bound == "exact":
            return code_of(message.quantity(mark).raw)
        if mark in ("2a", "2b"):
            return mark.upper()
    return _abroad(message)


_ANSWER_WORDS = frozenset(
    [
        "le",
        "la",
        "les",
        "l",
        "dans",
        "en",
        "departement",
        "c",
        "est",
        "ce",
        "oui",
        "euh",
        "numero",
        "du",
        "de",
        "au",
        "a",
        ",",
        ".",
        ":",
        "!",
        "sur",
        "je",
        "suis",
        "habite",
        "un",
        "alors",
        "ben",
        "bah",
        "mon",
        "code",
        "postal",
        "vis",
        "et",
        "mais",
    ]
)


@cache
def _names(section: str) -> re.Pattern[str]:
    names = [plain_name(name.strip()) for name in load("place")[section].split("|")]
    return re.compile(r"(?<= )(?:" + "|".join(sorted(names, key=len, reverse=True)) + r")(?= )")


def _abroad(message: Message) -> str | None:
    for match in _names("abroad").finditer(message.text):
        before = message.scope.before(match.start()).split()
        lives = bool(set(before) & _set("lives_beside")) or message.asked == "department"
        clue = _clue(before)
        if (
            lives
            and clue not in ("work", "elsewhere")
            and message.holds(match.start(), match.end())
        ):
            return "etranger"
    return None


def _region(message: Message) -> str | None:
    for match in _names("regions").finditer(message.text):
        before = message.scope.before(match.start()).split()
        if message.asked == "department" or _clue(before) == "home":
            if message.holds(match.start(), match.end()):
                return match.group(0)
    return None
