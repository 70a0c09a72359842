"""A conversation in a few lines, for the counsellor who takes the case.

Only what the catalogue can name: never the person's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seuil.eligibility import fact_line, service_title
from seuil.web.rendering import WORDS

# Flags are shown apart on a case; the right to stay is never recorded.
LEFT_OUT = frozenset(
    {"audience", "as_of", "regular_stay", "homeless", "family_violence", "immediate_danger"}
)


def summary_of(state: Mapping[str, Any]) -> list[str]:
    """Return the lines: each fact told, then each verdict; `state` is the conversation's."""
    facts = [
        fact_line(name, value)
        for name, value in state["facts"].items()
        if name not in LEFT_OUT and value is not None
    ]
    verdicts = [
        f"{service_title(item['service'])} : {WORDS['verdict'][item['verdict']]}"
        for item in state["assessment"]["services"]
    ]
    return [*facts, *verdicts]
