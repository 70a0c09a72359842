"""Who employs: the sector and the number of employees."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.numbers import Quantity
from seuil.assistant.facts.phrases import phrase_set

UNCLEAR = ""  # the sector of an activity that does not decide: it is asked
_NAMED_SIZES = {"tpe": {"max": 19}, "pme": {"max": 249}}
_SENDS = re.compile(r" qui (?!me (?:emploie|paie|paye|a embauche))")
_MORE_THAN_A_HOUSEHOLD = 9
_ANSWER_START = re.compile(
    r" (?:(?:oui|non|euh|alors|ben|bah|je|crois|que|plutot|secteur|un|une|le|la|les|des|de|du|dans"
    r"|en|au|aux|a|chez|ce|est|petit|petite|grand|grande|pour|entreprise|travail|domaine|mon|ma"
    r"|employeur|c|ca|serait|sont|et|il|elle|on|type|genre|pense) )*$"
)
# « CDI, usine, 150 personnes »: a clause of its own in a note.
_NOTED = re.compile(
    r"(?<=[.,;:/(] )(?:environ |soit |de )?(q\d+q) (?:personnes|agents|pers) (?:environ |en tout |au total )?(?=[.,;:!?)/]|$)"
)
_HEADCOUNT = re.compile(
    r"(?<= )(?:on est|nous sommes|on doit etre|ils sont|on etait) (?:a |que |peut etre |plutot "
    r"|au total |en tout |seulement |a peu pres )?(q\d+q) (?:en tout |au total )?(?=[.,;:!?)]|et |je |mon |ma |avec (?:le|la|mon|ma) (?:patron|chef|gerant)|$)"
)


def read_sector(message: Message) -> Iterator[Found]:
    """Yield sectors; the value :data:`UNCLEAR` names an activity that does not decide."""
    seen: list[Found] = []
    for value, match in phrase_set("employer", "said").finditer(message.text):
        if _of_the_person(message, match.start(), match.end(), value):
            seen.append(Found("employer_sector", value, match.start(), match.end()))
    if message.asked == "dwelling_type":
        yield from seen
        return
    text = message.text
    works = {match.end() for _, match in phrase_set("employer", "works").finditer(message.text)}
    for section in ("activity", "unclear"):
        for value, match in phrase_set("employer", section).finditer(message.text):
            start, end = match.span()
            answers = message.asked == "employer_sector" and _ANSWER_START.search(
                message.scope.before(start)
            )
            if not (
                start in works or answers or _noted(message, start, end, section == "activity")
            ):
                continue
            if not _of_the_person(message, start, end, value):
                continue
            if text[start:end] == "poste " and not text[:start].endswith(" la "):
                continue  # « un poste de nuit »
            if _SENDS.match(message.text, end - 1):
                continue
            decided = _decided_after(message, end)
            seen.append(
                Found(
                    "employer_sector",
                    decided or (value if section == "activity" else UNCLEAR),
                    start,
                    end,
                )
            )
    yield from _not_inside_another(seen)


_WORK_FACTS = re.compile(
    r" (?:cdi|cdd|cddi|interim|interimaire|alternance|apprenti|salaries|employes|employeur) "
)


_MARKS = frozenset(".,;:(/")


def _noted(message: Message, start: int, end: int, decides: bool) -> bool:
    """Tell whether an activity is a clause of its own in a note on someone's work."""
    clause = message.scope.clause_text(start).split()
    first = message.text[start:end].split()[0]
    words = len(message.text[start:end].split())
    before = message.text[:start].split()
    return (
        (not before or before[-1] in _MARKS)
        and clause[:1] == [first]
        and len(clause) <= words + (1 if decides else 0)
        and _WORK_FACTS.search(message.text) is not None
    )


def _of_the_person(message: Message, start: int, end: int, sector: str) -> bool:
    if _about_the_referrer(message, start) or message.scope.before(start).endswith(" non "):
        return False
    if _AS_A_CUSTOMER.search(message.scope.before(start)):
        return False
    return message.holds(start, end, claim=("employer_sector", sector))


_REFERRER = re.compile(
    r" (?:assistante? sociale?s?|travailleu(?:r|se) sociale?|educat(?:eur|rice)|cesf|conseille(?:r|re)"
    r"|referente?|ccas|mission locale|delegue|mandataire) "
)


_AS_A_CUSTOMER = re.compile(
    r" (?:abonne|facture|factures|dette|dettes|credit|credits|forfait|achete|achat|courses|client|cliente|vais"
    r"|aller|pret) "
)


def _about_the_referrer(message: Message, place: int) -> bool:
    return _REFERRER.search(message.scope.clause_text(place)) is not None


def _decided_after(message: Message, end: int) -> str | None:
    after = message.text[end:]
    for value, match in phrase_set("employer", "decides_after").finditer(" " + after):
        if match.start() == 1:
            return value
    return None


def _not_inside_another(found: list[Found]) -> list[Found]:
    return [
        item
        for item in found
        if not any(
            other is not item
            and other.start <= item.start
            and item.end <= other.end
            and (other.end - other.start) > (item.end - item.start)
            for other in found
        )
    ]


