"""The vocabulary: what is taken, what follows, what cannot both hold, what matters most."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from seuil.eligibility import (
    FactError,
    assess,
    below_threshold,
    catalogue,
    derive,
    priority,
    threshold_to_ask,
    whole_list,
)

NO_JOB = (
    "demandeur_emploi",
    "preretraite",
    "retraite",
    "independant",
    "etudiant",
    "sans_activite",
    "stage",
)


def one(facts: dict[str, Any], service: str) -> Any:
    return assess({"as_of": "2026-01-01", **facts}, [service]).services[0]


# --- the catalogue --------------------------------------------------------------------------------


def test_the_vocabulary_is_that_of_the_specification() -> None:
    assert list(catalogue()) == [
        "as_of",
        "audience",
        "employer_sector",
        "employer_size",
        "contract",
        "contract_months",
        "hours_last_12_months",
        "months_since_job_loss",
        "last_employer_size",
        "department",
        "housing_status",
        "difficulties",
        "disaster",
        "disaster_recognised",
        "wants_support",
        "employee_agrees",
        "homeless",
        "family_violence",
        "immediate_danger",
        "age",
        "net_monthly_pay",
        "months_in_job",
        "trial_period",
        "job_promised",
        "job_start_in_months",
        "transfer_within_6_months",
        "worked_1_month_in_last_3",
        "bail_mobilite",
        "bail_mobilite_reason",
        "rent_with_charges",
        "household_resources",
        "student_or_apprentice",
        "dwelling_type",
        "main_residence",
        "seeks_rental",
        "home_loan",
        "resources_decreased",
        "charges_increased",
        "overindebtedness_file",
        "regular_stay",
        "other_support_measure",
        "aslli_months_already",
        "landlord_in_soli_al",
    ]


def test_hr_is_asked_only_what_hr_can_know() -> None:
    assert {name for name, fact in catalogue().items() if fact.may_ask("rh")} == {
        "employer_sector",
        "employer_size",
        "contract",
        "contract_months",
        "hours_last_12_months",
        "department",
        "disaster",
        "disaster_recognised",
        "homeless",
        "family_violence",
        "difficulties",
        "employee_agrees",
    }


def test_departments_are_those_of_the_specification() -> None:
    codes = set(catalogue()["department"].values)
    overseas = {"971", "972", "973", "974", "975", "976", "977", "978", "986", "987", "988"}
    mainland = {f"{number:02d}" for number in range(1, 96)} - {"20"} | {"2A", "2B"}
    assert codes == mainland | overseas | {"etranger"}


def test_questions_end_as_questions_and_are_typeset_in_french() -> None:
    for name, fact in catalogue().items():
        for text in (*fact.questions.values(), *fact.thresholds.values(), fact.why, fact.help):
            assert "'" not in text, name
            assert " ?" not in text, name
            assert "  " not in text, name
        for audience in fact.audiences:
            assert "?" in fact.question(audience), name


def test_the_third_person_is_not_asked_about_themselves() -> None:
    for name, fact in catalogue().items():
        if name in ("audience", "as_of"):
            continue
        for audience in ("rh", "partenaire"):
            if fact.may_ask(audience) and fact.question(audience) != fact.question("salarie"):
                text = fact.question(audience)
                assert "Avez-vous" not in text, name
                assert "Êtes-vous" not in text, name


# --- what follows ---------------------------------------------------------------------------------

FOLLOWS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"contract": "fonctionnaire"}, {"employer_sector": "public"}),
    ({"contract": "alternance"}, {"student_or_apprentice": True}),
    ({"contract": "etudiant"}, {"student_or_apprentice": True}),
    ({"housing_status": "sans_logement"}, {"homeless": True}),
    (
        {"housing_status": "sans_logement", "difficulties": ["deces"]},
        {"homeless": True, "difficulties": ["deces", "sans_hebergement"]},
    ),
    (
        {"homeless": True, "difficulties": ["deces"]},
        {"difficulties": ["deces", "sans_hebergement"]},
    ),
    ({"difficulties": ["violences"]}, {"family_violence": True}),
    (
        {"family_violence": True, "difficulties": ["deces"]},
        {"difficulties": ["violences", "deces"]},
    ),
    ({"difficulties": ["recherche_logement"]}, {"seeks_rental": True}),
    ({"housing_status": "accedant"}, {"home_loan": True}),
    ({"difficulties": ["impaye_pret_immobilier"]}, {"home_loan": True}),
    (
        {"disaster": "technologique", "difficulties": ["deces"]},
        {"difficulties": ["deces", "catastrophe"]},
    ),
    (
        {"overindebtedness_file": True, "difficulties": ["deces"]},
        {"difficulties": ["surendettement", "deces"]},
    ),
    ({"job_start_in_months": 2}, {"job_promised": True}),
    ({"job_start_in_months": {"max": 3}}, {"job_promised": True}),
    ({"audience": "rh", "employee_agrees": True}, {"wants_support": True}),
    ({"audience": "partenaire", "employee_agrees": True}, {"wants_support": True}),
    # nothing follows
    ({"audience": "salarie", "employee_agrees": True}, {}),
    ({"employee_agrees": True}, {}),
    ({"audience": "rh", "employee_agrees": False}, {}),
    ({"difficulties": ["entree_logement"]}, {}),
    ({"difficulties": ["surendettement"]}, {}),
    ({"difficulties": ["catastrophe"]}, {}),
    ({"seeks_rental": True}, {}),
    ({"homeless": True}, {}),
    ({"difficulties": ["sans_hebergement"]}, {}),
    ({"housing_status": "proprietaire"}, {}),
]


@pytest.mark.parametrize(("facts", "more"), FOLLOWS, ids=str)
def test_what_follows(facts: dict[str, Any], more: dict[str, Any]) -> None:
    assert derive(facts) == {**facts, **more}


def test_what_was_asked_and_not_known_may_follow_from_the_rest() -> None:
    assert derive({"contract": "etudiant", "student_or_apprentice": None}) == {
        "contract": "etudiant",
        "student_or_apprentice": True,
    }


def test_with_no_list_given_only_the_derived_difficulties_are_known() -> None:
    found = one({"homeless": True, "housing_status": "locataire"}, "subvention_charges_logement")
    assert "difficulties" in found.missing
    assert one({"homeless": True}, "aslli").verdict == "unknown"
    assert {r.rule: r.holds for r in one({"homeless": True}, "aslli").reasons} == {"ASLL-3": True}


# --- what cannot both hold ------------------------------------------------------------------------

CLASHES: list[dict[str, Any]] = [
    {"difficulties": ["aucune"], "homeless": True},
    {"difficulties": ["aucune"], "family_violence": True},
    {"difficulties": ["aucune"], "disaster": "naturelle"},
    {"difficulties": ["aucune"], "disaster": "technologique"},
    {"difficulties": ["aucune"], "overindebtedness_file": True},
    {"difficulties": ["aucune"], "housing_status": "sans_logement"},
    {"contract": "alternance", "student_or_apprentice": False},
    {"contract": "etudiant", "student_or_apprentice": False},
    {"difficulties": ["recherche_logement"], "seeks_rental": False},
    {"housing_status": "accedant", "home_loan": False},
    {"difficulties": ["impaye_pret_immobilier"], "home_loan": False},
    {"difficulties": ["catastrophe"], "disaster": "aucune"},
    {"job_start_in_months": 2, "job_promised": False},
    {"job_start_in_months": {"min": 1, "max": 2}, "job_promised": False},
    {"contract": "fonctionnaire", "employer_sector": "prive"},
    {"contract": "fonctionnaire", "employer_sector": "agricole"},
    {"housing_status": "sans_logement", "homeless": False},
    {"difficulties": ["violences"], "family_violence": False},
    *({"contract": contract, "trial_period": True} for contract in NO_JOB),
]


@pytest.mark.parametrize("facts", CLASHES, ids=str)
@pytest.mark.parametrize("turned", [False, True])
def test_a_contradiction_names_both_facts(facts: dict[str, Any], turned: bool) -> None:
    names = list(facts)[::-1] if turned else list(facts)
    with pytest.raises(FactError) as caught:
        assess({"age": 30, **{name: facts[name] for name in names}, "main_residence": True})
    assert set(caught.value.facts) == set(facts)
    assert all(name in str(caught.value) for name in facts)


def test_a_contradiction_through_the_agreement_names_it() -> None:
    with pytest.raises(FactError) as caught:
        derive({"audience": "rh", "employee_agrees": True, "wants_support": False})
    assert set(caught.value.facts) == {"employee_agrees", "wants_support"}


@pytest.mark.parametrize("contract", ["cdi", "cdd", "interim", "alternance", "fonctionnaire"])
def test_a_job_may_have_a_trial_period(contract: str) -> None:
    assert derive({"contract": contract, "trial_period": True})["contract"] == contract


def test_what_excludes_narrows_what_is_not_told() -> None:
    # In a trial period, privately employed: whatever the contract, it is an employee's.
    facts = {
        "employer_sector": "prive",
        "employer_size": 50,
        "trial_period": True,
        "seeks_rental": True,
        "department": "59",
    }
    assert one(facts, "alin").verdict == "eligible"


# --- the date, Python's own types -----------------------------------------------------------------


def test_a_date_may_be_a_date() -> None:
    assert assess({"as_of": datetime.date(2020, 1, 1)}, ["alin"]).as_of == "2020-01-01"


def test_the_default_date_is_today_in_paris() -> None:
    from zoneinfo import ZoneInfo

    before = datetime.datetime.now(ZoneInfo("Europe/Paris")).date().isoformat()
    found = assess({}, ["alin"]).as_of
    after = datetime.datetime.now(ZoneInfo("Europe/Paris")).date().isoformat()
    assert before <= found <= after


@pytest.mark.parametrize("as_of", ["20200101", "2020-1-1", datetime.datetime(2020, 1, 1), 1, ""])
def test_only_a_plain_date_is_one(as_of: Any) -> None:
    with pytest.raises(FactError, match="as_of"):
        assess({"as_of": as_of})


@pytest.mark.parametrize("facts", [None, [], "cdi", 3])
def test_facts_are_an_object(facts: Any) -> None:
    with pytest.raises(FactError, match="objet"):
        assess(facts)


@pytest.mark.parametrize("key", [1, None, ("a",), True])
def test_a_fact_has_a_name(key: Any) -> None:
    with pytest.raises(FactError, match="texte"):
        assess({key: 1})


def test_an_unknown_service_is_said() -> None:
    with pytest.raises(FactError, match="autre"):
        assess({}, ["autre"])


def test_one_service_may_be_named_alone() -> None:
    assert [found.service for found in assess({}, "alin").services] == ["alin"]


@pytest.mark.parametrize("value", [45, 45.0, {"min": 45, "max": 45}, {"min": 45}])
def test_whole_numbers_however_written(value: Any) -> None:
    found = one({"employer_sector": "prive", "employer_size": value}, "accompagnement_social")
    assert {reason.rule: reason.holds for reason in found.reasons}["ASD-A1"] is True


def test_an_empty_list_says_nothing() -> None:
    assert one({"difficulties": []}, "aslli").missing == one({}, "aslli").missing


# --- the whole list, thresholds, priority ---------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (
            ["impaye_loyer"],
            {
                "homeless": False,
                "family_violence": False,
                "disaster": "aucune",
                "overindebtedness_file": False,
            },
        ),
        (
            ["violences", "sans_hebergement", "catastrophe", "surendettement"],
            {},
        ),
    ],
)
def test_the_whole_list_answers_what_it_shows(chosen: list[str], told: dict[str, Any]) -> None:
    assert whole_list(chosen) == {"difficulties": chosen, **told}
    derive(whole_list(chosen))


def test_nothing_chosen_in_the_whole_list_is_none_of_them() -> None:
    assert whole_list([])["difficulties"] == ["aucune"]
    assert one(whole_list([]), "accompagnement_social").verdict == "not_eligible"


EMPLOYEE = {"contract": "cdi", "employer_sector": "prive", "department": "59", "seeks_rental": True}


@pytest.mark.parametrize(
    ("services", "size", "threshold"),
    [
        (["accompagnement_social"], {"min": 8, "max": 12}, 10),
        (["alin"], {"min": 8, "max": 12}, 10),
        (["alin"], {"min": 10, "max": 12}, 11),
        (["accompagnement_social"], {"min": 40, "max": 60}, None),
        (["accompagnement_social"], {"max": 9}, None),
        (["accompagnement_social"], {"max": 10}, 10),
        (["accompagnement_social"], 10, None),
        (["accompagnement_social"], None, None),
    ],
)
def test_the_threshold_that_matters_is_asked(
    services: list[str], size: Any, threshold: int | None
) -> None:
    facts = {**EMPLOYEE, "employer_size": size}
    assert threshold_to_ask("employer_size", facts, services) == threshold


def test_the_answers_to_a_threshold_settle_it() -> None:
    below = below_threshold("employer_size", 10)
    for end, holds in (({"min": 8, "max": below}, False), ({"min": 10, "max": 12}, True)):
        found = one({**EMPLOYEE, "employer_size": end}, "accompagnement_social")
        assert {reason.rule: reason.holds for reason in found.reasons}["ASD-A1"] is holds


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "normal"),
        ({"difficulties": ["impaye_loyer", "sans_hebergement"]}, "normal"),
        ({"disaster": "aucune"}, "normal"),
        ({"homeless": False, "family_violence": False, "immediate_danger": False}, "normal"),
        ({"difficulties": ["sinistre"]}, "high"),
        ({"difficulties": ["expulsion"]}, "high"),
        ({"difficulties": ["saisie"]}, "high"),
        ({"difficulties": ["catastrophe"]}, "high"),
        ({"disaster": "naturelle"}, "high"),
        ({"disaster": "technologique"}, "high"),
        ({"homeless": True}, "urgent"),
        ({"housing_status": "sans_logement"}, "urgent"),
        ({"family_violence": True}, "urgent"),
        ({"difficulties": ["violences"]}, "urgent"),
        ({"difficulties": ["violences", "expulsion"]}, "urgent"),
        ({"immediate_danger": True}, "critical"),
        ({"immediate_danger": True, "homeless": True}, "critical"),
    ],
    ids=str,
)
def test_priority(facts: dict[str, Any], expected: str) -> None:
    assert priority(facts) == expected
    assert assess(facts, ["alin"]).as_json()["priority"] == expected
