"""Which services a message names."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

from seuil.urgency import fold, normalise

WORDS = Path(__file__).with_name("services.yml")


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    names: dict[str, list[str]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return {
        service: re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)")
        for service, words in names.items()
    }


def named_services(text: str) -> list[str]:
    """Return the services that ``text`` names, in the order of the rules."""
    folded = fold(normalise(text))
    return [service for service, pattern in _patterns().items() if pattern.search(folded)]
