"""Every case that an expert wrote gets the answer that the expert gave."""

from __future__ import annotations

import pytest

from seuil.eligibility import SERVICES, assess
from tests.eligibility.cases import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    found = assess(case.facts, [case.service]).services[0]
    said = {reason.rule: reason.holds for reason in found.reasons}
    assert found.verdict == case.verdict
    assert {rule: said.get(rule, "untold") for rule in case.holds} == dict.fromkeys(
        case.holds, True
    )
    assert {rule: said.get(rule, "untold") for rule in case.fails} == dict.fromkeys(
        case.fails, False
    )
    assert {rule: said.get(rule, "untold") for rule in case.left_open} == dict.fromkeys(
        case.left_open, None
    )
    cited = {source.document for reason in found.reasons for source in reason.sources}
    assert cited >= set(case.sources)
    if case.missing is not None:
        assert set(found.missing) == set(case.missing)


def test_every_service_has_cases() -> None:
    assert {case.service for case in CASES} == set(SERVICES)


def test_every_verdict_a_service_can_give_is_in_a_case() -> None:
    for service in SERVICES:
        best = "eligible" if service in ("accompagnement_social", "visale", "alin") else "possible"
        seen = {case.verdict for case in CASES if case.service == service}
        assert seen == {best, "not_eligible", "unknown"}, service


def test_a_reason_says_its_source_in_full() -> None:
    case = CASES[0]
    for reason in assess(case.facts, [case.service]).as_json()["services"][0]["reasons"]:
        assert set(reason["source"]) >= {"document", "section", "date", "quotation"}
        assert all(reason["source"].values())
        assert reason["text"].endswith(".")


def left_open(facts: dict[str, object]) -> list[str]:
    found = assess({"as_of": "2026-01-01", **facts}, ["alin"]).services[0]
    return [reason.text for reason in found.reasons if reason.holds is None]


def test_each_thing_left_open_is_told_once_and_only_where_it_bears() -> None:
    person: dict[str, object] = {
        "contract": "cdi",
        "employer_sector": "prive",
        "employer_size": 45,
        "seeks_rental": True,
        "department": "59",
    }
    assert left_open(person) == []
    (ten,) = left_open({**person, "employer_size": 10})
    (farm,) = left_open({**person, "employer_sector": "agricole"})
    (far,) = left_open({**person, "department": "975"})
    assert len({ten, farm, far}) == 3
    everything = {"employer_size": 10, "employer_sector": "agricole", "department": "975"}
    assert sorted(left_open({**person, **everything})) == sorted([ten, farm, far])
    assert left_open({**person, **everything, "seeks_rental": False}) == []
