"""Rasa's tracker store: what the next turn needs stays, what a person wrote does not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from seuil.assistant.tracker_store import ForgettingTrackerStore, forget

CANARY = "le merle chante sous le pont Mirabeau"
DOMAIN = Domain.from_dict(
    {
        "slots": {
            "contract": {"type": "text", "influence_conversation": False, "mappings": []},
            "requested_slot": {"type": "text", "influence_conversation": False, "mappings": []},
        },
        "forms": {"support_form": {"required_slots": ["contract"]}},
    }
)


def store(**settings: Any) -> ForgettingTrackerStore:
    return ForgettingTrackerStore(DOMAIN, **settings)


def told(sender: str = "c1") -> DialogueStateTracker:
    events = [
        UserUttered(CANARY, {"name": "inform"}, [{"entity": "lieu", "value": CANARY}]),
        ActionExecuted("support_form"),
        ActiveLoop("support_form"),
        SlotSet("contract", "cdi"),
        SlotSet("requested_slot", "employer_size"),
        BotUttered(f"Vous avez dit : {CANARY}"),
        ActionExecuted("action_listen"),
    ]
    return DialogueStateTracker.from_events(sender, events, DOMAIN.slots, domain=DOMAIN)


def test_the_words_are_forgotten_and_the_state_is_kept():
    kept = store()
    asyncio.run(kept.save(told()))
    again = asyncio.run(kept.retrieve("c1"))

    assert again is not None
    assert CANARY not in str([event.as_dict() for event in again.events])
    assert again.get_slot("contract") == "cdi"
    assert again.get_slot("requested_slot") == "employer_size"
    assert again.active_loop_name == "support_form"
    assert again.latest_action_name == "action_listen"


def test_a_turn_costs_the_same_after_many():
    kept = store()
    asyncio.run(kept.save(told()))
    first = len(asyncio.run(kept.retrieve("c1")).events)
    for _ in range(50):
        tracker = asyncio.run(kept.retrieve("c1"))
        tracker.update(UserUttered(CANARY))
        asyncio.run(kept.save(tracker))

    assert len(asyncio.run(kept.retrieve("c1")).events) == first


def test_a_conversation_is_erased_on_request():
    kept = store()
    asyncio.run(kept.save(told("c1")))
    asyncio.run(kept.save(told("c2")))
    kept.forget("c1")
    kept.forget("nobody")

    assert asyncio.run(kept.retrieve("c1")) is None
    assert asyncio.run(kept.keys()) == ["c2"]


def test_it_is_erased_where_rasa_has_wrapped_the_store_and_from_what_it_falls_back_to():
    kept = store()
    wrapped = FailSafeTrackerStore(TrackerStore.create(kept))
    asyncio.run(wrapped.save(told("c1")))
    asyncio.run(wrapped.fallback_tracker_store.save(told("c1")))
    asyncio.run(wrapped.fallback_tracker_store.save(told("c2")))
    forget(wrapped, "c1")

    assert asyncio.run(kept.keys()) == []
    assert list(asyncio.run(wrapped.fallback_tracker_store.keys())) == ["c2"]


@pytest.mark.parametrize("settings", [{"lifetime": -1.0}, {"capacity": 0}], ids=str)
def test_what_is_old_or_too_much_goes(settings):
    kept = store(**settings)
    asyncio.run(kept.save(told()))

    assert asyncio.run(kept.retrieve("c1")) is None
