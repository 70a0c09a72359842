"""A person's data: a copy for them, erased for good, backups and keys included."""

from __future__ import annotations

import asyncio
import gzip
import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from seuil.desk import Desk, DeskSettings, NotAllowed, WrongState, open_desk
from seuil.desk.backup import BackupError, back_up, restore
from seuil.desk.keys import key_file, new_secret, secrets_of, write_key_file
from seuil.desk.people import ledger
from seuil.desk.tables import case_events, contact_index, idempotency

from .conftest import CLAIRE, NADIA, new_case, settings_of

TakeIn = Callable[..., Any]


async def test_erasing_leaves_no_word_and_a_history_that_verifies(
    desk: Desk, take_in: TakeIn
) -> None:
    view, other = await take_in(), await take_in()
    await desk.claim(view.reference, CLAIRE)
    await desk.note(view.reference, CLAIRE, "Elle vit chez sa sœur.")
    with pytest.raises(NotAllowed):
        await desk.erase(view.reference, CLAIRE)
    await desk.erase(view.reference, NADIA)
    await desk.erase(view.reference, NADIA)
    gone = await desk.case_with_contact(view.reference, NADIA)
    assert gone.erased and not gone.damaged
    assert (gone.facts, gone.contact, list(gone.summary)) == ({}, {}, [])
    assert (gone.status, gone.claimed_by) == ("closed", None)
    events = await desk.history(view.reference)
    assert all(event.text is None for event in events)
    assert [e.kind for e in events].count("erased") == 1
    assert await desk.verify() == []
    assert (await desk.case(other.reference)).facts
    async with desk.database.read() as connection:
        for table, left in ((contact_index, 1), (idempotency, 1)):
            count = await connection.execute(select(func.count()).select_from(table))
            assert count.scalar_one() == left
        secrets = await connection.execute(
            select(func.count()).where(case_events.c.secret.is_not(None))
        )
        assert secrets.scalar_one() == 0
    for refused in (desk.note(view.reference, CLAIRE, "x"), desk.reopen(view.reference, CLAIRE)):
        with pytest.raises(WrongState):
            await refused


async def test_a_person_gets_a_copy_of_all_that_is_kept(desk: Desk, take_in: TakeIn) -> None:
    view = await take_in()
    await desk.note(view.reference, CLAIRE, "Appelée.")
    with pytest.raises(NotAllowed):
        await desk.export(view.reference, CLAIRE)
    copy = await desk.export(view.reference, NADIA)
    assert copy["contact"]["name"] == "Camille Dupré"
    assert copy["facts"]["contract"] == "cdi"
    assert copy["summary"] == ["A perdu des heures."]
    assert [e.get("text") for e in copy["history"]] == [None, "Appelée.", None]
    json.dumps(copy)


