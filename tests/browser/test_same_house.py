"""Four doors, one house: the same facts give the same verdict and reasons at each."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.browser.conftest import PASSWORD
from tests.product.talking import Person

TIMEOUT = 20
SERVICE = "accompagnement_social"
PEOPLE = {
    "eligible": {
        "employer_sector": "prive",
        "employer_size": 45,
        "contract": "cdi",
        "department": "59",
        "difficulties": ["impaye_loyer"],
        "employee_agrees": True,
    },
    "too small": {
        "employer_sector": "prive",
        "employer_size": 8,
        "contract": "cdi",
        "department": "59",
        "difficulties": ["separation"],
        "disaster": "aucune",
        "employee_agrees": True,
    },
    "little known": {"contract": "interim", "department": "974"},
    "abroad": {
        "employer_sector": "agricole",
        "employer_size": 60,
        "contract": "cdd",
        "contract_months": 6,
        "department": "etranger",
        "difficulties": ["sinistre"],
    },
}


def told(verdict: dict[str, Any]) -> tuple[str, list[tuple[str, Any, str]]]:
    reasons = [(one["rule"], one["holds"], one["text"]) for one in verdict["reasons"]]
    return verdict["verdict"], reasons


def by_the_api(product, facts: dict[str, Any]) -> dict[str, Any]:
    answer = requests.post(f"{product.url}/api/eligibility", json=facts, timeout=TIMEOUT).json()
    return next(one for one in answer["services"] if one["service"] == SERVICE)


@pytest.mark.parametrize("who", PEOPLE)
def test_hr_and_the_api_say_the_same(product, who):
    facts = PEOPLE[who]
    form = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in facts.items()
    }
    at_hr = requests.post(
        f"{product.url}/rh",
        data={"audience": "rh", **form},
        headers={"Accept": "application/json"},
        timeout=TIMEOUT,
    ).json()["verdict"]

    assert told(at_hr) == told(by_the_api(product, {**facts, "audience": "rh"}))


@pytest.mark.parametrize("who", PEOPLE)
def test_the_script_and_the_api_say_the_same(product, agent, who):
    facts = {name: value for name, value in PEOPLE[who].items() if name != "employee_agrees"}
    session = requests.Session()
    session.post(
        f"{product.url}/api/session", json={"name": agent, "password": PASSWORD}, timeout=TIMEOUT
    ).raise_for_status()
    step = session.post(f"{product.url}/agent/etape", json={"facts": facts}, timeout=TIMEOUT).json()

    assert told(step["verdicts"][0]) == told(by_the_api(product, {**facts, "audience": "agent"}))


def test_the_chat_and_the_api_say_the_same(product):
    person = Person(product.url)
    person.says(
        "Je suis en CDI dans une entreprise privée de 45 salariés, j'habite à Lille (59) et j'ai"
        " un loyer impayé, je voudrais être accompagné"
    )
    card = person.first("verdict")

    assert told(card["data"]) == told(by_the_api(product, person.state["facts"]))
