"""What every part of the desk stands on, and the one way to change a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from seuil.desk import cases
from seuil.desk.calendar import OpeningCalendar
from seuil.desk.database import Database
from seuil.desk.errors import StaleVersion
from seuil.desk.events import DeskEvent, EventHub
from seuil.desk.history import canonical
from seuil.desk.model import PRIORITIES, Actor, CaseView
from seuil.desk.settings import DeskSettings
from seuil.desk.tables import outbox
from seuil.desk.vault import Vault


@dataclass(frozen=True)
class Change:
    """A decided change of a case: the event to append and the columns to set."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    text: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    bump: bool = True


# Looks at the case's row and the moment; returns the change, or None when nothing is to be
# done, or raises what forbids it.
CaseRow = Mapping[str, Any]
Decision = Callable[[CaseRow, datetime], Change | None]


class Core:
    """The desk's parts, opened."""

    def __init__(
        self,
        settings: DeskSettings,
        database: Database,
        vault: Vault,
        clock: Callable[[], datetime],
    ) -> None:
        self.settings = settings
        self.database = database
        self.vault = vault
        self.clock = clock
        self.calendar = OpeningCalendar()
        self.events = EventHub()

    async def act(
        self, reference: str, actor: Actor, version: int | None, decide: Decision
    ) -> CaseView:
        """Change a case in one transaction, then tell the listeners.

        `version` is the one that the actor read, None for any. Raises CaseNotFound, what
        `decide` raises, StaleVersion, DeskUnavailable.
        """
        async with self.database.write() as connection:
            held = await cases.locked(connection, self.vault, reference)
            view, change = await self.apply(connection, held, actor, version, decide)
        if change is not None:
            self.tell(change.kind, view)
        return view

    async def apply(
        self,
        connection: AsyncConnection,
        held: cases.Held,
        actor: Actor,
        version: int | None,
        decide: Decision,
    ) -> tuple[CaseView, Change | None]:
        """The same on a case already held, in the caller's transaction."""
        now, row = self.clock(), held.row
        # The state forbids before the version does: "taken by Claire" says more than "stale".
        change = decide(row, now)
        if version is not None and version != row["version"]:
            raise StaleVersion(row["version"])
        if change is not None:
            data = dict(change.data)
            steps_out = "live_since" in change.values and change.values["live_since"] is None
            if row["live_since"] is not None and steps_out:
                data["left"] = True
            await cases.change(
                connection,
                self.vault,
                held,
                kind=change.kind,
                actor=actor,
                now=now,
                data=data,
                text=change.text,
                values=change.values,
                bump=change.bump,
            )
        return held.view(), change

    def tell(self, kind: str, view: CaseView) -> None:
        """Publish a change of a case."""
        self.events.publish(DeskEvent(kind, view.reference, view.version, view.conversation_id))

    async def post(
        self, connection: AsyncConnection, kind: str, view: CaseView, moment: datetime
    ) -> None:
        """Put a notification without personal data in the outbox, once per kind and version."""
        await connection.execute(
            insert(outbox).values(
                dedup_key=f"{kind}/{view.reference}/{view.version}",
                kind=kind,
                case_id=view.id,
                payload=canonical(
                    {
                        "event": kind,
                        "reference": view.reference,
                        "priority": view.priority,
                        "due_at": view.due_at.isoformat(),
                    }
                ),
                created_at=moment,
                next_at=moment,
                attempts=0,
            )
        )

    def due(self, rank: int, now: datetime) -> datetime:
        """When a case of this rank, here from `now`, must be taken (UTC)."""
        return self.calendar.due(now, PRIORITIES[rank])
