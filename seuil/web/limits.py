"""How much one address, or one conversation, may ask for."""

from __future__ import annotations

import math
import time

from aiohttp import web
from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from seuil.web.settings import WebSettings


class Limits:
    """The two limits of `web.md`, counted in this process."""

    def __init__(self, settings: WebSettings) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._conversations = RateLimitItemPerSecond(
            settings.new_conversations, settings.new_conversations_window
        )
        self._messages = RateLimitItemPerSecond(settings.messages_per_minute, 60)

    async def wait_for_conversation(self, address: str) -> int:
        """Count a new conversation; return the seconds to wait, 0 when it may open."""
        return await self._wait(self._conversations, "conversation", address)

    async def wait_for_message(self, conversation: str) -> int:
        """Count a message; return the seconds to wait, 0 when it may be read."""
        return await self._wait(self._messages, "message", conversation)

    async def _wait(self, limit: RateLimitItemPerSecond, *key: str) -> int:
        if await self._limiter.hit(limit, *key):
            return 0
        window = await self._limiter.get_window_stats(limit, *key)
        return max(1, math.ceil(window.reset_time - time.time()))


def address_of(request: web.Request, trusted_proxies: int) -> str:
    """Return who asks: the peer, or what the last trusted proxy says of it."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if trusted_proxies and len(hops) >= trusted_proxies:
        return hops[-trusted_proxies]
    return request.remote or "?"
