"""What reaches a person between two messages: a change of their case (``web.md``, events)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from seuil.desk import DeskError
from seuil.desk.access import DESK
from seuil.web.api import STORE, held_by

HEARTBEAT = 15.0


async def events(request: web.Request) -> web.StreamResponse:
    """`GET /api/conversations/{id}/events`: server-sent events, until the person leaves.

    `event: case` carries the case as the conversation's state has it.
    """
    held = await held_by(request)
    desk = request.app[DESK]
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    with desk.events.listen() as queue:
        await response.prepare(request)
        await response.write(b"retry: 3000\n\n")
        while await request.app[STORE].find(held.token) is not None:
            try:
                event = await asyncio.wait_for(queue.get(), HEARTBEAT)
            except TimeoutError:
                await response.write(b": \n\n")
                continue
            if event.conversation_id != held.conversation.id:
                continue
            try:
                held.conversation.case = await desk.case_public(event.reference)
            except DeskError:
                continue
            await response.write(_frame("case", held.conversation.case))
    return response


def _frame(kind: str, data: dict[str, Any] | None) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
