"""A check by form: HR and partners fill in what they know, and read the verdict at once.

The same engine and the same facts as the conversation; no name, nothing kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from multidict import MultiMapping

from seuil.eligibility import FactError, assess, catalogue, service_title, wayout
from seuil.web.rendering import HERE
from seuil.web.rendering import WORDS as PAGE_WORDS

MAIN_SERVICE = "accompagnement_social"
AUDIENCES = ("rh", "partenaire")

WORDS: Mapping[str, Any] = PAGE_WORDS["check"]
DEPARTMENTS: Mapping[str, str] = yaml.safe_load(
    (HERE / "departments.yml").read_text(encoding="utf-8")
)

# What is asked, in the page's order.
ASKED = (
    "employer_sector",
    "employer_size",
    "contract",
    "contract_months",
    "hours_last_12_months",
    "department",
    "homeless",
    "family_violence",
    "difficulties",
    "disaster",
    "disaster_recognised",
    "employee_agrees",
)
# A follow-up counts only beside the answers that call for it.
ONLY_WITH: Mapping[str, tuple[str, frozenset[str]]] = {
    "contract_months": ("contract", frozenset({"cdd", "interim", "alternance"})),
    "hours_last_12_months": ("contract", frozenset({"interim"})),
    "disaster_recognised": ("disaster", frozenset({"naturelle", "technologique"})),
}
# Asked by a question of their own on the same page.
ELSEWHERE = frozenset({"violences", "sans_hebergement", "catastrophe"})
BOOLEANS = {"true": True, "false": False}
LONGEST_NUMBER = 12
FEW = 4


@dataclass(frozen=True)
class Field:
    """One question of the form: which widget, its words, its options (value, label)."""

    name: str
    widget: str
    question: str
    help: str
    unit: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Check:
    """What was filled in, what it means, and what is wrong with it (a sentence by fact)."""

    values: Mapping[str, Any]
    facts: Mapping[str, Any]
    errors: Mapping[str, str]


def fields(audience: str) -> tuple[Field, ...]:
    """Return the questions of the form for `rh` or `partenaire`."""
    return tuple(_field(name, audience) for name in ASKED if catalogue()[name].may_ask(audience))


def _field(name: str, audience: str) -> Field:
    fact = catalogue()[name]
    question = WORDS["questions"].get(name, fact.question(audience))
    note = WORDS["help"].get(name, fact.help)
    options: tuple[tuple[str, str], ...]
    if fact.type == "boolean":
        options = (("true", WORDS["yes"]), ("false", WORDS["no"]), ("", WORDS["unknown"]))
        return Field(name, "radios", question, note, options=options)
    if fact.type == "list":
        options = tuple(
            (value, fact.labels[value]) for value in fact.values if value not in ELSEWHERE
        )
        return Field(name, "list", question, note, options=options)
    if fact.type == "department":
        options = tuple(
            (code, f"{code} – {DEPARTMENTS[code]}" if code in DEPARTMENTS else fact.labels[code])
            for code in sorted(fact.values, key=_department_order)
        )
        return Field(name, "select", question, note, options=options)
    if fact.type == "choice":
        options = tuple((value, fact.labels[value]) for value in fact.values)
        if len(options) > FEW:
            return Field(name, "select", question, note, options=options)
        return Field(name, "radios", question, note, options=(*options, ("", WORDS["unknown"])))
    return Field(name, "number", question, note, unit=fact.unit)


def _department_order(code: str) -> tuple[int, str]:
    # Corsica stands where 20 was; abroad comes last.
    return (3 if not code[0].isdigit() else len(code), code.replace("2A", "20A"))


def read(form: MultiMapping[Any], audience: str) -> Check:
    """Read a submitted form; never raises: what cannot be is in `errors`."""
    values: dict[str, Any] = {}
    facts: dict[str, Any] = {"audience": audience}
    errors: dict[str, str] = {}
    for field in fields(audience):
        if field.widget == "list":
            allowed = {value for value, _ in field.options}
            chosen = [value for value in form.getall(field.name, []) if value in allowed]
            values[field.name] = chosen
            if chosen:
                facts[field.name] = chosen
            continue
        value = str(form.get(field.name, "")).strip()
        values[field.name] = value
        if not value or not _counts(field.name, form):
            continue
        if field.widget == "number":
            number = _number(value)
            if number is None:
                errors[field.name] = WORDS["not_a_number"]
            else:
                facts[field.name] = number
        else:
            facts[field.name] = BOOLEANS.get(value, value)
    return Check(values, facts, errors)


def _counts(name: str, form: MultiMapping[Any]) -> bool:
    if name not in ONLY_WITH:
        return True
    other, answers = ONLY_WITH[name]
    return str(form.get(other, "")) in answers


def _number(text: str) -> int | float | None:
    compact = "".join(text.split()).replace(",", ".")
    if not compact.isascii() or len(compact) > LONGEST_NUMBER:
        return None
    try:
        return float(compact) if "." in compact else int(compact)
    except ValueError:
        return None


def judge(check: Check) -> tuple[Mapping[str, Any] | None, Mapping[str, str]]:
    """Return the verdict on the support as a message carries it, and the errors found.

    The verdict is None when the facts cannot be assessed.
    """
    if check.errors:
        return None, check.errors
    try:
        assessment = assess(check.facts, [MAIN_SERVICE])
        after = wayout(check.facts, assessment)
    except FactError as error:
        names = [name for name in (error.fact, *error.facts) if name in ASKED]
        return None, dict.fromkeys(names or [ASKED[0]], str(error))
    document = assessment.as_json()
    return verdict_view(document["services"][0], after, str(check.facts["audience"])), {}


def verdict_view(
    service: Mapping[str, Any], after: Sequence[Mapping[str, Any]], audience: str
) -> dict[str, Any]:
    """Turn one service of an assessment into the `data` of a verdict message (web.md)."""
    known = catalogue()
    missing = list(service["missing"])
    # HR cannot speak for the person: this alone missing is a yes on condition.
    if_wished = service["verdict"] == "unknown" and missing == ["wants_support"]
    is_yes = if_wished or service["verdict"] in ("eligible", "possible")
    return {
        "service": service["service"],
        "title": service_title(service["service"]),
        "verdict": service["verdict"],
        "if_wished": if_wished,
        "reasons": service["reasons"],
        "missing": [known[name].question(audience) for name in missing],
        "notes": service.get("notes", []),
        "next": WORDS["after_yes"] if is_yes else list(after),
    }
