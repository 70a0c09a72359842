"""The desk's speed on SQLite (durable) and PostgreSQL: ``python -m bench.desk``.

Intake at a steady 50 a second, claim-next with 100 and with 100,000 cases waiting, the console's
first page with 100,000, 200 event streams open. Targets: intake p99 20 ms, claim-next p95 5 ms
and at most 1.5 times its time at 100 cases, first page 150 ms, streams 150 MB. Bounded, loopback
only; PostgreSQL is a temporary server of its own, skipped where it is not installed.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import aiohttp
import psutil
from aiohttp import web
from sqlalchemy import insert

from seuil.desk import Actor, Desk, DeskSettings, NewCase, open_desk, routes
from seuil.desk.cases import place
from seuil.desk.history import canonical, event_hash
from seuil.desk.keys import new_data_key
from seuil.desk.model import FLAGS, new_reference
from seuil.desk.problems import middleware
from seuil.desk.tables import case_events, cases, data_keys
from seuil.desk.vault import seal_json
from tests.desk.conftest import Cluster

MANY = 100_000
FEW = 100
RATE = 50
INTAKES = 1_000
CLAIMS = 200
PAGES = 20
STREAMS = 200
BATCH = 2_000
FACTS = {"contract": "cdi", "department": "59", "difficulties": ["impaye_loyer"]}
CONTACT = {"name": "Camille Dupré", "phone": "06 12 34 56 78"}
SOMEONE = Actor("u_bench", "Banc", "counsellor")


def milliseconds(times: list[float], share: int) -> float:
    """A percentile, in milliseconds."""
    return statistics.quantiles(times, n=100)[share - 1] * 1000


def new_case(number: int) -> NewCase:
    """A case, urgent one time in ten."""
    flags = {flag: number % 10 == 0 and flag == "homeless" for flag in FLAGS}
    return NewCase("salarie", FACTS, {"services": []}, flags, CONTACT, ["Une ligne."])


async def fill(desk: Desk, count: int) -> None:
    """Put `count` waiting cases in, whole ones, faster than through the door."""
    now, actor = desk.clock(), SOMEONE
    for start in range(0, count, BATCH):
        keys, rows, events = [], [], []
        for number in range(start, min(start + BATCH, count)):
            case_id, key = uuid4().hex, new_data_key()
            at = now - timedelta(seconds=count - number)
            name = f"case/{case_id}"
            master = desk.vault.ring.current
            keys.append(
                {
                    "name": name,
                    "master_id": master.id,
                    "wrapped": master.wrap(name, key),
                    "created_at": at,
                }
            )
            event = {
                "case_id": case_id,
                "seq": 1,
                "at": at,
                "kind": "created",
                "actor_id": actor.id,
                "actor_name": actor.name,
                "data": canonical({}),
                "secret_digest": None,
                "previous": "0" * 64,
            }
            head = event_hash(desk.vault.history, **event)
            events.append({**event, "secret": None, "hash": head})
            sealed = {"contact": CONTACT, "facts": FACTS, "assessment": {}, "summary": []}
            rows.append(
                {
                    "id": case_id,
                    "reference": new_reference(),
                    "origin": "conversation",
                    "audience": "salarie",
                    "status": "waiting",
                    "rank": 1 if number % 10 == 0 else 3,
                    "homeless": number % 10 == 0,
                    "family_violence": False,
                    "immediate_danger": False,
                    "department": "59",
                    "created_at": at,
                    "updated_at": at,
                    "due_at": at + timedelta(days=2),
                    "attempts": 0,
                    "version": 1,
                    "event_count": 1,
                    "head_hash": head,
                    **{c: seal_json(key, place(c, case_id), v) for c, v in sealed.items()},
                }
            )
        async with desk.database.write() as connection:
            await connection.execute(insert(data_keys), keys)
            await connection.execute(insert(cases), rows)
            await connection.execute(insert(case_events), events)
    async with desk.database.write() as connection:
        await connection.exec_driver_sql("ANALYZE")


async def intake(desk: Desk) -> list[float]:
    """Times of intakes that come at a steady rate, whether or not the last one is done."""
    times: list[float] = []

    async def one(number: int) -> None:
        started = time.perf_counter()
        await desk.intake(new_case(number), f"bench-{number}")
        times.append(time.perf_counter() - started)

    start, tasks = time.perf_counter(), []
    for number in range(INTAKES):
        await asyncio.sleep(max(0.0, start + number / RATE - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    return times


async def repeated(what: Callable[[], Awaitable[object]], count: int) -> list[float]:
    """Times of something done again and again."""
    times = []
    for _ in range(count):
        started = time.perf_counter()
        await what()
        times.append(time.perf_counter() - started)
    return times


@asynccontextmanager
async def browsing(desk: Desk) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """A counsellor logged in to the console, and its address."""
    app = web.Application(middlewares=[middleware])
    routes.setup(app, desk)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    name = f"bench-{uuid4().hex[:8]}"
    password = await desk.accounts.create_user(name, "counsellor")
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True)
    ) as browser:
        login = {"name": name, "password": password}
        async with browser.post(f"{address}/api/session", json=login) as answer:
            answer.raise_for_status()
        yield browser, address
    await runner.cleanup()


async def streams(desk: Desk) -> float:
    """What 200 event streams add to the memory, in MB; before anything else has used some."""
    async with browsing(desk) as (browser, address):
        before = psutil.Process().memory_info().rss
        opened = [await browser.get(f"{address}/api/cases/events") for _ in range(STREAMS)]
        grown = (psutil.Process().memory_info().rss - before) / 1e6
        for stream in opened:
            stream.close()
    return grown


async def first_pages(desk: Desk) -> list[float]:
    """Times of the console's first page."""
    async with browsing(desk) as (browser, address):

        async def first_page() -> None:
            async with browser.get(f"{address}/file") as page:
                page.raise_for_status()
                await page.read()

        await first_page()
        return await repeated(first_page, PAGES)


