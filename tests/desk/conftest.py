"""A desk for a test, on each engine, with a clock that the test sets."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from seuil.desk import Actor, Desk, DeskSettings, NewCase, open_desk
from seuil.desk.problems import middleware

SECRET = "a secret of the tests long enough to be one"
# A Wednesday at 10:00 in Paris, with nothing closed near it.
WEDNESDAY = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
CLAIRE = Actor("u_claire", "Claire", "counsellor")
PAUL = Actor("u_paul", "Paul", "counsellor")
NADIA = Actor("u_nadia", "Nadia", "supervisor")

_PG = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
_databases = count()


class Clock:
    """The desk's clock, moved by hand."""

    def __init__(self, now: datetime = WEDNESDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **duration: float) -> None:
        self.now += timedelta(**duration)


def as_postgres(*command: str | Path) -> None:
    """Run one of PostgreSQL's programs, never as root."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *map(str, command)], check=True, stdout=subprocess.DEVNULL)


class Cluster:
    """A PostgreSQL server of the tests' own, in a folder that goes with it."""

    def __init__(self, *, durable: bool = False) -> None:
        assert _PG is not None
        self.folder = Path(tempfile.mkdtemp(prefix="seuil-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data = self.folder / "data"
        as_postgres(
            *(_PG / "initdb", "-D", self.data, "-A", "trust", "-U", "seuil", "-E", "UTF8", "-N")
        )
        if not durable:
            with (self.data / "postgresql.conf").open("a") as settings:
                settings.write("fsync = off\nautovacuum = off\n")

    def start(self) -> None:
        assert _PG is not None
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder}"
        log = self.folder / "log"
        as_postgres(_PG / "pg_ctl", "-D", self.data, "-l", log, "-o", options, "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        assert _PG is not None
        as_postgres(_PG / "pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://seuil@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template1") -> str:
        name = f"desk{next(_databases)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def remove(self) -> None:
        shutil.rmtree(self.folder)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    if _PG is None:
        # On CI its absence is an error, not a reason to test one engine only.
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    made = Cluster()
    made.start()
    yield made
    made.stop("immediate")
    made.remove()


def settings_of(var: Path, url: str = "") -> DeskSettings:
    return DeskSettings(
        var=var, database_url=url, secret_key=SECRET, argon2_memory_kib=64, argon2_passes=1
    )


def migrated(settings: DeskSettings) -> None:
    async def open_and_close() -> None:
        await (await open_desk(settings)).close()

    asyncio.run(open_and_close())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty desk, made once: each test starts from a copy."""
    var = tmp_path_factory.mktemp("template")
    migrated(settings_of(var))
    return var


@pytest.fixture(scope="session")
def postgresql_template(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = cluster.new_database()
    migrated(settings_of(tmp_path_factory.mktemp("template"), url))
    return url.rsplit("/", 1)[1]


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> DeskSettings:
    if request.param == "postgresql":
        cluster, template = map(request.getfixturevalue, ("cluster", "postgresql_template"))
        return settings_of(tmp_path / "var", cluster.new_database(template))
    request.getfixturevalue("sqlite_settings")
    return settings_of(tmp_path / "var")


@pytest.fixture
def sqlite_settings(tmp_path: Path, sqlite_template: Path) -> DeskSettings:
    shutil.copytree(sqlite_template, tmp_path / "var")
    return settings_of(tmp_path / "var")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def desk(settings: DeskSettings, clock: Clock) -> AsyncIterator[Desk]:
    opened = await open_desk(settings, clock)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_desk(sqlite_settings: DeskSettings, clock: Clock) -> AsyncIterator[Desk]:
    opened = await open_desk(sqlite_settings, clock)
    yield opened
    await opened.close()


def new_case(**changes: Any) -> NewCase:
    """A plain case: an employee with unpaid rent."""
    values: dict[str, Any] = {
        "audience": "salarie",
        "facts": {"contract": "cdi", "department": "59", "difficulties": ["impaye_loyer"]},
        "assessment": {"services": []},
        "flags": {"homeless": False, "family_violence": False, "immediate_danger": False},
        "contact": {"name": "Camille Dupré", "phone": "06 12 34 56 78", "when": "le midi"},
        "summary": ["A perdu des heures."],
        "conversation_id": "c1",
    }
    return NewCase(**{**values, **changes})


def flags(*up: str) -> dict[str, bool]:
    return {f: f in up for f in ("homeless", "family_violence", "immediate_danger")}


@pytest.fixture
def take_in(desk: Desk) -> Callable[..., Any]:
    numbers = count()

    async def intake(**changes: Any) -> Any:
        return await desk.intake(new_case(**changes), f"key-{next(numbers)}")

    return intake


async def client_of(desk: Desk) -> TestClient[web.Request, web.Application]:
    """A client of an application that serves this desk."""
    from seuil.desk import routes

    app = web.Application(middlewares=[middleware])
    routes.setup(app, desk)
    client = TestClient(TestServer(app))
    await client.start_server()
    return client


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    made = await client_of(desk)
    yield made
    await made.close()
