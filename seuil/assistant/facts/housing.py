"""Housing: the status, the kind of dwelling, the home loan."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set

_LANDLORD = re.compile(
    r" (?:mon|le|la|notre|du|au|son|leur|un|de|par|a|ma|autre|chez|nouveau|nouvelle|ce) $"
)
_WANTED = re.compile(
    r" (?:cherche|recherche|demande|dossier|trouver|obtenir|attente|veux|voudrais|voudrait|aimerais"
    r"|droit|besoin|acceder|attribution|attribue|aide|garantie|acheter|devenir|souhaite) "
)


def read_status(message: Message) -> Iterator[Found]:
    """Yield housing statuses that hold now; an owner who still pays is ``accedant``."""
    text, scope = message.text, message.scope
    loan = _first("loan", text) and not _first("paid", text)
    for value, match in phrase_set("housing", "status").finditer(text):
        start, end = match.span()
        before = scope.before(start)
        own = value == "heberge" or value == "sans_logement"
        if not message.holds(
            start, end, other=not _speaks_of_hosts(match.group(0)), negated=not own
        ):
            continue
        if own and scope.negated(start) and "plus" not in match.group(0):
            continue
        if value in ("heberge", "proprietaire", "locataire", "accedant"):
            if value == "proprietaire" and match.group(0).startswith("proprietaire"):
                if _LANDLORD.search(before):
                    continue
            last = text.rfind(" ", start, end - 1) + 1
            if last > start and scope.negated(last):
                continue
        if (
            value == "locataire"
            and re.search(
                r" (?:mon|mes|le|la|un|des|nos|notre|autre|futur|du|precedent|ancien) $", before
            )
            and match.group(0).startswith("locataire")
        ):
            continue
        if _WANTED.search(before) and value != "sans_logement":
            continue
        if value == "proprietaire" and loan:
            value = "accedant"
        yield Found("housing_status", value, start, end)


def _speaks_of_hosts(words: str) -> bool:
    return "heberge" in words or "loge" in words


def _first(section: str, text: str) -> bool:
    return next(phrase_set("housing", section).finditer(text), None) is not None


def resolve(values: list[str]) -> str | None:
    """Return the one status that several told ones come to, or None: it has to be asked."""
    told = set(values)
    if len(told) == 1:
        return values[0]
    if told == {"accedant", "proprietaire"}:
        return "accedant"
    if "sans_logement" in told and told <= {"sans_logement", "heberge"}:
        return "sans_logement"
    return None


def read_dwelling(message: Message) -> Iterator[Found]:
    """Yield the kind of dwelling lived in."""
    text, scope = message.text, message.scope
    for value, match in phrase_set("housing", "dwelling").finditer(text):
        start, end = match.span()
        if not message.holds(start, end) or _WANTED.search(scope.before(start)):
            continue
        if value == "parc_prive_conventionne" and _first("excluded_conventions", text):
            value = "parc_prive"
        yield Found("dwelling_type", value, start, end)
