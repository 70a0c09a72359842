"""Housing: the status, the kind of dwelling, the home loan."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set

_NAMED = ("heberge", "proprietaire", "locataire", "accedant")
_SOMEONE_S = re.compile(
    r" (?:mon|mes|le|la|les|des|nos|ces|notre|du|au|aux|son|sa|ses|leur|leurs|par|autre|autres|chez|nouveau"
    r"|nouvelle|futur|ce|votre|vos|precedent|ancien|de mon|tout|tous) $"
)
# « propriétaire particulier », « proprio veut récupérer »: the landlord of a note.
_ACTS = re.compile(
    r"s? (?:particulier|prive|bailleur|qui|me|nous|lui|demande|veut|refuse|vend|accepte|reclame|exige|menace) "
)
_INABILITY = re.compile(r" (?:plus|pas|mal|difficultes?|peine|galere) (?:a |de |pouvoir |bien )*$")
_WANTED = re.compile(
    r" (?:cherche|recherche|demande|dossier|trouver|obtenir|attente|veux|voudrais|voudrait|aimerais"
    r"|droit|besoin|acceder|attribution|attribue|aide|garantie|acheter|devenir|souhaite) "
)


def read_status(message: Message) -> Iterator[Found]:
    """Yield housing statuses that hold now; an owner who still pays is ``accedant``."""
    text, scope = message.text, message.scope
    loan = phrase_set("housing", "loan").found(text) and not phrase_set("housing", "paid").found(
        text
    )
    for value, match in phrase_set("housing", "status").finditer(text):
        start, end = match.span()
        before = scope.before(start)
        claim = ("housing_status", value)
        # The word that names the status may come last: « suis pas vraiment locataire ».
        last = max(text.rfind(" ", start, end - 1) + 1, start)
        denied_inside = value in _NAMED and scope.negated(last)
        if not message.holds(
            last if denied_inside else start,
            end,
            other=value != "heberge" or "heberge" not in match.group(0),
            negated=value != "sans_logement",
            claim=claim,
        ):
            continue
        if value == "sans_logement" and scope.negated(start) and "plus" not in match.group(0):
            continue
        if _WANTED.search(before) and value != "sans_logement":
            continue
        if _landlord_or_tenant(message, value, match) or (
            value == "accedant" and _INABILITY.search(before)
        ):
            continue
        if value == "proprietaire" and loan:
            value = "accedant"
        yield Found("housing_status", value, start, end)


def read_answer(message: Message) -> Iterator[Found]:
    """Yield the status that short words answer, when it is asked."""
    for value, match in phrase_set("housing", "answers").finditer(message.text):
        if not message.scope.negated(match.start()):
            yield Found("housing_status", value, *match.span())


def _landlord_or_tenant(message: Message, value: str, match: re.Match[str]) -> bool:
    """Tell whether the words name someone's landlord or tenant, not what the person is."""
    word = {"proprietaire": "proprietaire", "locataire": "locataire"}.get(value)
    place = message.text.find(word, *match.span()) if word else -1
    if place < 0:
        return False
    after = message.text[place + len(str(word)) :]
    return (
        _SOMEONE_S.search(message.scope.before(place)) is not None
        or (value == "proprietaire" and _ACTS.match(after) is not None)
    )


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
    told = False
    for value, match in phrase_set("housing", "dwelling").finditer(text):
        start, end = match.span()
        if not message.holds(start, end) or _WANTED.search(scope.before(start)):
            continue
        if value == "parc_prive_conventionne" and phrase_set(
            "housing", "excluded_conventions"
        ).found(text):
            value = "parc_prive"
        told = True
        yield Found("dwelling_type", value, start, end)
    if message.asked == "dwelling_type" and not told:
        for value, match in phrase_set("housing", "dwelling_answers").finditer(text):
            if not scope.negated(match.start()):
                yield Found("dwelling_type", value, *match.span())
