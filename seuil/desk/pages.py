"""The templates of the console, and how they say times, facts and verdicts in French."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from seuil.desk.calendar import PARIS
from seuil.desk.lifecycle import ATTEMPT_RESULTS
from seuil.desk.model import OUTCOMES
from seuil.desk.words import french, words
from seuil.eligibility import catalogue, service_title
from seuil.eligibility.labels import fact_title, value_label

_CODE = re.compile(r"({{.*?}}|{%.*?%}|{#.*?#}|<[^>]*>)", re.DOTALL)


class _Loader(FileSystemLoader):
    """Templates with French typography in their text, code and tags left alone."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, path, fresh = super().get_source(environment, template)
        parts = _CODE.split(source)
        parts[::2] = [french(part) for part in parts[::2]]
        return "".join(parts), path, fresh


def local(moment: datetime) -> datetime:
    """The moment on the clock of Paris."""
    return moment.astimezone(PARIS)


def minutes_between(now: datetime, moment: datetime) -> int:
    """Whole minutes from `now` to `moment`, negative when past."""
    return int((moment - now).total_seconds() // 60)


def facts_shown(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The facts of a case as title and value, in the catalogue's order."""
    return [
        (french(fact_title(name)), french(value_label(name, facts[name])))
        for name in catalogue()
        if name in facts
    ]


def _environment() -> Environment:
    environment = Environment(
        loader=_Loader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["local"] = local
    environment.globals.update(
        w=words("console"),
        minutes_between=minutes_between,
        facts_shown=facts_shown,
        service_title=service_title,
        outcomes=OUTCOMES,
        results=ATTEMPT_RESULTS,
    )
    return environment


_pages = _environment()
_texts = Environment(
    loader=_Loader(Path(__file__).parent / "templates"),
    autoescape=False,  # noqa: S701 - plain text, never shown as HTML
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)
_texts.globals["w"] = words("console")


def render(template: str, **values: Mapping[str, Any] | Any) -> str:
    """A page."""
    return _pages.get_template(template).render(**values)


def render_text(template: str, **values: Mapping[str, Any] | Any) -> str:
    """A plain text."""
    return _texts.get_template(template).render(**values)
