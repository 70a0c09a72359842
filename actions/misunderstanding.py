"""What is said when a message is not understood outside of a question, or is not in French."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.announce import show_numbers
from actions.memory import Memory
from actions.questions import human_choice
from actions.safely import Events, safely
from actions.slots import slot_events
from actions.suggestions import suggestions

_LANGUAGES: dict[str, dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("languages.yml").read_text(encoding="utf-8")
)


class ActionDidYouMean(Action):
    """Offers the two likeliest meanings; the second time in a row, the phone line and a human."""

    def name(self) -> str:
        """Return the name under which the rules call it."""
        return "action_did_you_mean"

    @safely
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Send the offer and count the failure; the channel forgets it once one is understood."""
        memory = Memory.of_slots(tracker.slots)
        message = tracker.latest_message
        language = language_of(message)
        attempts = int(memory.control["attempts"] or 0) + 1
        memory.control["attempts"] = attempts
        likely = suggestions(message, in_form=False) if attempts == 1 else []
        if language:
            answer_in(language, dispatcher)
        elif likely:
            dispatcher.utter_message(
                response="utter_did_you_mean", json_message={"choices": likely}
            )
        else:
            dispatcher.utter_message(
                response="utter_ask_a_human", json_message={"choices": [human_choice()]}
            )
        return slot_events(memory)


def language_of(message: dict[str, Any]) -> str | None:
    """Return the language that ``message`` is written in when it is not French."""
    return (message.get("reading") or {}).get("language")


def answer_in(language: str, dispatcher: CollectingDispatcher) -> None:
    """Say kindly that only French is understood, in French and in ``language``; give the numbers.

    A language that nobody translated for gets the French words alone.
    """
    show_numbers([], dispatcher)
    said = _LANGUAGES.get(language)
    if said is None:
        dispatcher.utter_message(
            response="utter_other_language", json_message={"choices": [human_choice()]}
        )
        return
    dispatcher.utter_message(response="utter_foreign_language", language=said["name"])
    dispatcher.utter_message(
        json_message={
            "kind": "text",
            "text": said["words"],
            "choices": [human_choice(said["call_me"])],
            "data": {"lang": language},
        }
    )
