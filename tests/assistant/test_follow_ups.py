"""A short question after an answer is answered for what was just spoken of."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from seuil.assistant.follow_ups import WORDS, follow_up
from tests.assistant.test_reader import read

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = yaml.safe_load((ROOT / "data/responses/faq.yml").read_text(encoding="utf-8"))["responses"]
TOPICS = {name.partition("/")[2] for name in ANSWERS}
TABLE = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
# What the assistant says of itself comes from no document.
OF_ITSELF = {"donnees_personnelles", "qui_etes_vous"}


@pytest.mark.parametrize(
    ("last", "text", "answer"),
    [
        ("gratuite", "et pour un CDD ?", "contrats_couverts"),
        ("visale_presentation", "et pour un cdd", "visale_conditions"),
        ("visale_presentation", "et si je suis en intérim ?", "visale_conditions"),
        ("situations_couvertes", "et les intérimaires ?", "interim_600_heures"),
        ("contrats_couverts", "et pour les fonctionnaires ?", "secteur_public"),
        ("contrats_couverts", "Et pour les saisonniers agricoles ?", "secteur_agricole"),
        ("contrats_couverts", "et les petites entreprises ?", "taille_entreprise"),
        ("gratuite", "et si je suis hébergé ?", "statut_occupation"),
        ("gratuite", "et en Guadeloupe ?", "territoire"),
        ("comment_demarrer", "combien de temps ?", "urgence_delai"),
        ("visale_demarche", "ça prend combien de temps", "visale_demarche"),
        ("aslli_presentation", "pendant combien de temps ?", "aslli_presentation"),
        ("comment_demarrer", "et après ?", "comment_ca_se_passe"),
        ("visale_conditions", "et ensuite je fais quoi ?", "visale_demarche"),
        ("alin_presentation", "comment je fais ?", "alin_demarche"),
        ("soli_al", "et ?", "aides_financieres"),
        ("visale_presentation", "ça coûte combien ?", "visale_presentation"),
        ("comment_demarrer", "c'est gratuit ?", "gratuite"),
        ("aides_financieres", "combien ?", "conditions_pret"),
        ("aslli_presentation", "à qui je m'adresse ?", "aslli_demande"),
        ("comment_demarrer", "quels papiers ?", "documents_a_fournir"),
        ("alin_demarche", "il faut quoi comme documents ?", "alin_demarche"),
        ("taille_entreprise", "c'est écrit où ?", "taille_entreprise"),
        ("gratuite", "vous êtes sûr ?", "gratuite"),
    ],
)
def test_a_short_question_leans_on_the_last_topic(last, text, answer):
    assert follow_up(text, last) == answer


@pytest.mark.parametrize(
    "text",
    [
        "je suis en CDD",
        "non",
        "45",
        "et mon mari me frappe",
        "combien de salariés faut-il pour que mon entreprise soit concernée ?",
        "je ne sais pas où dormir",
        "et pour un CDD de 6 mois dans la restauration à Lille c'est possible ou pas du tout ?",
        "",
    ],
)
def test_a_message_that_says_more_stands_alone(text):
    assert follow_up(text, "gratuite") is None


def test_every_topic_has_something_next_and_every_answer_exists():
    targets = {answer for by in TABLE["answers"].values() for answer in by.values()} - {"="}

    assert set(TABLE["next"]) == TOPICS
    assert set(TABLE["next"].values()) | targets <= TOPICS
    assert all(last != following for last, following in TABLE["next"].items())


@pytest.mark.parametrize("topic", sorted(TOPICS - OF_ITSELF))
def test_every_answer_tells_its_source_and_its_date(topic):
    for variant in ANSWERS[f"utter_faq/{topic}"]:
        last = variant["text"].strip().splitlines()[-1]
        assert last.startswith("Source\u00a0: ")
        assert any(year in last for year in ("2022", "2023", "2025"))


def test_a_follow_up_tells_nothing_of_the_person():
    message = read("et pour un CDD ?", "contrats_couverts", last_topic="gratuite")

    assert message.get("intent") == {"name": "faq", "confidence": 1.0}
    assert message.get("reading")["facts"] == {}


def test_the_answer_to_the_pending_question_is_no_follow_up():
    message = read("et 12", asked="employer_size", last_topic="gratuite")

    assert message.get("intent")["name"] == "inform"
    assert message.get("reading")["facts"] == {"employer_size": 12}


def test_a_call_for_help_is_never_taken_for_one():
    message = read("et maintenant il me frappe", "inform", last_topic="gratuite")

    assert message.get("intent")["name"] in {"report_family_violence", "report_danger"}


def test_follow_ups_work_in_a_conversation_and_the_form_resumes(talk):
    person = talk().opens().says("j'ai un loyer impayé", {"inform": 0.9})
    pending = person.pending
    person.says("c'est gratuit ?", {"faq/gratuite": 0.9})
    assert "gratuit" in person.text

    person.says("et pour un CDD ?", {"check_eligibility": 0.4})
    assert "600\u00a0heures" in person.text
    assert "Source" in person.text
    assert person.pending == pending
    assert person.slots["contract"] is None

    person.says("et après ?", {"inform": 0.2})
    assert "actionlogement.fr" in person.text
    assert person.pending == pending


def test_a_follow_up_to_nothing_is_not_answered_by_chance(talk):
    person = talk().opens().says("et après ?", {"inform": 0.2})

    assert "Source" not in person.text


def test_the_answer_is_the_one_for_who_asks(talk):
    person = talk(audience="rh").opens().says("et la confidentialité ?", {"faq/gratuite": 0.9})
    person.says("et après ?", {"inform": 0.2})

    assert person.heard[0]["text"] == next(
        variant["text"]
        for variant in ANSWERS["utter_faq/comment_demarrer"]
        if [c["value"] for c in variant.get("condition", [])] == ["rh"]
    )
