"""How the memory is written back into the slots."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.memory import Memory
from actions.safely import Events


def slot_events(memory: Memory) -> Events:
    """Return the events that write the memory back; always one, so that Rasa goes on."""
    changes = memory.changes() or {"attempts": memory.control["attempts"]}
    return [SlotSet(name, value) for name, value in changes.items()]
