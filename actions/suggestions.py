"""« Vouliez-vous dire… ? »: the two things most likely meant, by their names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

_LABELS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("labels.yml").read_text(encoding="utf-8")
)
# Saying it by a choice says as much as saying it in words.
_TELLS = {
    "report_homelessness": {"homeless": True},
    "report_family_violence": {"family_violence": True},
    "report_danger": {"immediate_danger": True},
}
HOW_MANY = 2
LEAST_LIKELY = 0.02  # under this, a guess is no better than chance


def suggestions(message: dict[str, Any], in_form: bool) -> list[dict[str, Any]]:
    """Return a choice for each of the two likeliest meanings of ``message`` that have an answer.

    ``message`` is Rasa's: ``intent_ranking`` and ``response_selector`` are read. In a form, only
    what lets its question resume is offered. Empty when nothing is likely.
    """
    found = sorted(_candidates(message, in_form), key=lambda item: -item[1])
    return [
        {
            "title": _title(name),
            "payload": {"intent": name, "facts": dict(_TELLS.get(name, {}))},
        }
        for name, share in found[:HOW_MANY]
        if share >= LEAST_LIKELY
    ]


def _candidates(message: dict[str, Any], in_form: bool) -> Iterator[tuple[str, float]]:
    allowed = _LABELS["in_the_form"] if in_form else _LABELS["intents"]
    for item in message.get("intent_ranking") or []:
        if item["name"] in allowed:
            yield item["name"], item["confidence"]
    faq = (message.get("response_selector") or {}).get("faq") or {}
    for item in faq.get("ranking") or []:
        yield item["intent_response_key"], item["confidence"]


def _title(name: str) -> str:
    base, _, topic = name.partition("/")
    return str(_LABELS["topics"][topic] if topic else _LABELS["intents"][base])
