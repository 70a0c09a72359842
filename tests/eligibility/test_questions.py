"""The next question: what settles most for what it costs, of whoever can know it."""

from __future__ import annotations

from typing import Any

import pytest

from bench.eligibility.optimum import Optimum
from bench.eligibility.personas import personas
from bench.eligibility.playing import asked_in_order, engine_order, mean_questions
from seuil.eligibility import FactError, assess, next_question
from seuil.eligibility.rules import SERVICES
from tests.eligibility import people

SUPPORT = ["accompagnement_social"]


def test_a_conversation_opens_on_what_is_happening() -> None:
    assert next_question({}, SUPPORT) == "difficulties"
    assert next_question({}, SERVICES, "salarie") == "difficulties"
    assert next_question({"audience": "salarie"}) == "difficulties"


def test_the_opening_is_for_a_conversation_about_the_support() -> None:
    assert next_question({}, ["aslli"]) == "department"


def test_the_first_service_leads() -> None:
    known = {"difficulties": ["impaye_loyer"], "contract": "cdi", "seeks_rental": True}
    first = next_question(known, ["visale", "accompagnement_social"])
    assert first in assess(known, ["visale"]).services[0].missing


def test_once_the_first_is_settled_the_others_are_asked_about() -> None:
    facts = {"contract": "stage", "as_of": "2026-01-01"}
    assert next_question(facts, SUPPORT) is None
    assert next_question(facts, ["accompagnement_social", "aslli"]) == "department"


def test_what_is_asked_and_not_known_is_never_asked_again() -> None:
    facts: dict[str, Any] = {"audience": "agent"}
    seen = []
    while (question := next_question(facts)) is not None:
        assert question not in seen
        seen.append(question)
        facts[question] = None
    assert len(seen) > 20


@pytest.mark.parametrize("audience", ["rh", "partenaire", "agent", "salarie"])
def test_a_whole_conversation_ends(audience: str) -> None:
    for person in personas(30, seed=7):
        facts: dict[str, Any] = {"audience": audience, "as_of": "2026-01-01"}
        for _ in range(60):
            question = next_question(facts)
            if question is None:
                break
            facts[question] = person.get(question)
        else:
            pytest.fail("more questions than facts")


def test_hr_is_asked_whether_the_employee_agrees_not_what_they_want() -> None:
    facts = {**people.GOOD, "as_of": "2026-01-01", "audience": "rh"}
    del facts["wants_support"]
    found = assess(facts, SUPPORT)
    assert found.services[0].missing == ("wants_support",)
    assert found.next_question == "employee_agrees"
    assert next_question({**facts, "employee_agrees": False}, SUPPORT) is None
    assert next_question({**facts, "employee_agrees": None}, SUPPORT) is None
    assert assess({**facts, "employee_agrees": True}, SUPPORT).services[0].verdict == "eligible"


def test_before_a_no_that_only_a_disaster_could_turn_the_disaster_is_asked() -> None:
    facts = {**people.GOOD, "as_of": "2026-01-01", "employer_size": 8, "audience": "salarie"}
    del facts["disaster"], facts["disaster_recognised"]
    assert next_question(facts, SUPPORT) == "disaster"
    assert next_question({**facts, "disaster": "naturelle"}, SUPPORT) == "disaster_recognised"
    assert next_question({**facts, "disaster": "aucune"}, SUPPORT) is None


def test_a_follow_up_waits_for_what_it_depends_on() -> None:
    facts = {"as_of": "2026-01-01", "age": 40, "contract": "demandeur_emploi"}
    order = []
    while (question := next_question(facts, ["visale"])) is not None:
        order.append(question)
        facts[question] = None
    assert order.index("job_promised") < order.index("job_start_in_months")
    assert order.index("bail_mobilite") < order.index("bail_mobilite_reason")


def test_a_range_that_straddles_a_threshold_is_asked_about() -> None:
    facts = {**people.GOOD, "as_of": "2026-01-01", "employer_size": {"min": 8, "max": 12}}
    assert next_question(facts, SUPPORT) == "employer_size"
    assert next_question(facts, SUPPORT, skip=["employer_size"]) is None


def test_the_date_and_the_audience_are_never_asked() -> None:
    assert next_question({"audience": None, "as_of": None}) not in ("audience", "as_of")


def test_an_unknown_audience_is_said() -> None:
    with pytest.raises(FactError, match="voisin"):
        next_question({}, SUPPORT, "voisin")


@pytest.mark.parametrize("service", ["alin", "aslli", "soli_al"])
def test_few_more_questions_than_the_optimum(service: str) -> None:
    found = personas(300)
    best = Optimum(service, "2026-01-01")
    ours = mean_questions(found, engine_order(service))
    least = mean_questions(found, best.order)
    assert ours <= 1.05 * least
    assert ours < mean_questions(found, asked_in_order(service))
