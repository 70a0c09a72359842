"""The command line: `python -m seuil.eligibility assess|explain`."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

from .batch import Entry, HeaderError, csv_rows, json_lines, looks_like_csv
from .changes import report
from .engine import assess, chosen
from .errors import FactError
from .explain import FORMATS, explain
from .library import LIBRARY
from .rules import SERVICES

SAYS = LIBRARY["messages.yml"]["command"]
START = 4096
PACE = 0.2
"""Seconds between two words of progress."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one French line."""

    def error(self, message: str) -> NoReturn:
        fail(SAYS["usage"].format(detail=message))


def fail(text: str) -> NoReturn:
    """One line on standard error, exit 2."""
    sys.stderr.write(text + "\n")
    raise SystemExit(2)


def entries(path: str | None) -> Iterator[Entry]:
    """The lines of a file or of standard input, with their progress on a terminal."""
    try:
        if path is None:
            yield from json_lines(sys.stdin.buffer)
            return
        with Path(path).open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            start = stream.read(START) if stream.seekable() else b""
            if start:
                stream.seek(0)
            read = csv_rows if looks_like_csv(path, start) else json_lines
            yield from progress(read(stream), size, stream.tell)
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "")
        reason = SAYS.get(name) or error.strerror or str(error)
        fail(SAYS["unreadable"].format(path=path, reason=reason))


def progress(lines: Iterator[Entry], size: int, tell: Callable[[], int]) -> Iterator[Entry]:
    """The same lines, saying on standard error how far the reading is when it is a terminal."""
    if not sys.stderr.isatty():
        yield from lines
        return
    count, said = 0, time.monotonic()
    for count, entry in enumerate(lines, 1):
        yield entry
        if time.monotonic() - said >= PACE:
            said = time.monotonic()
            percent = 100 * tell() // size if size else 0
            sys.stderr.write("\r" + SAYS["progress"].format(count=count, percent=min(percent, 100)))
            sys.stderr.flush()
    sys.stderr.write("\r" + SAYS["progress"].format(count=count, percent=100) + "\n")


def answer(facts: dict[str, Any] | FactError, services: Sequence[str] | None) -> dict[str, Any]:
    """The assessment of one line; FactError when it cannot be taken."""
    if isinstance(facts, FactError):
        raise facts
    return assess(facts, services).as_json()


def run_assess(arguments: argparse.Namespace) -> int:
    """Assess every line; 0, or 1 when a line of several was bad."""
    services = None
    if arguments.services is not None:
        try:
            services = chosen([name.strip() for name in arguments.services.split(",")])
        except FactError as error:
            fail(str(error))
    try:
        return assess_all(entries(arguments.file), services)
    except HeaderError as error:
        fail(SAYS["line"].format(line=1, error=error))


def assess_all(source: Iterator[Entry], services: Sequence[str] | None) -> int:
    """Answer each line; a bad line ends the command when alone, else is told in its place."""
    first = next(source, None)
    if first is None:
        fail(SAYS["empty"])
    second = next(source, None)
    if second is None:
        try:
            emit(answer(first[1], services))
        except FactError as error:
            fail(SAYS["line"].format(line=first[0], error=error))
        return 0
    bad = 0
    for number, facts in chain((first, second), source):
        try:
            emit(answer(facts, services))
        except FactError as error:
            bad += 1
            emit({"line": number, "error": str(error)})
    return 1 if bad else 0


def emit(value: dict[str, Any]) -> None:
    """One JSON object on one line of standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def run_explain(arguments: argparse.Namespace) -> int:
    """Write a rule."""
    try:
        sys.stdout.write(explain(arguments.service, arguments.as_of, arguments.format).rstrip("\n"))
    except FactError as error:
        fail(str(error))
    sys.stdout.write("\n")
    return 0


def run_changes(arguments: argparse.Namespace) -> int:
    """Write what changed from each version of a rule to the next."""
    try:
        sys.stdout.write(report(arguments.service))
    except FactError as error:
        fail(str(error))
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = _Parser(prog="python -m seuil.eligibility", description=SAYS["about"])
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser)
    batch = commands.add_parser("assess", help=SAYS["assess"], description=SAYS["assess"])
    batch.add_argument("--services", help=SAYS["services"])
    batch.add_argument("--file", help=SAYS["file"])
    batch.set_defaults(run=run_assess)
    rule = commands.add_parser("explain", help=SAYS["explain"], description=SAYS["explain"])
    rule.add_argument("service", help=", ".join(SERVICES))
    rule.add_argument("--as-of", help=SAYS["as_of"])
    rule.add_argument("--format", choices=FORMATS, default="text", help=SAYS["format"])
    rule.set_defaults(run=run_explain)
    changed = commands.add_parser("changes", help=SAYS["changes"], description=SAYS["changes"])
    changed.add_argument("service", help=", ".join(SERVICES))
    changed.set_defaults(run=run_changes)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    given = parser().parse_args(arguments)
    try:
        status: int = given.run(given)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return status
