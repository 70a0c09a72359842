"""Quantities as people say them: « douze », « environ 50 », « une vingtaine », « moins de 10 »."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

Bound = Literal["exact", "about", "aine", "between", "more", "less", "least", "most"]
Range = dict[str, float]
Value = float | int | dict[str, float] | dict[str, int]

_AINES = {
    "huitaine": 8, "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20,
    "trentaine": 30, "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100,
    "millier": 1000,
}  # fmt: skip
_N = r"(\d+(?:\.\d+)?)"
_AINE = "(" + "|".join(_AINES) + ")s?"
_ONE = r"(?:un |une |la |d |de |1 )"
_SIZE = r"(?:petite |bonne |grosse |grande |belle )?"
_ABOUT = (
    r"(?:environ|a peu pres|a peu de chose pres|dans les|autour (?:de|des)|aux alentours (?:de|des)"
    r"|grosso modo|approximativement|vers les|quelque chose comme|presque|pas loin de|quasi"
    r"|quasiment|a la louche|plus ou moins|genre|frole(?: les)?|avoisine(?:nt)?(?: les)?"
    r"|aux environs de|proche de|pres de|~)"
)
_UNIT = r"(?:\S+ )?"
_ABOUT_AFTER = r"(?:environ|a peu pres|grosso modo|a la louche|approximativement)"
_MOST_AFTER = r"(?:(?:ou|et) moins|maximum|au plus|au maximum|a tout casser|grand max)"
# « + » adds where a number stands before it, and means « plus de » elsewhere.
_MORE = (
    r"(?:(?:un peu |bien |beaucoup )?plus (?:de|que)|(?<!\d )(?<!euros )\+(?: de)?|>|superieur a"
    r"|depasse(?:nt)?(?: les)?|au dessus de)"
)
_LESS = r"(?:moins (?:de|que)|<|inferieur a|en dessous de|meme pas|pas meme)"
_UNIT_GAP = r"(?:salaries |personnes |employes |gars |mois |ans |heures |euros |jours )?"

# One alternative a shape; the order is the order of preference at one place in the text.
_SHAPES: tuple[tuple[Bound, str], ...] = (
    ("between", rf"entre {_N} {_UNIT_GAP}et {_N}"),
    ("least", rf"(?:au moins|minimum|au minimum|pas moins de|a partir de|>=) {_N}"),
    ("most", rf"(?:pas plus de|au plus|maximum|au maximum|jusque a|<=|tout au plus) {_N}"),
    ("more", rf"{_MORE} ?{_N}"),
    ("less", rf"{_LESS} ?{_N}"),
    ("about", rf"{_ABOUT} (?:de )?{_N}"),
    ("about", rf"{_N}(?= {_UNIT}{_ABOUT_AFTER} )"),
    ("least", rf"{_N}(?= {_UNIT}(?:(?:ou|et) plus|minimum|au moins|et quelques) )"),
    ("most", rf"{_N}(?= {_UNIT}{_MOST_AFTER} )"),
    ("between", rf"(?:de )?{_N} (?:a|-|ou|/) {_N}(?! (?:1|2|3|4|5|6|7|8|9|0)\b)(?= )"),
    ("between", rf"{_N} {_N}(?= (?:salaries|personnes|employes|gars|mois|ans|jours|semaines)\b)"),
    ("exact", _N),
)  # fmt: skip
_PATTERN = re.compile(
    "(?<= )(?:" + "|".join(f"(?P<s{i}>{shape})" for i, (_, shape) in enumerate(_SHAPES)) + r")(?= )"
)
_AINE_PATTERN = re.compile(
    rf"(?<= )(?:(?P<least>au moins|plusieurs|des|quelques|2|3|4|5|6|7|8|9) (?:de )?|"
    rf"(?P<more>plus (?:de|que)) |(?P<less>moins (?:de|que)|meme pas) |(?P<about>{_ABOUT}) )?"
    rf"{_ONE}?{_SIZE}{_AINE}(?: et demie?)?(?: de)?(?P<most> tout au plus| au plus| maximum)?"
    rf"(?P<at_least> minimum| au moins)?(?= )"
)


@dataclass(frozen=True)
class Quantity:
    """A number as said: how it is bounded, the number (or both ends), and its first figures."""

    bound: Bound
    low: float
    high: float
    raw: str = ""

    def whole(self) -> int | dict[str, int]:
        """Return it as a count: « moins de 10 » is at most 9."""
        low, high = self.low, self.high
        if self.bound in ("about", "aine"):
            share = 0.1 if self.bound == "about" else 0.2
            return {"min": math.floor(_less(low, share)), "max": math.ceil(_more(high, share))}
        ends: dict[str, dict[str, int]] = {
            "more": {"min": math.floor(low) + 1},
            "less": {"max": max(math.ceil(high) - 1, 0)},
            "least": {"min": math.ceil(low)},
            "most": {"max": math.floor(high)},
            "between": {"min": int(low), "max": int(high)},
        }
        return ends.get(self.bound) or int(low)

    def real(self, strict: float = 0.0) -> Value:
        """Return it as a measure; « moins de x » is at most ``x - strict``."""
        low, high = self.low, self.high
        if self.bound in ("about", "aine"):
            share = 0.1 if self.bound == "about" else 0.2
            return {"min": tidy(_less(low, share)), "max": tidy(_more(high, share))}
        ends: dict[str, dict[str, float]] = {
            "more": {"min": tidy(low)},
            "less": {"max": tidy(max(high - strict, 0))},
            "least": {"min": tidy(low)},
            "most": {"max": tidy(high)},
            "between": {"min": tidy(low), "max": tidy(high)},
        }
        return ends.get(self.bound) or tidy(low)

    def times(self, factor: float) -> Quantity:
        """Return it in another unit."""
        return Quantity(self.bound, self.low * factor, self.high * factor, self.raw)

    def plus(self, more: float) -> Quantity:
        """Return it with ``more`` added."""
        return Quantity(self.bound, self.low + more, self.high + more, self.raw)


def tidy(number: float) -> float | int:
    """Round to two decimals; a whole number is an int."""
    rounded = round(number + 1e-9, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _less(number: float, share: float) -> float:
    return round(number * (1 - share), 6)


def _more(number: float, share: float) -> float:
    return round(number * (1 + share), 6)


def mark_quantities(text: str, found: list[Quantity]) -> str:
    """Replace each quantity of canonical ``text`` by ``q<n>q``, adding it to ``found``."""

    def aine(match: re.Match[str]) -> str:
        number = float(_AINES[match.group(5)])
        bound: Bound = "aine"
        if match.group("more"):
            bound = "more"
        elif match.group("less"):
            bound = "less"
        elif match.group("most"):
            bound = "most"
        elif match.group("at_least"):
            bound = "least"
        elif match.group("least"):
            bound = "least"
            several = match.group("least")
            if several.isdigit():
                bound, number = "aine", number * int(several)
            elif several != "au moins":
                number *= 2
        found.append(Quantity(bound, number, number))
        return f"q{len(found) - 1}q"

    def single(figures: str) -> str:
        found.append(Quantity("exact", float(figures), float(figures), figures))
        return f"q{len(found) - 1}q"

    def plain(match: re.Match[str]) -> str:
        place = int((match.lastgroup or "s0")[1:])
        numbers = [g for g in match.groups()[1:] if g and re.fullmatch(_N, g)]
        low, high = float(numbers[0]), float(numbers[-1])
        bound = _SHAPES[place][0]
        if bound == "between" and high < low:  # « 2300 à deux »: two numbers, no range
            return re.sub(_N, lambda m: single(m.group(0)), match.group(0))
        found.append(Quantity(bound, low, high, numbers[0]))
        return f"q{len(found) - 1}q"

    if "aine" in text or "millier" in text:
        text = _AINE_PATTERN.sub(aine, text)
    return _PATTERN.sub(plain, text)
