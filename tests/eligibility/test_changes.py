"""What changed between two dates: the page an expert signs, and how it is made."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from seuil.eligibility import FactError, assess, changes
from seuil.eligibility.changes import cases, product, report
from tests.eligibility import people, reference

SIGNED = Path(__file__).parents[2] / "docs" / "rules-changes.md"
WHAT_TO_DO = (
    "The rules no longer change as the signed page says. If that is meant, write it anew with "
    "`python -m seuil.eligibility changes accompagnement_social > docs/rules-changes.md`, "
    "and have it read and signed."
)


def above(text: str) -> str:
    """What the page says, without its digest and its signature."""
    return text[: text.index("Empreinte")]


def test_the_signed_page_is_what_the_rules_say() -> None:
    assert above(SIGNED.read_text(encoding="utf-8")) == above(report("accompagnement_social")), (
        WHAT_TO_DO
    )


def test_the_signature_is_for_that_page() -> None:
    text = SIGNED.read_text(encoding="utf-8")
    content = above(text)[:-1]
    assert hashlib.sha256(content.encode()).hexdigest() in text


@pytest.mark.parametrize(
    ("before", "after"),
    [("2022-06-14", "2022-06-15"), ("2023-10-19", "2023-10-20"), ("2018-12-19", "2023-10-20")],
)
def test_every_person_whose_answer_changes_is_in_a_case(before: str, after: str) -> None:
    found = changes("accompagnement_social", before, after)
    moves = {(move["before"], move["after"]) for move in found["moves"]}
    seen = set()
    for facts in some_people():
        old = assess({**facts, "as_of": before}, ["accompagnement_social"]).services[0].verdict
        new = assess({**facts, "as_of": after}, ["accompagnement_social"]).services[0].verdict
        if old != new:
            seen.add((old, new))
    assert seen == moves


def some_people() -> list[dict[str, Any]]:
    found = []
    for contract in reference.VALUES["contract"]:
        for size in (9, 50):
            for sector in ("prive", "agricole"):
                for disaster in ("aucune", "naturelle"):
                    for hours in (0, 600):
                        for items in (["impaye_loyer"], ["recherche_logement", "suroccupation"]):
                            facts = {
                                **people.GOOD,
                                "contract": contract,
                                "employer_size": size,
                                "employer_sector": sector,
                                "contract_months": 1,
                                "disaster": disaster,
                                "hours_last_12_months": hours,
                                "difficulties": items,
                                "student_or_apprentice": contract in ("alternance", "etudiant"),
                            }
                            if reference.follow(facts) is not None:
                                found.append(facts)
    return found


def test_cases_cover_exactly_the_states() -> None:
    # Three variables of 2, 3 and 2 values: 12 states, of which 7 change and one cannot be.
    patterns = [
        [sum(1 << s for s in range(12) if s % 2 == v) for v in range(2)],
        [sum(1 << s for s in range(12) if s // 2 % 3 == v) for v in range(3)],
        [sum(1 << s for s in range(12) if s // 6 == v) for v in range(2)],
    ]
    states, possible = 0b010101111100, 0b111111111110
    found = cases(states, possible, patterns)
    covered = 0
    for case in found:
        covered |= product(case, patterns)
    assert covered & possible == states


def test_nothing_changes_within_one_version() -> None:
    found = changes("accompagnement_social", "2024-01-01", "2025-01-01")
    assert found["moves"] == []
    assert found["conditions"] == {"added": [], "removed": [], "changed": []}


def test_a_service_without_a_rule_at_the_first_date() -> None:
    found = changes("visale", "2020-01-01", "2024-01-01")
    assert found["from"] is None
    assert found["to"]["id"] == "2023"
    assert "VIS-1" in found["conditions"]["added"]


@pytest.mark.parametrize("first", ["2018-12-18", "hier"])
def test_a_bad_date_is_said(first: str) -> None:
    with pytest.raises(FactError, match="as_of"):
        changes("accompagnement_social", first, "2024-01-01")
