"""Several cases of one person: suggested by their contact details, linked by a counsellor only.

Two people may share a phone: nothing is ever merged, and nothing is linked by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from seuil.desk import cases as rows
from seuil.desk.core import CaseRow, Change, Core
from seuil.desk.errors import InvalidCase
from seuil.desk.lifecycle import whole
from seuil.desk.model import Actor, CaseView
from seuil.desk.tables import case_links, cases, contact_index

_MOST = 20


class Links(Core):
    """Linking cases, and finding which might be linked."""

    async def link(
        self, reference: str, actor: Actor, other: str, version: int | None = None
    ) -> CaseView:
        """Link two cases, in both histories; raises InvalidCase on `other` when it is the same."""
        return await self._join(reference, actor, other, version, linked=True)

    async def unlink(
        self, reference: str, actor: Actor, other: str, version: int | None = None
    ) -> CaseView:
        """Take a link away."""
        return await self._join(reference, actor, other, version, linked=False)

    async def _join(
        self, reference: str, actor: Actor, other: str, version: int | None, *, linked: bool
    ) -> CaseView:
        kind = "linked" if linked else "unlinked"
        async with self.database.write() as connection:
            # Always in the same order, so that two counsellors never wait for each other.
            names = sorted({reference.strip().upper(), other.strip().upper()})
            if len(names) == 1:
                raise InvalidCase("other")
            found = {name: await rows.locked(connection, self.vault, name) for name in names}
            mine, theirs = found[reference.strip().upper()], found[other.strip().upper()]
            if await self._are_linked(connection, mine.row["id"], theirs.row["id"]) == linked:
                return mine.view()
            first, second = sorted((mine.row["id"], theirs.row["id"]))
            pair = {"case_id": first, "other_id": second}
            if linked:
                await connection.execute(insert(case_links).values(pair))
            else:
                await connection.execute(delete(case_links).filter_by(**pair))

            def of(row: CaseRow, twin: CaseRow) -> Change:
                whole(row)
                return Change(kind, {"other": twin["reference"]})

            def their_side(row: CaseRow, now: datetime) -> Change:
                return of(row, mine.row)

            def my_side(row: CaseRow, now: datetime) -> Change:
                return of(row, theirs.row)

            their_view, _ = await self.apply(connection, theirs, actor, None, their_side)
            my_view, _ = await self.apply(connection, mine, actor, version, my_side)
        self.tell(kind, my_view)
        self.tell(kind, their_view)
        return my_view

    async def linked(self, case_id: str) -> Sequence[CaseView]:
        """The cases linked to this one."""
        ours = select(case_links.c.other_id).where(case_links.c.case_id == case_id)
        theirs = select(case_links.c.case_id).where(case_links.c.other_id == case_id)
        query = select(cases).where(cases.c.id.in_(ours.union(theirs))).limit(_MOST)
        async with self.database.read() as connection:
            return await rows.views(connection, self.vault, query)

    async def alike(self, case_id: str) -> Sequence[CaseView]:
        """The cases with the same phone or e-mail that are not linked to this one."""
        known = {view.id for view in await self.linked(case_id)} | {case_id}
        mine = select(contact_index.c.digest).where(contact_index.c.case_id == case_id)
        same = select(contact_index.c.case_id).where(contact_index.c.digest.in_(mine))
        query = (
            select(cases)
            .where(cases.c.id.in_(same), cases.c.id.not_in(known))
            .order_by(cases.c.created_at.desc())
            .limit(_MOST)
        )
        async with self.database.read() as connection:
            return await rows.views(connection, self.vault, query)

    async def _are_linked(self, connection: AsyncConnection, one: str, two: str) -> bool:
        first, second = sorted((one, two))
        found = await connection.execute(
            select(case_links.c.case_id).filter_by(case_id=first, other_id=second)
        )
        return found.first() is not None
