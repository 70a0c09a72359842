"""What a person may ask of the conversation itself: why, back, again, erase, a human."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.memory import CONTROL, Memory
from actions.questions import erase_choice
from actions.safely import Events, safely
from actions.slots import slot_events
from seuil.eligibility import catalogue

# What a new start keeps: who is talking, the date, and the case that the desk holds.
KEPT_AT_A_NEW_START = frozenset({"audience", "as_of", "case_reference"})


class ActionExplainQuestion(Action):
    """Says why the pending question is asked."""

    def name(self) -> str:
        """Return the name under which the rules call it."""
        return "action_explain_question"

    @safely
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Send the catalogue's reason for the fact, or what the assistant is for."""
        asked = tracker.get_slot("requested_slot")
        if asked in catalogue():
            dispatcher.utter_message(text=catalogue()[asked].why)
        else:
            dispatcher.utter_message(response="utter_help")
        return []


class ActionGoBack(Action):
    """Takes the last answer back; the form then asks it again."""

    def name(self) -> str:
        """Return the name under which the rules call it."""
        return "action_go_back"

    @safely
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Forget the fact told last, or say that there is none."""
        memory = Memory.of_slots(tracker.slots)
        answered = memory.list_of("answered")
        if not answered:
            dispatcher.utter_message(response="utter_nothing_to_go_back_to")
            return []
        memory.forget(answered[-1])
        dispatcher.utter_message(response="utter_went_back")
        return slot_events(memory)


class ActionStartAgain(Action):
    """Forgets the answers and begins again; a case already opened is the desk's."""

    def name(self) -> str:
        """Return the name under which the rules call it."""
        return "action_restart"

    @safely
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Empty every fact and the conversation's own memory."""
        dispatcher.utter_message(response="utter_started_again")
        forgotten = [name for name in (*catalogue(), *CONTROL) if name not in KEPT_AT_A_NEW_START]
        return [SlotSet(name, None) for name in forgotten if tracker.get_slot(name) is not None]


class ActionAskErasure(Action):
    """Offers to erase the conversation; the gateway does it, everywhere."""

    def name(self) -> str:
        """Return the name under which the rules call it."""
        return "action_ask_erasure"

    @safely
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Send the offer; the choice that accepts it is the gateway's to carry out."""
        dispatcher.utter_message(
            response="utter_ask_erasure", json_message={"choices": [erase_choice()]}
        )
        return []


class ActionOfferCounsellor(Action):
    """Makes a counsellor the next offer, whatever the verdict; the form then makes it."""

    def name(self) -> str:
        """Return the name under which the rules call it."""
        return "action_offer_counsellor"

    @safely
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Set the offer, unless the counsellors already have the case."""
        memory = Memory.of_slots(tracker.slots)
        if memory.control["case_reference"]:
            dispatcher.utter_message(response="utter_already_open")
            return []
        memory.control.update(
            offer="asked", offer_reason="human", offered_for=list(memory.raised), attempts=0
        )
        return [*slot_events(memory), SlotSet("requested_slot", "consent")]
