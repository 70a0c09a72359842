"""Text as people type it, made regular: the first thing done to any message.

Three levels, each used by its name elsewhere in Seuil:

- :func:`normalise` keeps case and accents: what a message *is*, free of invisible characters,
  look-alike letters and keyboard accidents. Idempotent.
- :func:`fold` drops case and accents: what is compared.
- :func:`words` cuts folded text into plain words, with elisions and SMS forms spelt out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

from seuil.urgency.files import load

# Look-alikes of Latin letters in Cyrillic and Greek, replaced only inside mostly Latin text.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһӏԛԝϲвкмнтАВЕКМНОРСТХУІЈЅαεοιυνκρτχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijsdhlqwcbkmhtABEKMHOPCTXYIJSaeoiuvkptxABEZHIKMNOPTYX",
)
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_ALPHABETIC = re.compile(r"[^\W\d_]+")
# Compatibility letters people paste for style: full width, mathematical, ligatures, circled.
_STYLED = re.compile(
    "[\uff01-\uff5e\ufb00-\ufb06\u2460-\u24ff\U0001d400-\U0001d7ff\U0001f130-\U0001f149]"
)
# What has no width, turns the writing direction round, or is a control character.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f"
    "\U000e0100-\U000e01ef]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_STACKED = re.compile("[\u0300-\u036f]+")
_APOSTROPHES = re.compile("[\u2018\u2019\u201a\u201b\u02b9\u02bb\u02bc\u02c8\u2032\u00b4`\uff07]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_SPACES = re.compile(r"[^\S\n]+")
_NEWLINES = re.compile(r" ?(?:\n ?)+")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Three times the same letter is a feeling, not a spelling (« www » and Roman numerals aside).
_ELONGATION = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)
_REPEATED_MARK = re.compile(r"([!?,;:])(?: ?\1)+")
_DOTS = re.compile(r"\.{3,}[.\u2026]*|\.{0,2}\u2026[.\u2026]*")
_COMMA = re.compile(r" *([,;])(?=[^\W\d_])(?! )")
_SLASH = re.compile(r"(?<=[^\W\d_]) ?(?<![:/])/(?!/) ?(?=[^\W\d_])")
_GLUED_SENTENCE = re.compile(r"(?<=[^\W\d_]{2})([.!?])(?=[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ' ])")


def _shorten(match: re.Match[str]) -> str:
    run, letter = match.group(0), match.group(1)
    return run if letter in "wWIXMC" else letter


def _latinise(text: str) -> str:
    """Undo look-alike letters, unless the text is really written in another alphabet."""
    if not _FOREIGN.search(text):
        return text
    text = _ALPHABETIC.sub(lambda m: _latin_word(m.group(0), even_alone=False), text)
    foreign = len(_FOREIGN.findall(text))
    if foreign * 2 < sum(map(str.isalpha, text)):
        text = _ALPHABETIC.sub(lambda m: _latin_word(m.group(0), even_alone=True), text)
    return text


def _latin_word(word: str, *, even_alone: bool) -> str:
    if not _FOREIGN.search(word):
        return word
    latin = word.translate(_LOOKALIKES)
    mixed = any("a" <= char.lower() <= "z" for char in word)
    return latin if (mixed or even_alone) and not _FOREIGN.search(latin) else word


def normalise(text: str) -> str:
    """Make a message regular without changing what it says.

    NFC; invisible, bidirectional and control characters removed; look-alike and styled letters
    made Latin; apostrophes, dashes and spaces plain; elongations undone (« aideeeez » →
    « aidez »); one space after a comma and round a slash between words. Case, accents, line
    breaks and emojis are kept. ``normalise(normalise(x)) == normalise(x)``.
    """
    if text.isascii():
        text = _CONTROL.sub(" ", text)
    else:
        text = _INVISIBLE.sub("", text)
        text = _CONTROL.sub(" ", text)
        text = _STYLED.sub(lambda m: unicodedata.normalize("NFKC", m.group(0)), text)
        text = _STACKED.sub("", unicodedata.normalize("NFC", text))
        text = _ELONGATION.sub(_shorten, unicodedata.normalize("NFC", text))
        text = _latinise(text)
        text = _APOSTROPHES.sub("'", text)
        text = _DASHES.sub("-", text)
    text = _SPACES.sub(" ", _APOSTROPHES.sub("'", _LINE_ENDS.sub("\n", text)))
    text = _ELONGATION.sub(_shorten, text)
    text = _DOTS.sub("...", text)
    text = _REPEATED_MARK.sub(r"\1", text)
    text = _COMMA.sub(r"\1 ", text)
    text = _SLASH.sub(" / ", text)
    text = _GLUED_SENTENCE.sub(r"\1 ", text)
    return _NEWLINES.sub("\n", text).strip()


def fold(text: str) -> str:
    """Lower case, no accents, plain apostrophes, « œ » as « oe »: the form that is compared."""
    text = text.lower()
    if text.isascii():
        return text
    text = _APOSTROPHES.sub("'", text.replace("œ", "oe").replace("æ", "ae").replace("ß", "ss"))
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char for char in decomposed if not "\u0300" <= char <= "\u036f")


_PIECE = re.compile(
    r"aujourd'? ?hui|quelqu'? ?un\w*|presqu'ile|d'abord|d'accord"  # whole, apostrophe included
    r"|[^\W_]+'?"  # a word, or an elided one with its apostrophe
    r"|[.!?\n]+|[,;:()\"«»]"
    r"|[^\w\s'\x00-\x7f]"  # an emoji, one by one
)
_ELIDED: Mapping[str, str] = {
    "j": "je", "m": "me", "t": "te", "s": "se", "n": "ne", "d": "de", "l": "le", "c": "ce",
    "qu": "que", "jusqu": "jusque", "lorsqu": "lorsque", "puisqu": "puisque", "quoiqu": "quoique",
    "presqu": "presque", "parc": "parce",
}  # fmt: skip
_GLUED_J = re.compile(r"j(?=[bcdfgklmnpqrstvwxz])[a-z]{2,}|jh[aeiou][a-z]+")
END = "."
COMMA = ","


@lru_cache(maxsize=1)
def _sms() -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]]]:
    data = load("sms.yml")
    forms = {
        fold(str(form)): tuple(plain.split())
        for plain, written in data["forms"].items()
        for form in written
    }
    return data["accented"], forms


def sms_forms() -> Mapping[str, tuple[str, ...]]:
    """The SMS dictionary: folded written form → the plain words it stands for."""
    return _sms()[1]


_ACCENTED = re.compile(r"(?<![\w'])[jgcmlds](?:é|è)(?:té)?(?![\w'])")


def _spell_accented(text: str) -> str:
    """Spell out « jé », « cé »: told from « je », « ce » by their accent alone."""
    return _ACCENTED.sub(lambda m: _sms()[0].get(m.group(0), m.group(0)), text)


def tokenise(text: str) -> list[str]:
    """Cut text into folded tokens: words, ``.`` for a sentence's end, ``,`` and emojis.

    An elided word keeps its apostrophe (``j'``); nothing is spelt out yet.
    """
    return list(_pieces(fold(text)))


def _pieces(folded: str) -> Iterator[str]:
    for match in _PIECE.finditer(folded):
        piece = match.group(0)
        if piece[0] in ".!?\n":
            yield END
        elif piece in ',;:()"«»':
            yield COMMA
        else:
            yield piece


def words(text: str) -> list[str]:
    """Cut text into plain folded words, elisions and SMS forms spelt out.

    ``words("jdors ds ma voiture, g pa d'endroit")`` →
    ``["je", "dors", "dans", "ma", "voiture", ",", "je", "ai", "pas", "de", "endroit"]``.
    A sentence's end is ``.``; commas stay, since they bound a negation.
    """
    pieces = list(_pieces(fold(_spell_accented(normalise(text).lower()))))
    out: list[str] = []
    for place, piece in enumerate(pieces):
        following = pieces[place + 1] if place + 1 < len(pieces) else END
        out.extend(_plain(piece, out[-1] if out else END, following))
    return out


def _plain(piece: str, before: str, following: str) -> tuple[str, ...]:
    if piece in (END, COMMA):
        return (piece,)
    if piece.startswith("aujourd"):
        return ("aujourd'hui",)
    if piece.startswith("quelqu"):
        return ("quelqu'un",) if "un" in piece else ("quelque",)
    if piece in ("d'abord", "d'accord", "presqu'ile"):
        return (piece,)
    if piece.endswith("'"):
        stem = piece[:-1]
        if stem == "s" and following in ("il", "ils"):
            return ("si",)
        return (_ELIDED.get(stem, stem),)
    if before.isdigit() and len(piece) == 1:
        return (piece,)  # « 5 g », « 3 h »: a unit, not a pronoun
    if piece == "c":
        return ("ce",) if following.startswith(("est", "et", "ete")) else ("ce", "est")
    spelt = sms_forms().get(piece)
    if spelt is not None:
        return spelt
    if piece in _ELIDED and following[:1].isalnum():
        return (_ELIDED[piece],)
    if _GLUED_J.fullmatch(piece):
        rest = piece[1:]
        return ("je", *sms_forms().get(rest, (rest,)))
    return (piece,)


_BOUNDARY = re.compile(r"(?<=[.!?])\s+|\n+")


def sentences(text: str) -> list[str]:
    """Cut normalised text into sentences, on final marks followed by a space and on line ends."""
    return [part for part in (piece.strip() for piece in _BOUNDARY.split(text)) if part]
