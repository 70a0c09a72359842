"""Short questions that lean on the answer just given: « et pour un CDD ? », « et après ? ».

They name no topic of their own, so that no classifier can place them; the words are in
``follow_ups.yml``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from seuil.urgency import fold, normalise

WORDS = Path(__file__).with_name("follow_ups.yml")
_MARKS = re.compile(r"[^\w']+")
_LONGEST = 80  # characters: a longer message says what it is about


def follow_up(text: str, topic: str) -> str | None:
    """Return the topic that answers ``text`` after one on ``topic``; None when it stands alone.

    Topics are without « faq/ ».
    """
    if len(text) > _LONGEST:
        return None
    plain = _MARKS.sub(" ", fold(normalise(text))).strip()
    kind = next((kind for kind, pattern in _kinds().items() if pattern.fullmatch(plain)), None)
    return _answer(kind, topic) if kind else None


def _answer(kind: str, topic: str) -> str | None:
    for last, answer in _content()["answers"].get(kind, {}).items():
        if last == topic or (last.endswith("*") and topic.startswith(last[:-1])):
            return topic if answer == "=" else str(answer)
    following: str | None = _content()["next"].get(topic)
    return following


@lru_cache(maxsize=1)
def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return content


@lru_cache(maxsize=1)
def _kinds() -> dict[str, re.Pattern[str]]:
    return {kind: re.compile("|".join(said)) for kind, said in _content()["kinds"].items()}
