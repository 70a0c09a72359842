"""The domain, the rules, the actions and the catalogue of facts agree with each other.

`rasa data validate` looks at none of this: a button that means nothing, a placeholder that
nobody fills, a response with no variant for everyone (silence), an action nobody wrote.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from seuil.eligibility import assess, catalogue

ROOT = Path(__file__).resolve().parents[2]
AUDIENCES = {"salarie", "rh", "partenaire", "agent"}
# What `utter_message` takes for itself; the rest fills placeholders.
OWN_ARGUMENTS = {"text", "image", "json_message", "template", "response", "attachment", "buttons"}
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


DOMAIN = load(ROOT / "domain.yml")
DATA = [load(path) for path in sorted((ROOT / "data").rglob("*.yml"))]
RESPONSES: dict[str, list[dict[str, Any]]] = {
    name: variants
    for part in (DOMAIN, *DATA)
    for name, variants in (part.get("responses") or {}).items()
}
TOPICS = {
    entry["intent"]
    for part in DATA
    for entry in part.get("nlu") or []
    if "/" in entry.get("intent", "")
}
INTENTS = {
    entry["intent"]
    for part in DATA
    for entry in part.get("nlu") or []
    if "intent" in entry and "/" not in entry["intent"]
}
STEPS = [
    step
    for part in DATA
    for rule in [*(part.get("rules") or []), *(part.get("stories") or [])]
    for step in rule["steps"]
]
CATALOGUE_FACTS = set(catalogue()) - {"audience", "as_of"}


def texts(variants: list[dict[str, Any]]) -> Iterator[str]:
    for variant in variants:
        yield variant.get("text") or ""
        yield from (button["title"] for button in variant.get("buttons") or [])


def is_for_everyone(variant: dict[str, Any]) -> bool:
    return not variant.get("condition") and not variant.get("channel")


NODES = [
    node
    for path in sorted((ROOT / "actions").glob("*.py"))
    for node in ast.walk(ast.parse(path.read_text("utf-8")))
]


def as_pattern(node: ast.expr) -> str | None:
    """A constant or an f-string that names a response, as a regular expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = [
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
            for part in node.values
        ]
        return "".join(parts)
    return None


def named_by_actions() -> set[str]:
    """Patterns of the responses that the actions' code names."""
    inside = {id(part) for node in NODES if isinstance(node, ast.JoinedStr) for part in node.values}
    found = {
        as_pattern(node)
        for node in NODES
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in inside
    }
    return {pattern for pattern in found if pattern and re.fullmatch(r"utter_\S+", pattern)}


def filled_by_actions() -> list[tuple[str, set[str]]]:
    """For each `utter_message` call: the pattern of its response, the placeholders it fills."""
    calls = []
    for node in NODES:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        given = {word.arg: word.value for word in node.keywords if word.arg}
        pattern = as_pattern(given["response"]) if "response" in given else None
        if node.func.attr == "utter_message" and pattern:
            calls.append((pattern, set(given) - OWN_ARGUMENTS))
    return calls


PATTERNS = named_by_actions()
CALLS = filled_by_actions()
BUTTONS = [
    pytest.param(button["payload"], id=f"{name}-{button['title']}")
    for name, variants in RESPONSES.items()
    for variant in variants
    for button in variant.get("buttons") or []
]


@pytest.mark.parametrize("payload", BUTTONS)
def test_a_button_means_something(payload: str) -> None:
    intent, brace, facts = payload.partition("{")
    assert intent.startswith("/")
    assert intent[1:] in DOMAIN["intents"] or intent[1:] in TOPICS
    told = json.loads(brace + facts) if brace else {}
    assert set(told) <= CATALOGUE_FACTS
    assess(told)  # raises on a value that no fact takes


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_a_response_has_something_to_say_to_everyone(name: str) -> None:
    for variant in RESPONSES[name]:
        assert variant.get("text") or variant.get("custom"), "an empty variant is silence"
    assert any(is_for_everyone(variant) for variant in RESPONSES[name])


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_a_response_never_leaves_the_choice_to_chance(name: str) -> None:
    conditions = [
        json.dumps([variant.get("condition"), variant.get("channel")], sort_keys=True)
        for variant in RESPONSES[name]
    ]
    assert len(conditions) == len(set(conditions))


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_the_conditions_of_a_response_can_hold(name: str) -> None:
    for variant in RESPONSES[name]:
        for condition in variant.get("condition") or []:
            assert condition["name"] in DOMAIN["slots"]
            if condition["name"] == "audience":
                assert condition["value"] in AUDIENCES


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_every_placeholder_is_filled(name: str) -> None:
    wanted = {found for text in texts(RESPONSES[name]) for found in PLACEHOLDER.findall(text)}
    given = [filled for pattern, filled in CALLS if re.fullmatch(pattern, name)]
    for filled in given or [set()]:
        assert wanted <= set(DOMAIN["slots"]) | filled


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_a_response_that_an_action_names_exists(pattern: str) -> None:
    assert [name for name in RESPONSES if re.fullmatch(pattern, name)]


def test_a_response_that_a_rule_names_exists() -> None:
    named = {step["action"] for step in STEPS if step.get("action", "").startswith("utter_")}
    retrieval = {f"utter_{topic.split('/')[0]}" for topic in TOPICS}
    assert named <= set(RESPONSES) | retrieval


def test_no_response_is_left_that_nobody_says() -> None:
    named = {step.get("action") for step in STEPS}
    unused = {
        name
        for name in RESPONSES
        if name.split("/")[0] not in named
        and not any(re.fullmatch(pattern, name) for pattern in PATTERNS)
    }
    assert unused == set()


def test_every_topic_of_the_faq_has_its_answer_and_every_answer_its_topic() -> None:
    assert TOPICS
    assert {f"utter_{topic}" for topic in TOPICS} == {name for name in RESPONSES if "/" in name}


def test_the_actions_of_the_domain_are_those_written() -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    assert set(executor.actions) == set(DOMAIN["actions"])


def test_the_rules_name_only_what_the_domain_declares() -> None:
    flat = [inner for step in STEPS for inner in step.get("or", [step])]
    intents = {step["intent"] for step in flat if "intent" in step}
    custom = {step["action"] for step in flat if "action" in step} - set(RESPONSES)
    assert intents <= set(DOMAIN["intents"])
    known = {*DOMAIN["actions"], *DOMAIN["forms"], "action_listen"}
    assert {name for name in custom if not name.startswith("utter_")} <= known


def test_every_intent_of_the_domain_can_be_understood() -> None:
    retrieval = {topic.split("/")[0] for topic in TOPICS}
    # The fallback is what is left; facts make `inform` without training.
    assert set(DOMAIN["intents"]) - {"nlu_fallback"} == INTENTS | retrieval


@pytest.mark.parametrize("fact", sorted(CATALOGUE_FACTS))
def test_a_fact_of_the_catalogue_is_remembered_and_can_be_told(fact: str) -> None:
    assert fact in DOMAIN["entities"]
    slot = DOMAIN["slots"][fact]
    assert slot["influence_conversation"] is False
    assert slot["mappings"] == [{"type": "custom"}]


@pytest.mark.parametrize("fact", sorted(CATALOGUE_FACTS))
def test_a_fact_that_is_asked_has_its_question_for_whom_it_is_asked(fact: str) -> None:
    entry = catalogue()[fact]
    assert entry.audiences
    for audience in entry.audiences:
        assert "?" in entry.question(audience)
    assert entry.why.strip()


def test_the_domain_has_no_fact_of_its_own() -> None:
    assert set(DOMAIN["entities"]) == CATALOGUE_FACTS
