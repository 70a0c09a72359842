"""A case's life: waiting, claimed, closed; snoozed in between. Each verb is one decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from seuil.desk.cases import first_locked
from seuil.desk.contacts import clean
from seuil.desk.core import CaseRow, Change, Core
from seuil.desk.errors import ClaimConflict, InvalidCase, NotAllowed, WrongState
from seuil.desk.model import OUTCOMES, Actor, CaseView
from seuil.desk.tables import cases

ATTEMPT_RESULTS = ("reached", "no_answer", "message_left", "wrong_number", "call_back")
LONGEST_TEXT = 10_000
LONGEST_SNOOZE = timedelta(days=90)

# What these outcomes say is nothing without to whom, or of what.
_EXPLAINED = ("redirected", "duplicate")

FREE: dict[str, Any] = {
    "claimed_by": None,
    "claimed_name": None,
    "claimed_at": None,
    "read_at": None,
    "acted_at": None,
    "live_since": None,
    "alarmed_at": None,
}


class Lifecycle(Core):
    """The verbs. `version` is the one read by the actor (If-Match), None for any.

    All raise CaseNotFound, StaleVersion, DeskUnavailable, and what each says.
    """

    async def claim(self, reference: str, actor: Actor, version: int | None = None) -> CaseView:
        """Take a case; ClaimConflict naming the holder, WrongState when closed."""
        return await self.act(reference, actor, version, lambda row, now: _claim(row, actor, now))

    async def claim_next(self, actor: Actor) -> CaseView | None:
        """Take the first case of the queue, or None when nothing waits."""
        queue = (
            select(cases)
            .where(cases.c.status == "waiting")
            .order_by(cases.c.rank, cases.c.due_at, cases.c.created_at, cases.c.id)
        )
        async with self.database.write() as connection:
            first = await first_locked(connection, self.vault, queue, skip_locked=True)
            if first is None:
                return None
            view, _ = await self.apply(
                connection, first, actor, None, lambda row, now: _claim(row, actor, now)
            )
        self.tell("claimed", view)
        return view

    async def release(self, reference: str, actor: Actor, version: int | None = None) -> CaseView:
        """Put a case back in the queue, its promise unchanged; the holder's or a supervisor's."""

        def decide(row: CaseRow, now: datetime) -> Change:
            held(row, actor)
            return Change("released", values={**FREE, "status": "waiting"})

        return await self.act(reference, actor, version, decide)

    async def assign(
        self, reference: str, actor: Actor, to: Actor, version: int | None = None
    ) -> CaseView:
        """Give a case to someone, whoever holds it; a supervisor's."""

        def decide(row: CaseRow, now: datetime) -> Change:
            if not actor.supervises or to.role not in ("counsellor", "supervisor"):
                raise NotAllowed
            still_open(row)
            return Change(
                "assigned",
                {"to": to.name, "from": row["claimed_name"]},
                values=_taken(row, to, now),
            )

        return await self.act(reference, actor, version, decide)

    async def note(
        self, reference: str, actor: Actor, text: str, version: int | None = None
    ) -> CaseView:
        """Write a note; its text is sealed. On any case, closed ones too."""
        kept = text_kept("text", text, needed=True)

        def decide(row: CaseRow, now: datetime) -> Change:
            whole(row)
            return Change("note", text=kept, values=_acted(row, actor, now))

        return await self.act(reference, actor, version, decide)

    async def attempt(
        self,
        reference: str,
        actor: Actor,
        result: str,
        *,
        next_at: datetime | None = None,
        text: str = "",
        version: int | None = None,
    ) -> CaseView:
        """Record an attempt to reach the person: its result, the next time, a sealed comment."""
        if result not in ATTEMPT_RESULTS:
            raise InvalidCase("result")
        kept = text_kept("text", text)

        def decide(row: CaseRow, now: datetime) -> Change:
            held(row, actor)
            data = {"result": result, "next_at": next_at.isoformat() if next_at else None}
            values = {**_acted(row, actor, now), "attempts": row["attempts"] + 1}
            return Change("contact_attempt", data, text=kept or None, values=values)

        return await self.act(reference, actor, version, decide)

    async def snooze(
        self, reference: str, actor: Actor, until: datetime, version: int | None = None
    ) -> CaseView:
        """Put a case aside until a moment, 90 days at most; it then comes back to the queue."""

        def decide(row: CaseRow, now: datetime) -> Change:
            held(row, actor)
            if not now < until <= now + LONGEST_SNOOZE:
                raise InvalidCase("until")
            values = {**FREE, "status": "snoozed", "snoozed_until": until.astimezone(UTC)}
            return Change("snoozed", {"until": until.isoformat()}, values=values)

        return await self.act(reference, actor, version, decide)

    async def close_case(
        self,
        reference: str,
        actor: Actor,
        outcome: str,
        *,
        detail: str = "",
        version: int | None = None,
    ) -> CaseView:
        """Close a case that the actor holds (a supervisor: any), with one of OUTCOMES.

        `detail` (sealed) says where to for `redirected`, of which case for `duplicate`: both
        need it. Raises WrongState `no_attempt` for `unreachable` when nobody tried to reach them.
        """
        if outcome not in OUTCOMES:
            raise InvalidCase("outcome")
        kept = text_kept("detail", detail, needed=outcome in _EXPLAINED)

        def decide(row: CaseRow, now: datetime) -> Change:
            still_open(row)
            if not actor.supervises:
                held(row, actor)
            if outcome == "unreachable" and not row["attempts"]:
                raise WrongState("no_attempt", row["status"])
            data: Mapping[str, Any] = {"outcome": outcome, "attempts": row["attempts"]}
            values = {
                **FREE,
                "status": "closed",
                "outcome": outcome,
                "closed_at": now,
                "snoozed_until": None,
            }
            return Change("closed", data, text=kept or None, values=values)

        return await self.act(reference, actor, version, decide)

    async def reopen(self, reference: str, actor: Actor, version: int | None = None) -> CaseView:
        """Put a closed case back in the queue, with a new promise."""

        def decide(row: CaseRow, now: datetime) -> Change:
            whole(row)
            if row["status"] != "closed":
                raise WrongState("not_closed", row["status"])
            values = {
                "status": "waiting",
                "outcome": None,
                "closed_at": None,
                "due_at": self.due(row["rank"], now),
            }
            return Change("reopened", {"outcome": row["outcome"]}, values=values)

        return await self.act(reference, actor, version, decide)


