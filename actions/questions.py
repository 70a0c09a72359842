"""How a fact is asked: its words, its choices, and what each choice means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from actions.memory import FLAGS, Memory
from seuil.eligibility import Fact, below_threshold, catalogue, fact_line, threshold_to_ask
from seuil.urgency import gentle_question

_WORDS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("words.yml").read_text(encoding="utf-8")
)
# To the gentle question about a place to sleep, "no" is what confirms.
_NUMBERS = frozenset({"integer", "number"})
NO_CONFIRMS = frozenset({"homeless"})


@dataclass(frozen=True)
class Question:
    """A question ready to be shown.

    `threshold` is set when the question is whether a number reaches it: the reader then knows
    what a bare yes means.
    """

    fact: str
    text: str
    why: str | None
    choices: list[dict[str, Any]]
    multiple: bool = False
    threshold: dict[str, Any] | None = None

    def message(self) -> dict[str, Any]:
        """Return the question as the gateway takes it."""
        data = {"why": self.why} if self.why else {}
        if self.multiple:
            data["multiple"] = True
        return {
            "kind": "question",
            "text": self.text,
            "question": self.fact,
            "choices": self.choices,
            "data": data,
        }


def question_of(name: str, memory: Memory, gently: bool = False, closed: bool = False) -> Question:
    """Return the question about a fact, in the words for who is talking.

    ``closed``: a number that was not understood is asked by the threshold that matters.
    """
    if gently and name in FLAGS:
        return _gentle(name, memory.audience)
    fact = catalogue()[name]
    facts = memory.engine_facts()
    if closed and fact.type in _NUMBERS and facts.get(name) is None:
        facts[name] = {"min": 0}
    threshold = threshold_to_ask(name, facts, memory.services)
    if threshold is not None:
        return _threshold(fact, threshold, memory)
    return Question(
        fact=name,
        text=fact.question(memory.audience),
        why=fact.why,
        choices=_choices(fact),
        multiple=fact.type == "list",
    )


def _gentle(name: str, audience: str) -> Question:
    yes_means = name not in NO_CONFIRMS
    return Question(
        fact=name,
        text=gentle_question(name, audience),
        why=None,
        choices=[
            _choice(_WORDS["yes"], {name: yes_means}),
            _choice(_WORDS["no"], {name: not yes_means}),
            _unknown(_WORDS["prefer_not"]),
        ],
    )


def _threshold(fact: Fact, threshold: float, memory: Memory) -> Question:
    known = memory.facts.get(fact.name)
    told = known if isinstance(known, dict) else {}
    below = {**told, "max": below_threshold(fact.name, threshold)}
    text = fact.thresholds[memory.audience].format(threshold=f"{threshold:g}".replace(".", ","))
    return Question(
        fact=fact.name,
        text=text,
        why=fact.why,
        choices=[
            _choice(_WORDS["yes"], {fact.name: {**told, "min": threshold}}),
            _choice(_WORDS["no"], {fact.name: below}),
            _unknown(_WORDS["unknown"]),
        ],
        threshold={"fact": fact.name, "threshold": threshold},
    )


def _choices(fact: Fact) -> list[dict[str, Any]]:
    if fact.type == "boolean":
        values = [
            _choice(_WORDS["yes"], {fact.name: True}),
            _choice(_WORDS["no"], {fact.name: False}),
        ]
    elif fact.type == "choice":
        values = [_choice(fact.labels[value], {fact.name: value}) for value in fact.values]
    elif fact.type == "list":
        return [_choice(fact.labels[value], {fact.name: [value]}) for value in fact.values]
    else:
        values = []
    return [*values, _unknown(_WORDS["unknown"])]


def conflict_choices(memory: Memory) -> list[dict[str, Any]]:
    """Return a choice for each side of a contradiction: keeping one forgets the other."""
    contested = memory.list_of("conflict")
    return [
        {
            "title": fact_line(name, memory.facts[name]),
            "payload": {
                "intent": "inform",
                "facts": {},
                "retracted": [other for other in contested if other != name],
            },
        }
        for name in contested
        if name in memory.facts
    ]


def yes_no_choices() -> list[dict[str, Any]]:
    """Return a yes and a no to an offer."""
    return [
        {"title": _WORDS["yes"], "payload": {"intent": "affirm", "facts": {}}},
        {"title": _WORDS["no"], "payload": {"intent": "deny", "facts": {}}},
    ]


def skip_choice(asked: str) -> dict[str, Any]:
    """Return the choice that leaves a pending question aside."""
    if asked in catalogue():
        return _unknown(_WORDS["skip"])
    return {"title": _WORDS["skip"], "payload": {"intent": "deny", "facts": {}}}


def human_choice(also: str = "") -> dict[str, Any]:
    """Return the choice that asks for a counsellor; ``also`` is the same in another language."""
    title = f"{_WORDS['human']} ({also})" if also else _WORDS["human"]
    return {"title": title, "payload": {"intent": "talk_to_human", "facts": {}}}


def erase_choice() -> dict[str, Any]:
    """Return the choice that erases the conversation: the gateway does it, everywhere."""
    payload = {"intent": "erase_my_data", "facts": {}, "action": "erase"}
    return {"title": _WORDS["erase"], "payload": payload}


def _choice(title: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "payload": {"intent": "inform", "facts": facts}}


def _unknown(title: str) -> dict[str, Any]:
    return {"title": title, "payload": {"intent": "dont_know", "facts": {}, "dont_know": True}}
