"""Who has which page open: a row refreshed while it is; who is not seen for a while has left."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from seuil.desk.core import Core
from seuil.desk.model import Actor
from seuil.desk.tables import presence

SEEN_WITHIN = timedelta(seconds=45)
PERSON = Actor("person", "La personne", "person")


class Presence(Core):
    """Coming, going, and who is there."""

    async def here(self, place: str, actor: Actor = PERSON) -> None:
        """Someone has this page open: `case/<id>` or `conversation/<id>`."""
        row = {"place": place, "who": actor.id, "name": actor.name, "seen_at": self.clock()}
        upsert = (sqlite.insert if self.database.is_sqlite else postgresql.insert)(presence)
        async with self.database.write() as connection:
            await connection.execute(
                upsert.values(row).on_conflict_do_update(
                    index_elements=["place", "who"], set_={"seen_at": row["seen_at"]}
                )
            )

    async def gone(self, place: str, actor: Actor = PERSON) -> None:
        """Someone closed this page."""
        async with self.database.write() as connection:
            await connection.execute(delete(presence).filter_by(place=place, who=actor.id))

    async def is_here(self, place: str) -> bool:
        """Whether anyone has this page open."""
        return bool(await self.others(place, None))

    async def others(self, place: str, actor: Actor | None) -> list[str]:
        """The names of the others who have this page open."""
        async with self.database.read() as connection:
            found = await connection.execute(
                select(presence.c.who, presence.c.name)
                .where(presence.c.place == place, presence.c.seen_at > self.clock() - SEEN_WITHIN)
                .order_by(presence.c.name)
            )
            return [row.name for row in found if actor is None or row.who != actor.id]
