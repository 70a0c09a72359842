"""Hypothesis strategies: people of whom something is known."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from seuil.eligibility import SERVICES
from tests.eligibility import reference

DATES = {
    "accompagnement_social": ("2019-01-01", "2022-06-15", "2023-10-20"),
    "aslli": ("2025-01-01",),
}
RANGED = (
    "employer_size",
    "contract_months",
    "hours_last_12_months",
    "age",
    "net_monthly_pay",
    "months_in_job",
    "rent_with_charges",
    "household_resources",
    "aslli_months_already",
)
BESIDE = (
    "housing_status",
    "homeless",
    "student_or_apprentice",
    "trial_period",
    "seeks_rental",
    "home_loan",
    "employer_sector",
    "overindebtedness_file",
    "family_violence",
    "disaster",
)
"""Facts that act on others, told of people whatever the service."""

GOOD: dict[str, Any] = {
    "employer_sector": "prive",
    "employer_size": 50,
    "contract": "cdi",
    "contract_months": 3,
    "hours_last_12_months": 600,
    "months_since_job_loss": 3,
    "last_employer_size": 20,
    "department": "67",
    "difficulties": ["impaye_loyer", "entree_logement"],
    "disaster": "aucune",
    "disaster_recognised": True,
    "wants_support": True,
    "homeless": False,
    "family_violence": False,
    "age": 40,
    "net_monthly_pay": 1400,
    "months_in_job": 3,
    "trial_period": False,
    "job_promised": True,
    "job_start_in_months": 2,
    "transfer_within_6_months": False,
    "worked_1_month_in_last_3": True,
    "bail_mobilite": False,
    "bail_mobilite_reason": "autre",
    "rent_with_charges": 600,
    "household_resources": 2000,
    "student_or_apprentice": False,
    "dwelling_type": "parc_prive",
    "main_residence": True,
    "seeks_rental": True,
    "home_loan": True,
    "housing_status": "locataire",
    "resources_decreased": True,
    "charges_increased": False,
    "overindebtedness_file": False,
    "regular_stay": True,
    "other_support_measure": False,
    "aslli_months_already": 0,
    "landlord_in_soli_al": True,
}
"""Someone most rules take: most people drawn differ from this one in a few facts."""


def service_and_date() -> st.SearchStrategy[tuple[str, str]]:
    """A service, and a date at which it has a rule."""
    return st.sampled_from(SERVICES).flatmap(
        lambda service: st.tuples(
            st.just(service), st.sampled_from(DATES.get(service, ("2023-10-20",)))
        )
    )


@st.composite
def told(draw: st.DrawFn, names: tuple[str, ...], most_unknown: int = 6) -> dict[str, Any]:
    """Some facts of a person, consistent; at most some of `names` are not told."""
    unknown = draw(st.sets(st.sampled_from(names), max_size=most_unknown))
    odd = draw(st.sets(st.sampled_from(names), max_size=3))
    facts: dict[str, Any] = {}
    for name in names:
        if name not in unknown:
            values = reference.VALUES[name]
            facts[name] = draw(st.sampled_from(values)) if name in odd else GOOD[name]
    for name in draw(st.sets(st.sampled_from(BESIDE), max_size=2)):
        facts.setdefault(name, draw(st.sampled_from(reference.VALUES[name])))
    for name in RANGED:
        if name in facts and draw(st.integers(0, 5)) == 0:
            facts[name] = draw(ranges(name, facts[name]))
    if facts.get("job_start_in_months") is not None:
        facts["job_promised"] = True
    return facts


def ranges(name: str, value: float) -> st.SearchStrategy[dict[str, float]]:
    """Ranges that hold a value."""
    others = st.sampled_from(reference.VALUES[name])
    return st.one_of(
        others.map(lambda other: {"min": min(value, other), "max": max(value, other)}),
        st.just({"min": value}),
        st.just({"max": value}),
    )
