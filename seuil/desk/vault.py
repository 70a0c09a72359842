"""The data keys in the database: one a case, and one for each purpose of the desk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from seuil.desk.errors import SettingError
from seuil.desk.keys import KeyRing, SealError, new_data_key, seal, unseal
from seuil.desk.tables import data_keys
from seuil.desk.words import sentence

_PURPOSES = ("history", "index", "accounts")


@dataclass(frozen=True)
class Vault:
    """The opened purpose keys, and the ring that opens the cases' keys."""

    ring: KeyRing
    history: bytes
    index: bytes
    accounts: bytes

    @classmethod
    async def open(cls, connection: AsyncConnection, ring: KeyRing, now: datetime) -> Vault:
        """Open the purpose keys, made at the first start; SettingError when the key is lost."""
        opened = {}
        for purpose in _PURPOSES:
            name = f"purpose/{purpose}"
            row = (
                await connection.execute(
                    select(data_keys.c.master_id, data_keys.c.wrapped).where(
                        data_keys.c.name == name
                    )
                )
            ).first()
            if row is None:
                opened[purpose] = await _store(connection, ring, name, now)
                continue
            try:
                opened[purpose] = ring.unwrap(row.master_id, name, row.wrapped)
            except SealError:
                raise SettingError(sentence("settings", "lost_key")) from None
        return cls(ring, **opened)

    async def new_case_key(self, connection: AsyncConnection, case_id: str, now: datetime) -> bytes:
        """Make and store the key of a new case."""
        return await _store(connection, self.ring, f"case/{case_id}", now)

    async def case_keys(
        self, connection: AsyncConnection, case_ids: Sequence[str]
    ) -> dict[str, bytes]:
        """The keys of these cases; an erased or damaged case has none."""
        if not case_ids:
            return {}
        names = {f"case/{case_id}": case_id for case_id in case_ids}
        rows = await connection.execute(
            select(data_keys.c.name, data_keys.c.master_id, data_keys.c.wrapped).where(
                data_keys.c.name.in_(names)
            )
        )
        opened = {names[row.name]: self.open_key(*row) for row in rows}
        return {case_id: key for case_id, key in opened.items() if key is not None}

    def open_key(self, name: str, master_id: str | None, wrapped: bytes | None) -> bytes | None:
        """A data key, or None: a case without one that opens is shown as damaged or erased."""
        if master_id is None or wrapped is None:
            return None
        try:
            return self.ring.unwrap(master_id, name, wrapped)
        except SealError:
            return None

    async def rewrap(self, connection: AsyncConnection, limit: int) -> int:
        """Wrap up to `limit` data keys with the current master key; returns how many.

        Raises SealError when one is wrapped with a master key that is not at hand.
        """
        rows = (
            await connection.execute(
                select(data_keys)
                .where(data_keys.c.master_id != self.ring.current.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
        ).all()
        for row in rows:
            data_key = self.ring.unwrap(row.master_id, row.name, row.wrapped)
            await connection.execute(
                update(data_keys)
                .where(data_keys.c.name == row.name)
                .values(
                    master_id=self.ring.current.id,
                    wrapped=self.ring.current.wrap(row.name, data_key),
                )
            )
        return len(rows)

    async def masters_in_use(self, connection: AsyncConnection) -> set[str]:
        """The ids of the master keys that some data key is wrapped with."""
        found = await connection.execute(select(data_keys.c.master_id).distinct())
        return set(found.scalars())


def seal_json(key: bytes, place: str, value: object) -> bytes:
    """Seal a JSON value."""
    return seal(key, place, json.dumps(value, ensure_ascii=False).encode())


def unseal_json(key: bytes, place: str, sealed: bytes) -> Any:
    """Open what `seal_json` made; raises SealError."""
    return json.loads(unseal(key, place, sealed))


async def _store(connection: AsyncConnection, ring: KeyRing, name: str, now: datetime) -> bytes:
    data_key = new_data_key()
    await connection.execute(
        insert(data_keys).values(
            name=name,
            master_id=ring.current.id,
            wrapped=ring.current.wrap(name, data_key),
            created_at=now,
        )
    )
    return data_key
