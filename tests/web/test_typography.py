"""French typography: no-break spaces and curly apostrophes, and nothing else touched."""

from __future__ import annotations

import pytest
from jinja2 import Environment

from seuil.web.typography import FrenchLoader, french, french_words

NB = "\u00a0"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Pourquoi ?", f"Pourquoi{NB}?"),
        ("Deux : trois ; quatre !", f"Deux{NB}: trois{NB}; quatre{NB}!"),
        ("« mot »", f"«{NB}mot{NB}»"),
        ("1 500 € et 50 %", f"1 500{NB}€ et 50{NB}%"),
        ("l'aide aujourd'hui", "l’aide aujourd’hui"),
        ("l'« aide »", f"l’«{NB}aide{NB}»"),
        # Not French punctuation: an address, a time, an English quotation.
        ("https://exemple.fr/?a=b", "https://exemple.fr/?a=b"),
        ("12:30", "12:30"),
        ("'guillemets'", "'guillemets'"),
        ("", ""),
    ],
)
def test_a_sentence_is_set_in_french(typed, read):
    assert french(typed) == read


def test_setting_twice_changes_nothing_more():
    once = french("« Qui est-ce ? » : l'« autre »")

    assert french(once) == once


def test_every_string_of_a_tree_is_set_and_nothing_else():
    assert french_words({"a": ["x ?", 1], "b": {"c": None}}) == {
        "a": [f"x{NB}?", 1],
        "b": {"c": None},
    }


def test_the_code_of_a_template_is_left_alone(tmp_path):
    (tmp_path / "page.html").write_text(
        "{% if a != 'b' %}Ça va ?{% endif %}{# rien ! #}{{ 'x' ~ ' ?' }}", encoding="utf-8"
    )
    environment = Environment(loader=FrenchLoader(tmp_path), autoescape=True)

    assert environment.get_template("page.html").render(a=1) == f"Ça va{NB}?x ?"
