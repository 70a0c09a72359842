"""The difficulties told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set, says

_FILE = "difficulties"
# Told of a relative, these are the household's own all the same.
_OF_THE_FAMILY = frozenset(
    {"separation", "changement_familial", "conflit_familial", "violences", "deces"}
)
# Of these, those that befall a household only when they befall its own people.
_OF_THE_COUPLE = frozenset({"separation", "changement_familial"})
_DONE_TO_TENANTS = frozenset({"expulsion", "saisie", "impaye_loyer", "impaye_copropriete"})
_OF_THE_HOUSEHOLD = frozenset({"maladie", "invalidite", "perte_emploi"})
_ROOMS = {
    "studio": 1, "t1": 1, "f1": 1, "chambre": 1, "piece": 1, "t2": 2, "f2": 2, "t3": 3, "f3": 3,
}  # fmt: skip
# What the words before may say is nobody's here: « au service expulsion », « les sans-abri ».
_NOT_AFTER = frozenset({"expulsion", "surendettement", "sans_hebergement"})
_YEARS_AGO = 4  # what befell that long ago is no difficulty of today
_MANY = 4  # people, in a dwelling of which only its smallness is told
# Up to six items of up to five words, joined by a comma, « et », « ni »…
_ITEMS = re.compile(r"(?:[a-z]+ ){1,5}(?:(?:,|et|ni|ou|/|\+) (?:et )?(?:[a-z]+ ){1,5}){0,6}")
_BETWEEN_ITEMS = re.compile(r"(?<= )(?:,|et|ni|ou|/|\+) ")


def read(message: Message) -> Iterator[Found]:
    """Yield difficulties one by one (fact ``difficulties``, a single value each)."""
    yield from _told(message, "difficulties")
    yield from _listed(message)
    if says(_FILE, "home_bought", message.text):
        yield from _told(message, "unnamed_loan", "impaye_pret_immobilier")
    if says(_FILE, "tenant", message.text):
        yield from _told(message, "unnamed_arrears", "impaye_loyer")
    if message.asked == "difficulties":
        for value, match in phrase_set(_FILE, "answers").finditer(message.text):
            yield Found("difficulties", value, *match.span())


def read_none(message: Message) -> bool:
    """Tell whether the message says that there is no difficulty."""
    return message.asked == "difficulties" and says(_FILE, "none_at_all", message.text)


def _told(message: Message, section: str, meant: str | None = None) -> Iterator[Found]:
    for value, match in phrase_set(_FILE, section).finditer(message.text):
        if _holds(message, meant or value, match):
            yield Found("difficulties", meant or value, *match.span())


def _listed(message: Message) -> Iterator[Found]:
    """Yield the debts that a list names item by item: « dettes de cantine, d'EDF et de loyer »."""
    for kind, match in phrase_set(_FILE, "list_starts").finditer(message.text):
        before = message.scope.before(match.start())
        if kind == "payment" and not says(_FILE, "inability", before):
            continue
        items = _ITEMS.match(message.text, match.end())
        if items is None or not _holds(message, "impaye_loyer", match):
            continue
        for item in _BETWEEN_ITEMS.split(" " + items.group(0)):
            for value, _ in phrase_set(_FILE, "listed").finditer(f" {item.strip()} "):
                if value == "impaye_charges" and says(_FILE, "of_owners", f" {item.strip()} "):
                    continue
                yield Found("difficulties", value, match.start(), items.end())


