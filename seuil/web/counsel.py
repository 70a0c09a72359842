"""A counsellor in the person's conversation: what they say is taken in, what is answered goes out.

Only a conversation with a case can be joined: for any other, the desk is asked nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from seuil.desk import CaseNotFound, Desk, DeskError, WrongState
from seuil.desk.live import Spoken
from seuil.web.conversation import Conversation
from seuil.web.sentences import sentence

# Seconds that an answer may wait for the desk before it goes without its news.
PATIENCE = 1.0
T = TypeVar("T")


class Counsel:
    """The counsellors, seen from the conversations."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def take_in(self, conversation: Conversation) -> list[dict[str, Any]]:
        """Bring the case up to date and add what was said live; return the messages added.

        A desk that does not answer in time holds nothing up: its news come the next time.
        """
        if conversation.case is None:
            return []
        try:
            news = await _in_time(self._news(conversation))
        except (DeskError, TimeoutError):
            return []
        conversation.case, lines = news
        added = [_shown(conversation, line) for line in lines]
        return [message for message in added if message is not None]

    async def _news(self, conversation: Conversation) -> tuple[dict[str, str], list[Spoken]]:
        assert conversation.case is not None
        case = await self._desk.case_public(conversation.case["reference"])
        return case, list(await self._desk.spoken(conversation.id, conversation.spoken))

    async def tell(self, conversation: Conversation, text: str) -> bool:
        """Hand over what the person says; False when no counsellor is there to read it.

        Raises DeskUnavailable: the text is then handed to nobody, and can be sent again.
        """
        if conversation.live is None:
            return False
        try:
            heard = await self._desk.hear(conversation.id, text)
        except (CaseNotFound, WrongState):
            heard = False
        if not heard:
            conversation.live = None
        return heard

    async def seen(self, conversation: Conversation) -> None:
        """Note that the person has the conversation before their eyes."""
        if conversation.case is None:
            return
        try:
            await _in_time(self._desk.here(place_of(conversation.id)))
        except (DeskError, TimeoutError):
            return


def place_of(identifier: str) -> str:
    """Where a conversation's person is, as the desk names it."""
    return f"conversation/{identifier}"


async def _in_time(asked: Awaitable[T]) -> T:
    # Not cancelled when late: a connection of the database is given back by who took it.
    task = asyncio.ensure_future(asked)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return await asyncio.wait_for(asyncio.shield(task), PATIENCE)


def _shown(conversation: Conversation, line: Spoken) -> dict[str, Any] | None:
    """Add a line to the transcript; None for one that has nothing to show.

    Its id is the line's own: taken in twice, it is one message.
    """
    conversation.spoken = line.seq
    reference = (conversation.case or {})["reference"]
    more: dict[str, Any] = {"id": f"direct-{line.seq}", "data": {"by": line.by}}
    if line.kind == "joined":
        conversation.live = line.by
        text = sentence("counsellor_joined", conversation.audience, by=line.by, reference=reference)
        return conversation.add("system", text, **more)
    if line.kind == "left":
        conversation.live = None
        return conversation.add("system", sentence("counsellor_left"), **more)
    if line.kind == "said" and line.text is not None:
        return conversation.add("counsellor", line.text, **more)
    # What the person said stands in the transcript since they said it.
    return None
