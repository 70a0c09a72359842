"""A tracker store that keeps a conversation's state and forgets its words.

Rasa's trackers grow with every event: each turn then costs more than the last, and what a
person wrote stays in memory as long as the process lives. Between two turns the rules need
only the slots and the running form, so that is all this store keeps, and not for ever.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker


def essential_events(tracker: DialogueStateTracker) -> list[Event]:
    """Return the few events that rebuild what the next turn needs: slots and form."""
    events: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    events += [
        SlotSet(slot.name, slot.value)
        for slot in tracker.slots.values()
        if slot.value != slot.initial_value
    ]
    if tracker.active_loop_name:
        events += [
            ActionExecuted(tracker.active_loop_name),
            ActiveLoop(tracker.active_loop_name),
        ]
    events.append(ActionExecuted(ACTION_LISTEN_NAME))
    return events


class ForgettingTrackerStore(TrackerStore):
    """Trackers in memory, reduced to their state after each turn, gone after ``lifetime``.

    Args:
        domain: The assistant's domain.
        event_broker: Passed on to Rasa; unused here.
        lifetime: Seconds without a message after which a tracker is dropped.
        capacity: Trackers kept at most; the least recently used goes first.
    """

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        lifetime: float = 3600.0,
        capacity: int = 20_000,
        **kwargs: Any,
    ) -> None:
        self._kept: OrderedDict[str, tuple[float, list[Event]]] = OrderedDict()
        self.lifetime = float(lifetime)
        self.capacity = int(capacity)
        # Rasa passes the endpoint's own settings along; none of them is for the base class.
        super().__init__(domain, event_broker)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the state of ``tracker``; drop what is too old or too many."""
        self._kept[tracker.sender_id] = (time.monotonic(), essential_events(tracker))
        self._kept.move_to_end(tracker.sender_id)
        self._drop_expired()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the tracker rebuilt from its state, or None when it is unknown."""
        self._drop_expired()
        kept = self._kept.get(sender_id)
        if kept is None:
            return None
        slots = self.domain.slots if self.domain else []
        return DialogueStateTracker.from_events(sender_id, kept[1], slots, domain=self.domain)

    async def retrieve_full_tracker(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the same as ``retrieve``: past sessions are not kept."""
        return await self.retrieve(sender_id)

    async def keys(self) -> Iterable[str]:
        """Return the ids of the conversations kept."""
        self._drop_expired()
        return list(self._kept)

    def forget(self, sender_id: str) -> None:
        """Erase a conversation; unknown ids are ignored."""
        self._kept.pop(sender_id, None)

    def _drop_expired(self) -> None:
        oldest_allowed = time.monotonic() - self.lifetime
        while self._kept:
            sender_id, (saved_at, _) = next(iter(self._kept.items()))
            if saved_at >= oldest_allowed and len(self._kept) <= self.capacity:
                return
            del self._kept[sender_id]


def forget(store: TrackerStore, sender_id: str) -> None:
    """Erase a conversation from a store as Rasa holds it: wrapped, with another to fall back to."""
    for one in _within(store):
        if isinstance(one, ForgettingTrackerStore):
            one.forget(sender_id)
        elif isinstance(one, InMemoryTrackerStore):
            one.store.pop(sender_id, None)


def _within(store: TrackerStore) -> Iterator[TrackerStore]:
    yield store
    # Private to Rasa's wrappers, which give no other way in.
    for name in ("_tracker_store", "_fallback_tracker_store"):
        inner = getattr(store, name, None)
        if inner is not None:
            yield from _within(inner)
