"""What people and programs send that they should not: a clear French answer, nothing lost."""

from __future__ import annotations

import json

import pytest
import requests

from tests.product.talking import TIMEOUT, Person


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200b", "\n\t"])
def test_an_empty_message_says_what_to_do(product, text):
    person = Person(product.url)
    answer = person.post("messages", {"text": text})

    assert answer.status_code == 422
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert "vide" in answer.json()["detail"]
    assert len(person.reads_again()["messages"]) == 2


def test_a_very_long_message_is_refused_in_french_and_its_urgency_is_read(product):
    person = Person(product.url)
    person.says("mon mari me frappe " + "bla " * 25_000)

    assert person.kinds[0] == "emergency"
    assert "très long" in person.text
    kept = json.dumps(person.reads_again())
    assert "bla bla" not in kept


def test_binary_that_is_not_utf8_is_told_in_french(product):
    person = Person(product.url)
    answer = requests.post(
        f"{person.path}/messages",
        data=b"\xff\xfe\x00\x81{",
        headers={**person.headers, "Content-Type": "application/json"},
        timeout=TIMEOUT,
    )

    assert answer.status_code == 400
    assert "UTF-8" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [[], "texte", 3, None, {}, {"text": 3}, {"text": "a", "choice": "b"}]
)
def test_a_body_of_another_shape_is_told_in_french(product, body):
    answer = Person(product.url).post("messages", body)

    assert answer.status_code in {400, 422}
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "😭😭😭",
        "?!?!?!",
        "42",
        "مرحبا، أحتاج إلى مساعدة",
        "\x00\x01\x02 bonjour \ud83d",
        "'; DROP TABLE cases; --",
        "x" * 9_000,
    ],
)
def test_odd_messages_get_an_answer_and_invent_nothing(product, text):
    person = Person(product.url)
    question = person.state["question"]
    person.says(text)

    assert person.heard
    assert not any(person.state["urgency"][flag] for flag in ("homeless", "family_violence"))
    told = {k: v for k, v in person.state["facts"].items() if k != "audience" and v is not None}
    assert told == {} or set(told) == {question}


def test_a_silent_call_for_help_gets_the_numbers(product):
    person = Person(product.url)
    person.says("😭🆘")

    assert person.kinds[0] == "emergency"
    assert "17" in person.numbers()


@pytest.mark.parametrize("text", ["/restart", '/inform{"contract":"cdi"}', "/session_start", "/"])
def test_a_leading_slash_is_text(product, text):
    person = Person(product.url)
    person.says("j'ai un loyer impayé")
    before = person.state["facts"]
    person.says(text)

    assert person.state["facts"].get("difficulties") == ["impaye_loyer"]
    assert person.state["facts"].get("contract") == before.get("contract")


def test_html_stays_text(product):
    person = Person(product.url)
    person.says("<script>alert(1)</script> <b>bonjour</b>")

    page = requests.get(
        f"{product.url}/assistant", cookies={"seuil_conversation": person.token}, timeout=TIMEOUT
    )
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_an_unknown_conversation_and_another_s_are_the_same_404(product):
    mine, other = Person(product.url), Person(product.url)
    url = f"{product.url}/api/conversations"
    with_my_token = [f"{url}/{other.id}", f"{url}/nonexistent"]
    answers = [requests.get(u, headers=mine.headers, timeout=TIMEOUT) for u in with_my_token]
    answers.append(requests.get(other.path, timeout=TIMEOUT))
    answers.append(
        requests.get(other.path, headers={"Authorization": "Bearer conv_x"}, timeout=TIMEOUT)
    )

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_a_choice_that_was_never_shown_is_refused(product):
    answer = Person(product.url).post("messages", {"choice": "inform"})

    assert answer.status_code == 422
    assert "proposée" in answer.json()["detail"]


def test_the_same_idempotency_key_says_a_thing_once(product):
    person = Person(product.url)
    headers = {"Idempotency-Key": "k1"}
    first = person.post("messages", {"text": "je suis en cdi"}, headers=headers).json()
    again = person.post("messages", {"text": "je suis en cdi"}, headers=headers).json()
    other = person.post("messages", {"text": "je suis en cdd"}, headers=headers)

    assert first["messages"] == again["messages"]
    assert other.status_code == 422
    said = [m for m in person.reads_again()["messages"] if m["from"] == "person"]
    assert len(said) == 1


def test_contact_details_typed_in_the_chat_are_not_kept(product):
    person = Person(product.url)
    person.says("mon numéro est le 06 12 34 56 78 et mon mail camille.durand@example.org")

    kept = json.dumps(person.reads_again(), ensure_ascii=False)
    assert "06 12 34 56 78" not in kept
    assert "camille.durand" not in kept


def test_contact_without_consent_or_without_a_way_to_reach_opens_nothing(product):
    person = Person(product.url)
    person.says("mon mari me frappe")
    refused = person.post("contact", {"consent": False, "phone": "0612345678"})
    nowhere = person.post("contact", {"consent": True, "name": "Camille"})

    assert refused.status_code == nowhere.status_code == 422
    assert person.reads_again()["state"]["case"] is None


def test_erasing_leaves_nothing_to_read(product):
    person = Person(product.url)
    person.says("j'ai un loyer impayé")
    erased = requests.delete(person.path, headers=person.headers, timeout=TIMEOUT)

    assert erased.status_code == 204
    assert requests.get(person.path, headers=person.headers, timeout=TIMEOUT).status_code == 404
