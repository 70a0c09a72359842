"""A message in the regular form that every fact is looked for in.

Folded, SMS forms and elisions spelt out, number words in figures, dates in figures in words,
amounts glued together, one space between tokens, punctuation as tokens of its own, a space at
both ends: ``canonical("J'suis en C.D.I., 1 200€")`` is ``" je suis en cdi , 1200 euros "``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from text_to_num import alpha2digit

from seuil.assistant.facts.lexicon import load
from seuil.assistant.facts.spelling import corrected, is_key
from seuil.urgency.text import fold, normalise, sms_forms

LONGEST = 6_000  # characters read of one message: nobody answers a question in more
_MONTHS = [
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
]

_MASKED = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+"  # addresses
    r"|(?<![\d/])(?:\+33|0033|0) ?[1-9](?:[ .-]?\d\d){4}(?!\d)"  # telephones
    r"|\bfr\d\d[ \d]{12,}|(?<!\d)[12] ?\d\d ?\d\d ?\d\d ?\d{3} ?\d{3}(?: ?\d\d)?(?!\d)"
)
_INITIALS = re.compile(r"(?<![\w.])(?:[a-z]\.){2,}(?:[a-z](?![\w]))?")
_SEPT = re.compile(r"((?:\b\d\d?|1er|\ben|\bdebut|\bfin|\bmi|\bdepuis) )sept\b\.?")
# « neuf » is nine after a number or what counts, before what is counted, or alone; else it is new.
_NINE = re.compile(
    r"\bneuf(?= (?:mois|ans|semaines?|jours?|salari|person|employ|cent|mille"
    r"|trois|heures|euros|ou|a|dix)|$)"
    + "".join(
        rf"|(?<={before}[ -])neuf"
        for before in (
            "est", "sommes", "dix", "vingt", "trente", "quarante", "cinquante", "soixante", "cent",
            "mille", "cents",
        )
    )
)  # fmt: skip
_DATE = re.compile(r"(?<![\d/.-])([0-3]?\d)([/.-])([01]?\d)\2((?:19|20)?\d\d)(?![\d/])")
_DAY_MONTH = re.compile(
    r"(?<=\b(?:du|au|le) )([0-3]?\d)/([01]?\d)(?![\d/])(?! (?:salari|person|employ|euros))"
)
_ISO_DATE = re.compile(r"(?<!\d)(20\d\d)-([01]\d)-([0-3]\d)(?!\d)")
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})(?:[ .](\d{3}))(?: (\d{3}))?(?![\d])")
_DECIMAL = re.compile(r"(?<=\d),(?=\d{1,2}(?!\d))")
_KILO = re.compile(r"(?<![\d.])(\d+(?:\.\d)?) ?k(?:€| ?euros?)?(?![a-z])")
_EUROS = re.compile(r"(?<=\d) ?(?:€|eur(?:os?)?\b|e(?![\w'])|balles\b)")
_CC = re.compile(r"\bcc\b(?=\W*$)|(?<=euros )cc\b|(?<=\d )cc\b|(?<=\d)cc\b|(?<=loyer )cc\b")
_NINE_THREE = re.compile(
    r"(?:(?<=\ble )|^)(9)[ .-]([1-5])(?=\W*$|(?<=le 9.\d)\b)|\bneuf[ -](trois|deux|quatre)\b"
)
_DIGIT_WORDS = {"deux": "2", "trois": "3", "quatre": "4"}
_PIECE = re.compile(
    r"(?<!\w)(?:[tf][1-6]|2[ab])(?!\w)"
    r"|\d+(?:\.\d+)?"
    r"|[^\W\d_]+'?"
    r"|[.!?;:,()/%+<>=-]"
    r"|\n"
)
# Places whose name begins with a number, kept from being read as one.
_NUMBERED_PLACE = re.compile(
    r"\b(deux|trois|six)[ -](sevres|rivieres|fours|alpes|montagnes|vallees)\b"
)
_HALF = re.compile(r"(?:(?<=mois)|(?<=ans)|(?<=an)) 1/2\b|(?<=\d) 1/2(?= (?:mois|ans))")
_SHELTER_LINE = re.compile(r"(?<=\b(?:le|au|du) )115\b")
_AINES = {
    "10": "dizaine", "12": "douzaine", "15": "quinzaine", "20": "vingtaine", "30": "trentaine",
    "40": "quarantaine", "50": "cinquantaine", "60": "soixantaine", "100": "centaine",
}  # fmt: skip
_ROOM_COUNTS = {"une": "1", "deux": "2", "trois": "3", "quatre": "4"}
_ROOMS = re.compile(
    r" (?:une? )?\b(une|deux|trois|quatre|[1-4])[- ]pieces?\b"
)  # « un deux-pièces »
_ABOUT_SO_MANY = re.compile(r"\b(1[025]|[23456]0|100) ?(?:[tz]?aine|[tz]?ene)s?\b")  # « 15aine »
_DIGIT = re.compile(r"\d")
# « ds 1 resto »: an article, save before what is counted.
_ONE = re.compile(
    r"(?<![\d.,/+-])(?<!\d )\b1 (?=[a-z]{3})"
    r"(?!mois|ans|jour|sem|sal|pers|gars|employ|seul|eur|loy|enf|heur|mec|coll|janv|fev|mars|avr|mai|juin|juil|aout|sept|oct|nov|dec|fois|million|an\b)"
)
_FEWER = re.compile(r"(?<!\w)- ?(?=de \d)")  # « - de 10 salariés »
_SURFACE = re.compile(r"(?<!\w)\d+(?:[.,]\d+)? ?(?:m2|m²|metres? carres?)(?!\w)")
_FIRST = re.compile(
    r"(?<!\w)(?:1er|premier)(?= (?:janv|fev|mars|avr|mai|juin|juil|aout|sept|oct|nov|dec))"
)
_NEW_WORD, _NINE_MARK = "xneufx", "xninex"
_ACCENTED = re.compile(r"(?<![\w'])(?:[ldmsjgc]é|ché|(?<=\d )é(?= \d)|é(?= demi))(?![\w'])")
_MONTHS_WRITTEN = re.compile(r"(?<=\d)( ?)moi\b")  # « 6 moi »
_EUPHONIC = re.compile(r"[- ]t[- ](?=(?:il|elle|on|ils|elles)\b)")  # « a-t-il »
_FAREWELL = re.compile(
    r"\n\W*(?:(?:bien )?cordialement|salutations|sinceres salutations|bien a vous"
    r"|(?:bonne|excellente) (?:journee|soiree|reception)|cdt|cdlt|respectueusement)\b"
)
# An e-mail answered below or above: what it quotes was said by someone else, another day.
_QUOTED = re.compile(
    r"\n> ?[^\d\s][^\n]*"
    r"|\n(?:le [^\n]{4,80} a ecrit ?:|-{2,} ?(?:message (?:d'origine|original|transfere)|original)"
    r"|de ?: [^\n]+\n(?:envoye|date|a) ?:)(?s:.*)"
)
_I_AM = re.compile(r"\bi am\b")  # English: no « arrêt maladie »
_ZERO = re.compile(r"\bzero\b")


def canonical(text: str) -> str:
    """Return ``text`` in the reader's regular form; see the module's docstring."""
    accented = load("spelling")["accented"]
    plain = _ACCENTED.sub(lambda m: accented[m.group(0)], normalise(text[:LONGEST]).lower())
    folded = fold(plain)
    folded = _QUOTED.sub("", folded)
    farewell = _FAREWELL.search(folded)
    if farewell:  # what follows is a signature: the employer's address is nobody's dwelling
        folded = folded[: farewell.start()]
    folded = _EUPHONIC.sub(" ", _MONTHS_WRITTEN.sub(r"\1mois", folded))
    folded = _it_was_me().sub(" m'a ", folded)
    folded = _I_AM.sub(" ", folded)
    folded = _MASKED.sub(" ; ", folded)
    folded = _numbers_in_figures(folded)
    return " " + " ".join(_tokens(folded)) + " "


@lru_cache(maxsize=1)
def _it_was_me() -> re.Pattern[str]:
    """« il ma quitté »: written so, « m'a »."""
    verbs = "|".join(load("spelling")["after_me"].split())
    return re.compile(rf" ma (?=(?:{verbs})\b)")


