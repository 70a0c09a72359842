"""Where conversations are kept between two requests, and for how long.

A row a conversation, its content sealed with a key that only the conversation's own token
gives: who reads the database, or a backup of it, reads nothing. This process also keeps what
it served last, so that a database that does not answer stops no conversation.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import secrets
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from seuil.desk import DeskUnavailable
from seuil.desk.database import Database
from seuil.desk.keys import SealError, seal, unseal
from seuil.desk.tables import conversations
from seuil.web.conversation import Conversation

logger = logging.getLogger(__name__)

TOKEN_PREFIX = "conv_"  # noqa: S105 - what every token begins with, not a token
CACHED = 5_000


@dataclass
class Held:
    """A conversation in memory, and whether the database has its last state."""

    conversation: Conversation
    token: str
    lock: asyncio.Lock
    expires_at: datetime
    saved: bool = False
    changed: bool = False
    writer: asyncio.Task[None] | None = None


def digest(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _key(token: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"seuil conversation").derive(token.encode())


class ConversationStore:
    """Conversations by token. `lifetime` is in seconds since the last message."""

    def __init__(self, database: Database, lifetime: int) -> None:
        self._database = database
        self._lifetime = timedelta(seconds=lifetime)
        self._held: OrderedDict[str, Held] = OrderedDict()

    def open(self, conversation: Conversation) -> Held:
        """Hold a new conversation and mint its token; `save` writes it."""
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        return self._hold(conversation, token)

    async def find(self, token: str | None) -> Held | None:
        """Return the live conversation that answers to `token`, or None.

        Raises DeskUnavailable when only the database could tell.
        """
        if not token or not token.startswith(TOKEN_PREFIX):
            return None
        held = self._held.get(token)
        # Being changed here, or known here alone: what the database has is older.
        if held is not None and (held.lock.locked() or not held.saved or self._database.is_sqlite):
            return self._if_alive(held)
        try:
            return await self._load(token)
        except DeskUnavailable:
            if held is None:
                raise
            return self._if_alive(held)

    async def save(self, held: Held) -> None:
        """Write the conversation. It stays held when the database does not answer.

        Several machines share PostgreSQL: there the next request may come to another, so the
        write is awaited. SQLite serves this process alone: the answer does not wait for the
        disk, and `flush` makes sure that nothing is left behind.
        """
        held.expires_at = datetime.now(UTC) + self._lifetime
        held.changed = True
        held.saved = False
        if held.writer is None or held.writer.done():
            held.writer = asyncio.create_task(self._write_changes(held))
        if not self._database.is_sqlite:
            await held.writer

    async def flush(self) -> None:
        """Wait until every change made so far is written, or cannot be."""
        writers = [held.writer for held in self._held.values() if held.writer]
        await asyncio.gather(*writers, return_exceptions=True)

    async def _write_changes(self, held: Held) -> None:
        while held.changed and held.token in self._held:
            held.changed = False
            await self._write(held)

    async def _write(self, held: Held) -> None:
        now = datetime.now(UTC)
        content = zlib.compress(json.dumps(held.conversation.as_json()).encode(), 1)
        identifier = held.conversation.id
        row = {
            "id": identifier,
            "token_hash": digest(held.token),
            "audience": held.conversation.audience,
            "created_at": datetime.fromisoformat(held.conversation.created_at),
            "updated_at": now,
            "expires_at": held.expires_at,
            "state": seal(_key(held.token), f"conversations/state/{identifier}", content),
            "version": 1,
        }
        insert = (sqlite if self._database.is_sqlite else postgresql).insert(conversations)
        changed = {name: row[name] for name in ("updated_at", "expires_at", "state")}
        statement = insert.values(row).on_conflict_do_update(index_elements=["id"], set_=changed)
        try:
            async with self._database.write() as connection:
                await connection.execute(statement)
            held.saved = not held.changed
        except DeskUnavailable:
            logger.warning("a conversation could not be saved; it is kept in memory")

    async def erase(self, held: Held) -> None:
        """Erase the conversation from memory and from the database."""
        self._held.pop(held.token, None)
        if held.writer is not None:
            await held.writer
        async with self._database.write() as connection:
            await connection.execute(
                delete(conversations).where(conversations.c.id == held.conversation.id)
            )

    async def drop(self, identifier: str) -> None:
        """Erase the conversation of this id, if it is there."""
        for held in [held for held in self._held.values() if held.conversation.id == identifier]:
            async with held.lock:
                await self.erase(held)

    async def purge(self) -> int:
        """Erase the conversations whose time is over; return how many rows went."""
        now = datetime.now(UTC)
        for token in [token for token, held in self._held.items() if held.expires_at < now]:
            del self._held[token]
        async with self._database.write() as connection:
            result = await connection.execute(
                delete(conversations).where(conversations.c.expires_at < now)
            )
        return int(result.rowcount)

    def _hold(self, conversation: Conversation, token: str) -> Held:
        known = self._held.get(token)
        lock = known.lock if known else asyncio.Lock()
        expires_at = datetime.now(UTC) + self._lifetime
        held = Held(conversation, token, lock, expires_at)
        self._held[token] = held
        self._held.move_to_end(token)
        self._drop_oldest()
        return held

    def _drop_oldest(self) -> None:
        # One that the database does not have yet is never dropped.
        if len(self._held) > CACHED:
            for token, held in self._held.items():
                if held.saved and not held.lock.locked():
                    del self._held[token]
                    return

    def _if_alive(self, held: Held) -> Held | None:
        return held if held.expires_at > datetime.now(UTC) else None

    async def _load(self, token: str) -> Held | None:
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(conversations).where(conversations.c.token_hash == digest(token))
                )
            ).one_or_none()
        if row is None or row.expires_at < datetime.now(UTC):
            return None
        try:
            content = unseal(_key(token), f"conversations/state/{row.id}", row.state)
        except SealError:
            return None
        held = self._hold(Conversation.from_json(json.loads(zlib.decompress(content))), token)
        held.expires_at = row.expires_at
        held.saved = True
        return held
