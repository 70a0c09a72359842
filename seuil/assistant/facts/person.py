"""The person: age, who writes, what they wish, and the yes-or-no facts told outright."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from seuil.assistant.facts.calendar import months_between
from seuil.assistant.facts.lexicon import load
from seuil.assistant.facts.message import Found, Message
from seuil.assistant.facts.phrases import PhraseSet, compile_phrase, phrase_set, says

_YOUNGEST = 14
_AGED = ("age ", "agee ", "femme de", "homme de", "jeune ", "suis ag")


def read_age(message: Message) -> Iterator[Found]:
    """Yield the person's age."""
    text = message.text
    not_age = {m.start(m.lastindex or 1) for _, m in phrase_set("person", "not_age").finditer(text)}
    for _, match in phrase_set("person", "age").finditer(text):
        mark = [m for m in match.groups() if m][-1]
        duration = message.duration(mark)
        place = match.start(match.lastindex or 0)
        if duration.years is None or duration.unit not in ("ans", "an") or place in not_age:
            continue
        if not _YOUNGEST <= duration.years.low <= 110:
            continue
        start, end = match.span()
        before = message.scope.before(start)
        if not match.group(0).startswith(_AGED) and says(
            "person", "not_an_age_inside", " " + match.group(0)
        ):
            continue
        if says("person", "not_an_age_before", before) or (
            match.group(0).startswith("a ") and not says("person", "someone_aged", before)
        ):
            continue
        if message.holds(start, end):
            yield Found("age", duration.years.whole(), start, end)
    for _, match in phrase_set("person", "born").finditer(text):
        said = message.said_date([m for m in match.groups() if m][-1])
        if said.year and message.holds(*match.span(), past=False):
            today = message.today
            if said.month and said.day:
                born = said.first(said.year)
                yield Found("age", int(months_between(born, today) // 12), *match.span())
            else:
                years = today.year - said.year
                yield Found("age", {"min": years - 1, "max": years}, *match.span())


def read_audience(message: Message) -> Iterator[Found]:
    """Yield who writes, when it is said outright and it is not an employee of that trade."""
    text = message.text
    for value, match in phrase_set("person", "audience").finditer(text):
        refers = says("person", "refers" if value == "rh" else "accompanies", text)
        own = says("person", "own_case", text)
        if (refers or not own) and message.holds(*match.span(), other=False):
            yield Found("audience", value, *match.span())


def read_audience_answer(message: Message) -> Iterator[Found]:
    """Yield who writes, as the answer to the question about it."""
    for value, match in phrase_set("person", "audience_answers").finditer(message.text):
        if value == "salarie":
            yield Found("audience", value, *match.span())
            return


def read_wishes(message: Message) -> Iterator[Found]:
    """Yield the wish to be accompanied, and the employee's agreement to be referred."""
    for fact in ("wants_support", "employee_agrees"):
        if fact == "employee_agrees" and not message.third_voice:
            continue
        told: dict[bool, Found] = {}
        if message.asked == "employee_agrees" == fact:
            for value, match in phrase_set("person", "agree_answers").finditer(message.text):
                told[value == "yes"] = Found(fact, value == "yes", *match.span())
        for value, match in phrase_set("person", fact).finditer(message.text):
            start, end = match.span()
            if message.scope.asked(start, end) or message.scope.other(start, end):
                continue
            if value == "yes" and message.scope.negated(start):
                continue
            if says("person", "not_a_wish", message.scope.before(start)):
                continue
            told[value == "yes"] = Found(fact, value == "yes", start, end)
        if told:
            yield told.get(False) or told[True]


@lru_cache(maxsize=1)
def _told() -> Mapping[str, PhraseSet]:
    content = load("person")
    groups = load("groups")
    return {
        fact: PhraseSet(
            {
                value: tuple(compile_phrase(source, groups) for source in sources)
                for value, sources in entries.items()
            }
        )
        for fact, entries in content["facts"].items()
    }


def read_told(message: Message) -> Iterator[Found]:
    """Yield yes-or-no facts that the words tell outright; a « no » wins over a « yes »."""
    for fact, phrases in _told().items():
        yes: Found | None = None
        no: Found | None = None
        for value, match in phrases.finditer(message.text):
            start, end = match.span()
            denied = message.scope.negated(start)
            if not message.holds(start, end, negated=False):
                continue
            if value == "yes" and not denied:
                yes = Found(fact, True, start, end)
            elif value == "no" or denied:
                no = Found(fact, False, start, end)
        if no or yes:
            found = no or yes
            assert found is not None
            yield found


def read_asked(message: Message) -> bool | None:
    """Return what the words say of the yes-or-no fact asked, and would not say elsewhere."""
    for value, match in phrase_set("person", "asked").finditer(message.text):
        fact, _, answer = value.partition(" ")
        if fact == message.asked and not message.scope.negated(match.start()):
            return answer == "yes"
    return None


def read_reason(message: Message) -> Iterator[Found]:
    """Yield the reason of a bail mobilité, where one is spoken of or asked."""
    if message.asked != "bail_mobilite_reason" and " bail mobilite " not in message.text:
        return
    for value, match in phrase_set("person", "reasons").finditer(message.text):
        if not message.scope.negated(match.start()):
            yield Found("bail_mobilite_reason", value, *match.span())
            return


def read_aslli(message: Message) -> Iterator[Found]:
    """Yield the months of ASLLi already had."""
    for _, match in phrase_set("person", "aslli").finditer(message.text):
        mark = [m for m in match.groups() if m][-1]
        if message.holds(*match.span(), past=False):
            yield Found("aslli_months_already", message.duration(mark).value(), *match.span())
