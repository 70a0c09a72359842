"""The gateway's way to Rasa: one turn at a time, over loopback, with a bound on the wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

TURN_TIMEOUT = 8.0
PROBE_TIMEOUT = 1.0


class AssistantDown(Exception):
    """Rasa did not answer, or answered nothing that can be shown."""


@dataclass(frozen=True)
class Answer:
    """What Rasa says after a turn.

    `messages` as the channel collects them, `slots` by name, `urgency` as `/model/parse` gives
    it (None when the turn was a choice).
    """

    messages: list[dict[str, Any]]
    slots: dict[str, Any]
    urgency: dict[str, Any] | None


class Rasa:
    """A client of the assistant's own channel."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, actions_url: str, secret: str
    ) -> None:
        self._session = session
        self._url = url
        self._actions_url = actions_url
        self._headers = {"X-Seuil-Secret": secret}

    async def turn(self, body: dict[str, Any]) -> Answer:
        """Run one turn (see the channel for `body`); raises AssistantDown."""
        try:
            async with self._session.post(
                f"{self._url}/webhooks/seuil/turn",
                json=body,
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=TURN_TIMEOUT),
            ) as response:
                if response.status != 200:
                    raise AssistantDown
                data = await response.json()
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
            raise AssistantDown from error
        return Answer(data["messages"], data["slots"], data["urgency"])

    async def forget(self, conversation: str) -> bool:
        """Erase a conversation's tracker; False when Rasa does not answer."""
        try:
            async with self._session.delete(
                f"{self._url}/webhooks/seuil/conversations/{conversation}",
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=TURN_TIMEOUT),
            ) as response:
                return response.status == 204
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return False

    async def ready(self) -> bool:
        """Tell whether Rasa answers with a model loaded."""
        return await self._answers(f"{self._url}/webhooks/seuil/")

    async def actions_ready(self) -> bool:
        """Tell whether the action server answers."""
        return await self._answers(f"{self._actions_url}/health")

    async def _answers(self, url: str) -> bool:
        try:
            async with self._session.get(
                url, timeout=aiohttp.ClientTimeout(total=PROBE_TIMEOUT)
            ) as response:
                return response.status == 200
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return False
