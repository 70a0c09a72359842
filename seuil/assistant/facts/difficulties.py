"""The difficulties told, the disaster, and what goes with them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set

ORDER = [
    "surendettement",
    "impaye_loyer",
    "impaye_pret_immobilier",
    "impaye_copropriete",
    "impaye_charges",
    "precarite_energetique",
    "desequilibre_financier",
    "separation",
    "changement_familial",
    "conflit_familial",
    "violences",
    "deces",
    "maladie",
    "invalidite",
    "perte_emploi",
    "changement_professionnel",
    "sans_hebergement",
    "expulsion",
    "saisie",
    "sinistre",
    "catastrophe",
    "logement_indigne",
    "suroccupation",
    "ressources_faibles",
    "recherche_logement",
    "entree_logement",
    "aucune",
]
# Told of a relative, these are the household's own all the same.
_OF_THE_FAMILY = {"sans_hebergement", "separation", "changement_familial", "conflit_familial", "violences", "deces"}
_OF_THE_HOUSEHOLD = {"maladie", "invalidite", "perte_emploi"} | _OF_THE_FAMILY
_HOUSEHOLD = re.compile(
    r" (?:ma|mon|mes|sa|son|ses|notre) (?:mari|femme|conjoint|conjointe|compagnon|compagne|epoux|epouse"
    r"|copain|copine|fils|fille|enfants?|bebe) "
)
_INNER_DENIAL = re.compile(
    r" (?:pas|jamais|aucun|aucune|sans)(?: de| d| un| en| eu de| encore de)? "
    r"(?:impaye|impayes|impayee|impayees|retard|dette|dettes|saisie|arriere)"
)
_ROOMS = {
    "studio": 1,
    "t1": 1,
    "f1": 1,
    "chambre": 1,
    "piece": 1,
    "t2": 2,
    "f2": 2,
    "t3": 3,
    "f3": 3,
}
_MANY = 4
_NOT_OF_THE_FAMILY = re.compile(
    r" (?:proprietaire|bailleur|collegue|patron|chef|voisin|voisine|logeur|logeuse|locataire) "
)
_OF_HOUSING = re.compile(
    r"(?:de |: |d )?(?:mes |la |le )?(?:loyers?|locatives?|edf|electricite|gaz|energie|charges|eau|copropriete) "
)
_BEFORE_OR_AFTER = re.compile(r" (?:avant de |apres |sans )(?:avoir )?$")
_REQUESTED = re.compile(r" (?:demande|demander|attends|attente|souhaite|voudrais|refuse) ")
# Up to six items of up to five words, joined by a comma, « et », « ni ».
_ITEMS = re.compile(r"(?:[a-z]+ ){1,5}(?:(?:,|et|ni|ou|/|\+) (?:et )?(?:[a-z]+ ){1,5}){0,6}")
_ITEM_END = re.compile(r"(?:,|\bet\b|\bni\b|\bou\b|/|\+)")
_ITEM_START = re.compile(r"^(?:(?:de|du|des|d|le|la|les|l|mon|ma|mes|ni|un|une|en|sur|pour|mois) )*")
_DEBT = re.compile(r"dette|impaye|retard|arriere|factures")
_INABILITY = re.compile(
    r" (?:plus|pas|mal|difficultes?|peine|galere|impossible|peur|dur|difficile|rame) (?:a |de |pour |pouvoir |ne |bien )*$"
)
_TENANT = re.compile(r" (?:locataires?|loyers?|bailleur) ")
_AT_HOME = re.compile(
    r" (?:conjugale?s?|familiales?|intra\w*|domestiques?|mari|femme|conjointe?|compagn\w+|copain|copine|ex"
    r"|pere|frere|fils|mere|beau|couple|foyer|maison) "
)
_FIRST_PERSON = re.compile(r" (?:je|mon|ma|mes|me|nous|notre|nos|moi) ")
_ABOUT_ME = re.compile(r" (?:me|m|nous|moi|mon|ma|mes|notre|nos) ")
_TO_ME = re.compile(r" (?:me|nous|moi|je|lui) ")
_TO_ME = re.compile(r" (?:me|nous|moi|je|lui) ")


def read(message: Message) -> Iterator[Found]:
    """Yield difficulties one by one (fact ``difficulties``, a single value each)."""
    text = message.text
    for value, match in phrase_set("difficulties", "difficulties").finditer(text):
        if _tells(message, value, match):
            yield Found("difficulties", value, *match.span())
    if phrase_set("difficulties", "home_bought").found(text):
        for _, match in phrase_set("difficulties", "unnamed_loan").finditer(text):
            if _tells(message, "impaye_pret_immobilier", match):
                yield Found("difficulties", "impaye_pret_immobilier", *match.span())
    yield from _listed(message)
    if _TENANT.search(text):
        for _, match in phrase_set("difficulties", "unnamed_arrears").finditer(text):
            if _tells(message, "impaye_loyer", match):
                yield Found("difficulties", "impaye_loyer", *match.span())
    if message.asked != "difficulties":
        return
    for value, match in phrase_set("difficulties", "answers").finditer(text):
        yield Found("difficulties", value, *match.span())


def _listed(message: Message) -> Iterator[Found]:
    """Yield the debts that a list names item by item, where its beginning is told."""
    text, scope = message.text, message.scope
    for _, match in phrase_set("difficulties", "list_starts").finditer(text):
        start = match.start()
        if not _DEBT.match(match.group(0)) and not _INABILITY.search(scope.before(start)):
            continue
        if not _tells(message, "impaye_loyer", match):
            continue
        items = _ITEMS.match(text, match.end())
        if items is None:
            continue
        for item in _ITEM_END.split(items.group(0)):
            words = " " + _ITEM_START.sub("", item.strip()) + " "
            for value, found in phrase_set("difficulties", "listed").finditer(words):
                if found.start() == 1:
                    yield Found("difficulties", value, start, items.end())


def read_none(message: Message) -> bool:
    """Tell whether the message says that there is no difficulty."""
    if message.asked != "difficulties":
        return False
    return _any("none_at_all", message.text)


def _tells(message: Message, value: str, match: re.Match[str]) -> bool:
    start, end = match.span()
    scope = message.scope
    words = " " + match.group(0)
    if scope.negated(start) or _INNER_DENIAL.search(words):
        return False
    if (
        scope.other(start, end)
        and not _ABOUT_ME.search(words)
        and not _TO_ME.search(scope.before(start))
        and not _household(message, value, start)
    ):
        return False
    if value == "changement_professionnel" and _REQUESTED.search(scope.before(start)):
        return False
    if value == "deces" and _NOT_OF_THE_FAMILY.search(scope.before(start) + match.group(0)):
        return False
    if value == "desequilibre_financier" and _OF_HOUSING.match(message.text, end):
        return False  # « des dettes de loyer »: said by their own name
    if value == "entree_logement" and _BEFORE_OR_AFTER.search(scope.before(start)):
        return False
    if _settled(message, start, end):
        return False
    if (
        value == "violences"
        and not _AT_HOME.search(words)
        and _any("work_violence", message.text[:end])
    ):
        return False
    if value == "suroccupation" and not _crowded(message, match):
        return False
    if scope.hypothetical(start, start):
        return False
    if scope.asked(start, end):
        clause = scope.clause_text(start)
        if not _FIRST_PERSON.search(clause):
            return False
    return True


def _crowded(message: Message, match: re.Match[str]) -> bool:
    """Tell whether the people told are too many for the rooms told (no number: their word)."""
    mark = next((mark for mark in match.groups() if mark), None)
    if mark is None:
        return True
    people, words = message.quantity(mark).low, match.group(0).split()
    if words[-1] == "surface":
        return people >= _MANY
    rooms = _ROOMS.get(words[-1])
    if rooms is None:
        return people >= _MANY and bool(
            {"petit", "petite", "seul", "seule", "minuscule"} & set(words)
        )
    return people >= rooms + 2


def _household(message: Message, value: str, start: int) -> bool:
    if value in _OF_THE_FAMILY:
        return True
    before = message.scope.before(start)
    return value in _OF_THE_HOUSEHOLD and _HOUSEHOLD.search(before) is not None


def _settled(message: Message, start: int, end: int) -> bool:
    sentence_start, sentence_end = message.scope.sentence(start)
    after = " " + message.text[end:sentence_end]
    if not _any("settled", after):
        return False
    before = message.text[sentence_start:end]
    return re.search(r" (?:avais|avait|eu|avions|ete|etais|etait) ", " " + before) is not None or (
        re.search(
            r"^ ?(?:, |mais |et )?(?:ce |c )?(?:est|sont|a ete|ont ete|tout est|maintenant) ", after
        )
        is not None
    )


def _any(section: str, text: str) -> bool:
    return next(phrase_set("difficulties", section).finditer(text), None) is not None


def read_disaster(message: Message) -> Iterator[Found]:
    """Yield ``disaster`` and ``disaster_recognised``."""
    text, scope = message.text, message.scope
    hit = False
    for value, match in phrase_set("difficulties", "disaster").finditer(text):
        start, end = match.span()
        if scope.negated(start) or scope.hypothetical(start, start) or scope.other(start, end):
            continue
        if scope.asked(start, end) and not _FIRST_PERSON.search(scope.clause_text(start)):
            continue
        sentence_start, sentence_end = scope.sentence(start)
        if value == "naturelle" and "inond" in match.group(0):
            if _any("local_flood", " " + text[sentence_start:sentence_end]):
                continue
        hit = True
        yield Found("disaster", value, start, end)
    pending = message.asked in ("disaster_recognised", "disaster")
    if not (hit or pending or message.known.get("disaster")):
        return
    for value, match in phrase_set("difficulties", "recognised").finditer(text):
        if value == "yes" and (
            scope.negated(match.start())
            or re.search(
                r" pas (?:encore )?(?:ete )?(?:reconnu|declare|class)", " " + match.group(0)
            )
        ):
            continue
        yield Found("disaster_recognised", value == "yes", *match.span())


def read_also(message: Message) -> Iterator[Found]:
    """Yield what tells a change of means, an overindebtedness file or another measure."""
    for fact, match in phrase_set("difficulties", "also").finditer(message.text):
        start, end = match.span()
        landlord_s = fact == "charges_increased"  # « la propriétaire augmente le loyer »
        if not message.holds(start, end, past=False, negated=False, other=not landlord_s):
            continue
        if message.scope.negated(start) or re.search(
            r" (?:pas|aucun) (?:de )?(?:dossier|depose|augmente|baisse)", " " + match.group(0)
        ):
            if message.asked == fact:
                yield Found(fact, False, start, end)
            continue
        yield Found(fact, True, start, end)
