"""The rules as data: services, their versions, conditions and sources, read from `rules/*.yml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from .catalogue import FACTS
from .library import LIBRARY

SERVICES = (
    "accompagnement_social",
    "pret_refinancement",
    "pret_acces_locatif",
    "pret_charges_logement",
    "subvention_hebergement",
    "subvention_acces_locatif",
    "subvention_charges_logement",
    "visale",
    "alin",
    "aslli",
    "soli_al",
)
FIRST_DAY = "2018-12-19"
OPERATORS = ("gte", "gt", "lte", "lt")


@dataclass(frozen=True)
class Document:
    """A document the rules rest on; `start` and `end` (None while in force) are ISO dates."""

    id: str
    title: str
    kind: str
    start: str
    end: str | None
    file: str
    note: str


@dataclass(frozen=True)
class Source:
    """Where a condition comes from: document, section, its ISO date, a short quotation."""

    document: str
    section: str
    date: str
    quotation: str

    def as_json(self) -> dict[str, str]:
        """The source as `facts.md` writes it, with the document's title and the quotation."""
        return {
            "document": self.document,
            "title": DOCUMENTS[self.document].title,
            "section": self.section,
            "date": self.date,
            "quotation": self.quotation,
        }


@dataclass(frozen=True)
class Node:
    """A piece of a rule.

    `kind` is `all` or `any` over `parts`; `in` (one fact among values), `any_of` (one of the items
    is in the list), `gte`, `gt`, `lte`, `lt` (a number against `threshold`), `ratio` (`fact` at
    most `threshold` times `of`); or `undecided`, with the key of its reason. `condition` is the id
    of the condition this node is the whole of.
    """

    kind: str
    parts: tuple[Node, ...] = ()
    fact: str = ""
    values: frozenset[Any] = frozenset()
    threshold: float = 0
    of: str = ""
    reason: str = ""
    condition: str = ""

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in reading order."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True)
class Condition:
    """One condition of a rule: what it asks, what it says when it holds or not, its sources."""

    id: str
    when: Node
    yes: str
    no: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Open:
    """What the documents leave open: the reason in French, and the passages."""

    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Reading:
    """A reading of documents that disagree, said to whoever `when` holds for."""

    number: int
    when: Node
    text: str


@dataclass(frozen=True)
class Version:
    """The rule of a service between two dates (ISO, `end` included, None while in force)."""

    service: str
    id: str
    name: str
    start: str
    end: str | None
    kind: str
    verdict: str
    documents: tuple[str, ...]
    when: Node
    conditions: Mapping[str, Condition]
    notes: tuple[str, ...]
    undecided: Mapping[str, Open]
    readings: tuple[Reading, ...]

    def covers(self, as_of: str) -> bool:
        """Whether this version is the one in force at an ISO date."""
        return self.start <= as_of and (self.end is None or as_of <= self.end)


@dataclass(frozen=True)
class Service:
    """A service and its versions, oldest first."""

    name: str
    title: str
    summary: str
    versions: tuple[Version, ...]

    def at(self, as_of: str) -> Version | None:
        """The version in force at an ISO date, or None when no document was."""
        return next((version for version in self.versions if version.covers(as_of)), None)


def _documents() -> Mapping[str, Document]:
    return MappingProxyType(
        {
            name: Document(
                id=name,
                title=entry["title"],
                kind=entry["kind"],
                start=entry["from"],
                end=entry.get("to"),
                file=entry["file"],
                note=entry.get("note", ""),
            )
            for name, entry in LIBRARY["documents.yml"]["documents"].items()
        }
    )


DOCUMENTS = _documents()


