"""The gateway's own sentences, read from ``sentences.yml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("sentences.yml")


@lru_cache(maxsize=1)
def _sentences() -> dict[str, str | dict[str, str]]:
    data: dict[str, str | dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return data


def sentence(name: str, /, audience: str = "salarie", **values: object) -> str:
    """Return a sentence, in the words for ``audience`` where they differ.

    ``values`` fill its placeholders. ``KeyError`` when there is no such sentence.
    """
    found = _sentences()[name]
    text = found if isinstance(found, str) else found.get(audience, found["salarie"])
    return text.strip().format(**values)
