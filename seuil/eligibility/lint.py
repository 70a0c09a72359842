"""Checks on the rules as data: `python -m seuil.eligibility.lint [--documents DIR]`.

Every fault is one line that names the file, the place and what to do. Exit 0 without a fault, 1
with some, 2 when the documents cannot be read.
"""

from __future__ import annotations

import argparse
import datetime
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from .blocks import ALWAYS, NEVER, forced, one_table
from .catalogue import AUDIENCES, FACTS
from .library import LIBRARY
from .rules import DOCUMENTS, FIRST_DAY, RULES, SERVICES, Source, Version
from .told import SIMPLE
from .wayout import PLACES

SAYS: Mapping[str, str] = LIBRARY["messages.yml"]["lint"]


def faults(documents: Path | None = None) -> list[str]:
    """Every fault of the rules and the catalogue; quotations are checked when `documents` is given.

    Raises OSError when a document cannot be read.
    """
    found = list(quotations(documents)) if documents else []
    return found + [fault for check in CHECKS for fault in check()]


def _versions() -> Iterator[Version]:
    for service in RULES.values():
        yield from service.versions


def _say(key: str, **words: object) -> str:
    return SAYS[key].format(**words)


def services() -> Iterator[str]:
    """Every service has its rule."""
    for name in SERVICES:
        if name not in RULES:
            yield _say("no_rule", service=name)


def sources() -> Iterator[str]:
    """Every condition, and all that is left open, has a source with a section and a quotation."""
    for version in _versions():
        cited: dict[str, tuple[Source, ...]] = {
            name: condition.sources for name, condition in version.conditions.items()
        }
        cited |= {name: entry.sources for name, entry in version.undecided.items()}
        for name, passages in cited.items():
            if not passages:
                yield _say("no_source", service=version.service, version=version.id, name=name)
            for source in passages:
                if not source.section or not source.quotation:
                    yield _say("thin_source", service=version.service, name=name)
        for document in version.documents:
            if DOCUMENTS[document].start > version.start:
                yield _say("early", service=version.service, version=version.id, document=document)


def sentences() -> Iterator[str]:
    """Every condition has a sentence for when it holds and another for when it does not."""
    for version in _versions():
        for condition in version.conditions.values():
            if not condition.yes or not condition.no or condition.yes == condition.no:
                yield _say("no_sentence", service=version.service, name=condition.id)


def validity() -> Iterator[str]:
    """The versions of a service follow each other without a gap or an overlap."""
    for service in RULES.values():
        for earlier, later in zip(service.versions, service.versions[1:], strict=False):
            if earlier.end is None:
                yield _say("overlap", service=service.name, first=earlier.id, second=later.id)
                continue
            next_day = datetime.date.fromisoformat(earlier.end) + datetime.timedelta(days=1)
            if later.start != next_day.isoformat():
                key = "gap" if later.start > next_day.isoformat() else "overlap"
                yield _say(key, service=service.name, first=earlier.id, second=later.id)
        if service.versions[0].start < FIRST_DAY:
            yield _say("too_early", service=service.name, first=FIRST_DAY)
        if service.versions[-1].end is not None:
            yield _say("ended", service=service.name)


def questions() -> Iterator[str]:
    """Every fact that a rule reads can be asked, with a question for each who may be."""
    read = {node.fact for version in _versions() for node in version.when.walk() if node.fact}
    read |= {node.of for version in _versions() for node in version.when.walk() if node.of}
    for name in sorted(read):
        if not FACTS[name].audiences:
            yield _say("not_asked", fact=name)
    for name, fact in FACTS.items():
        for audience in fact.audiences:
            if audience not in AUDIENCES:
                yield _say("no_audience", fact=name, audience=audience)
            elif not fact.questions.get(audience, "").rstrip().endswith(("?", ".")):
                yield _say("no_question", fact=name, audience=audience)
        if not fact.why or not fact.help:
            yield _say("no_why", fact=name)
        for value in fact.values:
            if not fact.labels.get(value):
                yield _say("no_label", fact=name, value=value)


def reachable() -> Iterator[str]:
    """Every condition can hold and can fail, and changes the answer in some full state."""
    for version in _versions():
        table = one_table([version.when])
        for condition in version.conditions.values():
            holds, fails, left_open = table.value(condition.when)
            if not holds | left_open or not fails | left_open:
                yield _say("constant", service=version.service, name=condition.id)
            with_it = table.value(forced(version.when, condition.id, ALWAYS))
            if with_it == table.value(forced(version.when, condition.id, NEVER)):
                yield _say("unreachable", service=version.service, name=condition.id)


def derivations() -> Iterator[str]:
    """What is derived names facts and values that exist."""
    for when, then in SIMPLE:
        for name, value in (when, then):
            fact = FACTS.get(name)
            known = fact and (value == "given" or value in fact.values or isinstance(value, bool))
            if not known:
                yield _say("derivation", fact=name, value=value)


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    services,
    sources,
    sentences,
    validity,
    questions,
    reachable,
    derivations,
)


def plain(text: str) -> str:
    """A text as it is compared: single spaces, straight apostrophes, no mark-up."""
    text = re.sub(r"<[^>]{1,20}>|[*_\\]", "", text)
    text = text.replace("\u2019", "'").replace("\u00a0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", text).casefold()


def all_sources() -> Iterator[tuple[str, Source]]:
    """Every passage cited by the rules and by the way out, with what cites it."""
    for version in _versions():
        for condition in version.conditions.values():
            yield from ((condition.id, source) for source in condition.sources)
        for name, entry in version.undecided.items():
            yield from ((name, source) for source in entry.sources)
    for place in PLACES:
        if place.source is not None:
            yield place.id, place.source


def quotations(folder: Path) -> Iterator[str]:
    """Every quotation is found, word for word, in the text of its document."""
    texts = {
        name: plain((folder / document.file).read_text(encoding="utf-8"))
        for name, document in DOCUMENTS.items()
    }
    for name, source in dict.fromkeys(all_sources()):
        if plain(source.quotation) not in texts[source.document]:
            yield _say("quotation", name=name, document=source.document, quotation=source.quotation)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the faults; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m seuil.eligibility.lint", description=SAYS["about"]
    )
    parser.add_argument("--documents", type=Path, help=SAYS["documents"])
    given = parser.parse_args(arguments)
    try:
        found = faults(given.documents)
    except OSError as error:
        sys.stderr.write(_say("unreadable", path=error.filename, reason=error.strerror) + "\n")
        return 2
    for fault in found:
        sys.stderr.write(fault + "\n")
    sys.stdout.write(_say("summary", count=len(found), rules=len(list(_versions()))) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
