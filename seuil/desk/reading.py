"""Reading cases: the queue, a case's own page, its history, the check of the histories."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, select

from seuil.desk import cases as rows
from seuil.desk.contacts import comparable_phone
from seuil.desk.core import CaseRow, Change, Core
from seuil.desk.errors import CaseNotFound
from seuil.desk.history import Event, first_fault
from seuil.desk.keys import keyed_digest
from seuil.desk.model import PRIORITIES, Actor, CaseView
from seuil.desk.tables import case_events, cases, contact_index

PAGE = 50
_BATCH = 500


QUEUE_ORDER = (cases.c.rank, cases.c.due_at, cases.c.created_at, cases.c.id)


@dataclass(frozen=True)
class Only:
    """What to narrow the queue to; None is no matter. `holder` is an actor's id."""

    priority: str | None = None
    flag: str | None = None
    origin: str | None = None
    department: str | None = None
    holder: str | None = None
    overdue: bool = False


ANY = Only()


@dataclass(frozen=True)
class Fault:
    """A case that does not verify: its history from the event `seq` on, or its fields (None)."""

    reference: str
    seq: int | None


class Reading(Core):
    """Questions to the desk that change nothing but the audit of contact details."""

    async def queue(
        self, status: str = "waiting", q: str = "", page: int = 1, only: Only = ANY
    ) -> tuple[Sequence[CaseView], int]:
        """One page of cases, and how many there are in all.

        Open cases come by priority, then by the time left, then by age; closed ones by the
        date of closing, the last first. `q` is a reference, a phone number or an e-mail.
        """
        query = self._search(select(cases), q).where(cases.c.status == status)
        query = self._narrow(query, only)
        if status == "closed":
            ordered = query.order_by(cases.c.closed_at.desc(), cases.c.id)
        else:
            ordered = query.order_by(*QUEUE_ORDER)
        counting = select(func.count()).select_from(query.with_only_columns(cases.c.id).subquery())
        async with self.database.read() as connection:
            total = (await connection.execute(counting)).scalar_one()
            window = ordered.limit(PAGE).offset((page - 1) * PAGE)
            return await rows.views(connection, self.vault, window), total

    def _narrow(self, query: Select[Any], only: Only) -> Select[Any]:
        if only.priority is not None:
            query = query.where(cases.c.rank == PRIORITIES.index(only.priority))
        if only.flag is not None:
            query = query.where(cases.c[only.flag].is_(True))
        if only.origin is not None:
            query = query.where(cases.c.origin == only.origin)
        if only.department is not None:
            query = query.where(cases.c.department == only.department)
        if only.holder is not None:
            query = query.where(cases.c.claimed_by == only.holder)
        if only.overdue:
            query = query.where(cases.c.due_at < self.clock())
        return query

    def _search(self, query: Select[Any], q: str) -> Select[Any]:
        wanted = q.strip()
        if not wanted:
            return query
        if "@" in wanted:
            comparable = f"email:{wanted.casefold()}"
        elif (phone := comparable_phone(wanted)) is not None:
            comparable = f"phone:{phone}"
        else:
            return query.where(cases.c.reference.startswith(wanted.upper(), autoescape=True))
        digest = keyed_digest(self.vault.index, comparable)
        return query.where(
            cases.c.id.in_(select(contact_index.c.case_id).where(contact_index.c.digest == digest))
        )

    async def case(self, reference: str) -> CaseView:
        """A case without its contact details; raises CaseNotFound."""
        wanted = cases.c.reference == reference.strip().upper()
        async with self.database.read() as connection:
            found = await rows.views(connection, self.vault, select(cases).where(wanted))
        if not found:
            raise CaseNotFound
        return found[0]

    async def case_with_contact(self, reference: str, actor: Actor) -> CaseView:
        """A case with its contact details; this reading is recorded in its history."""

        def decide(row: CaseRow, now: datetime) -> Change:
            values = {"read_at": now} if row["claimed_by"] == actor.id else {}
            return Change("contact_read", values=values, bump=False)

        async with self.database.write() as connection:
            held = await rows.locked(connection, self.vault, reference)
            await self.apply(connection, held, actor, None, decide)
        return held.view(with_contact=True)

    async def case_public(self, reference: str) -> dict[str, str]:
        """What the person may know of their case: reference, priority, status."""
        return (await self.case(reference)).public()

    async def history(self, reference: str) -> list[Event]:
        """The events of a case in order, notes opened (an erased case's are gone)."""
        view = await self.case(reference)
        async with self.database.read() as connection:
            keys = await self.vault.case_keys(connection, [view.id])
            found = await connection.execute(
                select(case_events)
                .where(case_events.c.case_id == view.id)
                .order_by(case_events.c.seq)
            )
        key = keys.get(view.id)
        return [
            Event(
                seq=row["seq"],
                at=row["at"],
                kind=row["kind"],
                actor=row["actor_name"],
                data=json.loads(row["data"]),
                text=rows.event_text(row, key),
            )
            for row in found.mappings()
        ]

    async def verify(self) -> list[Fault]:
        """The faults found in all cases: altered histories, fields that do not open."""
        faults: list[Fault] = []
        last = ""
        while True:
            async with self.database.read() as connection:
                batch = (
                    (
                        await connection.execute(
                            select(cases)
                            .where(cases.c.id > last)
                            .order_by(cases.c.id)
                            .limit(_BATCH)
                        )
                    )
                    .mappings()
                    .all()
                )
                if not batch:
                    return faults
                events = (
                    await connection.execute(
                        select(case_events)
                        .where(case_events.c.case_id.between(batch[0]["id"], batch[-1]["id"]))
                        .order_by(case_events.c.case_id, case_events.c.seq)
                    )
                ).mappings()
                chains = {
                    case_id: list(map(dict, chain))
                    for case_id, chain in groupby(events, key=lambda row: row["case_id"])
                }
                keys = await self.vault.case_keys(connection, [case["id"] for case in batch])
            for case in batch:
                seq = first_fault(
                    self.vault.history,
                    chains.get(case["id"], []),
                    case["event_count"],
                    case["head_hash"],
                )
                if seq is not None or rows.is_damaged(case, keys.get(case["id"])):
                    faults.append(Fault(case["reference"], seq))
            last = batch[-1]["id"]
