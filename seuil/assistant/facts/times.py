"""How long: the contract, the job, the search for one, and what is to begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from seuil.assistant.facts.calendar import elapsed, left, months_between, span
from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set

_LIMITED = frozenset({"cdd", "alternance", "interim"})
_LONGEST = 72  # months: no fixed-term contract lasts six years
_FIXED_TERM_LAST = re.compile(
    r" (?:cdd|cddi|contrat|mission|alternance|apprentissage|interim)(?: \S+){0,4} (?:jusque|se|finit|fini|prend|termine"
    r"|fin|expire|s)\b"
)
_OF_A_HOME = re.compile(
    r" (?:residence|foyer|fjt|logement|bail|location|mobil|chambre|assurance|loge|logee|appartement|pension) "
)
_AT_WORK = re.compile(
    r" (?:cdd|cddi|travail|mission|interim|alternance|apprentissage|professionnalisation|pro|saisonnier) "
)
_STUDY = re.compile(
    r" (?:bail|location|loyer|logement|habite|vis|loue|heberge|couple|marie|chomage|arret|stage|cdi|foyer|hotel|loge|logee|dort|dors|hebergement|urgence|chambre) "
)


def read_contract_months(message: Message, contract: str | None) -> Iterator[Found]:
    """Yield the planned length of the contract, or the least it can be.

    ``contract`` is the status told in this message or before; an open-ended one has no length.
    """
    asked = message.asked == "contract_months"
    text, scope = message.text, message.scope
    if contract is not None and contract not in _LIMITED and not asked:
        return
    for kind, match in phrase_set("times", "contract_months").finditer(text):
        start, end = match.span()
        words = " " + match.group(0)
        if not message.holds(start, end, negated=False):
            continue
        if kind == "planned" and (" cdi " in words or " depuis " in words):
            continue
        if kind == "planned" and _OF_A_HOME.search(scope.clause_text(start)) and (
            _AT_WORK.search(words) is None
        ):
            continue  # « logé en résidence avec un contrat d'un an »
        if kind == "planned" and _too_long(message, match):
            continue  # « un apprenti de 19 ans »
        if kind == "planned" and re.search(r" (?:reste|encore|plus que) $", scope.before(start)):
            continue
        named = contract in _LIMITED or asked or kind == "planned"
        if kind in ("span", "until") and not (named or _names_fixed_term(words)):
            continue
        if kind == "until" and not asked and not _contract_ends(message, match):
            continue
        if (
            not asked
            and kind != "planned"
            and _STUDY.search(scope.clause_text(start))
            and not (_names_fixed_term(scope.clause_text(start)))
        ):
            continue
        value = _contract_value(message, kind, match)
        if value is not None:
            yield Found("contract_months", value, start, end)


_BEGUN = re.compile(
    r" (?:depuis|commence|debute|demarre|signe|embauche|embauchee|a partir) (?:le |en |au |du |de )?(t\d+t) "
)


def _names_fixed_term(words: str) -> bool:
    return (
        re.search(r" (?:cdd|cddi|contrat|mission|alternance|apprentissage|interim|saison) ", words)
        is not None
    )


def _contract_ends(message: Message, match: re.Match[str]) -> bool:
    """Tell whether what ends is the contract, not a stay or a stock."""
    clause = message.scope.before(match.start()) + match.group(0)
    if _STUDY.search(clause):
        return _FIXED_TERM_LAST.search(clause) is not None
    start, _ = message.scope.sentence(match.start())
    return _names_fixed_term(message.text[start : match.end()])


def _too_long(message: Message, match: re.Match[str]) -> bool:
    mark = next(mark for mark in match.groups() if mark)
    return message.duration(mark).months.low > _LONGEST


def _contract_value(message: Message, kind: str, match: re.Match[str]) -> Any:
    marks = [mark for mark in match.groups() if mark]
    if kind == "planned":
        return message.duration(marks[-1]).value()
    if kind == "left":
        value = message.duration(marks[-1]).months
        return {"min": value.real()} if value.bound == "exact" else None
    if kind == "span":
        return span(message.said_date(marks[0]), message.said_date(marks[1]), message.today)
    end = message.said_date(marks[-1])
    start, close = message.scope.sentence(match.start())
    begun = _BEGUN.search(message.text[start:close])
    if begun and begun.group(1) != marks[-1]:
        return span(message.said_date(begun.group(1)), end, message.today)
    return {"min": left(end, message.today)}


def read_months_in_job(message: Message, planned: bool) -> Iterator[Found]:
    """Yield the time spent so far in the current job.

    ``planned``: the dates told are those of the contract's whole length.
    """
    for kind, match in phrase_set("times", "months_in_job").finditer(message.text):
        start, end = match.span()
        words = " " + match.group(0)
        before = message.scope.before(start)
        if not message.holds(start, end, past=False) or _NOT_THE_JOB.search(before + words[1:]):
            continue
        if message.scope.past(start, end) and kind == "since":
            continue
        value = _since(message, match)
        if kind == "began" and (planned or _SPAN.search(message.text[start : end + 12])):
            continue
        if kind == "began" and value is not None:
            said = message.said_date([m for m in match.groups() if m][-1])
            if said.leaning == "future" or _future(message, start, said):
                continue
        if value is not None:
            yield Found("months_in_job", value, start, end)


_SPAN = re.compile(r" (?:du|de) t\d+t |t\d+t (?:au|a|jusque) ")
_NOT_THE_JOB = re.compile(
    r" (?:chomage|loyer|loyers|locataire|heberge|hebergee|arret|habite|loge|cherche|plus|malade|separe|impaye|impayes|retard|dettes|essai|reste|probleme|jusque|conge|dort|dors|loge|logee|vit|vis) "
)


def _future(message: Message, start: int, said: Any) -> bool:
    """Tell whether a beginning is still to come."""
    clause = message.scope.clause_text(start)
    if re.search(
        r" (?:ai|a|ete|suis|avons) (?:\S+ ){0,3}?(?:commence|debute|demarre|embauche|embauchee|recrute|recrutee|signe|entre|entree|arrive|arrivee|pris|titularise) ",
        clause,
    ):
        return said.year is not None and said.first(message.today.year) > message.today
    if said.year is not None:
        return bool(said.first(message.today.year) > message.today)
    return True


def _since(message: Message, match: re.Match[str]) -> Any:
    marks = [mark for mark in match.groups() if mark]
    if not marks:
        return None
    mark = marks[-1]
    if mark[0] == "d":
        return message.duration(mark).value()
    return elapsed(message.said_date(mark), message.today)


def read_job_loss(message: Message, contract: str | None) -> Iterator[Found]:
    """Yield the months since the last job, of who has none now."""
    if contract not in (None, "demandeur_emploi"):
        return
    for _, match in phrase_set("times", "months_since_job_loss").finditer(message.text):
        if not message.holds(*match.span(), past=False):
            continue
        value = _since(message, match)
        if value is not None:
            yield Found("months_since_job_loss", value, *match.span())


def read_job_to_come(message: Message) -> Iterator[Found]:
    """Yield a promised job, and the months until it begins."""
    text, scope = message.text, message.scope
    for kind, match in phrase_set("times", "job").finditer(text):
        start, end = match.span()
        if scope.other(start, end) or scope.asked(start, end) or scope.past(start, end):
            continue
        if re.search(r" (?:si|quand) (?:je|on|j) $", scope.before(start)):
            continue
        if kind == "start" and _NOT_A_JOB.search(scope.clause_text(start)):
            continue
        if kind == "promised":
            if scope.negated(start) or re.search(
                r" (?:pas|aucune|sans|avais) (?:de |d )?$", scope.before(start)
            ):
                if "promesse" in match.group(0) and message.asked == "job_promised":
                    yield Found("job_promised", False, start, end)
                continue
            yield Found("job_promised", True, start, end)
            continue
        value = _to_come(message, match)
        if value is not None:
            yield Found("job_start_in_months", value, start, end)
            yield Found("job_promised", True, start, end)


_NOT_A_JOB = re.compile(
    r" (?:logement|appartement|bail|travaux|cours|ecole|stage|formation|chambre|etudes|rentree|ramadan|periode) "
)


def _to_come(message: Message, match: re.Match[str]) -> Any:
    mark = [mark for mark in match.groups() if mark][-1]
    if mark[0] == "d":
        return message.duration(mark).value()
    said = message.said_date(mark)
    if not _future(message, match.start(), said) or said.leaning == "past":
        return None
    begins = said.coming(message.today)
    if begins < message.today:
        return None
    return months_to(message, begins)


def months_to(message: Message, day: Any) -> Any:
    """Return the months from today to the eve of ``day``."""
    from datetime import timedelta

    return months_between(message.today, day - timedelta(days=1))


def read_transfer(message: Message) -> Iterator[Found]:
    """Yield a transfer by the employer: false when it is told further than six months off."""
    for _, match in phrase_set("times", "transfer").finditer(message.text):
        start, end = match.span()
        if message.scope.other(start, end) or message.scope.asked(start, end):
            continue
        before = message.scope.before(start)
        if re.search(
            r" (?:demande|demander|veux|veut|ou|hlm|refuse|refusee|voudrais|aimerais|souhaite|si|attends|attente) ",
            before,
        ):
            continue
        if message.scope.negated(start):
            yield Found("transfer_within_6_months", False, start, end)
            continue
        yield Found("transfer_within_6_months", _within_six_months(message, start), start, end)


def _within_six_months(message: Message, start: int) -> bool:
    _, end = message.scope.sentence(start)
    mark = re.search(r" (?:dans|il y a) (d\d+d) ", message.text[start:end])
    if mark:
        months = message.duration(mark.group(1)).months
        return months.low <= 6
    return True


def read_trial(message: Message) -> Iterator[Found]:
    """Yield whether a CDI is in its trial period."""
    found = False
    for value, match in phrase_set("times", "trial").finditer(message.text):
        start, end = match.span()
        if found or not message.holds(start, end, past=value == "yes", negated=value == "yes"):
            continue
        found = True
        yield Found("trial_period", value == "yes", start, end)


def read_last_three(message: Message) -> Iterator[Found]:
    """Yield whether a month was worked in the last three."""
    for _, match in phrase_set("times", "last_3").finditer(message.text):
        mark = next((m for m in match.groups() if m), None)
        if mark and mark[0] == "d" and message.holds(*match.span(), past=False):
            worked = message.duration(mark).months.low >= 1
            yield Found("worked_1_month_in_last_3", worked, *match.span())
