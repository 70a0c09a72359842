"""People's data: how long it is kept, a person's copy of it, its erasure.

Erasing a case destroys its key: what stands sealed here and in any backup is lost. What stays is
a row without a person: dates, priority, outcome, and a history that still verifies. Each erasure
is also written in a ledger beside the key file, so that a restored backup is erased again.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from seuil.desk import cases as rows
from seuil.desk.core import CaseRow, Change
from seuil.desk.errors import NotAllowed
from seuil.desk.history import canonical
from seuil.desk.lifecycle import FREE
from seuil.desk.model import SYSTEM, Actor, CaseView
from seuil.desk.reading import Reading
from seuil.desk.settings import DeskSettings
from seuil.desk.tables import (
    case_events,
    case_links,
    cases,
    contact_index,
    conversations,
    data_keys,
    erasures,
    idempotency,
    login_failures,
    outbox,
    presence,
    sessions,
)

_BATCH = 200


class People(Reading):
    """Erasure, export, and the purge of what has been kept long enough."""

    async def erase(self, reference: str, actor: Actor) -> CaseView:
        """Erase a person's case: a supervisor's. Erasing twice is the same as once."""
        if not actor.supervises:
            raise NotAllowed
        async with self.database.write() as connection:
            held = await rows.locked(connection, self.vault, reference)
            # The change empties the conversation's id, that the erasure needs.
            row = dict(held.row)
            view, change = await self.apply(connection, held, actor, None, _erasure)
            if change is not None:
                await self._erase_rows(connection, row)
                places = [f"case/{row['id']}"]
                if row["conversation_id"] is not None:
                    places.append(f"conversation/{row['conversation_id']}")
                # Before the commit: an erasure noted twice is harmless, one forgotten is not.
                note_erasures(self.settings, places)
                view = await rows.view(connection, self.vault, row["id"])
        if change is not None:
            self.tell("erased", view)
        return view

    async def _erase_rows(self, connection: AsyncConnection, row: CaseRow) -> None:
        case_id, now = row["id"], self.clock()
        await connection.run_sync(lambda sync: forget_case(sync, case_id, now))
        if row["conversation_id"] is None:
            return
        conversation = row["conversation_id"]
        await connection.run_sync(lambda sync: forget_conversation(sync, conversation, now))
        await connection.execute(
            insert(outbox).values(
                dedup_key=f"conversation.erased/{case_id}",
                kind="conversation.erased",
                payload=canonical({"event": "conversation.erased", "conversation": conversation}),
                created_at=now,
                next_at=now,
                attempts=0,
            )
        )

    async def export(self, reference: str, actor: Actor) -> dict[str, Any]:
        """All that is kept of a person in a case, for them; recorded in the history."""
        if not actor.supervises:
            raise NotAllowed
        async with self.database.write() as connection:
            held = await rows.locked(connection, self.vault, reference)
            await self.apply(
                connection, held, actor, None, lambda row, now: Change("exported", bump=False)
            )
            view = held.view(with_contact=True)
        return {
            **view.as_json(),
            "history": [event.as_json() for event in await self.history(reference)],
        }

    async def purge(self) -> int:
        """Erase the cases closed long ago, and drop what is no longer of use; cases erased."""
        now, keep = self.clock(), self.settings
        limit = now - timedelta(days=keep.keep_closed_days)
        async with self.database.read() as connection:
            old = (
                await connection.execute(
                    select(cases.c.reference)
                    .where(
                        cases.c.status == "closed",
                        cases.c.closed_at <= limit,
                        cases.c.erased_at.is_(None),
                    )
                    .limit(_BATCH)
                )
            ).scalars()
            references = list(old)
        for reference in references:
            await self.erase(reference, SYSTEM)
        sent_before = now - timedelta(days=keep.keep_sent_days)
        idle = now - timedelta(seconds=keep.session_idle)
        async with self.database.write() as connection:
            for gone in (
                delete(outbox).where(outbox.c.next_at.is_(None), outbox.c.created_at < sent_before),
                delete(sessions).where(
                    (sessions.c.expires_at <= now) | (sessions.c.seen_at <= idle)
                ),
                delete(login_failures).where(login_failures.c.at < now - timedelta(hours=1)),
                delete(presence).where(presence.c.seen_at < now - timedelta(hours=1)),
            ):
                await connection.execute(gone)
        return len(references)


def _erasure(row: CaseRow, now: datetime) -> Change | None:
    if row["erased_at"] is not None:
        return None
    values: dict[str, Any] = {
        **FREE,
        "status": "closed",
        "closed_at": row["closed_at"] or now,
        "snoozed_until": None,
        "erased_at": now,
    }
    return Change("erased", values=values)


def forget_case(connection: Connection, case_id: str, now: datetime) -> None:
    """Remove all that is personal of a case, its key first; its history stays verifiable."""
    connection.execute(delete(data_keys).where(data_keys.c.name == f"case/{case_id}"))
    connection.execute(
        update(cases)
        .where(cases.c.id == case_id)
        .values(
            contact=None,
            facts=None,
            assessment=None,
            summary=None,
            department=None,
            conversation_id=None,
            erased_at=now,
            status="closed",
            **FREE,
        )
    )
    connection.execute(
        update(case_events).where(case_events.c.case_id == case_id).values(secret=None)
    )
    for table in (contact_index, idempotency, outbox):
        connection.execute(delete(table).where(table.c.case_id == case_id))
    connection.execute(
        delete(case_links).where(
            (case_links.c.case_id == case_id) | (case_links.c.other_id == case_id)
        )
    )
    _note(connection, f"case/{case_id}", now)


def forget_conversation(connection: Connection, conversation_id: str, now: datetime) -> None:
    """Remove a conversation of the gateway."""
    connection.execute(delete(conversations).where(conversations.c.id == conversation_id))
    _note(connection, f"conversation/{conversation_id}", now)


def _note(connection: Connection, place: str, now: datetime) -> None:
    known = connection.execute(select(erasures.c.place).where(erasures.c.place == place))
    if known.first() is None:
        connection.execute(insert(erasures).values(place=place, at=now))


# The ledger


def ledger(settings: DeskSettings) -> Path:
    """Where erasures are noted outside the database: keep it when a backup is restored."""
    return settings.var / "erasures.jsonl"


def note_erasures(settings: DeskSettings, places: list[str]) -> None:
    """Add places to the ledger, on the disk before it returns."""
    path = ledger(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("".join(json.dumps({"place": place}) + "\n" for place in places))
        file.flush()
        os.fsync(file.fileno())


def noted_erasures(settings: DeskSettings) -> list[str]:
    """The places of the ledger."""
    path = ledger(settings)
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["place"] for line in lines if line.strip()]
