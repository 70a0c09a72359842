"""The desk's French sentences: kept in YAML files beside this module, none in the code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent
_NO_BREAK = "\u00a0"
_BEFORE = re.compile(r" (?=[:;?!»€%])")
_AFTER = re.compile(r"(?<=«) ")


def french(text: str) -> str:
    """The text with the no-break spaces that French typography asks for."""
    return _AFTER.sub(_NO_BREAK, _BEFORE.sub(_NO_BREAK, text))


@cache
def words(name: str) -> Mapping[str, Any]:
    """The content of `<name>.yml`."""
    loaded = _french_tree(yaml.safe_load((_FOLDER / f"{name}.yml").read_text(encoding="utf-8")))
    if not isinstance(loaded, dict):
        raise TypeError(f"{name}.yml must hold a mapping")
    return loaded


def _french_tree(value: Any) -> Any:
    if isinstance(value, str):
        return french(value)
    if isinstance(value, dict):
        return {key: _french_tree(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_french_tree(item) for item in value]
    return value


def sentence(file: str, key: str, /, **values: object) -> str:
    """The sentence `key` of `<file>.yml`, its placeholders filled."""
    return str(words(file)[key]).format(**values)
