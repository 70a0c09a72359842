"""Lengths of time as people say them: « 6 mois », « un an et demi », « 3 semaines »."""

from __future__ import annotations

import re
from dataclasses import dataclass

from seuil.assistant.facts.calendar import DAYS_IN_A_MONTH
from seuil.assistant.facts.numbers import Quantity, Value

_UNITS = {
    "mois": 1.0, "an": 12.0, "ans": 12.0, "annee": 12.0, "annees": 12.0,
    "semaine": 7 / DAYS_IN_A_MONTH, "semaines": 7 / DAYS_IN_A_MONTH,
    "jour": 1 / DAYS_IN_A_MONTH, "jours": 1 / DAYS_IN_A_MONTH,
    "trimestre": 3.0, "trimestres": 3.0, "semestre": 6.0, "semestres": 6.0,
}  # fmt: skip
_UNIT = "(" + "|".join(sorted(_UNITS, key=len, reverse=True)) + r")\b"
_LESSER = r"(?:mois|semaines?|jours?)\b"  # « 60 ans et 40 ans » are two lengths
_COUNT = r"(?:(?P<bound>plus de|moins de|au moins|environ|presque|pres de) )?(?P<one>un|une|1)"
_SAID = re.compile(
    rf"(?<= )(?:q(?P<q>\d+)q(?: de)?|{_COUNT}) (?P<unit>{_UNIT})"
    rf"(?P<half> et demie?)?"
    rf"(?: (?:et )?(?:q(?P<q2>\d+)q|un|une) (?P<unit2>{_LESSER}))?(?= )"
)
_BETWEEN = re.compile(r"(?<= )(?:entre |de )?d(\d+)d (?:et|a|ou) d(\d+)d(?= )")
_STRICT = 0.01  # « moins de 3 mois » is not three months
_BOUNDS = {"plus de": "more", "moins de": "less", "au moins": "least"}


@dataclass(frozen=True)
class Duration:
    """A length of time: its months, and its years when it is said in years (a half left out)."""

    months: Quantity
    years: Quantity | None
    unit: str

    def value(self) -> Value:
        """Return it in months, to two decimals."""
        return self.months.real(strict=_STRICT)


def mark_durations(text: str, quantities: list[Quantity], found: list[Duration]) -> str:
    """Replace each duration of ``text`` by ``d<n>d``, adding it to ``found``."""

    def mark(match: re.Match[str]) -> str:
        found.append(_duration(match, quantities))
        return f"d{len(found) - 1}d"

    def both(match: re.Match[str]) -> str:
        low, high = found[int(match.group(1))].months, found[int(match.group(2))].months
        if high.high < low.low:
            return match.group(0)
        found.append(Duration(Quantity("between", low.low, high.high), None, "mois"))
        return f"d{len(found) - 1}d"

    return _BETWEEN.sub(both, _SAID.sub(mark, text))


def _duration(match: re.Match[str], quantities: list[Quantity]) -> Duration:
    unit = match.group("unit")
    count = _count(match, quantities)
    if count.bound == "aine" and count.low == 15 and unit.startswith("jour"):
        count = Quantity("exact", 15, 15)  # « une quinzaine de jours » is two weeks
    months = count.times(_UNITS[unit])
    if match.group("half"):
        months = months.plus(_UNITS[unit] / 2)
    if match.group("unit2"):
        more = quantities[int(match.group("q2"))].low if match.group("q2") else 1
        months = months.plus(more * _UNITS[match.group("unit2")])
    years = count if unit.startswith("an") and not match.group("unit2") else None
    return Duration(months, years, unit)


def _count(match: re.Match[str], quantities: list[Quantity]) -> Quantity:
    if match.group("q"):
        return quantities[int(match.group("q"))]
    bound = match.group("bound")
    kind = _BOUNDS.get(bound or "", "about" if bound else "exact")
    return Quantity(kind, 1, 1, "1")  # type: ignore[arg-type]