@pytest.fixture
async def empty(settings: DeskSettings, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """Another desk, empty, of the same engine and keys."""
    var = tmp_path / "other"
    if settings.database_url:
        cluster = request.getfixturevalue("cluster")
        opened = await open_desk(settings_of(var, cluster.new_database()))
    else:
        opened = await open_desk(settings_of(var))
    yield opened
    await opened.close()


async def test_a_backup_gives_the_whole_desk_back(
    desk: Desk, take_in: TakeIn, empty: Desk, tmp_path: Path
) -> None:
    views = [await take_in() for _ in range(3)]
    await desk.claim(views[0].reference, CLAIRE)
    await desk.note(views[0].reference, CLAIRE, "Appelée.")
    await desk.link(views[1].reference, CLAIRE, views[2].reference)
    await desk.accounts.create_user("Claire", "counsellor", "une phrase assez longue")
    file = tmp_path / "seuil.backup"
    assert await back_up(desk, file) == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"Camille" not in gzip.decompress(file.read_bytes())
    with pytest.raises(BackupError):
        await back_up(desk, file)

    assert await restore(empty, file) == 3
    # A desk that was open keeps the keys it opened with: a restore is followed by a new start.
    again = await open_desk(empty.settings)
    try:
        assert await again.verify() == []
        assert (await again.history(views[0].reference))[-1].text == "Appelée."
        assert [v.reference for v in await again.linked(views[1].id)] == [views[2].reference]
        await again.accounts.log_in("Claire", "une phrase assez longue", "192.0.2.1")
        # Life goes on: new cases and new events find their place.
        await again.intake(new_case(), "new")
        assert (await again.intake(new_case(), "key-0")).reference == views[0].reference
        await again.claim(views[1].reference, CLAIRE)
        assert await again.verify() == []
        with pytest.raises(BackupError):
            await restore(again, file)
    finally:
        await again.close()


async def test_what_was_erased_after_the_backup_is_not_restored(
    desk: Desk, take_in: TakeIn, empty: Desk, tmp_path: Path
) -> None:
    view, kept = await take_in(), await take_in()
    file = tmp_path / "seuil.backup"
    await back_up(desk, file)
    await desk.erase(view.reference, NADIA)
    empty.settings.var.mkdir(exist_ok=True)
    ledger(empty.settings).write_bytes(ledger(desk.settings).read_bytes())
    await restore(empty, file)
    again = await open_desk(empty.settings)
    try:
        gone = await again.case_with_contact(view.reference, NADIA)
        assert (gone.erased, gone.contact) == (True, {})
        assert (await again.case(kept.reference)).facts
        assert await again.verify() == []
    finally:
        await again.close()


@pytest.mark.parametrize("harm", ["cut", "altered", "text", "empty", "missing"])
async def test_a_harmed_backup_changes_nothing(
    sqlite_desk: Desk, tmp_path: Path, harm: str
) -> None:
    await sqlite_desk.intake(new_case(), "key")
    file = tmp_path / "seuil.backup"
    await back_up(sqlite_desk, file)
    whole = file.read_bytes()
    altered = gzip.compress(gzip.decompress(whole).replace(b'"waiting"', b'"closed_"', 1))
    contents = {"cut": whole[:-40], "altered": altered, "text": b"hello", "empty": b""}
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(contents[harm])
    other = await open_desk(settings_of(tmp_path / "other"))
    try:
        with pytest.raises(BackupError):
            await restore(other, file)
        assert (await other.queue())[1] == 0
        await other.intake(new_case(), "key")
        assert await other.verify() == []
    finally:
        await other.close()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_keys_turn_under_load_and_no_case_closes(
    tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    url = "" if engine == "sqlite" else request.getfixturevalue("cluster").new_database()
    settings = replace(settings_of(tmp_path / "var", url), secret_key="")
    desk, other = await open_desk(settings), await open_desk(settings)
    try:
        views = [await desk.intake(new_case(), f"k{n}") for n in range(5)]

        async def load() -> None:
            for n in range(30):
                await desk.intake(new_case(), f"load{n}")
                await desk.note(views[n % 5].reference, CLAIRE, f"Note {n}.")

        async def turn() -> None:
            for _ in range(2):
                write_key_file(key_file(settings), [new_secret(), *secrets_of(settings)])
                await other.rotate_keys()

        await asyncio.gather(load(), turn())
        await other.rotate_keys()
        async with other.database.read() as connection:
            in_use = await other.vault.masters_in_use(connection)
        assert in_use == {other.vault.ring.current.id}
        assert await desk.verify() == []
        assert (await desk.case_with_contact(views[0].reference, CLAIRE)).contact
        assert (await desk.queue())[1] == 35
    finally:
        await desk.close()
        await other.close()
    # The old keys are of no more use to this database.
    write_key_file(key_file(settings), secrets_of(settings)[:1])
    again = await open_desk(settings)
    assert await again.verify() == []
    await again.close()


async def test_a_case_whose_key_is_lost_stays_in_sight(desk: Desk, take_in: TakeIn) -> None:
    view, whole = await take_in(), await take_in()
    async with desk.database.write() as connection:
        await connection.execute(
            text("DELETE FROM data_keys WHERE name = :name"), {"name": f"case/{view.id}"}
        )
    found, total = await desk.queue()
    assert total == 2
    assert {v.reference: v.damaged for v in found} == {view.reference: True, whole.reference: False}
    assert [f.reference for f in await desk.verify()] == [view.reference]


async def test_a_case_wrapped_with_a_lost_master_key_stays_in_sight(
    desk: Desk, take_in: TakeIn
) -> None:
    view = await take_in()
    async with desk.database.write() as connection:
        await connection.execute(
            text("UPDATE data_keys SET master_id = 'lost' WHERE name = :name"),
            {"name": f"case/{view.id}"},
        )
    (found,), _ = await desk.queue()
    assert found.damaged
    assert (await desk.claim(view.reference, CLAIRE)).status == "claimed"
    with pytest.raises(WrongState) as caught:
        await desk.note(view.reference, CLAIRE, "Illisible.")
    assert caught.value.kind == "damaged"
    assert [f.reference for f in await desk.verify()] == [view.reference]


async def test_a_field_moved_from_another_case_is_seen(desk: Desk, take_in: TakeIn) -> None:
    view = await take_in()
    other = await take_in(contact={"name": "Autre", "phone": "0711111111"})
    async with desk.database.write() as connection:
        await connection.execute(
            text(
                "UPDATE cases SET contact = (SELECT contact FROM cases WHERE id = :other) "
                "WHERE id = :id"
            ),
            {"id": view.id, "other": other.id},
        )
    assert [f.reference for f in await desk.verify()] == [view.reference]
    assert (await desk.case_with_contact(view.reference, CLAIRE)).contact == {}
