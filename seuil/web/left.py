"""How many questions are left before an answer, as far as the rules can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Facts that one list of situations answers, or that only some answers call for: not counted
# among the questions left as long as others are.
BY_THE_WAY = (
    "homeless",
    "family_violence",
    "immediate_danger",
    "disaster",
    "disaster_recognised",
    "overindebtedness_file",
    "contract_months",
    "hours_last_12_months",
)


def questions_left(state: Mapping[str, Any]) -> int:
    """Return the questions left, 0 when none is being asked; `state` is the conversation's.

    `#showLeft` in chat/chat.js counts the same.
    """
    if state.get("pending") != "fact" or state.get("live"):
        return 0
    services = state["assessment"]["services"]
    missing = services[0]["missing"] if services else []
    return len([fact for fact in missing if fact not in BY_THE_WAY]) or min(1, len(missing))
