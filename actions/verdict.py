"""Says the verdict of the engine, with its reasons, its sources, and what is open instead."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop
from rasa_sdk.executor import CollectingDispatcher

from actions.agenda import Step, next_step
from actions.memory import MAIN_SERVICE, Memory
from actions.safely import Events, safely
from actions.slots import slot_events
from actions.support_form import FORM
from seuil.eligibility import (
    SERVICES,
    Assessed,
    Assessment,
    assess,
    fact_title,
    service_title,
    wayout,
)


class ActionVerdict(Action):
    """Tells each verdict not told yet, then goes on with what comes next, if anything does."""

    def name(self) -> str:
        """Return the name under which the rules call it."""
        return "action_verdict"

    @safely
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Return the slots that changed, and the form again when something comes next."""
        memory = Memory.of_slots(tracker.slots)
        step = next_step(memory)
        if step.kind != "verdict":
            dispatcher.utter_message(response="utter_anything_else")
            return slot_events(memory)
        while step.kind == "verdict":
            tell(step, memory, dispatcher)
            step = next_step(memory)
        events = slot_events(memory)
        return events if step.kind == "done" else [*events, ActiveLoop(FORM)]


def tell(step: Step, memory: Memory, dispatcher: CollectingDispatcher) -> None:
    """Send the verdict of each service of ``step``, and note that it was told."""
    facts = memory.engine_facts()
    assessment = assess(facts, step.services)
    for item in assessment.services:
        told = dict(memory.control["verdicts_told"] or {})
        told[item.service] = item.verdict
        memory.control["verdicts_told"] = told
        dispatcher.utter_message(
            response=f"utter_verdict_{item.verdict}",
            title=service_title(item.service),
            json_message={"kind": "verdict", "data": verdict_data(item, facts, assessment)},
        )
        if item.service == MAIN_SERVICE and item.verdict == "not_eligible":
            look_for_what_is_open(memory, facts, assessment)


def look_for_what_is_open(memory: Memory, facts: dict[str, Any], assessment: Assessment) -> None:
    """After a "no", add the services of the way out that what is told already opens.

    Nothing more is asked for them: their verdict is good news that costs no question.
    """
    named = [place["id"] for place in wayout(facts, assessment) if place["id"] in SERVICES]
    opened = [
        found.service
        for found in (assess(facts, named).services if named else ())
        if found.verdict == "eligible"
    ]
    memory.control["services"] = list(dict.fromkeys([*memory.list_of("services"), *opened]))


def verdict_data(item: Assessed, facts: dict[str, Any], assessment: Assessment) -> dict[str, Any]:
    """Return what the verdict's card shows: reasons with sources, what is missing, what next."""
    shown = item.as_json()
    missing = [{"fact": name, "title": fact_title(name)} for name in shown["missing"]]
    places = wayout(facts, assessment) if item.verdict in {"not_eligible", "unknown"} else []
    return {**shown, "title": service_title(item.service), "missing": missing, "next": places}
