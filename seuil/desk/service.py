"""The desk, opened: its doors, its lifecycle, its readings, its accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from seuil.desk.accounts import Accounts
from seuil.desk.database import Database
from seuil.desk.errors import DeskUnavailable, SettingError
from seuil.desk.keys import load_ring
from seuil.desk.lifecycle import Lifecycle
from seuil.desk.model import now_utc
from seuil.desk.reading import Reading
from seuil.desk.referrals import Referrals
from seuil.desk.settings import DeskSettings
from seuil.desk.tables import closures
from seuil.desk.vault import Vault
from seuil.desk.words import sentence


class Desk(Referrals, Lifecycle, Reading):
    """The counsellors' queue. Made by `open_desk`; safe for concurrent use in one event loop."""

    def __init__(
        self,
        settings: DeskSettings,
        database: Database,
        vault: Vault,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(settings, database, vault, clock)
        self.accounts = Accounts(settings, database, vault, clock)

    async def ready(self) -> bool:
        """Whether the database answers."""
        try:
            await self.load_calendar()
        except DeskUnavailable:
            return False
        return True

    async def load_calendar(self) -> None:
        """Read the days that supervisors closed."""
        async with self.database.read() as connection:
            days = (await connection.execute(select(closures.c.day))).scalars()
            self.calendar.closures = frozenset(days)

    async def close(self) -> None:
        """Close the connections."""
        await self.database.close()


async def open_desk(
    settings: DeskSettings | None = None, clock: Callable[[], datetime] = now_utc
) -> Desk:
    """Open the database, bring its schema up to date, open the keys.

    Raises SettingError with one line for the operator.
    """
    chosen = settings or DeskSettings()
    ring = load_ring(chosen)
    try:
        database = Database(chosen)
    except OSError:
        raise SettingError(sentence("settings", "database")) from None
    try:
        await database.migrate()
        async with database.write() as connection:
            vault = await Vault.open(connection, ring, clock())
        desk = Desk(chosen, database, vault, clock)
        await desk.load_calendar()
    except DeskUnavailable:
        await database.close()
        raise SettingError(sentence("settings", "database")) from None
    except BaseException:
        await database.close()
        raise
    return desk
