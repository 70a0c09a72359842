"""French typography, applied once to a template's text when it is loaded.

Writers type plain spaces and straight apostrophes; readers get the no-break
spaces that keep a colon with its word, and the curly apostrophe.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from jinja2 import Environment
from jinja2.loaders import FileSystemLoader

NO_BREAK = "\u00a0"

_CODE = re.compile(r"({{.*?}}|{%.*?%}|{#.*?#})", re.DOTALL)
_BEFORE = re.compile(r" (?=[:;?!»€%])")
_AFTER = re.compile(r"(?<=«) ")
_APOSTROPHE = re.compile(r"(?<=[A-Za-zÀ-ÿœŒ])'(?=[A-Za-zÀ-ÿœŒ«])")


def french(text: str) -> str:
    """Give plain French text its no-break spaces and curly apostrophes."""
    text = _BEFORE.sub(NO_BREAK, text)
    text = _AFTER.sub(NO_BREAK, text)
    return _APOSTROPHE.sub("’", text)


def french_words(value: Any) -> Any:
    """Apply `french` to every string of a tree of mappings and lists."""
    if isinstance(value, str):
        return french(value)
    if isinstance(value, dict):
        return {key: french_words(item) for key, item in value.items()}
    if isinstance(value, list):
        return [french_words(item) for item in value]
    return value


class FrenchLoader(FileSystemLoader):
    """A file loader whose templates come with French typography, code left alone."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Return the template's source with its text, not its code, set in French."""
        source, path, fresh = super().get_source(environment, template)
        parts = _CODE.split(source)
        # Odd parts are the delimiters that `split` keeps: Jinja's own code.
        parts[::2] = [french(part) for part in parts[::2]]
        return "".join(parts), path, fresh


__all__ = ["FrenchLoader", "french", "french_words"]
