"""Backup and restore: one compressed file for both engines, sealed fields still sealed.

The file holds no master key: without the key file (or SEUIL_SECRET_KEY) it opens nothing. It
leaves out what is short-lived: sessions, conversations, presence. A restore goes into an empty
database only, in one transaction, and erases again all that the ledger says was erased.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from seuil.desk.database import Database
from seuil.desk.errors import DeskError
from seuil.desk.people import forget_case, forget_conversation, noted_erasures
from seuil.desk.service import Desk
from seuil.desk.settings import DeskSettings
from seuil.desk.tables import (
    UtcTime,
    case_events,
    case_links,
    cases,
    closures,
    contact_index,
    data_keys,
    erasures,
    idempotency,
    outbox,
    tokens,
    users,
)

FORMAT = "seuil-desk-1"
# In an order that foreign keys allow.
KEPT = (
    users,
    tokens,
    data_keys,
    cases,
    case_events,
    contact_index,
    idempotency,
    outbox,
    case_links,
    closures,
    erasures,
)
_BATCH = 500


class BackupError(DeskError):
    """A backup that cannot be made or restored; `kind` is a key of `words/cli.yml`."""

    def __init__(self, kind: str, **values: object) -> None:
        self.kind = kind
        super().__init__(**values)


async def back_up(desk: Desk, target: Path) -> int:
    """Write a backup of the whole desk, mode 600; returns the number of cases."""
    _must_be_new(target)
    if not desk.database.is_sqlite:
        async with desk.database.read() as connection:
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            return await connection.run_sync(_dump, target)
    # A snapshot first: reading for long would keep SQLite's writers waiting.
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        snapshot = Path(folder) / "snapshot.db"
        with (
            closing(sqlite3.connect(desk.database.url.database or "")) as source,
            closing(sqlite3.connect(snapshot)) as copy,
        ):
            source.backup(copy)
        frozen = Database(replace(desk.settings, database_url=f"sqlite:///{snapshot}"))
        try:
            async with frozen.read() as connection:
                return await connection.run_sync(_dump, target)
        finally:
            await frozen.close()


async def restore(desk: Desk, source: Path) -> int:
    """Fill an empty database from a backup; returns the number of cases.

    Raises BackupError when the database has cases or users, or when the file is not a whole
    backup; nothing is then changed.
    """
    async with desk.database.write() as connection:
        await connection.run_sync(_must_be_empty)
        return await connection.run_sync(_fill, source, desk.settings, desk.clock())


def _must_be_new(target: Path) -> None:
    if target.exists():
        raise BackupError("backup_exists", path=target.name)


def _dump(connection: Connection, target: Path) -> int:
    partial = target.with_name(f"{target.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", filename="") as packed:
            count = _write(connection, packed)
        raw.flush()
        os.fsync(raw.fileno())
    partial.replace(target)
    return count


def _write(connection: Connection, packed: gzip.GzipFile) -> int:
    seal = hashlib.sha256()

    def line(value: dict[str, Any]) -> None:
        written = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        seal.update(written)
        packed.write(written)

    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    line({"format": FORMAT, "revision": revision})
    for table in KEPT:
        rows = connection.execution_options(yield_per=_BATCH).execute(select(table)).mappings()
        for row in rows:
            line({"t": table.name, "r": {name: _plain(value) for name, value in row.items()}})
    packed.write(json.dumps({"sha256": seal.hexdigest()}).encode() + b"\n")
    return int(connection.execute(select(func.count()).select_from(cases)).scalar_one())


def _must_be_empty(connection: Connection) -> None:
    for table in (cases, users, tokens):
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise BackupError("restore_not_empty")


def _fill(connection: Connection, source: Path, settings: DeskSettings, now: datetime) -> int:
    lines = _checked_lines(source)
    header = next(lines)
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    if header.get("format") != FORMAT or header.get("revision") != revision:
        raise BackupError("backup_other", revision=str(header.get("revision")))
    # The empty desk made purpose keys when it opened; the backup brings the right ones.
    connection.execute(data_keys.delete())
    tables = {table.name: table for table in KEPT}
    waiting: list[dict[str, Any]] = []
    current: Table | None = None
    for entry in lines:
        table = tables[entry["t"]]
        if current is not None and (table is not current or len(waiting) >= _BATCH):
            connection.execute(insert(current), waiting)
            waiting = []
        current = table
        waiting.append(
            {column.name: _typed(column.type, entry["r"][column.name]) for column in table.columns}
        )
    if current is not None and waiting:
        connection.execute(insert(current), waiting)
    _reset_counters(connection)
    _erase_again(connection, settings, now)
    return int(connection.execute(select(func.count()).select_from(cases)).scalar_one())


def _reset_counters(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    for table in ("case_events", "outbox"):
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "  # noqa: S608 - ours
                f"(SELECT coalesce(max(id), 0) + 1 FROM {table}), false)"
            )
        )


def _erase_again(connection: Connection, settings: DeskSettings, now: datetime) -> None:
    for place in noted_erasures(settings):
        kind, _, name = place.partition("/")
        if kind == "case":
            forget_case(connection, name, now)
        else:
            forget_conversation(connection, name, now)


def _checked_lines(source: Path) -> Iterator[dict[str, Any]]:
    """The lines of a backup, its last one checked first: a cut or altered file gives none."""
    try:
        seal, last = hashlib.sha256(), b""
        with gzip.open(source, "rb") as packed:
            for line in packed:
                seal.update(last)
                last = line
        if json.loads(last)["sha256"] != seal.hexdigest():
            raise BackupError("backup_broken", path=source.name)
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        raise BackupError("backup_broken", path=source.name) from None
    with gzip.open(source, "rb") as packed:
        for line in packed:
            value = json.loads(line)
            if "sha256" in value:
                return
            yield value


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _typed(kind: Any, value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["b"])
    if isinstance(value, str) and isinstance(kind, UtcTime):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and kind.python_type is date:
        return date.fromisoformat(value)
    return value
