"""The command line: `python -m seuil.eligibility assess|explain`."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from .engine import assess, chosen
from .errors import FactError
from .explain import FORMATS, explain
from .library import LIBRARY
from .rules import SERVICES
from .told import WORDS, safe

SAYS = LIBRARY["messages.yml"]["command"]

Line = tuple[int, bytes]


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one French line."""

    def error(self, message: str) -> NoReturn:
        fail(SAYS["usage"].format(detail=message))


def fail(text: str) -> NoReturn:
    """One line on standard error, exit 2."""
    sys.stderr.write(text + "\n")
    raise SystemExit(2)


def decode(raw: bytes) -> Any:
    """One JSON value, or a FactError that says what is wrong with it."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FactError(SAYS["encoding"].format(place=error.start + 1)) from None
    try:
        return json.loads(text, parse_int=_integer, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise FactError(SAYS["json"].format(place=error.pos + 1)) from None
    except RecursionError:
        raise FactError(SAYS["json_deep"]) from None


def _integer(digits: str) -> float:
    """A whole number; infinite past what any fact admits, so that the fact is named in the error."""
    return int(digits) if len(digits) < 40 else math.inf


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise FactError(SAYS["json_twice"].format(fact=safe(name)), name)
        found[name] = value
    return found


def lines(path: str | None) -> Iterator[Line]:
    """The lines that are not blank, numbered from 1."""
    try:
        with sys.stdin.buffer if path is None else Path(path).open("rb") as stream:
            for number, raw in enumerate(stream, 1):
                if raw.strip():
                    yield number, raw
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        fail(SAYS["unreadable"].format(path=path, reason=reason))


def answer(raw: bytes, services: Sequence[str] | None) -> dict[str, Any]:
    """The assessment of one line; FactError when it cannot be taken."""
    facts = decode(raw)
    if not isinstance(facts, dict):
        raise FactError(WORDS["not_an_object"].format(found=safe(facts)))
    return assess(facts, services).as_json()


def run_assess(arguments: argparse.Namespace) -> int:
    """Assess every line; 0, or 1 when a line of several was bad."""
    services = None
    if arguments.services is not None:
        try:
            services = chosen([name.strip() for name in arguments.services.split(",")])
        except FactError as error:
            fail(str(error))
    source = lines(arguments.file)
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
    for number, raw in _chain(first, second, source):
        try:
            emit(answer(raw, services))
        except FactError as error:
            bad += 1
            emit({"line": number, "error": str(error)})
    return 1 if bad else 0


def _chain(first: Line, second: Line, rest: Iterator[Line]) -> Iterator[Line]:
    yield first
    yield second
    yield from rest


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
