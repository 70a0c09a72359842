"""What happens at the desk, told as it happens to the streams that listen in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_BACKLOG = 100


@dataclass(frozen=True)
class DeskEvent:
    """A change: its kind, the case's reference and version; never personal data.

    `conversation_id` is set when the change concerns a conversation's person too.
    """

    kind: str
    reference: str
    version: int
    conversation_id: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


CLOSING = DeskEvent("closing", "", 0)


class EventHub:
    """Each listener has a queue of its own; one that no longer reads loses its oldest events.

    Nothing is lost with them: an event only says that there is something to read again.
    """

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[DeskEvent]] = set()

    def publish(self, event: DeskEvent) -> None:
        """Tell every listener; never waits."""
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)

    def close(self) -> None:
        """Tell every listener that the process ends: streams must end at once, not hold it."""
        self.publish(CLOSING)

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[DeskEvent]]:
        """A queue of the events published while the block runs."""
        queue: asyncio.Queue[DeskEvent] = asyncio.Queue(_BACKLOG)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return len(self._queues)