def _numbers_in_figures(text: str) -> str:
    for trace, pattern, written in _BEFORE_NUMBERS:
        if trace in text:
            text = pattern.sub(written, text)
    if "neuf" in text:  # nine, or new
        text = _NINE.sub(_NINE_MARK, text).replace("neuf", _NEW_WORD).replace(_NINE_MARK, "neuf")
    text = alpha2digit(text, "fr", 1.5).replace(_NEW_WORD, "neuf")
    if _DIGIT.search(text):
        text = _THOUSANDS.sub(lambda m: "".join(g for g in m.groups() if g), text)
        text = _DECIMAL.sub(".", text)
        text = _KILO.sub(lambda m: f"{float(m.group(1)) * 1000:g} euros", text)
        text = _EUROS.sub(" euros ", text)
    return _CC.sub(" charges comprises", text) if "cc" in text else text


def _spelt_date(day: str, month: str, year: str) -> str:
    if not 1 <= int(day) <= 31 or not 1 <= int(month) <= 12:
        return f"{day} / {month} {year}"
    if len(year) == 2:
        year = "20" + year
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year}".strip()


_Rewrite = str | Callable[[re.Match[str]], str]
# What is written anew before numbers in words are read: (what betrays it, pattern, as written).
_BEFORE_NUMBERS: tuple[tuple[str, re.Pattern[str], _Rewrite], ...] = (
    (".", _INITIALS, lambda m: m.group(0).replace(".", "")),
    ("sept", _SEPT, r"\1septembre"),
    ("", _NINE_THREE, lambda m: "9" + (m.group(2) or _DIGIT_WORDS.get(m.group(3) or "", ""))),
    ("zero", _ZERO, "0"),
    ("-", _ISO_DATE, lambda m: _spelt_date(m.group(3), m.group(2), m.group(1))),
    ("", _DATE, lambda m: _spelt_date(m.group(1), m.group(3), m.group(4))),
    ("/", _DAY_MONTH, lambda m: _spelt_date(m.group(1), m.group(2), "")),
    ("piece", _ROOMS, lambda m: " un t" + _ROOM_COUNTS.get(m.group(1), m.group(1))),
    ("ne", _ABOUT_SO_MANY, lambda m: _AINES[m.group(1)]),
    ("1 ", _ONE, "un "),
    ("-", _FEWER, "moins "),
    ("m", _SURFACE, "surface"),
    ("s", _NUMBERED_PLACE, r"\1\2"),
    ("1/2", _HALF, " et demi"),
    ("115", _SHELTER_LINE, "samu social"),
    ("er ", _FIRST, "1"),
)


