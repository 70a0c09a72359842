"""HR's form: what is read of it, what is said of it."""

from __future__ import annotations

import pytest
from multidict import MultiDict

from seuil.eligibility import SERVICES, assess, catalogue
from seuil.web import check

GIVEN = {
    "employer_sector": "prive",
    "employer_size": "45",
    "contract": "cdi",
    "department": "59",
    "difficulties": "impaye_loyer",
}


def read(audience: str = "rh", **fields: str) -> check.Check:
    return check.read(MultiDict({**GIVEN, **fields}), audience)


def test_facts_are_read_with_their_types():
    assert read(homeless="false", employee_agrees="true").facts == {
        "audience": "rh",
        "employer_sector": "prive",
        "employer_size": 45,
        "contract": "cdi",
        "department": "59",
        "difficulties": ["impaye_loyer"],
        "homeless": False,
        "employee_agrees": True,
    }


@pytest.mark.parametrize(
    ("typed", "value"), [("1 200", 1200), (" 12 ", 12), ("3,5", 3.5), ("0", 0)]
)
def test_numbers_as_people_write_them(typed, value):
    assert read(employer_size=typed).facts["employer_size"] == value


@pytest.mark.parametrize("typed", ["beaucoup", "1e9", "٤٥", "9" * 40, "4.5.6", "nan", "-"])
def test_what_is_no_number_is_said_and_kept(typed):
    filled = read(employer_size=typed)

    assert "employer_size" in filled.errors
    assert "employer_size" not in filled.facts
    assert filled.values["employer_size"] == typed


def test_what_is_left_empty_is_unknown():
    assert check.read(MultiDict(), "rh").facts == {"audience": "rh"}


def test_a_follow_up_counts_only_beside_the_answer_that_calls_for_it():
    assert "contract_months" not in read(contract_months="2").facts
    assert read(contract="cdd", contract_months="2").facts["contract_months"] == 2


def test_a_value_that_is_not_offered_is_an_error_not_a_crash():
    verdict, errors = check.judge(read(contract="<script>"))

    assert verdict is None
    assert "contract" in errors


def test_two_answers_that_cannot_both_hold_name_their_fields():
    verdict, errors = check.judge(read(contract="fonctionnaire"))

    assert verdict is None
    assert set(errors) == {"employer_sector", "contract"}


def test_a_yes_that_only_the_person_can_complete_says_so():
    verdict, _ = check.judge(read())

    assert verdict is not None
    assert verdict["verdict"] == "unknown"
    assert verdict["if_wished"]


def test_the_agreement_makes_it_a_yes():
    verdict, _ = check.judge(read(employee_agrees="true"))

    assert verdict is not None
    assert (verdict["verdict"], verdict["if_wished"]) == ("eligible", False)


def test_a_no_always_says_what_is_open():
    verdict, _ = check.judge(read(employer_size="8", disaster="aucune", employee_agrees="true"))

    assert verdict is not None
    assert verdict["verdict"] == "not_eligible"
    assert verdict["next"]


@pytest.mark.parametrize("audience", check.AUDIENCES)
def test_only_what_this_audience_can_know_is_asked(audience):
    for field in check.fields(audience):
        assert catalogue()[field.name].may_ask(audience)


def test_every_situation_is_offered_here_or_by_its_own_question():
    offered = {value for field in check.fields("rh") for value, _ in field.options}

    assert set(catalogue()["difficulties"].values) - check.ELSEWHERE <= offered


def test_every_department_has_a_name():
    codes = set(catalogue()["department"].values) - {"etranger"}

    assert set(check.DEPARTMENTS) == codes


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_can_be_shown(service):
    shown = assess({"audience": "agent"}, [service]).as_json()["services"][0]
    view = check.verdict_view(shown, [], "agent")

    assert view["title"]
    assert all(view["missing"])
