"""What happens when the assistant does not understand: it helps, then it lets go. Never a loop."""

from __future__ import annotations

import pytest

from seuil.eligibility import catalogue

GIBBERISH = ["zorglub patati", "blip blop", "tagada"]
LIKELY = {"faq/visale_demarche": 0.12, "faq/gratuite": 0.1, "check_eligibility": 0.08}
PHONE = "0970 800 800"


def out_of_the_form(talk):
    """A conversation whose questions are all answered: nothing is pending."""
    person = talk().opens()
    person.says("je suis fonctionnaire et locataire à Lille", {"inform": 0.9})
    for _ in range(12):
        if person.pending is None:
            return person
        unsure = {"deny": 0.9} if person.pending == "consent" else {"dont_know": 0.9}
        person.says("non merci" if "deny" in unsure else "je ne sais pas", unsure)
    raise AssertionError(f"still asked: {person.pending}")


def test_outside_the_form_two_meanings_are_offered_by_their_names(talk):
    person = out_of_the_form(talk).says("zorglub", LIKELY)

    assert list(person.choices) == ["Demander Visale", "Si le service est gratuit"]
    assert "Vouliez-vous dire" in person.text
    assert person.pending is None


def test_a_meaning_chosen_is_answered(talk):
    person = out_of_the_form(talk).says("zorglub", LIKELY).chooses("Demander Visale")

    assert "visale.fr" in person.text
    assert "Source" in person.text


def test_the_second_failure_gives_the_line_and_a_human(talk):
    person = out_of_the_form(talk).says("zorglub", LIKELY).says("patati", LIKELY)

    assert PHONE in person.text
    assert person.chooses("Être rappelé par un conseiller").pending == "consent"


def test_once_understood_a_failure_is_a_first_one_again(talk):
    person = out_of_the_form(talk).says("zorglub", LIKELY)
    person.says("c'est gratuit votre service ?", {"faq/gratuite": 0.9})
    person.says("patati", LIKELY)

    assert "Vouliez-vous dire" in person.text


def test_with_nothing_likely_the_line_comes_at_once(talk):
    person = out_of_the_form(talk).says("?!", {"greet": 0.1})

    assert PHONE in person.text


def test_a_safe_meaning_is_offered_too_and_says_it(talk):
    person = out_of_the_form(talk).says("zorglub", {"report_homelessness": 0.2, **LIKELY})
    person.chooses("Je ne sais pas où dormir")

    assert person.kinds[0] == "emergency"
    assert person.slots["homeless"] is True


def test_in_the_form_the_question_is_explained_then_offered_by_choices_then_left(talk):
    person = talk().opens()
    person.says("j'ai un loyer impayé, je suis en CDI dans le privé", {"inform": 0.9})
    assert person.pending == "employer_size"
    fact = catalogue()["employer_size"]

    person.says(GIBBERISH[0])
    assert fact.why in person.text
    assert fact.help in person.text
    assert person.pending == "employer_size"

    person.says(GIBBERISH[1])
    assert {"Oui", "Non", "Passer cette question"} <= set(person.choices)
    assert "10 salariés ou plus" in person.text

    person.says(GIBBERISH[2])
    assert PHONE in person.text
    assert person.pending != "employer_size"
    assert "employer_size" in person.slots["skipped"]


def test_the_closed_question_takes_a_bare_yes(talk):
    person = talk().opens()
    person.says("j'ai un loyer impayé, je suis en CDI dans le privé", {"inform": 0.9})
    person.says(GIBBERISH[0]).says(GIBBERISH[1]).says("oui", {"affirm": 0.9})

    assert person.slots["employer_size"] == {"min": 10}


def test_a_question_of_ones_own_in_the_form_gets_two_meanings_and_the_form_stays(talk):
    person = talk().opens().says("j'ai un loyer impayé", {"inform": 0.9})
    pending = person.pending
    person.says("et le machin du zorglub, c'est comment ?", LIKELY)

    assert {"Demander Visale", "Si le service est gratuit"} <= set(person.choices)
    assert person.pending == pending
    assert "Savoir si j'ai droit à un accompagnement" not in person.choices

    person.chooses("Si le service est gratuit")
    assert "gratuit" in person.text
    assert person.pending == pending


def test_gibberish_for_ever_never_asks_the_same_question_more_than_three_times(talk):
    person = talk().opens()
    asked = []
    for turn in range(60):
        if person.pending is None:
            break
        asked.append(person.pending)
        person.says(f"zorglub {'bla' * (turn % 3)}")

    assert person.pending is None
    assert max(asked.count(name) for name in asked) <= 3


@pytest.mark.parametrize(
    ("text", "own", "words"),
    [
        ("Hello, I need help with my rent please", "English", "only understand French"),
        ("Hola, necesito ayuda con el alquiler", "español", "solo entiendo"),
        ("Olá, preciso de ajuda para pagar a renda", "português", "só compreendo"),
        ("مرحبا، أحتاج إلى مساعدة", "العربية", "أفهم الفرنسية فقط"),
        ("Bună ziua, am nevoie de ajutor cu chiria", "română", "înțeleg doar"),
        ("Merhaba, kirayı ödeyemiyorum, yardım istiyorum", "Türkçe", "Fransızca"),
        ("Привіт, мені потрібна допомога з житлом", "українська", "лише французьку"),
        ("Здравствуйте, мне нужна помощь", "русский", "только французский"),
        ("வணக்கம், எனக்கு உதவி தேவை", "தமிழ்", "பிரெஞ்சு"),
        ("你好，我需要帮助", "中文", "只懂法语"),
        ("میں مدد چاہتا ہوں گھر کے لیے", "français", "Quelqu'un peut aussi écrire"),
    ],
)
def test_another_language_is_answered_kindly_with_the_line_and_the_numbers(talk, text, own, words):
    person = talk().opens()
    pending = person.pending
    person.says(text)

    assert "emergency" in person.kinds
    assert own in person.text
    assert words in person.text
    assert PHONE in person.text
    assert person.pending == pending
    assert any(title.startswith("Être rappelé") for title in person.choices)


def test_violence_told_in_english_shows_the_numbers_first_then_those_words(talk):
    person = talk().opens().says("help my husband beats me")

    assert person.kinds[0] == "emergency"
    assert "only understand French" in person.text
    assert person.slots["family_violence"] is True
    assert person.pending == "consent"


def test_another_language_outside_the_form_is_answered_the_same(talk):
    person = out_of_the_form(talk).says("Hello, where is your office please, I need help")

    assert "only understand French" in person.text
    assert person.pending is None
