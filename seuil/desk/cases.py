"""Cases and their events in the database: reading, sealing, appending; no rule of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import RowMapping, Select, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from seuil.desk.errors import CaseNotFound, WrongState
from seuil.desk.history import GENESIS, canonical, digest_of, event_hash
from seuil.desk.keys import SealError, seal, unseal
from seuil.desk.model import FLAGS, PRIORITIES, Actor, CaseView, new_reference
from seuil.desk.tables import case_events, cases, data_keys
from seuil.desk.vault import Vault, seal_json, unseal_json

Row = Mapping[str, Any] | RowMapping

_CARE = ("when", "safe_to_call", "safe_to_leave_message")
_SEALED = ("contact", "facts", "assessment", "summary")


def place(column: str, case_id: str) -> str:
    """Where a sealed field of a case stands, for its associated data."""
    return f"cases/{column}/{case_id}"


@dataclass
class Held:
    """A case's row, locked until its transaction ends, and its key when it has one that opens."""

    row: dict[str, Any]
    key: bytes | None

    def view(self, *, with_contact: bool = False) -> CaseView:
        """The case as it is now; the contact only when asked for."""
        return _view(self.row, self.key, with_contact)


async def add(
    connection: AsyncConnection,
    vault: Vault,
    *,
    clear: Mapping[str, Any],
    sealed: Mapping[str, Any],
    event: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> CaseView:
    """Insert a case with the first event of its history.

    `sealed` maps each encrypted column to its JSON value, `event` is the event's data.
    """
    case_id = uuid4().hex
    key = await vault.new_case_key(connection, case_id, now)
    first = _event(vault, case_id, 1, GENESIS, "created", actor, now, event, None)
    row: dict[str, Any] = dict.fromkeys(column.name for column in cases.columns)
    row |= {
        **clear,
        **{column: seal_json(key, place(column, case_id), sealed[column]) for column in _SEALED},
        "id": case_id,
        "reference": new_reference(),
        "created_at": now,
        "updated_at": now,
        "status": "waiting",
        "attempts": 0,
        "version": 1,
        "event_count": 1,
        "head_hash": first["hash"],
    }
    await connection.execute(insert(cases).values(row))
    await connection.execute(insert(case_events).values(first))
    return _view(row, key, with_contact=False)


async def locked(connection: AsyncConnection, vault: Vault, reference: str) -> Held:
    """A case, held until the transaction ends; raises CaseNotFound."""
    found = await first_locked(
        connection, vault, select(cases).where(cases.c.reference == reference.strip().upper())
    )
    if found is None:
        raise CaseNotFound
    return found


async def first_locked(
    connection: AsyncConnection, vault: Vault, query: Select[Any], *, skip_locked: bool = False
) -> Held | None:
    """The first case that a query over `cases` finds, held until the transaction ends."""
    keyed = (
        query.add_columns(data_keys.c.master_id, data_keys.c.wrapped)
        .outerjoin(data_keys, data_keys.c.name == literal("case/").concat(cases.c.id))
        .limit(1)
        .with_for_update(of=cases, skip_locked=skip_locked)
    )
    found = (await connection.execute(keyed)).mappings().first()
    if found is None:
        return None
    row = dict(found)
    key = vault.open_key(f"case/{row['id']}", row.pop("master_id"), row.pop("wrapped"))
    return Held(row, key)


async def change(
    connection: AsyncConnection,
    vault: Vault,
    held: Held,
    *,
    kind: str,
    actor: Actor,
    now: datetime,
    data: Mapping[str, Any],
    text: str | None,
    values: Mapping[str, Any],
    bump: bool,
) -> None:
    """Append an event to a held case and apply `values` to it, here and in the database.

    `bump` is false for what changes nothing that a reader of the case holds (an audited
    reading). `text` is sealed under the case's key; WrongState when there is none.
    """
    row = held.row
    case_id, seq, secret = row["id"], row["event_count"] + 1, None
    if text is not None:
        if held.key is None:
            raise WrongState("damaged", row["status"])
        secret = seal(held.key, secret_place(case_id, seq), text.encode())
    event = _event(vault, case_id, seq, row["head_hash"], kind, actor, now, data, secret)
    changed = {
        **values,
        "updated_at": now,
        "version": row["version"] + (1 if bump else 0),
        "event_count": seq,
        "head_hash": event["hash"],
    }
    await connection.execute(insert(case_events).values(event))
    await connection.execute(update(cases).where(cases.c.id == case_id).values(changed))
    row |= changed


def _event(
    vault: Vault,
    case_id: str,
    seq: int,
    previous: str,
    kind: str,
    actor: Actor,
    now: datetime,
    data: Mapping[str, Any],
    secret: bytes | None,
) -> dict[str, Any]:
    """The row of an event, hashed."""
    event: dict[str, Any] = {
        "case_id": case_id,
        "seq": seq,
        "at": now,
        "kind": kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "data": canonical(data),
        "secret_digest": digest_of(secret),
        "previous": previous,
    }
    return {**event, "secret": secret, "hash": event_hash(vault.history, **event)}


async def views(
    connection: AsyncConnection,
    vault: Vault,
    query: Select[Any],
    *,
    with_contact: bool = False,
) -> list[CaseView]:
    """The cases that a query over `cases` finds, opened; the contact only when asked for."""
    rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    keys = await vault.case_keys(connection, [row["id"] for row in rows])
    return [_view(row, keys.get(row["id"]), with_contact) for row in rows]


async def view(
    connection: AsyncConnection, vault: Vault, case_id: str, *, with_contact: bool = False
) -> CaseView:
    """One case by its inner id, opened."""
    query = select(cases).where(cases.c.id == case_id)
    found: Sequence[CaseView] = await views(connection, vault, query, with_contact=with_contact)
    return found[0]


def event_text(event: Row, key: bytes | None) -> str | None:
    """The text of an event, or None when it has none, is erased or does not open."""
    if key is None or event["secret"] is None:
        return None
    try:
        return unseal(key, secret_place(event["case_id"], event["seq"]), event["secret"]).decode()
    except SealError:
        return None


def secret_place(case_id: str, seq: int) -> str:
    """Where the sealed text of an event stands, for its associated data."""
    return f"case_events/secret/{case_id}/{seq}"


def is_damaged(row: Row, key: bytes | None) -> bool:
    """Whether a case that was not erased has fields that do not open."""
    return row["erased_at"] is None and _opened(row, key) is None


def _opened(row: Row, key: bytes | None) -> dict[str, Any] | None:
    if key is None:
        return None
    try:
        return {
            column: unseal_json(key, place(column, row["id"]), row[column]) for column in _SEALED
        }
    except (SealError, TypeError, ValueError):
        return None


def _view(row: Mapping[str, Any], key: bytes | None, with_contact: bool) -> CaseView:
    # A case whose fields do not open stays in the queue all the same: a person waits behind it.
    opened = _opened(row, key)
    fields: dict[str, Any] = opened or {"contact": {}, "facts": {}, "assessment": {}, "summary": []}
    return CaseView(
        id=row["id"],
        reference=row["reference"],
        origin=row["origin"],
        priority=PRIORITIES[row["rank"]],
        flags={flag: bool(row[flag]) for flag in FLAGS},
        status=row["status"],
        audience=row["audience"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        version=row["version"],
        claimed_by=row["claimed_name"],
        holder_id=row["claimed_by"],
        snoozed_until=row["snoozed_until"],
        closed_at=row["closed_at"],
        outcome=row["outcome"],
        attempts=row["attempts"],
        live=row["live_since"] is not None,
        conversation_id=row["conversation_id"],
        facts=fields["facts"],
        assessment=fields["assessment"],
        summary=fields["summary"],
        care={name: fields["contact"].get(name) for name in _CARE},
        contact=fields["contact"] if with_contact else None,
        erased=row["erased_at"] is not None,
        damaged=row["erased_at"] is None and opened is None,
    )