def _claim(row: CaseRow, actor: Actor, now: datetime) -> Change | None:
    still_open(row)
    if row["status"] == "claimed":
        if row["claimed_by"] == actor.id:
            return None
        raise ClaimConflict(row["claimed_name"])
    return Change("claimed", values=_taken(row, actor, now))


def _taken(row: CaseRow, by: Actor, now: datetime) -> dict[str, Any]:
    taken = {
        **FREE,
        "status": "claimed",
        "claimed_by": by.id,
        "claimed_name": by.name,
        "claimed_at": now,
        "snoozed_until": None,
    }
    if row["first_taken_at"] is None:
        taken |= {"first_taken_at": now, "on_time": now <= row["due_at"]}
    return taken


def _acted(row: CaseRow, actor: Actor, now: datetime) -> dict[str, Any]:
    return {"acted_at": now} if row["claimed_by"] == actor.id else {}


def whole(row: CaseRow) -> None:
    """Raise WrongState when the case was erased."""
    if row["erased_at"] is not None:
        raise WrongState("erased", row["status"])


def still_open(row: CaseRow) -> None:
    """Raise WrongState when the case is closed or erased."""
    whole(row)
    if row["status"] == "closed":
        raise WrongState("already_closed", "closed")


def held(row: CaseRow, actor: Actor) -> None:
    """The case is claimed, and by this actor unless they supervise."""
    still_open(row)
    if row["status"] != "claimed":
        raise WrongState("not_claimed", row["status"])
    if row["claimed_by"] != actor.id and not actor.supervises:
        raise WrongState("not_holder", row["status"])


def text_kept(field: str, given: str, *, needed: bool = False) -> str:
    """The text to keep, cleaned; raises InvalidCase when too long, or empty and needed."""
    kept = clean(given)
    if len(kept) > LONGEST_TEXT:
        raise InvalidCase(field, "too_long", limit=LONGEST_TEXT)
    if needed and not kept:
        raise InvalidCase(field)
    return kept
