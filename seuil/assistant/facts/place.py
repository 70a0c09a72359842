"""The department where the person lives (never where they work)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from seuil.assistant.facts.lexicon import load, rows
from seuil.assistant.facts.message import Message
from seuil.urgency.text import fold

_HOME, _NEUTRAL, _SOUGHT = 0, 1, 2
_LONGEST_NAME = 7
_WORD = re.compile(r"(?<= )[a-z]\S*(?= )")
_NUMBER = re.compile(
    r"(?<= )(?P<lead>(?:(?:dans|en|du|de|sur|habite|vis|departement|dpt|code|postal|le|la|region"
    r"|numero|n|est|c|ce|:|depuis|a|-|,|\() )*)(?P<mark>q\d+q|2a|2b)(?= )"
    r"(?! (?:eme|e|ieme|arrondissement|euros|heures|salaries|personnes|ans|mois|au|pour|enfants))"
)
_SAYS_DEPARTMENT = re.compile(
    r"(?:dans le |du |en |(?:habite|vis) (?:le |dans le |en )|departement (?:(?:du|de|le|est|c|ce|:) )*)$"
)
_ALONE_AFTER = re.compile(r"(?:habite|vis) $")
_ENDS = re.compile(r" (?:[.,;:!?()]|mais|et|avec|depuis|$)")
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
    places = [*_named(message), *_numbered(message)]
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


@lru_cache(maxsize=1)
def _gazetteer() -> dict[str, frozenset[str]]:
    names: dict[str, set[str]] = {}
    for row in rows("towns"):
        name = plain_name(row["town"])
        names.setdefault(name, set()).add(row["department"])
        for article, contracted in (("le ", "au "), ("les ", "aux ")):
            if name.startswith(article):
                names.setdefault(contracted + name[len(article) :], set()).add(row["department"])
    return {name: frozenset(codes) for name, codes in names.items()}


@lru_cache(maxsize=1)
def _department_names() -> dict[str, str]:
    names = {plain_name(row["name"]): row["code"] for row in rows("departments")}
    del names["saint martin"], names["paris"]  # towns first
    return names


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(row["code"] for row in rows("departments"))


@lru_cache(maxsize=1)
def _first_words() -> dict[str, list[str]]:
    """Names of towns and departments by first word, longest first."""
    index: dict[str, list[str]] = {}
    for name in {**_gazetteer(), **_department_names()}:
        index.setdefault(name.split()[0], []).append(name)
    for names in index.values():
        names.sort(key=len, reverse=True)
    return index


@cache
def _set(section: str) -> frozenset[str]:
    content = load("place")[section]
    return frozenset(content.split() if isinstance(content, str) else content)


def plain_name(name: str) -> str:
    """Return a place's name as canonical text writes it."""
    words = re.sub(r"[-']", lambda m: " " if m.group(0) == "-" else "' ", fold(name)).split()
    elided, shorter = load("spelling")["elided"], {"st": "saint", "ste": "sainte"}
    return " ".join(
        elided.get(w[:-1], w[:-1]) if w.endswith("'") else shorter.get(w, w) for w in words
    )


def _named(message: Message) -> Iterator[Place]:
    text = message.text
    index, towns, departments = _first_words(), _gazetteer(), _department_names()
    free = 0
    for match in _WORD.finditer(text):
        if match.start() < free:
            continue
        for name in index.get(match.group(0), ()):
            if not text.startswith(name + " ", match.start()):
                continue
            start, end = match.start(), match.start() + len(name)
            before = text[:start].rsplit(None, 1)
            previous = before[-1] if before else ""
            is_town = name in towns
            if not is_town:
                if not _department_said(text, name, start, end):
                    continue
                codes = frozenset({departments[name]})
            else:
                if not _town_said(message, name, previous, end):
                    continue
                codes = towns[name]
            free = end
            rank = _standing(message, start, end)
            if rank is not None:
                yield Place(codes, rank, name, start)
            break


