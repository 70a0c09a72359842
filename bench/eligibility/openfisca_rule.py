"""The support's rule of 2023 written for openfisca-core: run inside its own scratch environment.

`python openfisca_rule.py N` prints, as JSON, persons a second: one simulation a person (what a
conversation needs), and one simulation for N persons at once (what openfisca is made for).
OpenFisca has no unknown: what is not told is its default, here "no".
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PERIOD = "2026-01"
PERSON = build_entity(key="person", plural="persons", label="A person", is_person=True)


def _input(name: str, kind: type) -> type[Variable]:
    return type(
        name,
        (Variable,),
        {
            "value_type": kind,
            "entity": PERSON,
            "definition_period": DateUnit.MONTH,
            "label": name,
            "default_value": kind(),
        },
    )


INPUTS = {
    "sector": int,
    "size": int,
    "contract": int,
    "months": float,
    "hours": float,
    "disaster": int,
    "recognised": bool,
    "covered_place": bool,
    "difficulty": bool,
    "wants": bool,
}


class eligible(Variable):  # noqa: N801 - openfisca names a variable by its class
    """The support from 2023-10-20 (sector 1 private, 2 farms; contract 1 CDI, 2 CDD, 3 interim)."""

    value_type = bool
    entity = PERSON
    definition_period = DateUnit.MONTH
    label = "Accompagnement social"

    def formula(person, period):  # noqa: N805, D102
        sector, size = person("sector", period), person("size", period)
        contract = person("contract", period)
        employer = ((sector == 1) * (size >= 10)) + ((sector == 2) * (size >= 50))
        lasting = (contract == 1) + (
            ((contract == 2) + (contract == 3)) * (person("months", period) >= 3)
        )
        hours = (contract == 3) * (person("hours", period) >= 600)
        employee = (contract >= 1) * (contract <= 4)
        hit = employee * (person("disaster", period) > 0) * person("recognised", period)
        return (
            ((employer * (lasting + hours)) + hit)
            * person("covered_place", period)
            * person("difficulty", period)
            * person("wants", period)
        )


def system() -> TaxBenefitSystem:
    """The one rule, with its inputs."""
    found = TaxBenefitSystem([PERSON])
    for name, kind in INPUTS.items():
        found.add_variable(_input(name, kind))
    found.add_variable(eligible)
    return found


TOLD = {
    "sector": 1,
    "size": 45,
    "contract": 1,
    "covered_place": True,
    "difficulty": True,
    "wants": True,
}


def one_by_one(rules: TaxBenefitSystem, seconds: float) -> float:
    """Persons a second, a simulation each."""
    situation = {"persons": {"one": {name: {PERIOD: value} for name, value in TOLD.items()}}}
    count, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        simulation = SimulationBuilder().build_from_entities(rules, situation)
        assert simulation.calculate("eligible", PERIOD)[0]
        count += 1
    return count / (time.process_time() - start)


def at_once(rules: TaxBenefitSystem, number: int) -> float:
    """Persons a second, in one simulation."""
    start = time.process_time()
    simulation = SimulationBuilder().build_default_simulation(rules, number)
    for name, value in TOLD.items():
        simulation.set_input(name, PERIOD, np.full(number, value))
    assert simulation.calculate("eligible", PERIOD).all()
    return number / (time.process_time() - start)


if __name__ == "__main__":
    built = system()
    at_once(built, 10)
    json.dump(
        {"one_by_one": one_by_one(built, 2.0), "at_once": at_once(built, int(sys.argv[1]))},
        sys.stdout,
    )
