"""Notifications that leave the house, without personal data: e-mail and signed webhook.

They are written in the transaction of what they tell, and sent afterwards by the watch: an
intake never waits for them. A failure is retried with growing pauses, then given up and shown.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import smtplib
import ssl
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
from sqlalchemy import RowMapping, select, update

from seuil.desk.core import Core
from seuil.desk.errors import SettingError
from seuil.desk.pages import render_text
from seuil.desk.settings import DeskSettings
from seuil.desk.tables import outbox
from seuil.desk.words import sentence

_log = logging.getLogger(__name__)
_BATCH = 20
_PATIENCE = 10.0
# Four days of trying, then it is given up.
PAUSES = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 60, 180, 720, 1440, 1440, 1440))
# While a process sends a row, the others leave it alone for this long.
_LEASE = timedelta(minutes=2)

ForgetConversation = Callable[[str], Awaitable[None]]


class Outbox(Core):
    """Sending what was posted."""

    # The gateway's own way to erase a conversation from Rasa's tracker; it may raise.
    forget_conversation: ForgetConversation | None = None

    async def send_posted(self) -> int:
        """Send what is due; returns how many were sent. Raises DeskUnavailable."""
        sent = 0
        for row in await self._leased():
            error = await self._sent(row)
            sent += error is None
            await self._settle(row, error)
        return sent

    async def _leased(self) -> list[RowMapping]:
        now = self.clock()
        due = select(outbox).where(outbox.c.next_at <= now).order_by(outbox.c.next_at).limit(_BATCH)
        async with self.database.read() as connection:
            if (await connection.execute(due)).first() is None:
                return []
        async with self.database.write() as connection:
            found = list(
                (await connection.execute(due.with_for_update(skip_locked=True))).mappings()
            )
            await connection.execute(
                update(outbox)
                .where(outbox.c.id.in_([row["id"] for row in found]))
                .values(next_at=now + _LEASE)
            )
        return found

    async def _sent(self, row: RowMapping) -> str | None:
        """Nothing when sent; else the kind of error, never its text."""
        payload = json.loads(row["payload"])
        try:
            async with asyncio.timeout(2 * _PATIENCE):
                if row["kind"] == "conversation.erased":
                    if self.forget_conversation is not None:
                        await self.forget_conversation(payload["conversation"])
                    return None
                await self._notify(row["dedup_key"], payload)
        except Exception as error:
            return type(error).__name__
        return None

    async def _notify(self, dedup_key: str, payload: Mapping[str, Any]) -> None:
        settings = self.settings
        if settings.webhook_url:
            await post_webhook(settings.webhook_url, settings.webhook_secret, dedup_key, payload)
        if settings.smtp_url and settings.notify_to and payload["event"] != "case.created":
            await asyncio.to_thread(send_email, settings, dedup_key, payload)

    async def _settle(self, row: RowMapping, error: str | None) -> None:
        now = self.clock()
        attempts = row["attempts"] + 1
        values: dict[str, Any] = {"attempts": attempts, "error": error}
        if error is None:
            values |= {"sent_at": now, "next_at": None}
        elif attempts > len(PAUSES):
            values["next_at"] = None
            _log.error("outbox: %s given up after %d attempts (%s)", row["kind"], attempts, error)
        else:
            values["next_at"] = now + PAUSES[attempts - 1]
            _log.warning("outbox: %s not sent (%s), tried again later", row["kind"], error)
        async with self.database.write() as connection:
            await connection.execute(update(outbox).where(outbox.c.id == row["id"]).values(values))


async def post_webhook(url: str, secret: str, delivery: str, payload: Mapping[str, Any]) -> None:
    """POST a notification, signed: `Seuil-Signature: sha256=<HMAC of the body>`.

    `Seuil-Delivery` is the same for each attempt, so that the receiver drops repeats. Raises
    when the receiver does not answer 2xx.
    """
    body = json.dumps(payload, sort_keys=True).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "Seuil-Delivery": delivery,
        "Seuil-Signature": f"sha256={signature}",
    }
    timeout = aiohttp.ClientTimeout(total=_PATIENCE)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        if not 200 <= answer.status < 300:
            raise ConnectionError


def send_email(settings: DeskSettings, delivery: str, payload: Mapping[str, Any]) -> None:
    """Send a notification by SMTP; raises when the server refuses it."""
    server = urlsplit(settings.smtp_url)
    message = EmailMessage()
    message["Subject"] = render_text(f"mail/{payload['event']}.subject.txt", **payload).strip()
    message["From"] = settings.notify_from
    message["To"] = settings.notify_to
    message["Message-ID"] = f"<{hashlib.sha256(delivery.encode()).hexdigest()[:32]}@seuil>"
    message.set_content(render_text("mail/body.txt", **payload))
    host = server.hostname or ""
    secure = server.scheme == "smtps"
    context = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(host, server.port or 465, timeout=_PATIENCE, context=context)
        if secure
        else smtplib.SMTP(host, server.port or 587, timeout=_PATIENCE)
    ) as smtp:
        if server.username:
            if not secure:
                smtp.starttls(context=context)
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)


def checked(settings: DeskSettings) -> None:
    """Raise SettingError when the notifications' settings cannot work together."""
    if settings.webhook_url and (
        urlsplit(settings.webhook_url).scheme not in ("http", "https")
        or len(settings.webhook_secret) < 16
    ):
        raise SettingError(sentence("settings", "webhook"))
    if settings.smtp_url and (
        urlsplit(settings.smtp_url).scheme not in ("smtp", "smtps")
        or not urlsplit(settings.smtp_url).hostname
        or not settings.notify_to
    ):
        raise SettingError(sentence("settings", "smtp"))