def read_size(message: Message) -> Iterator[Found]:
    """Yield sizes of the employer, or of the last one where the words say so."""
    text, scope = message.text, message.scope
    exact = False
    for fact, quantity, start, end in _sizes(message):
        exact = True
        yield Found(fact, quantity.whole(), start, end)
    for _, match in phrase_set("employer", "alone").finditer(text):
        if message.holds(*match.span()):
            exact = True
            yield Found("employer_size", 1, *match.span())
    if not exact and message.asked == "employer_size":
        for _, match in phrase_set("employer", "alone_answers").finditer(text):
            exact = True
            yield Found("employer_size", 1, *match.span())
    if exact:
        return
    for value, match in phrase_set("employer", "named_size").finditer(text):
        if message.holds(*match.span()) and not _previous_employer(scope.before(match.start())):
            yield Found("employer_size", _NAMED_SIZES[value], *match.span())


def _sizes(message: Message) -> Iterator[tuple[str, Quantity, int, int]]:
    text, scope = message.text, message.scope
    for _, match in phrase_set("employer", "and_me").finditer(text):
        if message.holds(*match.span()) and not _home(message, match.start()):
            yield "employer_size", message.quantity(match.group(1)).plus(1), *match.span()
            return
    taken = False
    for _, match in phrase_set("employer", "size").finditer(text):
        start, end = match.span()
        before = scope.before(start) + match.group(0)
        previous = _previous_employer(before)
        if not message.holds(start, end, past=not previous, negated=False):
            continue
        if scope.negated(start) and message.quantity(match.group(1)).bound == "exact":
            continue
        if _COUNTED.match(text, end - 1) or _OF_A_GROUP.search(before):
            continue
        if _home(message, start) and not _names_employer(match.group(0)):
            continue
        taken = True
        yield (
            "last_employer_size" if previous else "employer_size",
            _without_boss(message, match),
            start,
            end,
        )
    if taken:
        return
    for match in _NOTED.finditer(text):
        quantity = message.quantity(match.group(1))
        if quantity.low >= _MORE_THAN_A_HOUSEHOLD and _at_work(message, match.start()):
            yield "employer_size", quantity, *match.span()
            return
    for match in _HEADCOUNT.finditer(text):
        quantity = message.quantity(match.group(1))
        enough = (
            message.asked == "employer_size"
            or quantity.low >= _MORE_THAN_A_HOUSEHOLD
            or _at_work(message, match.start())
            or phrase_set("employer", "boss_counted").found(" " + text[match.end() - 1 :])
        )
        if enough and not _home(message, match.start()) and message.holds(*match.span()):
            yield "employer_size", _without_boss(message, match), *match.span()


def _without_boss(message: Message, match: re.Match[str]) -> Quantity:
    quantity = message.quantity(match.group(1))
    after = message.text[match.start() : match.end() + 40]
    if next(phrase_set("employer", "boss_counted").finditer(" " + after), None):
        return quantity.plus(-1)
    return quantity


_EMPLOYER = re.compile(
    r" (?:salaries?|employes?|entreprise|employeur|tpe|pme|association|asso|sarl|salon|garage|usine|magasin"
    r"|restaurant|cabinet|agence|structure|travail|societe|effectif) "
)
# Some employees, not all: « huit salariés sont suivis », « un accompagnement de 25 salariés ».
_COUNTED = re.compile(
    r" (?:sont|ont|qui|concernes|suivis|dorment|vivent|logent|loges|a loger|en difficulte|en situation"
    r"|a orienter|a oriente|orientes|de notre site|a vous|seront|beneficient|interesses|demandent|cherchent|sans) "
)
_OF_A_GROUP = re.compile(
    r" (?:orienter|signaler|adresser|transmettre|envoyer|besoins?|accompagnement|collectif|dossiers?|reunion|liste|situations?|suivi|demandes?|logement"
    r"|loger|reloger|parmi|recrutement|recruter|embauche de|licenciement|depart|mutation|transfert|base|vie|pour) (?:de |des |d |nos |les )*q"
    r"| (?:tous|toutes|les|ces|nos|mes) q"
)
_AT_WORK = re.compile(
    r" (?:travaille|travaillons|travail|entreprise|employeur|patron|patronne|chantier|batiment|restaurant|usine"
    r"|magasin|salarie|salariee|collegues|cdi|cdd|interim|boulangerie|garage|salon|association) "
)


def _names_employer(words: str) -> bool:
    return _EMPLOYER.search(" " + words) is not None


def _at_work(message: Message, place: int) -> bool:
    start, _ = message.scope.sentence(place)
    return _AT_WORK.search(" " + message.text[start:place]) is not None


def _home(message: Message, place: int) -> bool:
    """Tell whether people are counted at home, or in a team: neither is the employer."""
    _, end = message.scope.clause(place)
    here = message.scope.before(place) + message.text[place:end].split(" je ")[0] + " "
    return phrase_set("employer", "home_words").found(here) or phrase_set(
        "employer", "team_words"
    ).found(here)


def _previous_employer(text: str) -> bool:
    return next(phrase_set("employer", "last_employer").finditer(text), None) is not None
