"""The maintainers' command speaks from ``messages.yml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml


@lru_cache(maxsize=1)
def _messages() -> dict[str, str]:
    path = Path(__file__).with_name("messages.yml")
    messages: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return messages


def say(name: str, **values: object) -> str:
    """Return the sentence of this name with its placeholders filled."""
    return _messages()[name].format(**values)
