"""The form that leads a conversation: it takes in a message, then does what comes next."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.agenda import next_step
from actions.announce import announce, announce_not_understood, announce_refusal
from actions.memory import FLAGS, Memory
from actions.misunderstanding import answer_in, language_of
from actions.safely import Events, safely
from actions.slots import slot_events
from actions.suggestions import suggestions
from seuil.eligibility import catalogue

FORM = "support_form"

REPORTS = frozenset({"report_homelessness", "report_family_violence", "report_danger"})
# What a rule answers in the middle of the form, which then resumes.
INTERRUPTIONS = frozenset(
    {
        *REPORTS,
        "faq",
        "thank",
        "goodbye",
        "help",
        "repeat",
        "why_this_question",
        "bot_challenge",
        "insult",
        "out_of_scope",
        "talk_to_human",
        "give_up_or_pause",
        "erase_my_data",
        "restart",
        "go_back",
    }
)
ANSWERS_TO_AN_OFFER = {"affirm": "accepted", "deny": "refused", "dont_know": "refused"}
RUNS_BEFORE_AN_ANSWER = frozenset(
    {"action_listen", "action_extract_slots", "action_session_start", FORM}
)


class ValidateSupportForm(Action):
    """Keeps what a message said, and asks or tells what comes next."""

    def name(self) -> str:
        """Return the name under which Rasa calls the form's validation."""
        return f"validate_{FORM}"

    @safely
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Return the slots that changed, and the slot requested next.

        A message that a rule answers is kept, then handed over: the form is rejected and
        resumes after the rule.
        """
        memory = Memory.of_slots(tracker.slots)
        message = tracker.latest_message
        intent = (message.get("intent") or {}).get("name")
        if not already_answered(tracker):
            told = take_in(memory, message, intent)
            if intent == "out_of_scope" and not told:
                # Said once; after that it is an answer not understood, which never loops.
                attempts = int(memory.control["attempts"] or 0)
                memory.control["attempts"] = attempts or 1
                intent = None if attempts else intent
            if intent in INTERRUPTIONS:
                return [*slot_events(memory), ActionExecutionRejected(FORM)]
            if memory.requested and not answers_what_is_pending(memory, told):
                not_understood(memory, message, told, dispatcher)
            else:
                memory.control["attempts"] = 0
            if memory.requested == "consent" and memory.control["offer"] == "refused":
                announce_refusal(memory, dispatcher)
        else:
            if intent in REPORTS and not rejected(tracker):
                take_in(memory, message, intent)  # told outside the form, which did not hear it
            if language := language_of(message):
                answer_in(language, dispatcher)  # after the numbers that a rule has shown
        requested = announce(next_step(memory), memory, dispatcher)
        return [*slot_events(memory), SlotSet("requested_slot", requested)]


def take_in(memory: Memory, message: dict[str, Any], intent: str | None) -> bool:
    """Record what the latest message said; tell whether it answered or brought anything."""
    reading = message.get("reading") or {}
    asked = memory.requested
    before = memory.slots()
    memory.take_in(reading, asked)
    for flag, decision in ((message.get("urgency") or {}).get("decision") or {}).items():
        if decision == "suspected":
            memory.suspect(flag)
    named = reading.get("services") or []
    memory.control["services"] = list(dict.fromkeys([*memory.list_of("services"), *named]))
    if asked in {"consent", "contact"} and intent in ANSWERS_TO_AN_OFFER:
        memory.control["offer"] = ANSWERS_TO_AN_OFFER[intent]
        return True
    if asked in catalogue() and reading.get("dont_know"):
        return True
    return memory.slots() != before or intent in {"request_support", "check_eligibility"}


def not_understood(
    memory: Memory, message: dict[str, Any], told: bool, dispatcher: CollectingDispatcher
) -> None:
    """Say what helps: another language's own words, two likely meanings, or the question again."""
    language = language_of(message)
    if language and memory.requested not in FLAGS:
        answer_in(language, dispatcher)
        return
    asks = (message.get("reading") or {}).get("question")
    likely = suggestions(message, in_form=True) if asks else []
    announce_not_understood(memory, dispatcher, brought_something=told, likely=likely)


def answers_what_is_pending(memory: Memory, told: bool) -> bool:
    """Tell whether the message dealt with what is pending, or may stand instead of an answer.

    A fact that was not asked for is as good as one that was; an offer needs a yes or a no, and
    so does the question about safety, where anything else leaves the suspicion.
    """
    if memory.requested == "consent":
        return memory.control["offer"] != "asked"
    if memory.requested in FLAGS:
        return memory.requested in memory.facts
    return told


def already_answered(tracker: Tracker) -> bool:
    """Tell whether a rule has answered the latest message, so that the form only resumes."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return False
        if event["event"] == "action" and event["name"] not in RUNS_BEFORE_AN_ANSWER:
            return True
    return True


def rejected(tracker: Tracker) -> bool:
    """Tell whether the form has taken in the latest message and left it to a rule."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return False
        if event["event"] == "action_execution_rejected":
            return True
    return False
