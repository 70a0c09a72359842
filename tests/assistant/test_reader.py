"""The last component of the pipeline: what a message says, out of what each reader makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.training_data.message import Message

from seuil.assistant.reader import FrenchReader, is_question

SURE = {"immediate_danger": (0.9, "yes")}


def read(
    text: str,
    intent: str = "inform",
    confidence: float = 0.6,
    learned: dict[str, tuple[float, str]] | None = None,
    **metadata: Any,
) -> Message:
    """Return the message as the reader leaves it, with what the models before it would say."""
    message = Message.build(text)
    message.set("intent", {"name": intent, "confidence": confidence})
    message.set("metadata", {"as_of": "2026-11-20", **metadata})
    message.set("learned_urgency", learned or {})
    FrenchReader(FrenchReader.get_default_config()).process([message])
    return message


def decisions(message: Message) -> set[str]:
    return {flag for flag, said in message.get("urgency")["decision"].items() if said != "no"}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("17", "employer_size"),
        ("115", "employer_size"),
        ("10/15", "employer_size"),
        ("17", "department"),
        ("en CDI", "contract"),
        ("pas plus de vingt", "employer_size"),
        ("j'habite dans la Creuse", None),
    ],
)
def test_plain_facts_call_nobody_for_help(text, asked):
    message = read(text, learned=SURE, asked=asked)

    assert not decisions(message)
    assert "immediate_danger" not in message.get("reading")["facts"]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("17, il arrive avec un couteau", "employer_size"),
        ("CDI, mais il me frappe", "contract"),
        ("17", None),
        ("je suis en CDI et je veux mourir", "contract"),
    ],
)
def test_a_fact_beside_it_hides_no_call_for_help(text, asked):
    assert decisions(read(text, asked=asked))


def test_a_telephone_number_holds_no_emergency_number():
    assert not decisions(read("rappelez-moi au 06 17 11 51 15"))


def test_an_answer_is_an_answer_whatever_topic_its_words_recall():
    assert read("pas plus de 10", "faq", asked="employer_size").get("intent")["name"] == "inform"


def test_a_question_with_a_fact_in_it_is_still_answered():
    message = read("on est 12, est-ce que ça compte ?", "faq", asked="employer_size")

    assert message.get("intent")["name"] == "faq"
    assert message.get("reading")["facts"] == {"employer_size": 12}


@pytest.mark.parametrize("text", ["comment ça marche", "ai-je droit", "et combien", "12 ?"])
def test_questions_are_told_from_answers(text):
    assert is_question(text)


@pytest.mark.parametrize("text", ["12", "je pense que oui", "la personne qui m'emploie"])
def test_answers_are_no_questions(text):
    assert not is_question(text)
