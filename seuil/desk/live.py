"""A counsellor in the person's open conversation.

What is said stands in the case's history, sealed: the gateway keeps no copy for us.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from seuil.desk.cases import Row, event_text
from seuil.desk.core import CaseRow, Change
from seuil.desk.errors import CaseNotFound, WrongState
from seuil.desk.lifecycle import held, text_kept
from seuil.desk.model import Actor, CaseView
from seuil.desk.presence import PERSON, Presence
from seuil.desk.tables import case_events, cases, conversations, users
from seuil.desk.words import words

_TALK = ("joined", "said", "heard", "left")
# They end a live conversation as well, when there was one (`Core.apply` notes it).
_ENDS = ("released", "closed", "assigned", "abandoned")


@dataclass(frozen=True)
class Spoken:
    """One line of a live conversation, for the person's page.

    `kind` is `joined`, `said` (by the counsellor), `heard` (by the person) or `left`; `by` is
    what the person reads of the counsellor; `seq` grows within the case.
    """

    seq: int
    kind: str
    at: datetime
    by: str
    text: str | None = field(repr=False)


class Live(Presence):
    """Live conversation."""

    async def join(self, reference: str, actor: Actor, version: int | None = None) -> CaseView:
        """Step into the person's conversation; the assistant steps back. The holder's alone.

        Raises WrongState `person_gone` when the conversation is over, `no_conversation` when
        the case came from elsewhere.
        """
        shown = await self._shown_as(actor)
        await self._conversation_of(reference)

        def decide(row: CaseRow, now: datetime) -> Change | None:
            _mine(row, actor)
            if row["live_since"] is not None:
                return None
            values = {"live_since": now, "acted_at": now}
            return Change("joined", {"by": shown}, values=values, bump=False)

        return await self.act(reference, actor, version, decide)

    async def leave(self, reference: str, actor: Actor, version: int | None = None) -> CaseView:
        """Step out; the assistant comes back. Releasing or closing the case does it too."""
        shown = await self._shown_as(actor)

        def decide(row: CaseRow, now: datetime) -> Change | None:
            held(row, actor)
            if row["live_since"] is None:
                return None
            return Change("left", {"by": shown}, values={"live_since": None}, bump=False)

        return await self.act(reference, actor, version, decide)

    async def say(self, reference: str, text: str, by: Actor) -> bool:
        """Write to the person in their open conversation; joins first if need be.

        Returns whether the person is there to read it now: if not, they read it if they come
        back before the conversation ends, and nothing is sent anywhere else. Raises
        WrongState as `join`, InvalidCase on the text.
        """
        kept = text_kept("text", text, needed=True)
        await self.join(reference, by)
        shown = await self._shown_as(by)
        conversation = await self._conversation_of(reference)

        def decide(row: CaseRow, now: datetime) -> Change:
            _mine(row, by)
            return Change("said", {"by": shown}, text=kept, values={"acted_at": now}, bump=False)

        await self.act(reference, by, None, decide)
        return await self.is_here(f"conversation/{conversation}")

    async def hear(self, conversation_id: str, text: str) -> bool:
        """Hand the person's message to the counsellor who is live; False when none is."""
        kept = text_kept("text", text, needed=True)
        reference = await self._live_reference(conversation_id)
        if reference is None:
            return False
        heard = False

        def decide(row: CaseRow, now: datetime) -> Change | None:
            nonlocal heard
            heard = row["live_since"] is not None
            return Change("heard", text=kept, bump=False) if heard else None

        await self.act(reference, PERSON, None, decide)
        return heard

    async def live(self, conversation_id: str) -> str | None:
        """What the person reads of the counsellor who is in their conversation, or None."""
        reference = await self._live_reference(conversation_id)
        if reference is None:
            return None
        spoken = await self.spoken(conversation_id)
        joined = [line.by for line in spoken if line.kind == "joined"]
        return joined[-1] if joined else None

    async def spoken(self, conversation_id: str, after: int = 0) -> Sequence[Spoken]:
        """What was said live in a conversation, from the line after `after` on."""
        async with self.database.read() as connection:
            found = await connection.execute(
                select(case_events)
                .join(cases, cases.c.id == case_events.c.case_id)
                .where(
                    cases.c.conversation_id == conversation_id,
                    case_events.c.kind.in_((*_TALK, *_ENDS)),
                    case_events.c.seq > after,
                )
                .order_by(case_events.c.case_id, case_events.c.seq)
            )
            events = found.mappings().all()
            keys = await self.vault.case_keys(connection, list({e["case_id"] for e in events}))
        return [
            line
            for event in events
            if (line := _spoken(event, keys.get(event["case_id"]))) is not None
        ]

    async def _live_reference(self, conversation_id: str) -> str | None:
        async with self.database.read() as connection:
            found = await connection.execute(
                select(cases.c.reference).where(
                    cases.c.conversation_id == conversation_id, cases.c.live_since.is_not(None)
                )
            )
            reference: str | None = found.scalar()
        return reference

    async def _conversation_of(self, reference: str) -> str:
        """The id of the case's conversation, still open; raises WrongState."""
        async with self.database.read() as connection:
            row = (
                await connection.execute(
                    select(cases.c.conversation_id, cases.c.status).where(
                        cases.c.reference == reference.strip().upper()
                    )
                )
            ).first()
            if row is None:
                raise CaseNotFound
            if row.conversation_id is None:
                raise WrongState("no_conversation", row.status)
            alive = await connection.execute(
                select(conversations.c.id).where(
                    conversations.c.id == row.conversation_id,
                    conversations.c.expires_at > self.clock(),
                )
            )
            if alive.first() is None:
                raise WrongState("person_gone", row.status)
        conversation: str = row.conversation_id
        return conversation

    async def _shown_as(self, actor: Actor) -> str:
        async with self.database.read() as connection:
            found = await connection.execute(select(users.c.shown_as).where(users.c.id == actor.id))
            shown: str | None = found.scalar()
        return shown or str(words("live")["counsellor"])


def _mine(row: CaseRow, actor: Actor) -> None:
    """Only who holds the case speaks in its conversation, supervisors included."""
    held(row, actor)
    if row["claimed_by"] != actor.id:
        raise WrongState("not_holder", row["status"])


def _spoken(event: Row, key: bytes | None) -> Spoken | None:
    data = json.loads(event["data"])
    kind = event["kind"] if event["kind"] in _TALK else "left"
    if kind == "left" and event["kind"] != "left" and not data.get("left"):
        return None
    text = event_text(event, key) if kind in ("said", "heard") else None
    return Spoken(event["seq"], kind, event["at"], data.get("by", ""), text)
