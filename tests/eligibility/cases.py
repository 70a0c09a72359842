"""Reads the cases of `cases/*.yml` (see its README)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One person, one service, one date, and what must be said."""

    name: str
    service: str
    facts: dict[str, Any]
    verdict: str
    holds: tuple[str, ...]
    fails: tuple[str, ...]
    left_open: tuple[str, ...]
    sources: tuple[str, ...]
    missing: tuple[str, ...] | None

    @property
    def as_of(self) -> str:
        found: str = self.facts["as_of"]
        return found


def _case(entry: dict[str, Any], service: str, facts: dict[str, Any], label: str) -> Case:
    return Case(
        name=f"{service}: {entry['case']}{label}",
        service=service,
        facts=facts,
        verdict=entry["verdict"],
        holds=tuple(entry.get("holds", ())),
        fails=tuple(entry.get("fails", ())),
        left_open=tuple(entry.get("left_open", ())),
        sources=tuple(entry.get("sources", ())),
        missing=tuple(entry["missing"]) if "missing" in entry else None,
    )


def _read(path: Path) -> Iterator[Case]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for entry in content["cases"]:
        facts = {**content["base"], **entry.get("with", {})}
        facts = {
            name: value for name, value in facts.items() if name not in entry.get("without", ())
        }
        facts["as_of"] = str(entry.get("as_of", content["as_of"]))
        ((name, values),) = entry.get("each", {"": [None]}).items()
        for value in values:
            more = {name: value} if name else {}
            label = f" ({name} {value})" if name else ""
            yield _case(entry, content["service"], {**facts, **more}, label)


CASES = [case for path in sorted(HERE.glob("*.yml")) for case in _read(path)]
