"""The fixed sentences and the numbers: what a frightened person reads."""

from datetime import date
from itertools import combinations

import pytest

from seuil.urgency import FLAGS, emergency, fold, gentle_question, moment, numbers
from seuil.urgency.sentences import AUDIENCES

COMBINATIONS = [list(c) for size in (0, 1, 2, 3) for c in combinations(FLAGS, size)]
THEMES = [[], ["suicide"], ["child"], ["suicide", "child"]]
FORBIDDEN = [
    "pourquoi",
    "aucune trace",
    "sans trace",
    "confidentiel",
    "anonymat",
    "secret",
    "quittez",
    "partez",
    "fuyez",
    "portez plainte",
    "victime",
    "violence",
    "battu",
    "sans abri",
    "sdf",
    "racontez",
    "détail",
    "que s’est-il passé",
    "calmez",
    "immédiatement pris en charge",
]


def everything_said() -> list[str]:
    said = [
        text
        for who in AUDIENCES
        for flags in COMBINATIONS
        for themes in THEMES
        for shown in [emergency(flags, who, themes)]
        for text in (shown.text, *shown.notes)
    ]
    said += [gentle_question(flag, who) for flag in FLAGS for who in AUDIENCES]
    said += [moment(name, who) for name in ("offer", "refused", "unsure") for who in AUDIENCES]
    return list(dict.fromkeys(said))


@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_sentence_asks_for_reasons_labels_or_promises(word: str) -> None:
    assert [text for text in everything_said() if fold(word) in fold(text)] == []


def test_every_sentence_is_clean_french_typography() -> None:
    for text in everything_said():
        assert "  " not in text
        assert " :" not in text and " ?" not in text and " ;" not in text
        assert "'" not in text


@pytest.mark.parametrize("who", AUDIENCES)
@pytest.mark.parametrize("flags", [c for c in COMBINATIONS if "immediate_danger" in c])
def test_danger_gives_numbers_before_anything_else(who: str, flags: list[str]) -> None:
    first = emergency(flags, who).text.split("\n\n")[0]
    assert "17" in first and "112" in first and "114" in first
    assert "?" not in emergency(flags, who).text


@pytest.mark.parametrize("who", AUDIENCES)
def test_suicidal_words_put_the_3114_and_the_15_first(who: str) -> None:
    shown = emergency(["immediate_danger"], who, ["suicide"])
    assert [row.id for row in shown.numbers][:2] == ["3114", "15"]
    assert "3114" in shown.text.split("\n\n")[0]


@pytest.mark.parametrize("who", AUDIENCES)
def test_a_child_in_danger_adds_the_119(who: str) -> None:
    for flags in (["immediate_danger"], ["family_violence"]):
        shown = emergency(flags, who, ["child"])
        assert "119" in [row.id for row in shown.numbers]
        assert "119" in shown.text


@pytest.mark.parametrize("who", AUDIENCES)
def test_violence_gives_the_3919_and_what_it_is_not(who: str) -> None:
    shown = emergency(["family_violence"], who)
    assert [row.id for row in shown.numbers] == ["3919", "17", "112", "114", "116006"]
    assert "pas un numéro d’urgence" in shown.text
    assert any("journal" in note for note in shown.notes)


@pytest.mark.parametrize("who", AUDIENCES)
def test_no_roof_gives_the_115_and_says_to_call_again(who: str) -> None:
    shown = emergency(["homeless"], who)
    assert [row.id for row in shown.numbers] == ["115"]
    assert "115" in shown.text and "rappele" in shown.text


def test_every_number_shown_is_written_in_the_text() -> None:
    for flags in COMBINATIONS[1:]:
        for who in AUDIENCES:
            shown = emergency(flags, who)
            missing = [row.number for row in shown.numbers if row.number not in shown.text]
            assert missing == []


def test_an_unknown_audience_still_gets_its_numbers() -> None:
    assert emergency(["homeless"], "autre").text == emergency(["homeless"]).text


def test_a_gentle_question_is_closed_and_about_one_thing() -> None:
    for flag in FLAGS:
        for who in AUDIENCES:
            assert gentle_question(flag, who).count("?") == 1
    assert gentle_question("homeless") == "Avez-vous un endroit où dormir ce soir\u00a0?"


def test_numbers_of_the_specification_are_all_there() -> None:
    assert [row.number.replace("\u00a0", " ") for row in numbers()] == [
        "17",
        "112",
        "114",
        "15",
        "3919",
        "119",
        "115",
        "116 006",
        "3114",
        "0 805 160 075",
        "0970 800 800",
    ]


@pytest.mark.parametrize("row", numbers(), ids=lambda row: row.id)
def test_each_number_was_verified_within_a_year(row) -> None:
    age = (date.today() - row.verified_on).days
    assert 0 <= age <= 366, f"{row.number} : à vérifier sur {row.source}, puis changer verified_on"
    assert row.source and row.purpose and row.when
    assert row.tel.isdigit() and (row.sms is None or row.sms.isdigit())


def test_no_hours_are_shown_that_are_not_verified() -> None:
    assert [row.when for row in numbers() if row.id == "116006"] == ["7 jours sur 7, en journée"]
