"""The job: how long in it, how long without, and the one to come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from seuil.assistant.facts.calendar import Said, elapsed, months_between
from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import phrase_set, says

_NEAR = 12  # characters in which a second date shows that the first begins a span


def read_months_in_job(message: Message, planned: bool) -> Iterator[Found]:
    """Yield the time spent so far in the current job.

    ``planned``: the dates told are those of the contract's whole length.
    """
    scope = message.scope
    for kind, match in phrase_set("times", "months_in_job").finditer(message.text):
        start, end = match.span()
        if not message.holds(start, end, past=False):
            continue
        if says("times", "not_the_job", scope.before(start) + match.group(0)):
            continue
        if kind == "since" and scope.past(start, end):
            continue
        if kind == "began" and (planned or not _begun(message, match)):
            continue
        value = _since(message, match)
        if value is not None:
            yield Found("months_in_job", value, start, end)


def _begun(message: Message, match: re.Match[str]) -> bool:
    """Tell whether a job begun on a date is begun already, and not told with its end."""
    around = " " + message.text[match.start() : match.end() + _NEAR]
    if says("times", "span_dates", around):
        return False
    said = message.said_date(_last_mark(match))
    return said.leaning != "future" and not _to_come(message, match.start(), said)


def read_job_loss(message: Message, contract: str | None) -> Iterator[Found]:
    """Yield the months since the last job, of who has none now."""
    if contract not in (None, "demandeur_emploi"):
        return
    for _, match in phrase_set("times", "months_since_job_loss").finditer(message.text):
        mark = _last_mark(match)
        if mark[0] == "t" and message.said_date(mark).past(message.today) > message.today:
            continue  # « fin de contrat demain »
        if says("times", "was_then", message.scope.clause_text(match.start())):
            continue  # « j'étais au chômage l'an dernier »
        value = _since(message, match)
        if value is not None and message.holds(*match.span(), past=False):
            yield Found("months_since_job_loss", value, *match.span())


def read_job_to_come(message: Message) -> Iterator[Found]:
    """Yield a promised job, and the months until it begins."""
    scope = message.scope
    for kind, match in phrase_set("times", "job").finditer(message.text):
        start, end = match.span()
        if scope.other(start, end) or scope.asked(start, end) or scope.past(start, end):
            continue
        before = scope.before(start)
        if says("times", "imagined_start", before):
            continue
        if kind == "promised":
            denied = scope.negated(start) or says("times", "no_promise", before)
            if not denied or message.asked == "job_promised":
                yield Found("job_promised", not denied, start, end)
            continue
        if says("times", "not_a_job", scope.clause_text(start)):
            continue
        months = _until(message, match)
        if months is not None:
            yield Found("job_start_in_months", months, start, end)
            yield Found("job_promised", True, start, end)


def read_transfer(message: Message) -> Iterator[Found]:
    """Yield a transfer by the employer: false when it is told further than six months off."""
    scope = message.scope
    for _, match in phrase_set("times", "transfer").finditer(message.text):
        start, end = match.span()
        if scope.other(start, end) or scope.asked(start, end):
            continue
        if says("times", "transfer_wanted", scope.before(start)):
            continue
        if _years_before(message, end):
            continue
        near = not scope.negated(start) and _within_six_months(message, start)
        yield Found("transfer_within_6_months", near, start, end)


def read_trial(message: Message) -> Iterator[Found]:
    """Yield whether a CDI is in its trial period."""
    for value, match in phrase_set("times", "trial").finditer(message.text):
        if message.holds(*match.span(), past=value == "yes", negated=value == "yes"):
            yield Found("trial_period", value == "yes", *match.span())
            return


def read_last_three(message: Message) -> Iterator[Found]:
    """Yield whether a month was worked in the last three."""
    for _, match in phrase_set("times", "last_3").finditer(message.text):
        mark = next((mark for mark in match.groups() if mark), "")
        if mark.startswith("d") and message.holds(*match.span(), past=False):
            worked = message.duration(mark).months.low >= 1
            yield Found("worked_1_month_in_last_3", worked, *match.span())


def _last_mark(match: re.Match[str]) -> str:
    return [mark for mark in match.groups() if mark][-1]


def _since(message: Message, match: re.Match[str]) -> Any:
    mark = _last_mark(match)
    if mark[0] == "d":
        return message.duration(mark).value()
    return elapsed(message.said_date(mark), message.today)


def _to_come(message: Message, start: int, said: Said) -> bool:
    """Tell whether a beginning is still to come (« je commence en mars »)."""
    later = said.year is not None and said.first(said.year) > message.today
    clause = message.scope.clause_text(start)
    if says("times", "has_begun", clause) and not says("times", "begins_now", clause):
        return later
    return later or said.year is None


def _until(message: Message, match: re.Match[str]) -> Any:
    """Return the months until a job begins, or None when it is no longer to come."""
    mark = _last_mark(match)
    if mark[0] == "d":
        return message.duration(mark).value()
    said = message.said_date(mark)
    if said.leaning == "past" or not _to_come(message, match.start(), said):
        return None
    begins = said.coming(message.today)
    if begins < message.today:
        return None
    return months_between(message.today, begins - timedelta(days=1))


def _years_before(message: Message, end: int) -> bool:
    """Tell whether what ends there is dated of a year before: « muté l'an dernier »."""
    for _, match in phrase_set("times", "when").finditer(message.scope.after(end)):
        year = message.said_date(match.group(1)).year
        return year is not None and year < message.today.year
    return False


def _within_six_months(message: Message, start: int) -> bool:
    _, end = message.scope.sentence(start)
    for _, match in phrase_set("times", "in_or_ago").finditer(message.text[start - 1 : end]):
        return message.duration(match.group(1)).months.low <= 6
    return True
