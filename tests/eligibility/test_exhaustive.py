"""Every full state that a rule can tell apart, one by one, against the second evaluator."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from seuil.eligibility import assess
from tests.eligibility import people, reference

CELLS: dict[str, tuple[Any, ...]] = {
    "employer_size": (9, 10, 50),
    "contract": ("cdi", "cdd", "interim", "fonctionnaire", "preretraite", "demandeur_emploi"),
    "contract_months": (2, 3),
    "department": ("59", "975"),
    "difficulties": (["aucune"], ["recherche_logement"], ["impaye_loyer"]),
    "months_since_job_loss": (11, 12),
}
"""One value for each cell of a rule, where `reference.VALUES` has more."""

AIDS = (
    "pret_refinancement",
    "pret_acces_locatif",
    "pret_charges_logement",
    "subvention_hebergement",
    "subvention_acces_locatif",
    "subvention_charges_logement",
)
PEOPLE = {
    "age": (17, 18, 31),
    "employer_sector": ("prive", "public"),
    "contract": ("cdi", "cdd", "interim", "alternance", "fonctionnaire", "etudiant", "retraite"),
    "contract_months": (0.5, 1),
    "net_monthly_pay": (1500, 1501),
    "months_in_job": (6, 7),
    "job_start_in_months": (3, 4),
    "bail_mobilite_reason": ("stage", "autre"),
}
LEASE = (
    "age",
    "department",
    "rent_with_charges",
    "household_resources",
    "student_or_apprentice",
    "dwelling_type",
    "main_residence",
)


def states(names: tuple[str, ...], cells: dict[str, tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    choices = [cells.get(name) or reference.VALUES[name] for name in names]
    for picked in itertools.product(*choices):
        yield dict(zip(names, picked, strict=True))


def walk(
    service: str,
    as_of: str,
    names: tuple[str, ...],
    cells: dict[str, tuple[Any, ...]],
    rest: dict[str, Any],
) -> int:
    """Compare every state; how many there were."""
    count = 0
    best = reference.BEST.get(service, "possible")
    for state in states(names, cells):
        facts = {**rest, **state}
        if service == "visale":
            facts.setdefault(
                "student_or_apprentice", facts["contract"] in ("alternance", "etudiant")
            )
        followed = reference.follow(facts)
        if followed is None:
            continue
        if facts.get("job_promised") is False:
            facts.pop("job_start_in_months", None)
        value = reference.full(service, followed, as_of)
        expected = best if value == reference.YES else value
        found = assess({**facts, "as_of": as_of}, [service]).services[0]
        assert (found.verdict, found.missing) == (expected, ()), facts
        count += 1
    return count


@pytest.mark.parametrize("as_of", ["2022-06-15", "2023-10-20"])
def test_accompagnement_social(as_of: str) -> None:
    cells = {**CELLS, "disaster": ("aucune", "naturelle"), "contract": CELLS["contract"][:5]}
    assert walk("accompagnement_social", as_of, reference.SUPPORT, cells, {}) > 10_000


def test_accompagnement_social_in_2018() -> None:
    cells = {
        **CELLS,
        "disaster": ("aucune", "naturelle"),
        "contract": ("cdi", "fonctionnaire", "preretraite", "demandeur_emploi", "stage"),
        "employer_size": (9, 10),
        "difficulties": (*CELLS["difficulties"], ["recherche_logement", "suroccupation"]),
    }
    names = reference.SUPPORT_2018
    assert walk("accompagnement_social", "2020-01-01", names, cells, {}) > 10_000


@pytest.mark.parametrize("service", AIDS)
def test_aids(service: str) -> None:
    free = {
        "employer_size": (9, 45),
        "disaster": ("aucune", "naturelle"),
        "difficulties": reference.LISTS,
    }
    fixed = ("employer_sector", "contract", "contract_months", "hours_last_12_months", "department")
    fixed = (*fixed, "disaster_recognised", "family_violence")
    names = tuple(name for name in reference.READ[service] if name not in fixed)
    rest = {name: people.GOOD[name] for name in fixed}
    assert walk(service, "2023-10-20", names, free, rest) > 100


def test_visale_people() -> None:
    names = tuple(name for name in reference.READ["visale"] if name not in LEASE or name == "age")
    rest = {
        name: people.GOOD[name] for name in LEASE if name not in ("age", "student_or_apprentice")
    }
    assert walk("visale", "2023-10-20", names, PEOPLE, rest) > 10_000


@pytest.mark.parametrize("taken", [True, False])
def test_visale_leases(taken: bool) -> None:
    rest = {name: value for name, value in people.GOOD.items() if name in reference.READ["visale"]}
    rest["net_monthly_pay"] = 1400 if taken else 3000
    rest |= {"job_promised": taken, "months_in_job": 24}
    cells = {
        "age": (17, 18, 30, 31),
        "department": ("59", "75", "975"),
        "household_resources": (0, 1200, 1600, 2600, 3000, 9000),
    }
    rest = {name: value for name, value in rest.items() if name not in LEASE}
    assert walk("visale", "2023-10-20", LEASE, cells, rest) > 5_000


@pytest.mark.parametrize(
    ("service", "as_of"),
    [("alin", "2023-10-20"), ("aslli", "2025-01-01"), ("soli_al", "2023-10-20")],
)
def test_small_rules(service: str, as_of: str) -> None:
    assert walk(service, as_of, reference.READ[service], {}, {}) > 50
