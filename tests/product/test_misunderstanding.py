"""A message that is not understood, or not in French, over the product's public interface."""

from __future__ import annotations

from tests.product.talking import Person

PHONE = "0970\u00a0800\u00a0800"


def test_gibberish_is_helped_three_times_and_then_let_go(product):
    person = Person(product.url)
    person.says("j'ai un loyer impayé, je suis en CDI dans le privé")
    asked = person.state["question"]
    assert asked == "employer_size"

    person.says("zorglub patati")
    assert "je vous explique" in person.text.lower()
    person.says("blip blop tagada")
    assert {"Oui", "Non", "Passer cette question"} <= {
        choice["title"] for message in person.heard for choice in message["choices"]
    }
    person.says("turlututu chapeau pointu")

    assert person.state["question"] != asked


def test_english_gets_kind_words_the_line_and_the_numbers(product):
    person = Person(product.url)
    person.says("Hello, I need help with my rent please")

    assert person.kinds[0] == "emergency"
    assert {"17", "115", "3919"} <= set(person.numbers())
    assert "only understand French" in person.text
    assert not any(person.state["urgency"][flag] for flag in ("homeless", "family_violence"))


def test_violence_told_in_english_is_heard(product):
    person = Person(product.url)
    person.says("help my husband beats me")

    assert person.kinds[0] == "emergency"
    assert person.state["urgency"]["family_violence"] is True
    assert person.state["pending"] == "consent"


def test_a_short_question_leans_on_the_answer_before(product):
    person = Person(product.url)
    person.says("c'est quoi la garantie Visale ?")
    person.says("et après 30 ans, et pour un CDD ?")
    person.says("comment je fais ?")

    assert "visale.fr" in person.text
    assert "Source" in person.text
