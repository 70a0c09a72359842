"""What a person may ask of the conversation itself: why, back, again, erase, a human."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.announce import ask_consent
from actions.memory import CONTROL, Memory
from actions.safely import Events, safely
from actions.support_form import FORM, slot_events
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
        """Send the offer; what the page then does is beside the text."""
        dispatcher.utter_message(
            response="utter_ask_erasure", json_message={"data": {"action": "erase"}}
        )
        return []


class ActionOfferCounsellor(Action):
    """Offers a counsellor, whatever the verdict, to a person who asks for a human."""

    def name(self) -> str:
        """Return the name under which the rules call it."""
        return "action_offer_counsellor"

    @safely
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Ask for consent, unless the counsellors already have the case."""
        memory = Memory.of_slots(tracker.slots)
        if memory.control["case_reference"]:
            dispatcher.utter_message(response="utter_already_open")
            return []
        memory.control["offer"] = "asked"
        memory.control["offered_for"] = list(memory.raised)
        ask_consent("utter_ask_consent_human", dispatcher)
        return [
            *slot_events(memory),
            SlotSet("requested_slot", "consent"),
            ActiveLoop(FORM),
        ]