class _Reader:
    """Turns one service's YAML into a `Service`; rules of other services are those already read."""

    def __init__(self, entry: Mapping[str, Any], known: Mapping[str, Service]) -> None:
        shared = LIBRARY[f"rules/{entry['shared']}.yml"] if "shared" in entry else {}
        self.entry = entry
        self.known = known
        self.notes = {**shared.get("notes", {}), **entry.get("notes", {})}
        self.wordings = {**shared.get("conditions", {}), **entry.get("conditions", {})}

    def service(self) -> Service:
        """The service, its versions in the order written."""
        versions = tuple(self._version(given) for given in self.entry["versions"])
        return Service(self.entry["service"], self.entry["title"], self.entry["summary"], versions)

    def _version(self, given: Mapping[str, Any]) -> Version:
        start = given["valid"]["from"]
        building = _Building({**self.wordings, **given.get("override", {})}, start, self.known)
        when = building.node(given["when"])
        for key, entry in self.entry.get("undecided", {}).items():
            building.undecided[key] = Open(entry["text"], tuple(_sources(entry["sources"], start)))
        readings = self.entry.get("readings", {})
        return Version(
            service=self.entry["service"],
            id=given["id"],
            name=given["name"],
            start=start,
            end=given["valid"].get("to"),
            kind=given["kind"],
            verdict=given["verdict"],
            documents=tuple(given["documents"]),
            when=when,
            conditions=MappingProxyType(building.conditions),
            notes=tuple(self.notes[key] for key in given.get("notes", ())),
            undecided=MappingProxyType(building.undecided),
            readings=tuple(_reading(readings[key]) for key in given.get("readings", ())),
        )


class _Building:
    """The tree of one version, and the conditions met on the way."""

    def __init__(
        self, wordings: Mapping[str, Any], start: str, known: Mapping[str, Service]
    ) -> None:
        self.wordings = wordings
        self.start = start
        self.known = known
        self.conditions: dict[str, Condition] = {}
        self.undecided: dict[str, Open] = {}

    def node(self, written: Any) -> Node:
        """A piece of a rule as written: a condition's id, `all`, `any`, a service, or one test."""
        if isinstance(written, str):
            return self._condition(written)
        for kind in ("all", "any"):
            if kind in written:
                return Node(kind, parts=tuple(self.node(part) for part in written[kind]))
        if "service" in written:
            version = self.known[written["service"]].at(self.start)
            assert version is not None
            self.conditions.update(version.conditions)
            self.undecided.update(version.undecided)
            return version.when
        return atom(written)

    def _condition(self, name: str) -> Node:
        entry = self.wordings[name]
        when = replace(self.node(entry["when"]), condition=name)
        self.conditions[name] = Condition(
            id=name,
            when=when,
            yes=entry["oui"],
            no=entry["non"],
            sources=tuple(_sources(entry["sources"], self.start)),
        )
        return when


def read_node(written: Any) -> Node:
    """A piece of a rule that names no condition and no other service."""
    return _Building({}, FIRST_DAY, {}).node(written)


def _reading(entry: Mapping[str, Any]) -> Reading:
    return Reading(entry["number"], read_node(entry["when"]), entry["text"])


def _sources(written: list[Mapping[str, str]], start: str) -> Iterator[Source]:
    """The sources known when the version began; all of them when none of them was."""
    known = [entry for entry in written if DOCUMENTS[entry["document"]].start <= start]
    for entry in known or written:
        yield read_source(entry)


def read_source(entry: Mapping[str, str]) -> Source:
    """A passage of a document, with the document's date."""
    document = DOCUMENTS[entry["document"]]
    return Source(document.id, entry["section"], document.start, entry["quote"])


def atom(written: Mapping[str, Any]) -> Node:
    """One test over one fact (two for a ratio), or a question the documents leave open."""
    if "undecided" in written:
        return Node("undecided", reason=written["undecided"])
    if "ratio" in written:
        ratio = written["ratio"]
        return Node("ratio", fact=ratio["fact"], of=ratio["of"], threshold=ratio["lte"])
    fact = FACTS[written["fact"]]
    for operator in OPERATORS:
        if operator in written:
            return Node(operator, fact=fact.name, threshold=written[operator])
    if "any_of" in written:
        return Node("any_of", fact=fact.name, values=frozenset(written["any_of"]))
    if "is" in written:
        return Node("in", fact=fact.name, values=frozenset({written["is"]}))
    values = [code for value in written["in"] for code in fact.groups.get(value, (value,))]
    return Node("in", fact=fact.name, values=frozenset(values))


def _services() -> Mapping[str, Service]:
    found: dict[str, Service] = {}
    for name in SERVICES:
        entry = LIBRARY.get(f"rules/{name}.yml")
        if entry is not None:
            found[name] = _Reader(entry, found).service()
    return MappingProxyType(found)


RULES = _services()
"""Every service by name, in the order of `SERVICES`."""


def service_title(service: str) -> str:
    """The French name of a service; KeyError when there is no such service."""
    return RULES[service].title
