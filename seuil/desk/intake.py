"""Taking cases in, and what a conversation tells afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from seuil.desk import cases as rows
from seuil.desk.contacts import clean, comparables, read_contact
from seuil.desk.core import CaseRow, Change, Core
from seuil.desk.errors import IdempotencyConflict, InvalidCase
from seuil.desk.history import canonical
from seuil.desk.keys import keyed_digest
from seuil.desk.model import (
    AUDIENCES,
    FLAGS,
    SYSTEM,
    Actor,
    CaseView,
    NewCase,
    now_utc,
    rank_of,
)
from seuil.desk.tables import contact_index, idempotency
from seuil.desk.vault import seal_json

_LONGEST_KEY = 200
_LONGEST_SUMMARY = 60
_LONGEST_LINE = 2000


class Intake(Core):
    """The doors by which a case comes in."""

    async def intake(self, case: NewCase, idempotency_key: str, actor: Actor = SYSTEM) -> CaseView:
        """Record a case; returns only once it is committed.

        The same key with the same body gives the same case again; with another body, raises
        IdempotencyConflict. Raises InvalidCase on a field, DeskUnavailable when nothing could
        be recorded.
        """
        if not 1 <= len(idempotency_key) <= _LONGEST_KEY or idempotency_key != clean(
            idempotency_key
        ):
            raise InvalidCase("idempotency_key")
        kept = _admissible(case)
        key = f"{actor.id}/{idempotency_key}"
        body = keyed_digest(self.vault.index, canonical(asdict(kept)))
        try:
            view, new = await self._intake_once(kept, key, body, actor)
        except IntegrityError:
            # A twin committed the same key between our look and our insertion.
            view, new = await self._intake_once(kept, key, body, actor)
        if new:
            self.tell("created", view)
        return view

    async def _intake_once(
        self, case: NewCase, key: str, body: str, actor: Actor
    ) -> tuple[CaseView, bool]:
        async with self.database.write() as connection:
            known = (
                await connection.execute(select(idempotency).where(idempotency.c.key == key))
            ).first()
            if known is not None:
                if known.body_digest != body:
                    raise IdempotencyConflict
                return await rows.view(connection, self.vault, known.case_id), False
            now = self.clock()
            view = await self._record(connection, case, actor, now)
            await connection.execute(
                insert(idempotency).values(
                    key=key, body_digest=body, case_id=view.id, created_at=now
                )
            )
            return view, True

    async def _record(
        self, connection: AsyncConnection, case: NewCase, actor: Actor, now: datetime
    ) -> CaseView:
        rank = _rank(case.flags, case.facts)
        view = await rows.add(
            connection,
            self.vault,
            now=now,
            actor=actor,
            clear={
                "origin": case.origin,
                "audience": case.audience,
                "rank": rank,
                **case.flags,
                "department": case.facts.get("department"),
                "conversation_id": case.conversation_id,
                "due_at": self.due(rank, now),
            },
            sealed={
                "contact": case.contact,
                "facts": case.facts,
                "assessment": case.assessment,
                "summary": list(case.summary),
            },
            event={"origin": case.origin, "rank": rank, "flags": dict(case.flags)},
        )
        found_by = [
            {"case_id": view.id, "digest": keyed_digest(self.vault.index, comparable)}
            for comparable in sorted(set(comparables(case.contact)))
        ]
        await connection.execute(insert(contact_index).values(found_by))
        await self.post(connection, "case.created", view, now)
        return view

    async def raise_flags(self, reference: str, flags: Mapping[str, bool]) -> CaseView:
        """Raise the flags that are true; the priority follows, never downwards.

        A closed case on which a flag is raised opens again; a snoozed one comes back.
        """

        def decide(row: CaseRow, now: datetime) -> Change | None:
            raised = [flag for flag in FLAGS if flags.get(flag) is True and not row[flag]]
            if not raised or row["erased_at"] is not None:
                return None
            now_up = {flag: bool(row[flag]) or flag in raised for flag in FLAGS}
            rank = min(row["rank"], _rank(now_up, {}))
            values: dict[str, Any] = {**now_up, "rank": rank}
            due = self.due(rank, now)
            asleep = row["status"] in ("closed", "snoozed")
            values["due_at"] = due if asleep else min(row["due_at"], due)
            if asleep:
                values |= {
                    "status": "waiting",
                    "snoozed_until": None,
                    "closed_at": None,
                    "outcome": None,
                    "alarmed_at": None,
                }
            return Change("flags_raised", {"flags": raised, "rank": rank}, values=values)

        async with self.database.write() as connection:
            held = await rows.locked(connection, self.vault, reference)
            view, change = await self.apply(connection, held, SYSTEM, None, decide)
            if change is not None:
                await self.post(connection, "case.raised", view, self.clock())
        if change is not None:
            self.tell(change.kind, view)
        return view

    async def refresh(
        self,
        reference: str,
        facts: Mapping[str, Any],
        assessment: Mapping[str, Any],
        summary: Sequence[str],
    ) -> CaseView:
        """Record what the conversation learnt since the intake; the flags stay as they are.

        The priority may rise with the facts, never fall. An erased case is left alone.
        """
        kept_facts, kept_assessment = _without_stay(facts, assessment)
        lines = _summary(summary)
        async with self.database.write() as connection:
            held = await rows.locked(connection, self.vault, reference)
            key = held.key

            def decide(row: CaseRow, now: datetime) -> Change | None:
                if key is None:
                    return None
                rank = min(row["rank"], _rank({flag: row[flag] for flag in FLAGS}, kept_facts))
                sealed = {"facts": kept_facts, "assessment": kept_assessment, "summary": lines}
                values: dict[str, Any] = {
                    column: seal_json(key, rows.place(column, row["id"]), value)
                    for column, value in sealed.items()
                }
                if rank < row["rank"]:
                    values |= {"rank": rank, "due_at": min(row["due_at"], self.due(rank, now))}
                values["department"] = kept_facts.get("department")
                return Change("refreshed", {"rank": rank}, values=values)

            view, change = await self.apply(connection, held, SYSTEM, None, decide)
        if change is not None:
            self.tell(change.kind, view)
        return view

    def promise(self, priority: str, now: datetime | None = None) -> datetime:
        """When a case of this priority opened at `now` will be taken at the latest (UTC)."""
        return self.calendar.due(now or now_utc(), priority)


def _rank(flags: Mapping[str, bool], facts: Mapping[str, Any]) -> int:
    return rank_of(flags, facts.get("difficulties") or (), facts.get("disaster"))


def _admissible(case: NewCase) -> NewCase:
    if case.audience not in AUDIENCES:
        raise InvalidCase("audience")
    if any(not isinstance(case.flags.get(flag, False), bool) for flag in FLAGS):
        raise InvalidCase("flags")
    facts, assessment = _without_stay(case.facts, case.assessment)
    return NewCase(
        audience=case.audience,
        facts=facts,
        assessment=assessment,
        # A flag among the facts counts too: a missed case is worse than a needless one.
        flags={f: case.flags.get(f) is True or facts.get(f) is True for f in FLAGS},
        contact=read_contact(case.contact),
        summary=_summary(case.summary),
        conversation_id=case.conversation_id,
        origin=case.origin,
    )


def _summary(lines: Sequence[str]) -> list[str]:
    return [clean(line)[:_LONGEST_LINE] for line in lines][-_LONGEST_SUMMARY:]


def _without_stay(
    facts: Mapping[str, Any], assessment: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Without `regular_stay`, never recorded on a case, nor the verdict that would tell it."""
    kept = {name: value for name, value in facts.items() if name != "regular_stay"}
    recorded = dict(assessment)
    if "regular_stay" in facts:
        recorded["services"] = [
            service
            for service in assessment.get("services", ())
            if service.get("service") != "aslli"
        ]
    return kept, recorded
