"""From the first word to the right end, through the running product's public interface."""

from __future__ import annotations

import pytest

from tests.product.desk import Counsellor
from tests.product.talking import Person


def test_the_first_message_says_who_speaks_and_asks(product):
    person = Person(product.url)

    assert "assistant automatique" in person.heard[0]["text"]
    assert person.state["pending"] == "fact"
    assert person.state["question"] == "difficulties"


def test_cdi_in_a_firm_of_45_with_unpaid_rent_in_lille_is_eligible(product):
    person = Person(product.url)
    person.says("bonjour jai 2 mois de loyer en retard et je m'en sors plus")
    person.answers(
        {
            "employer_sector": "une entreprise privée",
            "employer_size": "on est 45",
            "contract": "en cdi",
            "department": "j'habite a Lille",
            "wants_support": "oui je veux bien être accompagné",
        }
    )

    assert person.verdict() == "eligible"
    card = person.first("verdict")
    assert card["data"]["verdict"] == "eligible"
    cited = {reason["source"]["document"] for reason in card["data"]["reasons"]}
    assert "ASD-2022" in cited
    assert person.state["facts"]["department"] == "59"
    assert person.state["facts"]["employer_size"] == 45


def test_everything_told_at_once_is_asked_no_more(product):
    person = Person(product.url)
    person.says(
        "Je suis en CDI dans une entreprise privée de 45 salariés, j'habite à Lille (59) et j'ai"
        " un loyer impayé, je voudrais être accompagné"
    )

    assert person.state["question"] is None
    assert person.verdict() == "eligible"


def test_eight_employees_is_not_eligible_and_a_way_out_is_shown(product):
    person = Person(product.url)
    person.says("je n'arrive plus à payer mon loyer")
    person.answers(
        {
            "employer_sector": "privé",
            "employer_size": "8",
            "contract": "cdi",
            "department": "59",
            "disaster": "non aucune catastrophe",
            "wants_support": "oui",
        }
    )

    assert person.verdict() == "not_eligible"
    card = person.first("verdict")
    assert card["data"]["next"], "never a bare no"
    assert all(place["how"] for place in card["data"]["next"])


def test_a_civil_servant_hit_by_a_recognised_flood_is_eligible_by_the_disaster(product):
    person = Person(product.url)
    person.says("je suis fonctionnaire et ma maison a été inondée, j'habite à Arras")
    person.answers(
        {
            "disaster_recognised": "oui il y a un arrêté de catastrophe naturelle",
            "wants_support": "oui je souhaite être accompagnée",
        }
    )

    assert person.verdict() == "eligible"
    holding = {r["rule"] for r in person.first("verdict")["data"]["reasons"] if r["holds"]}
    assert "ASD-B1" in holding


def test_no_roof_told_as_third_message_shows_115_first_and_opens_an_urgent_case(product):
    person = Person(product.url)
    person.says("bonjour")
    person.says("je travaille en cdi")
    person.says("jsé pa ou dormir ce soir jdors ds ma voiture")

    assert person.kinds[0] == "emergency"
    assert "115" in person.numbers()
    assert person.state["urgency"]["homeless"] is True
    assert person.state["pending"] == "consent"
    assert person.state["facts"]["contract"] == "cdi"

    person.says("oui svp")
    assert person.state["pending"] == "contact"
    receipt = person.leaves_contact(when="le soir", safe_to_call=True)

    case = Counsellor(product).reads(receipt["reference"])
    assert case["priority"] == "urgent"
    assert case["flags"]["homeless"] is True
    assert person.state["case"]["reference"] == receipt["reference"]


def test_violence_as_the_first_message_shows_3919_and_the_silent_number(product):
    person = Person(product.url)
    person.says("mon mari me frappe")

    assert person.kinds[0] == "emergency"
    numbers = person.numbers()
    assert "3919" in numbers
    assert {"17", "114", "17 ou 112"} & set(numbers)
    assert person.state["urgency"]["family_violence"] is True

    person.chooses("Oui")
    receipt = person.leaves_contact(safe_to_call=False, safe_to_leave_message=False)
    case = Counsellor(product).reads(receipt["reference"])
    assert case["flags"]["family_violence"] is True
    assert case["priority"] == "urgent"


def test_refusing_a_counsellor_closes_nothing(product):
    person = Person(product.url)
    person.says("j'ai des dettes et mon mari me frappe")
    person.says("non merci")

    assert person.state["pending"] == "fact"
    assert "wants_support" not in person.state["facts"]
    assert person.state["urgency"]["family_violence"] is True


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Ma situation relève surtout d'une demande de logement, pouvez-vous m'aider ?", "accès"),
        ("dans quelles situations vous aidez les gens ?", "expulsion"),
        ("c'est accessible aux intérimaires et aux cdd ?", "intérim"),
        ("ça fait des années que je cherche un logement, le service peut m'aider ?", "locatif"),
        ("comment ça se passe pour les difficultés de paiement de loyer ?", "budget"),
        ("est-ce que mon employeur sera au courant ?", "confiden"),
        (
            "comment être contacté par mon conseiller social dans le cadre du suivi ?",
            "interlocuteur",
        ),
        ("comment je commence la démarche pour être aidé ?", "démarche"),
    ],
)
def test_the_eight_questions_are_answered_in_the_middle_and_the_form_resumes(
    product, question, words
):
    person = Person(product.url)
    person.says("j'ai un loyer impayé")
    pending = person.state["question"]
    assert pending is not None

    person.says(question)

    assert words in person.heard[0]["text"]
    assert "Source" in person.heard[0]["text"]
    assert person.state["question"] == pending
    assert person.heard[-1]["question"] == pending


def test_je_ne_sais_pas_is_never_asked_again(product):
    person = Person(product.url)
    person.says("j'ai un loyer impayé")
    asked = []
    for _ in range(15):
        question = person.state["question"]
        if question is None:
            break
        asked.append(question)
        person.says("je ne sais pas")

    assert len(asked) == len(set(asked))
    assert person.state["facts"][asked[0]] is None
    assert "verdict" in person.kinds


def test_a_correction_replaces_the_answer(product):
    person = Person(product.url)
    person.says("j'ai un loyer impayé, je suis en cdi dans une boîte privée de 8 personnes")
    person.says("non pardon, on est 45")

    assert person.state["facts"]["employer_size"] == 45