def _holds(message: Message, value: str, match: re.Match[str]) -> bool:
    """Tell whether a difficulty is told of the person or their household, and lasts."""
    start, end = match.span()
    scope, words = message.scope, " " + match.group(0)
    before = scope.before(start)
    if scope.negated(start) or says(_FILE, "inner_denial", words):
        if not scope.other(start, end) and not scope.asked(start, end):
            message.denied.append(("difficulties", value))
        return False
    if scope.hypothetical(start, start) or over(message, start, end):
        return False
    if scope.other(start, end) and not _of_the_household(value, before, words, message.after(end)):
        return False
    if scope.asked(start, end) and not says(_FILE, "first_person", scope.clause_text(start)):
        return False
    if says(_FILE, "way_out", before) or (
        value in _NOT_AFTER and says(_FILE, f"not_{value}", before)
    ):
        return False
    if value == "recherche_logement" and says(_FILE, "to_buy", message.after(end)):
        return False
    if value == "conflit_familial" and says(_FILE, "no_kin", words):
        return False
    if value == "sinistre" and elsewhere(message, start, end):
        return False
    if value in ("changement_professionnel", "entree_logement", "deces", "perte_emploi"):
        return not says(_FILE, f"no_{value}", before + match.group(0))
    if value == "desequilibre_financier":  # « des dettes de loyer »: said by their own name
        return not says(_FILE, "of_housing", message.after(end))
    if value == "impaye_charges" and says(_FILE, "of_owners", words + message.after(end)[1:]):
        return False  # a difficulty of its own
    if value == "violences" and not says(_FILE, "at_home", words):
        near = message.before(end) + scope.clause_text(start)
        return not says(_FILE, "not_at_home", near)
    return value != "suroccupation" or _crowded(message, match)


def _of_the_household(value: str, before: str, words: str, after: str) -> bool:
    """Tell whether what befalls someone else befalls the household too, or is done to them."""
    if value in _OF_THE_COUPLE and not says(_FILE, "close_kin", before + words[1:] + after[1:]):
        return False
    if value in _OF_THE_FAMILY or says(_FILE, "about_me", words) or says(_FILE, "to_me", before):
        return True
    if value in _DONE_TO_TENANTS and says(_FILE, "by_landlord", before):
        return True
    if value == "sans_hebergement":  # « mes parents l'ont viré », not « mon collègue dort dehors »
        return not says(_FILE, "sleeps_out", words)
    return value in _OF_THE_HOUSEHOLD and says(_FILE, "household", before)


def _crowded(message: Message, match: re.Match[str]) -> bool:
    """Tell whether the people told are too many for the rooms told (no number: their word)."""
    counts = [message.quantity(mark).low for mark in match.groups() if mark]
    if not counts:
        return True
    people, words = counts[0], match.group(0).split()
    if words[-1] in _ROOMS:
        return people >= _ROOMS[words[-1]] + 2
    small = words[-1] == "surface" or says(_FILE, "small", " " + match.group(0))
    return people >= _MANY and small


def elsewhere(message: Message, start: int, end: int) -> bool:
    """Tell whether a damage is said to be next door, or not at the person's home."""
    _, close = message.scope.sentence(start)
    after = " " + message.text[end:close].lstrip()
    return says(_FILE, "next_door", after) or says(_FILE, "not_at_ours", after)


def over(message: Message, start: int, end: int) -> bool:
    """Tell whether what is told from ``start`` to ``end`` is settled, or was years ago."""
    return _settled(message, start, end) or _long_ago(message, start, end)


def _long_ago(message: Message, start: int, end: int) -> bool:
    """Tell whether it befell years ago (« en 2012 », « il y a dix ans ») and does not last."""
    open_, close = message.scope.sentence(start)
    sentence = " " + message.text[open_:close].lstrip()
    if says(_FILE, "lasts", sentence):
        return False
    first, last = message.scope.clause(start)
    clause = " " + message.text[first : max(last, end)].lstrip()
    for _, match in phrase_set(_FILE, "dated").finditer(clause):
        mark = match.group(match.lastindex or 0)
        if mark[0] == "d":
            if message.duration(mark).months.low >= 12 * _YEARS_AGO:
                return True
        elif (
            message.said_date(mark).year or message.today.year
        ) <= message.today.year - _YEARS_AGO:
            return True
    return False


def _settled(message: Message, start: int, end: int) -> bool:
    """Tell whether the words after say that it is over: « j'avais un retard, c'est réglé »."""
    opens, closes = message.scope.sentence(start)
    after = " " + message.text[end:closes].lstrip()
    if not says(_FILE, "settled", after):
        return False
    before = " " + message.text[opens:end].lstrip()
    if says(_FILE, "settled_at_once", after):
        return True
    return says(_FILE, "was", before) or says(_FILE, "is_over", after)
