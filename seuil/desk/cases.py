"""Cases and their events in the database: reading, sealing, appending; no rule of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import RowMapping, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from seuil.desk.errors import CaseNotFound
from seuil.desk.history import GENESIS, canonical, digest_of, event_hash
from seuil.desk.keys import SealError, seal, unseal
from seuil.desk.model import FLAGS, PRIORITIES, Actor, CaseView, new_reference
from seuil.desk.tables import case_events, cases
from seuil.desk.vault import Vault, seal_json, unseal_json

_CARE = ("when", "safe_to_call", "safe_to_leave_message")
_SEALED = ("contact", "facts", "assessment", "summary")


def place(column: str, case_id: str) -> str:
    """Where a sealed field of a case stands, for its associated data."""
    return f"cases/{column}/{case_id}"


async def add(
    connection: AsyncConnection,
    vault: Vault,
    *,
    clear: Mapping[str, Any],
    sealed: Mapping[str, Any],
    now: datetime,
) -> str:
    """Insert a case without events; `sealed` maps each encrypted column to its JSON value."""
    case_id = uuid4().hex
    key = await vault.new_case_key(connection, case_id, now)
    values = {
        **clear,
        **{column: seal_json(key, place(column, case_id), sealed[column]) for column in _SEALED},
        "id": case_id,
        "created_at": now,
        "updated_at": now,
        "status": "waiting",
        "attempts": 0,
        "version": 0,
        "event_count": 0,
        "head_hash": GENESIS,
    }
    await connection.execute(insert(cases).values(**values, reference=new_reference()))
    return case_id


async def locked(connection: AsyncConnection, reference: str) -> RowMapping:
    """The row of a case, held until the transaction ends; raises CaseNotFound."""
    row = await connection.execute(
        select(cases).where(cases.c.reference == reference.strip().upper()).with_for_update()
    )
    found = row.mappings().first()
    if found is None:
        raise CaseNotFound
    return found


async def change(
    connection: AsyncConnection,
    vault: Vault,
    row: RowMapping,
    *,
    kind: str,
    actor: Actor,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    text: str | None = None,
    values: Mapping[str, Any] | None = None,
    bump: bool = True,
) -> None:
    """Append an event to a locked case and apply `values` to it.

    `bump` is false for what changes nothing that a reader of the case holds (an audited
    reading). `text` is sealed under the case's key.
    """
    case_id = row["id"]
    seq = row["event_count"] + 1
    secret = None
    if text is not None:
        key = (await vault.case_keys(connection, [case_id]))[case_id]
        secret = seal(key, secret_place(case_id, seq), text.encode())
    content = canonical(data or {})
    hashed = event_hash(
        vault.history,
        case_id=case_id,
        seq=seq,
        at=now,
        kind=kind,
        actor_id=actor.id,
        actor_name=actor.name,
        data=content,
        secret_digest=digest_of(secret),
        previous=row["head_hash"],
    )
    await connection.execute(
        insert(case_events).values(
            case_id=case_id,
            seq=seq,
            at=now,
            kind=kind,
            actor_id=actor.id,
            actor_name=actor.name,
            data=content,
            secret=secret,
            secret_digest=digest_of(secret),
            previous=row["head_hash"],
            hash=hashed,
        )
    )
    await connection.execute(
        update(cases)
        .where(cases.c.id == case_id)
        .values(
            **(values or {}),
            updated_at=now,
            version=row["version"] + (1 if bump else 0),
            event_count=seq,
            head_hash=hashed,
        )
    )


async def views(
    connection: AsyncConnection,
    vault: Vault,
    query: Select[Any],
    *,
    with_contact: bool = False,
) -> list[CaseView]:
    """The cases that a query over `cases` finds, opened; the contact only when asked for."""
    rows = (await connection.execute(query)).mappings().all()
    keys = await vault.case_keys(connection, [row["id"] for row in rows])
    return [_view(row, keys.get(row["id"]), with_contact) for row in rows]


async def view(
    connection: AsyncConnection, vault: Vault, case_id: str, *, with_contact: bool = False
) -> CaseView:
    """One case by its inner id, opened."""
    query = select(cases).where(cases.c.id == case_id)
    found: Sequence[CaseView] = await views(connection, vault, query, with_contact=with_contact)
    return found[0]


def event_text(event: RowMapping, key: bytes | None) -> str | None:
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


def is_damaged(row: RowMapping, key: bytes | None) -> bool:
    """Whether a case that was not erased has fields that do not open."""
    return row["erased_at"] is None and _opened(row, key) is None


def _opened(row: RowMapping, key: bytes | None) -> dict[str, Any] | None:
    if key is None:
        return None
    try:
        return {
            column: unseal_json(key, place(column, row["id"]), row[column]) for column in _SEALED
        }
    except (SealError, TypeError, ValueError):
        return None


def _view(row: RowMapping, key: bytes | None, with_contact: bool) -> CaseView:
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
