"""Whole conversations, told in natural sentences by people who know nothing of the rules.

They were written apart from every training sentence (`tests/language/data/conversations.yml`).
Each must reach its verdict and its route; what was told is never asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from scripts.terminal import ROOT
from seuil.urgency import FLAGS
from tests.product.talking import Person
from tests.running import Product

STORIES = yaml.safe_load((ROOT / "tests/language/data/conversations.yml").read_text("utf-8"))
TODAY = "2026-11-20"
MOST_TURNS = 30
UNKNOWN = "je ne sais pas"
PHONE = re.compile(r"0\d(?: \d\d){4}")
EMAIL = re.compile(r"\S+@\S+")


@pytest.fixture(scope="module")
def that_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product on the day that the conversations speak of: « jusqu'à fin janvier »."""
    running = Product(tmp_path_factory.mktemp("stories"), SEUIL_TODAY=TODAY).start()
    yield running
    running.stop()


def contact_of(story: dict[str, Any]) -> dict[str, Any]:
    """What this person types in the contact form."""
    told = story["replies"]["contact"]
    phone, email = PHONE.search(told), EMAIL.search(told)
    name = PHONE.sub("", EMAIL.sub("", told)).strip(" ,")
    given = {"name": name or None, "when": story["replies"]["safe_to_call"], "safe_to_call": True}
    if phone:
        return {**given, "phone": phone.group(0)}
    return {**given, "phone": None, "email": email.group(0) if email else None}


def tell(person: Person, story: dict[str, Any]) -> Counter[str]:
    """Tell the story until nothing is pending; return how often each fact was asked."""
    replies, asked = story["replies"], Counter()
    for line in story["opening"]:
        person.says(line)
    for _ in range(MOST_TURNS):
        pending, question = person.state["pending"], person.state["question"]
        if pending is None:
            return asked
        if pending == "contact":
            person.leaves_contact(**contact_of(story))
        elif pending == "consent":
            person.says(replies["counsellor_offer"])
        elif pending == "confirm":
            person.chooses(person.heard[-1]["choices"][-1]["title"])
        else:
            answer = replies.get(question, UNKNOWN)
            if isinstance(answer, list):
                answer = answer[min(asked[question], len(answer) - 1)]
            asked[question] += 1
            person.says(answer)
    raise AssertionError(f"still asking after {MOST_TURNS} answers: {asked}")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["id"])
def test_a_conversation_ends_in_the_right_place(that_day: Product, story: dict[str, Any]) -> None:
    headers = {}
    if story["audience"] == "agent":
        headers = {"Authorization": f"Bearer {that_day.token('agent')}"}
    person = Person(that_day.url, story["audience"], opening=headers)

    asked = tell(person, story)

    state, expected = person.state, story["expect"]
    verdicts = {row["service"]: row["verdict"] for row in state["assessment"]["services"]}
    assert {service: verdicts.get(service) for service in expected["verdicts"]} == (
        expected["verdicts"]
    )
    assert {flag for flag in FLAGS if state["urgency"][flag]} == set(expected["flags"])
    assert (state["case"] or {}).get("priority") == expected["case_priority"]
    assert not set(expected["asks_never"]) & set(asked)
