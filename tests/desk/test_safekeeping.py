"""What is written stays whole, closed to who has no key, and shows any tampering."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from seuil.desk import Desk, DeskSettings, SettingError, open_desk
from seuil.desk.database import Database, wal_is_safe
from seuil.desk.keys import KeyRing, MasterKey, SealError, key_file, seal, unseal

from .conftest import CLAIRE, new_case

TakeIn = Callable[..., Any]
OF = "WHERE case_id = :id AND"
TAMPERING = {
    "a note rewritten": f"UPDATE case_events SET secret = :bytes {OF} kind = 'note'",
    "another author": f"UPDATE case_events SET actor_name = 'Paul' {OF} kind = 'claimed'",
    "another content": f"UPDATE case_events SET data = '{{}}' {OF} kind = 'created'",
    "another time": f"UPDATE case_events SET at = '2020-01-01 00:00:00' {OF} kind = 'claimed'",
    "an event removed": f"DELETE FROM case_events {OF} kind = 'claimed'",
    "the last event removed": f"DELETE FROM case_events {OF} kind = 'note'",
    "the count set back": "UPDATE cases SET event_count = 1 WHERE id = :id",
    "the head replaced": "UPDATE cases SET head_hash = 'x' WHERE id = :id",
}


@pytest.mark.parametrize("change", TAMPERING.values(), ids=TAMPERING.keys())
async def test_a_tampered_history_is_seen(desk: Desk, take_in: TakeIn, change: str) -> None:
    await take_in()
    view = await take_in()
    await desk.claim(view.reference, CLAIRE)
    await desk.note(view.reference, CLAIRE, "Note.")
    assert await desk.verify() == []
    async with desk.database.write() as connection:
        given = {"id": view.id, "bytes": b"forged"}
        used = {name: value for name, value in given.items() if f":{name}" in change}
        await connection.execute(text(change), used)
    assert [fault.reference for fault in await desk.verify()] == [view.reference]


async def test_a_history_rewritten_whole_by_who_has_no_key_is_seen(desk: Desk) -> None:
    view = await desk.intake(new_case(), "key")
    forged = "f" * 64
    async with desk.database.write() as connection:
        await connection.execute(text(f"UPDATE case_events SET data='{{}}', hash='{forged}'"))
        await connection.execute(text(f"UPDATE cases SET head_hash='{forged}'"))
    assert [(f.reference, f.seq) for f in await desk.verify()] == [(view.reference, 1)]


CANARY = {
    "name": "Zéphyrine Canari",
    "phone": "0699887766",
    "email": "zephyrine.canari@exemple.fr",
    "when": "quand le merle chante",
}


async def test_no_personal_word_stands_in_the_file_in_clear(
    sqlite_desk: Desk, sqlite_settings: DeskSettings
) -> None:
    desk = sqlite_desk
    view = await desk.intake(
        new_case(contact=CANARY, summary=["Elle dort sous le pont Mirabeau."]), "key"
    )
    await desk.claim(view.reference, CLAIRE)
    await desk.note(view.reference, CLAIRE, "Le merle a chanté.")
    await desk.close_case(view.reference, CLAIRE, "redirected", detail="chez les Canari")
    await desk.accounts.create_user("Claire", "counsellor", "mot de passe en clair")
    token = await desk.accounts.create_token("robot", "agent")
    await desk.close()
    kept = b"".join(p.read_bytes() for p in sqlite_settings.var.iterdir() if p.is_file())
    assert view.reference.encode() in kept
    for word in (
        *CANARY.values(),
        "33699887766",
        "Mirabeau",
        "merle",
        "Canari",
        "impaye_loyer",
        "mot de passe",
        token,
    ):
        assert word.encode() not in kept, word


async def test_the_database_and_the_key_are_for_their_owner_only(tmp_path: Path) -> None:
    settings = DeskSettings(var=tmp_path / "var", argon2_memory_kib=64, argon2_passes=1)
    desk = await open_desk(settings)
    view = await desk.intake(new_case(), "key")
    await desk.close()
    for path in settings.var.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = await open_desk(settings)
    assert (await again.case(view.reference)).facts["contract"] == "cdi"
    await again.close()


@pytest.mark.parametrize(
    "lost", ["another secret, as long as it must be", "short", "x" * 40 + ",short"]
)
async def test_a_lost_or_wrong_key_stops_the_start_with_one_line(
    settings: DeskSettings, lost: str
) -> None:
    await (await open_desk(settings)).close()
    with pytest.raises(SettingError) as caught:
        await open_desk(replace(settings, secret_key=lost))
    assert "SEUIL_SECRET_KEY" in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_an_emptied_key_file_stops_the_start(tmp_path: Path) -> None:
    settings = DeskSettings(var=tmp_path / "var", argon2_memory_kib=64, argon2_passes=1)
    await (await open_desk(settings)).close()
    key_file(settings).write_text("")
    with pytest.raises(SettingError):
        await open_desk(settings)


@pytest.mark.parametrize("url", ["mysql://x", "seuil.db", "sqlite:////proc/none/seuil.db"])
async def test_a_wrong_database_stops_the_start_with_one_line(
    sqlite_settings: DeskSettings, url: str
) -> None:
    with pytest.raises(SettingError) as caught:
        await open_desk(replace(sqlite_settings, database_url=url))
    assert "SEUIL_DATABASE_URL" in str(caught.value)


@pytest.mark.parametrize(
    "name", ["SEUIL_DATABASE_TIMEOUT", "SEUIL_SESSION_IDLE", "SEUIL_DATABASE_POOL"]
)
@pytest.mark.parametrize("value", ["many", "-1", "nan", "inf"])
def test_a_wrong_number_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        DeskSettings.from_env({name: value})


def test_a_sealed_field_opens_in_its_own_place_only() -> None:
    key, other = b"k" * 32, b"o" * 32
    sealed = seal(key, "cases/contact/1", b"secret")
    assert unseal(key, "cases/contact/1", sealed) == b"secret"
    assert seal(key, "cases/contact/1", b"secret") != sealed
    for wrong in (
        (key, "cases/contact/2", sealed),
        (other, "cases/contact/1", sealed),
        (key, "cases/contact/1", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (key, "cases/contact/1", b""),
    ):
        with pytest.raises(SealError):
            unseal(*wrong)


def test_a_ring_opens_with_its_old_keys_too() -> None:
    old, new = MasterKey.from_secret("o" * 40), MasterKey.from_secret("n" * 40)
    wrapped = old.wrap("case/1", b"d" * 32)
    assert KeyRing(lambda: (new, old)).unwrap(old.id, "case/1", wrapped) == b"d" * 32
    with pytest.raises(SealError):
        KeyRing(lambda: (new,)).unwrap(old.id, "case/1", wrapped)


def test_a_ring_looks_again_for_a_key_it_has_not_seen() -> None:
    old, new = MasterKey.from_secret("o" * 40), MasterKey.from_secret("n" * 40)
    at_hand = [old]
    ring = KeyRing(lambda: tuple(at_hand))
    at_hand.insert(0, new)
    assert ring.unwrap(new.id, "case/1", new.wrap("case/1", b"d" * 32)) == b"d" * 32
    assert ring.current is new


async def test_migrations_go_down_and_up_again_with_data(desk: Desk, take_in: TakeIn) -> None:
    view = await take_in()
    await desk.accounts.create_user("Claire", "counsellor", "une phrase assez longue")
    secret, _ = await desk.accounts.log_in("Claire", "une phrase assez longue", "192.0.2.1")
    await desk.database.migrate("0001")
    await desk.database.migrate()
    assert (await desk.case(view.reference)).facts["contract"] == "cdi"
    assert await desk.accounts.by_session(secret) is not None
    assert await desk.verify() == []
    await desk.database.migrate("base")
    await desk.database.migrate()


def test_the_last_migration_is_the_one_the_code_expects() -> None:
    from alembic.script import ScriptDirectory

    from seuil.desk import database

    assert ScriptDirectory(str(database._MIGRATIONS)).get_current_head() == database.HEAD


async def test_the_migrations_make_the_tables_of_the_code(settings: DeskSettings) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from seuil.desk.tables import metadata

    database = Database(settings)
    await database.migrate()
    async with database.read() as connection:
        changes = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    await database.close()
    assert changes == []


async def test_the_journal_is_durable_and_fit_for_this_library(sqlite_desk: Desk) -> None:
    async with sqlite_desk.database.read() as connection:
        journal = (await connection.execute(text("PRAGMA journal_mode"))).scalar_one()
        full = (await connection.execute(text("PRAGMA synchronous"))).scalar_one()
        version = (await connection.execute(text("SELECT sqlite_version()"))).scalar_one()
    safe = wal_is_safe(tuple(int(part) for part in version.split(".")))
    assert (journal, full) == ("wal" if safe else "delete", 2)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_which_libraries_have_the_fix(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe
