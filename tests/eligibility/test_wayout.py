"""Never a bare no: what is open instead, in order, with how to reach it."""

from __future__ import annotations

from typing import Any

import pytest

from seuil.eligibility import assess, wayout
from tests.eligibility import people

SMALL = {
    "as_of": "2026-01-01",
    "employer_sector": "prive",
    "employer_size": 8,
    "contract": "cdi",
    "disaster": "aucune",
    "department": "59",
    "difficulties": ["impaye_loyer"],
}


def places(facts: dict[str, Any], services: list[str] | None = None) -> list[str]:
    found = assess(facts, services or ["accompagnement_social"])
    return [place["id"] for place in wayout(facts, found)]


def test_eight_employees_in_lille() -> None:
    assert places(SMALL) == [
        "visale",
        "fsl",
        "ccas",
        "sos_loyers",
        "adil",
        "france_services",
        "action_logement",
    ]


@pytest.mark.parametrize(
    ("facts", "there", "absent"),
    [
        ({"department": "67"}, "aslli", "fsl"),
        ({"department": "59"}, "fsl", "aslli"),
        ({"homeless": True}, "115", "soli_al"),
        ({"homeless": False}, "ccas", "115"),
        ({"employer_size": 11}, "alin", "115"),
        ({"employer_size": 9}, "visale", "alin"),
        ({"seeks_rental": False}, "ccas", "visale"),
        ({"housing_status": "locataire"}, "soli_al", "115"),
        ({"housing_status": "locataire", "landlord_in_soli_al": False}, "ccas", "soli_al"),
        ({"difficulties": ["deces"]}, "adil", "sos_loyers"),
        ({"department": "67", "regular_stay": False}, "ccas", "aslli"),
        ({"department": "etranger"}, "action_logement", "ccas"),
        ({"department": "987"}, "ccas", "fsl"),
    ],
)
def test_what_is_named_depends_on_the_person(
    facts: dict[str, Any], there: str, absent: str
) -> None:
    found = places({**SMALL, **facts})
    assert there in found
    assert absent not in found


def test_with_no_roof_the_115_comes_first() -> None:
    assert places({**SMALL, "housing_status": "sans_logement"})[0] == "115"


def test_whom_visale_cannot_take_is_told_of_the_support() -> None:
    facts = {**people.GOOD, "as_of": "2026-01-01", "rent_with_charges": 2000}
    assert assess(facts, ["visale"]).services[0].verdict == "not_eligible"
    found = places(facts, ["visale"])
    assert found[0] == "accompagnement_social"
    assert "visale" not in found


def test_it_is_never_empty() -> None:
    for department in ("59", "67", "975", "etranger", None):
        for contract in ("retraite", "cdi", None):
            facts = {"as_of": "2026-01-01", "department": department, "contract": contract}
            assert places(facts)


def test_each_says_how_to_reach_it() -> None:
    found = assess(SMALL, ["accompagnement_social"])
    for place in wayout({**SMALL, "homeless": True, "department": "67"}, found):
        assert set(place) == {"id", "title", "text", "how", "source"}
        assert place["title"]
        assert place["text"].endswith(".")
        assert place["how"].endswith(".")


def test_the_verdicts_are_those_of_the_assessment_s_date() -> None:
    old = {**SMALL, "as_of": "2020-01-01", "department": "67"}
    assert "aslli" in places(old)  # no document then, so nothing says no
