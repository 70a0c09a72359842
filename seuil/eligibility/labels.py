"""How facts are named and their values said, short, wherever they are shown to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .catalogue import catalogue
from .library import LIBRARY

_WORDS: Mapping[str, Mapping[str, str]] = LIBRARY["labels.yml"]


def fact_title(name: str) -> str:
    """Return a fact's short French name; ``KeyError`` when there is no such fact."""
    return _WORDS["titles"][name]


def value_label(name: str, value: Any) -> str:
    """Return a fact's value in French; None is "asked, and not known"."""
    fact, words = catalogue()[name], _WORDS["values"]
    if value is None:
        return words["unknown"]
    if isinstance(value, bool):
        return words["yes"] if value else words["no"]
    if isinstance(value, (list, tuple)):
        return ", ".join(fact.labels[item] for item in value)
    if isinstance(value, str):
        return fact.labels.get(value, value)
    if isinstance(value, dict):
        low, high = value.get("min"), value.get("max")
        kind = "to" if low is None else "from" if high is None else "between"
        said = {"min": _number(low), "max": _number(high)}
        return words[kind].format(**said, unit=fact.unit).strip()
    return words["number"].format(number=_number(value), unit=fact.unit).strip()


def fact_line(name: str, value: Any) -> str:
    """Return the fact and its value on one line: ``Situation de travail : CDI``."""
    return _WORDS["values"]["line"].format(title=fact_title(name), value=value_label(name, value))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}".replace(".", ",")
