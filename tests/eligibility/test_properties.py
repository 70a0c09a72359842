"""What must hold of every answer, whoever asks."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from seuil.eligibility import FactError, assess, catalogue, derive, next_question
from seuil.eligibility.engine import in_force
from seuil.eligibility.kleene import kleene
from seuil.eligibility.told import EFFECTS, NAMES
from tests.eligibility import people, reference

DECIDED = ("eligible", "possible", "not_eligible")
SLOW = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
QUICK = settings(SLOW, max_examples=300)
LARGEST = 3000
"""The most completions walked for one example."""


@st.composite
def asked(draw: st.DrawFn, most_unknown: int = 6) -> tuple[str, str, dict[str, Any]]:
    """A service, a date and consistent facts."""
    service, as_of = draw(people.service_and_date())
    facts = draw(people.told(reference.reads(service, as_of), most_unknown))
    assume(reference.follow(facts) is not None)
    return service, as_of, facts


def one(facts: dict[str, Any], service: str, as_of: str) -> Any:
    return assess({**facts, "as_of": as_of}, [service]).services[0]


@SLOW
@given(asked(most_unknown=5))
def test_verdict_and_missing_are_those_of_exhaustive_completion(
    case: tuple[str, str, dict[str, Any]],
) -> None:
    service, as_of, facts = case
    names = reference.reads(service, as_of)
    known = reference.follow(facts)
    assert known is not None
    sizes = [
        len(reference.open_values(n, facts.get(n) if n == "difficulties" else known.get(n)))
        for n in names
    ]
    assume(math.prod(sizes) <= LARGEST)
    found = one(facts, service, as_of)
    assert (found.verdict, set(found.missing)) == reference.answer(facts, service, as_of)


@QUICK
@given(asked(), st.data())
def test_a_fact_more_never_changes_a_decided_verdict(
    case: tuple[str, str, dict[str, Any]], data: st.DataObject
) -> None:
    service, as_of, facts = case
    found = one(facts, service, as_of)
    assume(found.verdict in DECIDED)
    name = data.draw(st.sampled_from(sorted(set(reference.VALUES) - set(facts))))
    more = {**facts, name: data.draw(st.sampled_from(reference.VALUES[name]))}
    assume(consistent(more))
    assert one(more, service, as_of).verdict == found.verdict


@QUICK
@given(asked(), st.data())
def test_a_fact_outside_missing_never_changes_the_verdict(
    case: tuple[str, str, dict[str, Any]], data: st.DataObject
) -> None:
    service, as_of, facts = case
    found = one(facts, service, as_of)
    others = set(reference.VALUES) - set(facts) - set(found.missing)
    name = data.draw(st.sampled_from(sorted(others)))
    value = data.draw(st.sampled_from(reference.VALUES[name]))
    assume(not acts_on_others(name, value))
    more = {**facts, name: value}
    assume(consistent(more))
    assert one(more, service, as_of).verdict == found.verdict


def acts_on_others(name: str, value: Any) -> bool:
    """Whether this value says something of another fact (it follows, or is excluded)."""
    kind = catalogue()[name].type
    values = value if kind == "list" else ["given"] if kind in ("integer", "number") else [value]
    return any(EFFECTS.get((name, each)) for each in values)


def consistent(facts: dict[str, Any]) -> bool:
    try:
        derive(facts)
    except FactError:
        return False
    return True


@QUICK
@given(asked())
def test_every_decided_verdict_has_a_cited_reason(case: tuple[str, str, dict[str, Any]]) -> None:
    service, as_of, facts = case
    found = one(facts, service, as_of)
    if found.verdict in DECIDED:
        wanted = found.verdict != "not_eligible"
        telling = [reason for reason in found.reasons if reason.holds is wanted]
        assert telling
        assert all(reason.sources and reason.sources[0].quotation for reason in telling)
        assert found.missing == ()
    elif not found.missing:
        assert any(reason.holds is None and reason.text for reason in found.reasons)


@QUICK
@given(asked())
def test_not_known_is_as_not_asked_but_is_not_asked_again(
    case: tuple[str, str, dict[str, Any]],
) -> None:
    service, as_of, facts = case
    found = one(facts, service, as_of)
    unknown = [name for name in found.missing if name not in facts]
    nulls = {**facts, **dict.fromkeys(unknown, None)}
    again = one(nulls, service, as_of)
    assert (again.verdict, again.missing) == (found.verdict, found.missing)
    question = next_question({**nulls, "as_of": as_of}, [service], "agent")
    assert question is None or isinstance(facts[question], dict)
    assert next_question({**nulls, "as_of": as_of}, [service], "agent", found.missing) is None


@QUICK
@given(asked())
def test_three_valued_logic_never_says_otherwise(case: tuple[str, str, dict[str, Any]]) -> None:
    service, as_of, facts = case
    assessment = assess({**facts, "as_of": as_of}, [service])
    program = in_force(service, as_of)
    assert program is not None
    held = kleene(program.version.when, assessment.told)
    if held is not None:
        expected = program.version.verdict if held else "not_eligible"
        assert assessment.services[0].verdict == expected


@QUICK
@given(asked(most_unknown=4), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_never_changes_the_answer(
    case: tuple[str, str, dict[str, Any]], shuffle: Any
) -> None:
    service, as_of, facts = case
    names = list(facts)
    shuffle.shuffle(names)
    found = one(facts, service, as_of)
    again = one({name: facts[name] for name in names}, service, as_of)
    assert found.as_json() == again.as_json()


@QUICK
@given(asked(), st.sampled_from(("salarie", "rh", "partenaire", "agent")))
def test_the_next_question_can_be_asked_and_matters(
    case: tuple[str, str, dict[str, Any]], audience: str
) -> None:
    service, as_of, facts = case
    question = next_question({**facts, "as_of": as_of}, [service], audience)
    missing = one(facts, service, as_of).missing
    askable = [name for name in missing if catalogue()[name].may_ask(audience)]
    if question is None:
        assert askable == []
        return
    assert question not in facts or isinstance(facts[question], dict)
    assert audience in catalogue()[question].audiences
    assert question in missing or (question == "employee_agrees" and "wants_support" in missing)


@QUICK
@given(asked())
def test_the_facts_given_are_left_as_they_were(case: tuple[str, str, dict[str, Any]]) -> None:
    service, as_of, facts = case
    given_facts = {**facts, "as_of": as_of}
    before = copy.deepcopy(given_facts)
    first = assess(given_facts, [service]).as_json()
    assert given_facts == before
    assert assess(given_facts, [service]).as_json() == first


@QUICK
@given(asked())
def test_what_is_used_is_what_was_told(case: tuple[str, str, dict[str, Any]]) -> None:
    service, as_of, facts = case
    found = one(facts, service, as_of)
    assert set(found.used) <= set(NAMES)
    for name in found.used:
        if name not in facts:
            # Followed from another: taking every fact told away, it is gone.
            assert name in derive(facts) or name == "difficulties" or name in narrowed(facts)
    assert found.version is not None
    read = {node.fact for node in found.version.when.walk()}
    assert {name for name in facts if name in read} <= set(found.used)


def narrowed(facts: dict[str, Any]) -> set[str]:
    """The facts that those told leave only one value of, by excluding the others."""
    told = assess(facts, ["alin"]).told
    return {name for name in NAMES if told.known(name)}


@pytest.mark.parametrize("service", ["visale", "alin", "soli_al", "aslli", "pret_acces_locatif"])
def test_with_no_document_in_force_nothing_is_missing(service: str) -> None:
    found = one({}, service, "2018-12-19")
    assert (found.verdict, found.missing) == ("unknown", ())
    assert found.reasons[0].holds is None
    assert found.reasons[0].sources
