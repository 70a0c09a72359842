"""The way out: what is open to someone whom a service cannot take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .engine import Assessment, assess
from .kleene import kleene
from .library import LIBRARY
from .rules import Node, Source, read_node, read_source
from .told import Told


@dataclass(frozen=True)
class Place:
    """A place, a service or a number, and for whom it is named."""

    id: str
    title: str
    text: str
    how: str
    source: Source | None
    service: str | None
    unless_assessed: bool
    when: Node | None
    unless: Node | None

    def named_for(self, told: Told) -> bool:
        """Whether what is told lets this place be named, its service left aside."""
        if self.when is not None and kleene(self.when, told) is not True:
            return False
        return self.unless is None or kleene(self.unless, told) is not True

    def as_json(self) -> dict[str, Any]:
        """The place for a page or a message."""
        return {
            "id": self.id,
            "title": self.title,
            "text": self.text,
            "how": self.how,
            "source": self.source.as_json() if self.source else None,
        }


def _place(entry: Mapping[str, Any]) -> Place:
    return Place(
        id=entry["id"],
        title=entry["title"],
        text=entry["text"],
        how=entry["how"],
        source=read_source(entry["source"]) if "source" in entry else None,
        service=entry.get("service"),
        unless_assessed=entry.get("unless_assessed", False),
        when=read_node(entry["when"]) if "when" in entry else None,
        unless=read_node(entry["unless"]) if "unless" in entry else None,
    )


PLACES = tuple(_place(entry) for entry in LIBRARY["wayout.yml"]["places"])
"""Every place, in the order in which they are named."""


def wayout(facts: Mapping[str, Any], assessment: Assessment) -> list[dict[str, Any]]:
    """The places open to the person, in order; never empty.

    Each is `{"id", "title", "text", "how", "source"}` in French, `source` as in a reason or None
    for what is common knowledge. A place that is a service of ours is named while its verdict on
    these facts, at the assessment's date, is not `not_eligible`. Raises FactError as `assess`
    does.
    """
    services = [place.service for place in PLACES if place.service]
    others = assess({**facts, "as_of": assessment.as_of}, services)
    told_already = {found.service for found in assessment.services}
    closed = {found.service for found in others.services if found.verdict == "not_eligible"}
    return [
        place.as_json()
        for place in PLACES
        if place.service not in closed
        and not (place.unless_assessed and place.service in told_already)
        and place.named_for(others.told)
    ]
