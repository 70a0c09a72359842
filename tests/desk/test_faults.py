"""Whatever breaks, every acknowledged case exists once, is visible, and has one valid history."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from seuil.desk import Desk, DeskSettings, DeskUnavailable, open_desk
from seuil.desk.tables import cases, idempotency

from .conftest import CLAIRE, SECRET, Clock, Cluster, new_case, settings_of
from .killing import case_of

HERE = Path(__file__).parent


async def count_of(desk: Desk, table: Any) -> int:
    async with desk.database.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def all_is_whole(desk: Desk, acknowledged: dict[str, str], begun: set[str]) -> None:
    """The invariant; whoever got no answer asks again and gets one case."""
    assert await desk.verify() == []
    for key, reference in acknowledged.items():
        assert (await desk.case(reference)).status == "waiting"
        assert (await desk.intake(case_of(key), key)).reference == reference
    for key in begun - set(acknowledged):
        await desk.intake(case_of(key), key)
    assert await count_of(desk, cases) == await count_of(desk, idempotency) == len(begun)
    assert (await desk.queue())[1] == len(begun)
    assert await desk.verify() == []


@pytest.mark.parametrize("rounds", [200])
async def test_two_hundred_times_kill_9(settings: DeskSettings, rounds: int) -> None:
    arguments = [str(settings.var), settings.database_url, SECRET, str(rounds)]
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tests.desk.killing", *arguments],
        capture_output=True,
        text=True,
        cwd=HERE.parents[1],
        check=True,
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    begun = {key for key, _ in lines}
    acknowledged = {key: reference for key, reference in lines if reference != "-"}
    assert len(begun) >= rounds
    assert acknowledged
    desk = await open_desk(settings)
    await all_is_whole(desk, acknowledged, begun)
    await desk.close()


@pytest.fixture
def own_cluster(cluster: Cluster) -> Iterator[Cluster]:
    """A server that a test may stop."""
    made = Cluster()
    made.start()
    yield made
    made.stop("immediate")
    made.remove()


async def test_postgresql_stopped_at_once_and_started_again(
    own_cluster: Cluster, tmp_path: Path
) -> None:
    desk = await open_desk(settings_of(tmp_path / "var", own_cluster.new_database()))
    acknowledged: dict[str, str] = {}
    begun: set[str] = set()
    refused = 0

    async def intakes(worker: int) -> None:
        nonlocal refused
        for n in range(40):
            key = f"{worker}-{n}"
            begun.add(key)
            try:
                acknowledged[key] = (await desk.intake(case_of(key), key)).reference
            except DeskUnavailable:
                refused += 1
                await asyncio.sleep(0.05)

    async def stop_and_start() -> None:
        await asyncio.sleep(0.2)
        await asyncio.to_thread(own_cluster.stop, "immediate")
        await asyncio.sleep(0.3)
        await asyncio.to_thread(own_cluster.start)

    await asyncio.gather(*(intakes(worker) for worker in range(4)), stop_and_start())
    assert refused
    await all_is_whole(desk, acknowledged, begun)
    await desk.close()


async def test_a_full_disk_refuses_and_keeps_what_was_there(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    first = await desk.intake(case_of("first"), "first")
    await desk.database.engine.dispose()

    def full(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count = 1")  # the present size, in fact
        cursor.close()

    event.listen(desk.database.engine.sync_engine, "connect", full)
    acknowledged, begun = {"first": first.reference}, {"first"}
    for n in range(200):
        begun.add(str(n))
        try:
            acknowledged[str(n)] = (await desk.intake(case_of(str(n)), str(n))).reference
        except DeskUnavailable:
            break
    else:
        pytest.fail("the disk was never full")
    assert await desk.verify() == []
    event.remove(desk.database.engine.sync_engine, "connect", full)
    await desk.database.engine.dispose()
    await all_is_whole(desk, acknowledged, begun)


@pytest.mark.parametrize("jump", [{"hours": -26}, {"days": 400}])
async def test_a_clock_that_jumps_disturbs_no_history(
    desk: Desk, clock: Clock, jump: dict[str, float]
) -> None:
    view = await desk.intake(new_case(), "key")
    await desk.claim(view.reference, CLAIRE)
    await desk.note(view.reference, CLAIRE, "Avant.")
    clock.pass_(**jump)
    await desk.watch()
    assert (await desk.case(view.reference)).status == "claimed"
    await desk.note(view.reference, CLAIRE, "Après.")
    other = await desk.intake(new_case(), "other")
    assert other.due_at > clock.now
    kinds = [e.kind for e in await desk.history(view.reference)]
    assert kinds == ["created", "claimed", "note", "note"]
    assert (await desk.intake(new_case(), "key")).reference == view.reference
    assert await desk.verify() == []


async def test_two_processes_open_an_empty_database_together(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    for url in ("", request.getfixturevalue("cluster").new_database()):
        settings = settings_of(tmp_path / f"var{bool(url)}", url)
        desks = await asyncio.gather(*(open_desk(settings) for _ in range(3)))
        references = {(await desk.intake(new_case(), "key")).reference for desk in desks}
        assert len(references) == 1
        for desk in desks:
            assert await desk.verify() == []
            await desk.close()
