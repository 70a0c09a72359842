"""The desk, opened: its doors, its lifecycle, its readings, its accounts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from itertools import count

from sqlalchemy.exc import IntegrityError

from seuil.desk import gauges, oidc
from seuil.desk.accounts import Accounts
from seuil.desk.database import Database
from seuil.desk.errors import DeskUnavailable, SettingError
from seuil.desk.figures import FiguresOf
from seuil.desk.keys import KeyRing, load_ring
from seuil.desk.lifecycle import Lifecycle
from seuil.desk.links import Links
from seuil.desk.live import Live
from seuil.desk.model import now_utc
from seuil.desk.outbox import Outbox, checked
from seuil.desk.people import People
from seuil.desk.referrals import Referrals
from seuil.desk.settings import DeskSettings
from seuil.desk.vault import Vault
from seuil.desk.words import sentence

_log = logging.getLogger(__name__)
_ROTATED_AT_ONCE = 100


class Desk(Referrals, Lifecycle, People, Links, Live, FiguresOf, Outbox):
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
        self.provider = oidc.Provider(settings)

    async def ready(self) -> bool:
        """Whether the database answers."""
        try:
            await self.load_calendar()
        except DeskUnavailable:
            return False
        return True

    async def keep_house(self, every: float = 15.0) -> None:
        """Watch, send and purge until cancelled; a failing round is logged and tried again."""
        rounds_an_hour = max(1, round(3600 / every))
        for number in count():
            await asyncio.sleep(every)
            try:
                self.vault.ring.refresh()
                await self.load_calendar()
                await self.watch()
                gauges.show(await self.pulse())
                await self.send_posted()
                if number % rounds_an_hour == 0:
                    await self.purge()
            except Exception as error:  # the watch must outlive whatever one round meets
                _log.error("housekeeping failed: %s", type(error).__name__)

    async def rotate_keys(self) -> int:
        """Wrap every data key with the current master key; returns how many were."""
        self.vault.ring.refresh()
        total = 0
        while True:
            async with self.database.write() as connection:
                done = await self.vault.rewrap(connection, _ROTATED_AT_ONCE)
            if not done:
                return total
            total += done
            await asyncio.sleep(0)  # short transactions: intakes go on meanwhile

    async def close(self) -> None:
        """Close the connections."""
        await self.database.close()


async def _open_vault(database: Database, ring: KeyRing, now: datetime) -> Vault:
    async with database.write() as connection:
        return await Vault.open(connection, ring, now)


async def open_desk(
    settings: DeskSettings | None = None, clock: Callable[[], datetime] = now_utc
) -> Desk:
    """Open the database, bring its schema up to date, open the keys.

    Raises SettingError with one line for the operator.
    """
    chosen = settings or DeskSettings()
    checked(chosen)
    oidc.checked(chosen)
    ring = load_ring(chosen)
    try:
        database = Database(chosen)
    except OSError:
        raise SettingError(sentence("settings", "database")) from None
    try:
        await database.migrate()
        try:
            vault = await _open_vault(database, ring, clock())
        except IntegrityError:
            # Another process opened the same empty database and made the keys just before us.
            vault = await _open_vault(database, ring, clock())
        desk = Desk(chosen, database, vault, clock)
        await desk.load_calendar()
    except DeskUnavailable:
        await database.close()
        raise SettingError(sentence("settings", "database")) from None
    except BaseException:
        await database.close()
        raise
    return desk