def bare_transaction(folder: Path) -> list[float]:
    """Times of the smallest durable SQLite transaction here: what the disk alone asks for."""
    times = []
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as database:
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE one (x)")
        for _ in range(CLAIMS):
            started = time.perf_counter()
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO one VALUES (1)")
            database.execute("COMMIT")
            times.append(time.perf_counter() - started)
    return times


async def measure(engine: str, fresh: Callable[[], str], out: Callable[[str], None]) -> None:
    """All the figures of one engine. `fresh` gives the address of an empty database."""

    async def opened() -> Desk:
        folder = Path(tempfile.mkdtemp(prefix="seuil-bench-"))
        return await open_desk(DeskSettings(var=folder, database_url=fresh()))

    desk = await opened()
    bare = bare_transaction(desk.settings.var)
    out(
        f"disk: a bare durable transaction: p50 {milliseconds(bare, 50):.1f} ms, "
        f"p99 {milliseconds(bare, 99):.1f} ms"
    )
    grown = await streams(desk)
    out(f"{engine}: {STREAMS} event streams and their browser: {grown:.1f} MB more (target 150)")
    desk.promise("normal")
    await fill(desk, FEW)
    few = await repeated(lambda: desk.claim_next(SOMEONE), FEW)
    out(
        f"{engine}: claim-next, {FEW} waiting: p50 {milliseconds(few, 50):.1f} ms, "
        f"p95 {milliseconds(few, 95):.1f} ms"
    )
    times = await intake(desk)
    out(
        f"{engine}: intake at {RATE}/s: p50 {milliseconds(times, 50):.1f} ms, "
        f"p95 {milliseconds(times, 95):.1f} ms, p99 {milliseconds(times, 99):.1f} ms (target 20)"
    )
    await desk.close()

    desk = await opened()
    started = time.perf_counter()
    await fill(desk, MANY)
    out(f"{engine}: {MANY} cases put in, {time.perf_counter() - started:.0f} s")
    many = await repeated(lambda: desk.claim_next(SOMEONE), CLAIMS)
    ratio = milliseconds(many, 50) / milliseconds(few, 50)
    out(
        f"{engine}: claim-next, {MANY} waiting: p50 {milliseconds(many, 50):.1f} ms, "
        f"p95 {milliseconds(many, 95):.1f} ms (target 5), {ratio:.2f} times {FEW} (target 1.5)"
    )
    pages = await first_pages(desk)
    out(
        f"{engine}: console's first page, {MANY} cases: p50 {milliseconds(pages, 50):.0f} ms, "
        f"p95 {milliseconds(pages, 95):.0f} ms (target 150)"
    )
    started = time.perf_counter()
    await desk.figures()
    taken = (time.perf_counter() - started) * 1000
    out(f"{engine}: supervisor's figures, {MANY} cases: {taken:.0f} ms")
    await desk.close()


def main() -> int:
    """Measure the engines asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    if given.engine in ("sqlite", "both"):
        asyncio.run(measure("sqlite", lambda: "", lambda line: print(line, flush=True)))
    if given.engine in ("postgresql", "both"):
        cluster = Cluster(durable=True)
        cluster.start()
        try:
            asyncio.run(
                measure("postgresql", cluster.new_database, lambda line: print(line, flush=True))
            )
        finally:
            cluster.stop("immediate")
            cluster.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
