"""Reading many people's facts: JSON Lines, or CSV with a column a fact.

Each line is given with its number and either its facts or the FactError that says what is wrong
with it, so that one bad line never stops the others. What makes the whole file unreadable as CSV
(its header, its separator) is raised instead, as `HeaderError`.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from .catalogue import FACTS, Fact
from .errors import FactError
from .library import LIBRARY
from .told import WORDS, safe, unknown

SAYS: Mapping[str, str] = LIBRARY["messages.yml"]["batch"]
YES_NO = {"true": True, "oui": True, "vrai": True, "false": False, "non": False, "faux": False}
NOT_KNOWN = "?"
LONG = 40

Entry = tuple[int, dict[str, Any] | FactError]


class HeaderError(FactError):
    """The header of a CSV file cannot be taken: no line of it can be read."""


# --- JSON Lines -----------------------------------------------------------------------------------


def json_lines(stream: Iterable[bytes]) -> Iterator[Entry]:
    """One JSON object a line; blank lines are skipped, and counted."""
    for number, raw in enumerate(stream, 1):
        if raw.strip():
            try:
                yield number, decoded(raw)
            except FactError as error:
                yield number, error


def decoded(raw: bytes) -> dict[str, Any]:
    """One JSON object, or a FactError that says what is wrong with it."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FactError(SAYS["encoding"].format(place=error.start + 1)) from None
    try:
        found = json.loads(text, parse_int=_integer, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise FactError(SAYS["json"].format(place=error.pos + 1)) from None
    except RecursionError:
        raise FactError(SAYS["json_deep"]) from None
    if not isinstance(found, dict):
        raise FactError(WORDS["not_an_object"].format(found=safe(found)))
    return found


def _integer(digits: str) -> float:
    """A whole number; infinite past what any fact admits, so that the error names the fact."""
    return int(digits) if len(digits) < LONG else math.inf


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise FactError(SAYS["twice"].format(fact=safe(name)), name)
        found[name] = value
    return found


# --- CSV ------------------------------------------------------------------------------------------


def looks_like_csv(path: str, start: bytes) -> bool:
    """Whether a file is CSV: by its name, or by a header that begins with a fact."""
    text = start.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if text.startswith(("{", "[")):
        return False
    first = re.split(r"[,;\t|\r\n]", text, maxsplit=1)[0].strip(' "')
    return path.lower().endswith(".csv") or first in FACTS


def csv_rows(stream: BinaryIO) -> Iterator[Entry]:
    """One person a row, under a header that names the facts; rows that are empty are skipped.

    Raises HeaderError when the header cannot be taken.
    """
    # Bytes that are not UTF-8 are kept aside in the text, and told of in the row that has them.
    text = io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="")
    above, header = next(((n, line) for n, line in enumerate(text, 1) if line.strip()), (1, ""))
    separator = _separator(header)
    columns = [name.strip() for name in next(csv.reader([header], delimiter=separator), [])]
    _check(columns, header)
    rows = csv.reader(text, delimiter=separator, strict=True)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield above + rows.line_num, FactError(SAYS["csv"])
            continue
        if any(cell.strip() for cell in row):
            try:
                yield above + rows.line_num, _facts(columns, row, separator)
            except FactError as error:
                yield above + rows.line_num, error


def _separator(header: str) -> str:
    counts = {sign: header.count(sign) for sign in ";,"}
    return max(counts, key=counts.__getitem__)


def _check(columns: Sequence[str], header: str) -> None:
    if not header.strip():
        raise HeaderError(SAYS["no_header"])
    wrong = next((sign for sign in ("\t", "|", ":") if sign in header), None)
    if len(columns) == 1 and wrong and columns[0] not in FACTS:
        raise HeaderError(SAYS["separator"].format(found=SAYS[f"sign_{ord(wrong)}"]))
    for name in columns:
        if name not in FACTS:
            words = SAYS["column"].format(detail=unknown(name))
            raise HeaderError(words, name)
    if len(set(columns)) < len(columns):
        name = next(name for name in columns if columns.count(name) > 1)
        raise HeaderError(SAYS["twice"].format(fact=name), name)


def _facts(columns: Sequence[str], row: Sequence[str], separator: str) -> dict[str, Any]:
    if len(row) != len(columns):
        raise FactError(
            SAYS["cells"].format(found=len(row), wanted=len(columns), separator=separator)
        )
    found: dict[str, Any] = {}
    for name, cell in zip(columns, row, strict=True):
        text = cell.strip()
        if any("\udc80" <= character <= "\udcff" for character in text):
            raise FactError(SAYS["cell_encoding"].format(fact=name), name)
        if text == NOT_KNOWN:
            found[name] = None
        elif text:
            found[name] = _READ[FACTS[name].type](FACTS[name], text)
    return found


def _as_text(fact: Fact, text: str) -> Any:
    return text


def _as_department(fact: Fact, text: str) -> Any:
    """A department; spreadsheets drop the zero of "01"."""
    return text.zfill(2) if text.isdigit() else text.upper() if len(text) == 2 else text


def _as_boolean(fact: Fact, text: str) -> Any:
    return YES_NO.get(text.lower(), text)


def _as_list(fact: Fact, text: str) -> Any:
    return [item for item in re.split(r"[\s|,;+]+", text) if item]


def _as_number(fact: Fact, text: str) -> Any:
    """A number, with a decimal point or comma, or a range: 40..60, 10.., ..9."""
    low, dots, high = text.partition("..")
    if not dots:
        return _number(text)
    ends = {"min": low.strip(), "max": high.strip()}
    return {name: _number(end) for name, end in ends.items() if end}


def _number(text: str) -> Any:
    """The number written, or the text itself, for the catalogue to refuse."""
    plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
    if not re.fullmatch(r"-?\d{1,39}(\.\d{1,39})?", plain):
        return text
    return float(plain) if "." in plain else int(plain)


_READ: Mapping[str, Callable[[Fact, str], Any]] = {
    "choice": _as_text,
    "date": _as_text,
    "department": _as_department,
    "boolean": _as_boolean,
    "list": _as_list,
    "integer": _as_number,
    "number": _as_number,
}