def _department_said(text: str, name: str, start: int, end: int) -> bool:
    before = text[:start]
    if name in ("la reunion", "reunion"):
        return bool(re.search(r" (?:a|de|ile de|sur)(?: le)? (?:la )?$", before)) and (
            text[end:].split()[:1] or [""]
        )[0] not in _set("reunion_is_a_meeting")
    if name in _set("common_departments"):
        return bool(
            re.search(
                r" (?:dans|departement(?: de| du)?|habite|vis dans) (?:le|la|les) $| departement (?:de|du|:) $",
                before,
            )
        )
    if " " not in name:
        return bool(
            re.search(
                r" (?:dans|en|departement|habite|sur|a|de)(?: le| la| les| du| de)* $|[,(:] $|^ $| dans le $",
                before,
            )
        )
    return True


def _town_said(message: Message, name: str, previous: str, end: int) -> bool:
    text = message.text
    words = name.split()
    risky = name in _set("common") or (
        len(words) == 2
        and words[0] in ("le", "la", "les", "au", "aux")
        and words[1] in _set("common")
    )
    if _STREET.search(text[: end - len(name)]) or previous in ("madame", "monsieur", "mademoiselle"):
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
    if scope.asked(start, end) and clue != "home":
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
            and words[index + 1 : index + 2] in (["de"], ["sur"], ["a"])
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
    text = message.text
    for match in _NUMBER.finditer(text):
        mark = match.group("mark")
        if mark[0] == "q":
            quantity = message.quantity(mark)
            if quantity.bound != "exact":
                continue
            raw = quantity.raw
        else:
            raw = mark.upper()
        code = _code(raw)
        if code is None:
            continue
        start, end = match.start("mark"), match.end("mark")
        before = text[:start]
        postal = len(raw) == 5
        if postal:
            if _MONEY_BEFORE.search(before) or text.startswith(" euros", end):
                continue
            if not message.plain.strip(" .").isdigit() or message.asked == "department":
                pass
            else:
                continue
        elif not (
            _SAYS_DEPARTMENT.search(match.group("lead"))
            or (_ALONE_AFTER.search(match.group("lead")) and _ENDS.match(text, end))
            or (before.endswith("( ") and text.startswith(" )", end) and _after_town(before))
            or (_after_town(before + "( ") and text[end:].strip()[:1] in (",", ".", ""))
        ):
            continue
        rank = _standing(message, start, end)
        if rank is not None:
            yield Place(frozenset({code}), rank, raw, start)


def _after_town(before: str) -> bool:
    words = before.rstrip("( ").split()
    return any(" ".join(words[-size:]) in _gazetteer() for size in range(1, _LONGEST_NAME))


def _code(raw: str) -> str | None:
    """Return the department of a number or postal code, or None."""
    if len(raw) == 5 and raw.isdigit():
        if raw in ("97133", "97150"):
            return "977" if raw == "97133" else "978"
        if raw.startswith("20"):
            corsica = {"0": "2A", "1": "2A", "2": "2B", "6": "2B"}
            return corsica.get(raw[2])
        code = raw[:3] if raw[:2] in ("97", "98") else raw[:2]
        return code if code in _codes() else None
    if len(raw) == 1 and raw.isdigit():
        raw = "0" + raw
    return raw if raw in _codes() else None


def _whole_answer(message: Message) -> str | None:
    """Return the department when the question was about it and a code is the whole answer."""
    if message.asked != "department":
        return _abroad(message)
    words = [word for word in message.text.split() if word not in _ANSWER_WORDS]
    if len(words) == 1:
        mark = words[0]
        if re.fullmatch(r"q\d+q", mark) and message.quantity(mark).bound == "exact":
            return _code(message.quantity(mark).raw)
        if mark in ("2a", "2b"):
            return mark.upper()
        if mark in _department_names():
            return _department_names()[mark]
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
