"""Dates as people say them, and the months between two of them.

Lengths follow facts.md: both days included, whole calendar months first, then the days left over
the length of the month they begin in; weeks are 7/30.44 of a month, days 1/30.44.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from seuil.assistant.facts.numbers import tidy

DAYS_IN_A_MONTH = 30.44
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan", "fevrier fevr fev", "mars", "avril avr", "mai", "juin",
            "juillet juil", "aout", "septembre sept", "octobre oct", "novembre nov",
            "decembre dec",
        ), 1)
    for name in names.split()
}  # fmt: skip
_MONTH = "(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b"
_SAME_MONTH = re.compile(rf"(?<= du )([0-3]?\d) (au [0-3]?\d {_MONTH})")  # « du 3 au 9 mai »
_WEEKDAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
_YEAR = r"(19[4-9]\d|20[0-4]\d)"
_NOT_A_YEAR = r"(?! (?:euros|heures|salaries|personnes|employes|mois|charges))"
_BEFORE_MONTH = (
    r"en|depuis|de|a|fin|debut|mi|mois de|mois d|pour|avant|apres|des|jusque|ce|courant|cet|dans|le"
    r"|et|au"
)
_SAID = re.compile(
    rf"(?<= )(?:"
    rf"(?P<day>[0-3]?\d) (?P<m1>{_MONTH})(?: (?P<y1>{_YEAR}))?"
    rf"|(?P<part>debut|mi|fin|courant)(?: (?:du mois )?de)? (?P<m2>{_MONTH})(?: (?P<y2>{_YEAR}))?"
    rf"|(?P<m3>{_MONTH}) (?:de (?:cette annee|l annee|le annee)|(?P<y3>{_YEAR}))"
    rf"|(?P<m6>{_MONTH})(?= (?:a|au|jusque a|jusque) (?:fin |mi |debut )?{_MONTH})"
    rf"|(?P<last>{_MONTH}) (?:dernier|passe)"
    rf"|(?P<next>{_MONTH}) prochain"
    rf"|(?:(?<= en )|(?<= depuis )|(?<= a )|(?<= de )|(?<= des )|(?<= pour )|(?<= au ))"
    rf"(?:le )?(?:mois de )?(?P<m4>{_MONTH})"
    rf"|(?P<yp>debut|mi|fin) (?P<y4>{_YEAR})|(?P<rel2>debut|mi|fin) (?:de |du )?(?:le |la )?"
    rf"(?P<yrel>annee(?: prochaine| derniere)?|an prochain|mois(?: prochain| dernier)?)"
    rf"|(?:(?<= en )|(?<= depuis )|(?<= de )|(?<= annee )|(?<= a ))(?P<y5>{_YEAR}){_NOT_A_YEAR}"
    rf"|(?P<weekday>lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?: prochain)?"
    rf"|(?P<rel>apres demain|demain|hier|aujourd hui|(?:la |le |cette )?(?:semaine|mois|annee|an)"
    rf" (?:prochaine?|derniere?|passee?)|cette annee|cette semaine"
    rf"|(?<= depuis )(?:le |la )?debut de (?:le )?annee)"
    rf")(?= )"
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """A date as said: any of its parts may be missing.

    ``part``: "debut", "mi" or "fin" of the month or year; ``leaning``: "past" or "future" when the
    words say which.
    """

    day: int | None = None
    month: int | None = None
    year: int | None = None
    part: str | None = None
    leaning: str | None = None

    def first(self, year: int) -> date:
        """Return the earliest day meant, in ``year`` when none is said."""
        year, month = self.year or year, self.month or 1
        if self.day:
            return day_of(year, month, self.day)
        if self.month is None:
            month = {"mi": 6, "fin": 12}.get(self.part or "", 1)
            return date(year, month, 1)
        if self.part == "fin":
            return last_day(year, month)
        return date(year, month, 15 if self.part == "mi" else 1)

    def last(self, year: int) -> date:
        """Return the latest day meant, in ``year`` when none is said."""
        year, month = self.year or year, self.month or 12
        if self.day:
            return day_of(year, month, self.day)
        if self.month is None:
            month = {"debut": 1, "mi": 6}.get(self.part or "", 12)
            return last_day(year, month)
        if self.part == "debut":
            return date(year, month, 1)
        return date(year, month, 15) if self.part == "mi" else last_day(year, month)

    def only_year(self) -> bool:
        """Tell whether nothing but a year is said."""
        return self.month is None

    def past(self, today: date) -> date:
        """Return the day meant, at the latest ``today`` if no year is said."""
        found = self.first(today.year)
        return found if self.year or found <= today else self.first(today.year - 1)

    def coming(self, today: date) -> date:
        """Return the earliest day meant, not before ``today`` if no year is said."""
        found = self.first(today.year)
        return found if self.year or self.last(today.year) >= today else self.first(today.year + 1)


def last_day(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def day_of(year: int, month: int, day: int) -> date:
    """Return that day, or the month's last when it has no such day."""
    return min(date(year, month, min(day, 28)) + timedelta(days=max(day - 28, 0)),
               last_day(year, month))  # fmt: skip


