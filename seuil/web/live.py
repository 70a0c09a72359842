"""What reaches a person between two messages: a counsellor's words, a change of their case."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import web

from seuil.desk import Actor, DeskError
from seuil.desk.access import DESK
from seuil.desk.events import CLOSING, DeskEvent
from seuil.desk.presence import PERSON
from seuil.web.api import PAGES, STORE, TALK, held_by
from seuil.web.counsel import place_of
from seuil.web.store import Held

HEARTBEAT = 15.0
# How long a page that was closed may still count as open.
PULSE = 1.0


async def events(request: web.Request) -> web.StreamResponse:
    """`GET /api/conversations/{id}/events`: server-sent events, until the person leaves.

    `event: case` carries the case as the conversation's state has it, `event: message` what a
    message's answer does: `{"messages", "state"}`. While it is open the desk knows that the
    person is there.
    """
    held = await held_by(request)
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    with request.app[DESK].events.listen() as queue:
        await response.prepare(request)
        await response.write(b"retry: 3000\n\n")
        # When the page is closed or the desk down, the page opens another stream by itself.
        with suppress(DeskError, ConnectionError):
            async with _page(request, held.conversation.id) as announce:
                await _tell(request, response, held.token, queue, announce)
    return response


@asynccontextmanager
async def _page(
    request: web.Request, identifier: str
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """One page, open for as long as the block: what it gives tells the desk so.

    Closing it says nothing of another page that is open on the same conversation.
    """
    desk, pages, place = request.app[DESK], request.app[PAGES], place_of(identifier)
    actor = Actor(f"page/{secrets.token_hex(4)}", PERSON.name, PERSON.role)
    pages[identifier] += 1

    async def announce() -> None:
        await desk.here(place, actor)
        # The page that was read before its stream opened is this one.
        await desk.gone(place)

    try:
        yield announce
    finally:
        pages[identifier] -= 1
        if not pages[identifier]:
            del pages[identifier]
        with suppress(DeskError):
            await desk.gone(place, actor)


async def _tell(
    request: web.Request,
    response: web.StreamResponse,
    token: str,
    queue: asyncio.Queue[DeskEvent],
    announce: Callable[[], Awaitable[None]],
) -> None:
    event: DeskEvent | None = None
    while event is not CLOSING:
        held = await request.app[STORE].find(token)
        if held is None:
            return
        if held.conversation.case is not None:
            await announce()
            await _bring(request, response, held)
        event = await _next(request, queue, held.conversation.id)
        if event is None:
            await response.write(b": \n\n")


async def _next(
    request: web.Request, queue: asyncio.Queue[DeskEvent], identifier: str
) -> DeskEvent | None:
    """The next event of this conversation, or None when it is time for a heartbeat.

    Raises ConnectionError once the page is closed.
    """
    waited = 0.0
    while waited < HEARTBEAT:
        try:
            event = await asyncio.wait_for(queue.get(), PULSE)
        except TimeoutError:
            waited += PULSE
            if request.transport is None or request.transport.is_closing():
                raise ConnectionResetError from None
            continue
        if event is CLOSING or event.conversation_id == identifier:
            return event
    return None


async def _bring(request: web.Request, response: web.StreamResponse, held: Held) -> None:
    """Send what is new, if anything is."""
    conversation = held.conversation
    async with held.lock:
        known = conversation.case
        messages = await request.app[TALK].attend(conversation)
        changed = conversation.case != known
        if messages or changed:
            await request.app[STORE].save(held)
    if changed:
        await response.write(_frame("case", conversation.case))
    if messages:
        told = {"messages": messages, "state": conversation.state()}
        await response.write(_frame("message", told))


def _frame(kind: str, data: dict[str, Any] | None) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
