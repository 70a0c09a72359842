"""The package's YAML files, read with the fast loader where it exists."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=16)
def load(name: str) -> Any:
    """The content of ``name`` (``"numbers.yml"``, ``"patterns/danger.yml"``)."""
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 — both loaders are safe ones