def _tokens(text: str) -> list[str]:
    spelling = load("spelling")
    elided, forms, sms = spelling["elided"], spelling["forms"], sms_forms()
    out: list[str] = []
    for match in _PIECE.finditer(text):
        piece = match.group(0)
        if piece == "\n":
            piece = ","
        if piece == "-" and not (out and out[-1][-1].isdigit() and _digit_after(text, match.end())):
            if text[match.start() - 1 : match.start()] in (" ", "\n", ""):
                out.append(",")  # a dash between two items, not between two words
            continue
        out.extend(_spelt(piece, out, elided, forms, sms))
    return out


def _digit_after(text: str, place: int) -> bool:
    return text[place : place + 2].strip()[:1].isdigit()


def _spelt(
    piece: str,
    before: list[str],
    elided: dict[str, str],
    forms: dict[str, str],
    sms: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    if piece.endswith("'"):
        stem = piece[:-1]
        return (elided.get(stem) or forms.get(stem, stem),)
    if len(piece) == 1:
        if not piece.isalpha():
            return (piece,)
        if before and before[-1][-1].isdigit():
            return (forms.get(piece, piece),)
        own = forms.get(piece) if piece == "o" else None
        return (own,) if own else sms.get(piece) or (elided.get(piece, piece),)
    if piece[0].isdigit():
        return (piece.removesuffix(".0"),)
    if is_key(piece):  # a word of this reader's own, whatever the SMS dictionary makes of it
        return (piece,)
    own = forms.get(piece)
    if own is not None:
        return tuple(own.split())
    common = sms.get(piece)
    if common is not None:
        return tuple(part for word in common for part in _own(word, forms))
    if piece[0] == "j" and len(piece) > 3 and piece[1] in "bcdfgklmnpqrstvwxzh":
        rest = piece[1:]
        return ("je", *sms.get(rest, (corrected(rest),)))
    return (corrected(piece),)


@lru_cache(maxsize=4096)
def _own_form(word: str) -> tuple[str, ...]:
    return tuple(str(load("spelling")["forms"].get(word, word)).split())


def _own(word: str, forms: dict[str, str]) -> tuple[str, ...]:
    return _own_form(word)
