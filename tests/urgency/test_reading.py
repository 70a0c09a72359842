"""Hundreds of messages as people write them, read from ``cases/*.yml``."""

from pathlib import Path

import pytest
import yaml

import seuil.urgency
from seuil.urgency import FLAGS, fold, read
from seuil.urgency.patterns import rows

CASES = Path(__file__).parent / "cases"
PACKAGE = Path(seuil.urgency.__file__).parent
HEARD = ("yes", "suspected")


def messages(*kinds: str) -> list[tuple[str, str]]:
    """Every (flag, message) written under ``kinds``, whatever the voice."""
    found = []
    for flag in FLAGS:
        book = yaml.safe_load((CASES / f"{flag}.yml").read_text(encoding="utf-8"))
        assert book["flag"] == flag
        found += [(flag, text) for kind in kinds for voice in book[kind].values() for text in voice]
    return found


def answers() -> list[tuple[str, str, str]]:
    book = yaml.safe_load((CASES / "answers.yml").read_text(encoding="utf-8"))
    return [
        (flag, kind, text) for flag in FLAGS for kind, texts in book[flag].items() for text in texts
    ]


@pytest.mark.parametrize(("flag", "text"), messages("sur"))
def test_what_is_said_is_sure(flag: str, text: str) -> None:
    assert read(text).decision[flag] == "yes"


@pytest.mark.parametrize(("flag", "text"), messages("entendu"))
def test_what_is_hinted_is_heard(flag: str, text: str) -> None:
    assert read(text).decision[flag] in HEARD


@pytest.mark.parametrize(("flag", "text"), messages("non"))
def test_what_is_not_a_case_raises_no_alarm(flag: str, text: str) -> None:
    assert read(text).decision[flag] != "yes"


def test_few_ordinary_messages_cost_a_question() -> None:
    ordinary = messages("non")
    asked = [text for flag, text in ordinary if read(text).decision[flag] == "suspected"]
    assert len(asked) <= 0.25 * len(ordinary), asked


@pytest.mark.parametrize(("flag", "kind", "text"), answers())
def test_answers_to_the_gentle_questions(flag: str, kind: str, text: str) -> None:
    reading = read(text, asked=flag)
    expected = {"oui": "yes", "non": "no", "doute": "suspected"}[kind]
    assert reading.decision[flag] == expected
    assert (flag in reading.denied) == (kind == "non")


@pytest.mark.parametrize(
    ("clue", "example"),
    [(f"{name}.{row['id']}", example) for name, row in rows() for example in row["examples"]],
)
def test_every_pattern_has_examples_and_each_fires(clue: str, example: str) -> None:
    assert clue in read(example).clues


def test_every_pattern_is_written_for_a_reviewer() -> None:
    identifiers = [f"{name}.{row['id']}" for name, row in rows()]
    assert len(identifiers) == len(set(identifiers))
    assert all(row["examples"] and row["say"] and row["strength"] for _, row in rows())


class Strict(yaml.SafeLoader):
    """A loader that refuses a key written twice: the first would be lost in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [key.value for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        assert not twice, f"écrit deux fois, ligne {node.start_mark.line + 1} : {twice}"
        return super().construct_mapping(node, deep)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.yml")), ids=lambda path: path.name)
def test_no_entry_is_written_twice(path: Path) -> None:
    assert yaml.load(path.read_text(encoding="utf-8"), Strict)


SURE = messages("sur")


def test_capitals_and_missing_accents_change_nothing() -> None:
    for flag, text in SURE:
        for variant in (text.upper(), fold(text), f"  {text}\u200b  "):
            assert read(variant).decision[flag] == "yes", variant


NEUTRAL = [
    "Bonjour, je travaille dans une boulangerie à Angers.",
    "Je suis en CDI depuis 2019.",
    "Merci d'avance pour votre réponse.",
]


@pytest.mark.parametrize("neutral", NEUTRAL)
def test_a_neutral_sentence_never_hides_a_call_for_help(neutral: str) -> None:
    for flag, text in SURE:
        assert read(f"{neutral} {text}").decision[flag] == "yes", text
        assert read(f"{text}. {neutral}").decision[flag] == "yes", text


def test_a_clue_buried_in_a_long_story_is_found() -> None:
    story = "Je vous écris pour mon dossier de prêt et pour la mutuelle. " * 20
    assert read(f"{story}Sinon je dors dans ma voiture. {story}").decision["homeless"] == "yes"


def test_a_plain_denial_is_told_apart_from_silence() -> None:
    assert "family_violence" in read("Mon mari ne m'a jamais frappée.").denied
    assert "homeless" in read("Je ne suis pas à la rue.").denied
    assert read("Je suis en CDI.").denied == frozenset()


def test_themes_choose_the_numbers() -> None:
    assert "suicide" in read("Je veux mourir.").themes
    assert "child" in read("Il frappe les enfants.").themes


def test_what_was_told_before_makes_a_suspicion_firmer() -> None:
    assert read("Il me cherche.").decision["immediate_danger"] == "suspected"
    told = {"family_violence": True}
    assert read("Il me cherche.", told=told).decision["immediate_danger"] == "yes"


def test_a_question_that_is_no_flag_changes_nothing() -> None:
    assert read("non", asked="employer_size").decision == read("non").decision


def test_json_has_the_contract_keys() -> None:
    shown = read("je dors dehors").as_json()
    assert set(shown) == {*FLAGS, "decision"}
    assert shown["decision"]["homeless"] == "yes"
