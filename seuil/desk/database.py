"""The database: one engine, short transactions, migrations at the opening.

SQLite (one machine) and PostgreSQL (several) through the same code. On SQLite, whose library
here may carry the WAL-reset corruption bug, the journal is a plain rollback journal with full
synchronisation unless the library is a fixed one; writes begin with BEGIN IMMEDIATE.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from seuil.desk.errors import DeskUnavailable
from seuil.desk.settings import DeskSettings

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSIONS = "alembic_version"
# The last revision: a schema already there needs no look at the migrations.
HEAD = "0002"
_MIGRATION_LOCK = 7_315_001


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite library has the fix of the WAL-reset bug."""
    return (
        version >= (3, 51, 3)
        or (3, 50, 7) <= version < (3, 51, 0)
        or (3, 44, 6) <= version < (3, 45, 0)
    )


class Database:
    """Transactions over one engine. Every failure of the engine becomes DeskUnavailable."""

    def __init__(self, settings: DeskSettings) -> None:
        self.url = make_url(settings.url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._engine(settings)
        # SQLite has one writer: waiting our turn here is fair, its busy handler is not.
        self._turn = asyncio.Lock() if self.is_sqlite else None

    def _engine(self, settings: DeskSettings) -> AsyncEngine:
        if not self.is_sqlite:
            wait = max(1, int(settings.busy_timeout * 1000))
            return create_async_engine(
                self.url,
                pool_pre_ping=True,
                pool_size=settings.pool_size,
                max_overflow=settings.pool_size,
                pool_timeout=settings.busy_timeout,
                connect_args={
                    "connect_timeout": max(2, round(settings.busy_timeout)),
                    "options": f"-c lock_timeout={wait} -c timezone=UTC",
                },
            )
        if self.url.database:
            path = Path(self.url.database)
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        engine = create_async_engine(
            self.url,
            pool_size=settings.pool_size,
            max_overflow=settings.pool_size,
            pool_timeout=settings.busy_timeout,
            connect_args={"timeout": settings.busy_timeout, "isolation_level": None},
        )
        journal = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "DELETE"

        @event.listens_for(engine.sync_engine, "connect")
        def _pragmas(connection: Any, record: Any) -> None:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA journal_mode={journal}")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute("PRAGMA secure_delete=ON")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Connection) -> None:
            write = connection.get_execution_options().get("seuil_write")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

        return engine

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed when the block ends well, rolled back otherwise."""
        async with AsyncExitStack() as stack:
            if self._turn is not None:
                await stack.enter_async_context(self._turn)
            async with self._transaction(write=True) as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One transaction for reading."""
        async with self._transaction(write=False) as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, *, write: bool) -> AsyncIterator[AsyncConnection]:
        try:
            async with self.engine.connect() as plain:
                connection = await plain.execution_options(seuil_write=write)
                async with connection.begin():
                    yield connection
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise DeskUnavailable from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DeskUnavailable from error
            raise

    async def migrate(self, revision: str = "head") -> None:
        """Bring the schema to `revision`, once even if several processes open together."""
        if revision == "head" and await self._is_current():
            return
        async with self.write() as connection:
            if not self.is_sqlite:
                await connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK}
                )
            await connection.run_sync(_migrate, revision)

    async def _is_current(self) -> bool:
        async with self.read() as connection:
            if not await connection.run_sync(lambda sync: inspect(sync).has_table(_VERSIONS)):
                return False
            found = await connection.execute(text(f"SELECT version_num FROM {_VERSIONS}"))  # noqa: S608 - ours
            return found.scalar() == HEAD

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _migrate(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    # Revisions are numbered ("0001", "0002"…), so that their order is that of their names.
    current = MigrationContext.configure(connection).get_current_revision() or "base"
    backwards = revision == "base" or (
        revision != "head" and current != "base" and current > revision
    )
    (command.downgrade if backwards else command.upgrade)(config, revision)
