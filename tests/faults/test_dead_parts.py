"""A part of the product is dead: the person still gets an answer, and no case is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.product.desk import Counsellor
from tests.product.talking import Person
from tests.running import Product


@pytest.fixture
def without_rasa(product: Product) -> Iterator[Product]:
    product.keep_down("rasa")
    yield product
    product.bring_back("rasa")


@pytest.fixture
def without_actions(product: Product) -> Iterator[Product]:
    product.keep_down("actions")
    yield product
    product.bring_back("actions")


URGENT = [
    ("jsé pa ou dormir ce soir jdors ds ma voiture", "115", "homeless"),
    ("mon mari me frappe", "3919", "family_violence"),
]


@pytest.mark.parametrize(("words", "number", "flag"), URGENT)
def test_with_rasa_dead_the_numbers_are_shown_and_the_case_opens(without_rasa, words, number, flag):
    person = Person(without_rasa.url)
    person.says(words)

    assert person.kinds[0] == "emergency"
    assert number in person.numbers()
    receipt = person.leaves_contact()
    case = Counsellor(without_rasa).reads(receipt["reference"])
    assert case["flags"][flag] is True
    assert case["priority"] == "urgent"


@pytest.mark.parametrize(("words", "number", "flag"), URGENT)
def test_with_the_actions_dead_the_numbers_are_shown_and_the_case_opens(
    without_actions, words, number, flag
):
    person = Person(without_actions.url)
    person.says(words)

    assert person.kinds[0] == "emergency"
    assert number in person.numbers()
    receipt = person.leaves_contact()
    case = Counsellor(without_actions).reads(receipt["reference"])
    assert case["flags"][flag] is True


def test_an_ordinary_message_with_rasa_dead_is_told_in_french_and_kept(without_rasa):
    person = Person(without_rasa.url)
    person.says("j'ai un loyer impayé")

    assert "0970 800 800" in person.text
    assert "j'ai un loyer impayé" in [m["text"] for m in person.reads_again()["messages"]]


def test_the_conversation_goes_on_when_rasa_comes_back(product):
    person = Person(product.url)
    person.says("j'ai un loyer impayé, je suis en cdi")
    product.keep_down("rasa")
    person.says("je suis dans une entreprise privée")
    product.bring_back("rasa")
    person.says("on est 45 dans la boîte")

    assert person.state["facts"]["contract"] == "cdi"
    assert person.state["facts"]["difficulties"] == ["impaye_loyer"]
    assert person.state["facts"]["employer_size"] == 45
    assert person.state["question"] not in {None, "contract", "difficulties"}


def test_readyz_names_the_part_that_is_down(without_actions):
    answer = requests.get(f"{without_actions.url}/readyz", timeout=10)

    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "rasa": True, "actions": False, "database": True}


def test_with_the_desk_killed_between_question_and_answer_no_case_is_told(tmp_path: Path):
    product = Product(tmp_path).start()
    try:
        person = Person(product.url)
        person.says("je dors dans ma voiture")
        person.chooses("Oui")
        assert person.state["pending"] == "contact"
        os.kill(product.pids()["web"], signal.SIGKILL)
        with pytest.raises(requests.RequestException):
            person.leaves_contact()
        assert product.launcher.wait(60) != 0
        product.output.clear()
        product.start()

        kept = person.reads_again()
        assert kept["state"]["case"] is None
        assert "case" not in [message["kind"] for message in kept["messages"]]
        counsellor = Counsellor(product)
        assert counsellor.waiting() == []

        receipt = person.leaves_contact()
        assert [case["reference"] for case in counsellor.waiting()] == [receipt["reference"]]
    finally:
        product.stop()