def add_months(start: date, months: int) -> date:
    """Return the same day ``months`` later; the 1st of the next month where there is none."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    if start.day > last_day(year, month + 1).day:
        return last_day(year, month + 1) + timedelta(days=1)
    return date(year, month + 1, start.day)


def months_between(start: date, end: date) -> float | int:
    """Return the months from ``start`` to ``end``, both days included, to two decimals."""
    if end < start:
        return 0
    after = end + timedelta(days=1)
    whole = (after.year - start.year) * 12 + after.month - start.month
    while whole and add_months(start, whole) > after:
        whole -= 1
    begun = add_months(start, whole)
    return tidy(whole + (after - begun).days / last_day(begun.year, begun.month).day)


def elapsed(said: Said, today: date) -> float | int | dict[str, int]:
    """Return the months from a day in the past to ``today``.

    A month without a day counts in whole months; a year alone gives a range.
    """
    start = said.past(today)
    months = (today.year - start.year) * 12 + today.month - start.month
    if said.only_year():
        first, last = said.first(today.year), min(said.last(today.year), today)
        return {
            "min": max((today.year - last.year) * 12 + today.month - last.month, 0),
            "max": max((today.year - first.year) * 12 + today.month - first.month, 0),
        }
    if said.day is None:
        return max(months, 0)
    return months_between(start, today - timedelta(days=1))


def span(start: Said, end: Said, today: date) -> float | int | None:
    """Return the months of a contract from ``start`` to ``end``.

    Without a year, the occurrence that makes it current at ``today``, else the next to come.
    """
    for year in (today.year - 1, today.year, today.year + 1):
        begins = start.first(year)
        if start.year is None and end.year is not None:
            begins = start.first(end.year)
            if begins > end.last(end.year):
                begins = start.first(end.year - 1)
        ends = end.last(begins.year)
        if ends < begins:
            if end.year:
                return None
            ends = end.last(begins.year + 1)
        if start.year or end.year or ends >= today:
            return months_between(begins, ends)
    return None


def left(end: Said, today: date) -> float | int:
    """Return the months from ``today`` to an end: at least to the first day that it can mean."""
    return months_between(today, end.coming(today))


def mark_dates(text: str, today: date, found: list[Said]) -> str:
    """Replace each date of canonical ``text`` by ``t<n>t``, adding it to ``found``."""
    text = _SAME_MONTH.sub(r"\1 \3 \2", text)

    def mark(match: re.Match[str]) -> str:
        said = _said(match, today)
        if said is None:
            return match.group(0)
        found.append(said)
        return f"t{len(found) - 1}t"

    return _SAID.sub(mark, text)


def _said(match: re.Match[str], today: date) -> Said | None:
    part = match.groupdict()
    if part["day"] and not 1 <= int(part["day"]) <= 31:
        return None
    if part["weekday"]:
        ahead = (_WEEKDAYS.index(part["weekday"]) - today.weekday() - 1) % 7 + 1
        day = today + timedelta(days=ahead)
        return Said(day.day, day.month, day.year)
    if part["rel"] or part["yrel"]:
        return _relative(part["rel"] or part["yrel"], part["rel2"], today)
    year = part["y1"] or part["y2"] or part["y3"] or part["y4"] or part["y5"]
    month = (
        part["m1"]
        or part["m2"]
        or part["m3"]
        or part["m4"]
        or part["m6"]
        or part["last"]
        or part["next"]
    )
    leaning = "past" if part["last"] else "future" if part["next"] else None
    edge = part["part"] or part["yp"]
    return Said(
        day=int(part["day"]) if part["day"] else None,
        month=MONTHS[month] if month else None,
        year=int(year) if year else None,
        part=None if edge == "courant" else edge,
        leaning=leaning,
    )


def _relative(words: str, edge: str | None, today: date) -> Said:
    if "annee" in words or words.endswith(("an prochain", "an dernier", "an passe")):
        year = today.year + _direction(words)
        return Said(year=year, part=edge or ("debut" if "debut" in words else None))
    if "mois" in words:
        month = today.month - 1 + _direction(words)
        return Said(month=month % 12 + 1, year=today.year + month // 12, part=edge)
    days = {"demain": 1, "apres demain": 2, "hier": -1, "aujourd hui": 0}.get(words)
    if days is None:
        days = 7 * _direction(words)
    day = today + timedelta(days=days)
    return Said(day.day, day.month, day.year)


def _direction(words: str) -> int:
    if "prochain" in words:
        return 1
    return -1 if "derni" in words or "passe" in words else 0
