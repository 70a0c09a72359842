"""The one way into Rasa: the gateway's channel, on loopback, with a shared secret.

``POST /webhooks/seuil/turn`` with ``X-Seuil-Secret``::

    {"conversation": "…",
     "text": "…"  or  "choice": {"intent": "inform", "facts": {…}, "dont_know": false},
     "slots": {…},                 what the gateway holds; wins over the tracker
     "metadata": {"as_of": "2026-11-20", "audience": "salarie"}}

answers ``{"messages": […], "slots": {…}, "urgency": {…} | null}``.
``DELETE /webhooks/seuil/conversations/<id>`` erases a conversation's tracker.

A text that begins with ``/`` is text: Rasa's short-cut for intents is not reachable. A choice
never goes through the NLU: it says exactly what it means.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from seuil.assistant import action_server
from seuil.assistant.intent_classifier import selection
from seuil.assistant.plain_text import as_text
from seuil.assistant.reader import FALLBACK_INTENT
from seuil.assistant.tracker_store import forget
from seuil.eligibility import catalogue
from seuil.urgency import FLAGS


class SeuilOutput(CollectingOutputChannel):
    """Collects the messages of a turn, whole: one response is one message."""

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, as responses may name it."""
        return "seuil"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep a response as one message: its text, its choices, our structure beside them."""
        collected: dict[str, Any] = {
            "kind": "text",
            "text": message.get("text") or "",
            "choices": [],
        }
        collected["choices"] = [choice_of(button) for button in message.get("buttons") or []]
        self.messages.append({**collected, **(message.get("custom") or {})})


class SeuilInput(InputChannel):
    """Rasa's side of the conversation between the gateway and the assistant."""

    @classmethod
    def name(cls) -> str:
        """Return the first part of the channel's path."""
        return "seuil"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> SeuilInput:
        """Return the channel; the secret is the environment's, not the file's."""
        return cls(os.environ.get("SEUIL_CHANNEL_SECRET", ""))

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._warm = False

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes; see the module's docstring."""
        routes = Blueprint("seuil_channel", __name__)

        @routes.get("/")
        async def health(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            ready = agent is not None and agent.is_ready()
            if ready and not self._warm:
                # The first message would wait for what is read at the first use.
                await agent.processor.parse_message(UserMessage(as_text("bonjour")))
                self._warm = True
            return response.json({"ready": ready}, status=200 if ready else 503)

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            if not self._is_gateway(request):
                return response.json({"error": "forbidden"}, status=403)
            return response.json(await run_turn(request.app.ctx.agent, request.json))

        @routes.delete("/conversations/<conversation:str>")
        async def erase(request: Request, conversation: str) -> HTTPResponse:
            if not self._is_gateway(request):
                return response.json({"error": "forbidden"}, status=403)
            agent = request.app.ctx.agent
            async with agent.lock_store.lock(conversation):
                forget(agent.tracker_store, conversation)
            return response.empty()

        return routes

    def _is_gateway(self, request: Request) -> bool:
        given = request.headers.get("x-seuil-secret", "")
        return bool(self._secret) and hmac.compare_digest(given, self._secret)


async def run_turn(agent: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Run one turn of a conversation and return what is to be shown and known after it."""
    conversation = str(body["conversation"])
    processor = agent.processor
    action_server.install(agent.action_endpoint)
    output = SeuilOutput()
    async with agent.lock_store.lock(conversation):
        # What `handle_message` does, with the tracker fetched and saved once. Slots are written
        # by the actions alone (mapping "custom"), so there are none to extract.
        tracker = await processor.fetch_tracker_and_update_session(conversation, output)
        given = {**(body.get("slots") or {}), **control_slots(body)}
        tracker.update_with_events(changed_slots(tracker, given), processor.domain)
        message = message_of(body, tracker, output)
        if message.parse_data is None:
            message.parse_data = await processor.parse_message(message, tracker)
        left = left_by(message.parse_data, tracker)
        tracker.update_with_events(changed_slots(tracker, left), processor.domain)
        await processor._handle_message_with_tracker(message, tracker)
        await processor._run_prediction_loop(output, tracker)
        await processor.save_tracker(tracker)
    return {
        "messages": output.messages,
        "slots": {name: slot.value for name, slot in tracker.slots.items()},
        "urgency": message.parse_data.get("urgency"),
    }


def control_slots(body: dict[str, Any]) -> dict[str, Any]:
    """Return the slots that the turn's metadata sets."""
    metadata = body.get("metadata") or {}
    return {name: metadata[name] for name in ("audience", "as_of") if metadata.get(name)}


def left_by(parse: dict[str, Any], tracker: DialogueStateTracker) -> dict[str, Any]:
    """Return the slots by which a turn is remembered in the next one.

    The topic of an answer, on which a short question may lean; outside of a question, that the
    message was understood: a later failure is a first one again.
    """
    intent = parse["intent"]["name"]
    topic = None
    if intent == "faq":
        key = parse["response_selector"]["faq"]["response"]["intent_response_key"]
        topic = key.partition("/")[2]
    left = {"last_topic": topic}
    if tracker.get_slot("requested_slot") is None and intent != FALLBACK_INTENT:
        left["attempts"] = None
    return left


def changed_slots(tracker: DialogueStateTracker, given: dict[str, Any]) -> list[SlotSet]:
    """Return the events that bring the tracker's slots to what the gateway holds."""
    return [
        SlotSet(name, value)
        for name, value in given.items()
        if name in tracker.slots and tracker.get_slot(name) != value
    ]


def message_of(
    body: dict[str, Any], tracker: DialogueStateTracker, output: SeuilOutput
) -> UserMessage:
    """Return the turn's message, with what the readers need to know in its metadata."""
    asked = tracker.get_slot("requested_slot")
    known = {
        name: tracker.get_slot(name)
        for name in catalogue()
        if name in tracker.slots and tracker.get_slot(name) is not None
    }
    metadata = {
        **(body.get("metadata") or {}),
        "asked": asked,
        "threshold": tracker.get_slot("asked_threshold"),
        "known": known,
        "last_topic": tracker.get_slot("last_topic"),
        "told": {flag: tracker.get_slot(flag) for flag in FLAGS},
    }
    choice = body.get("choice")
    parse_data = parse_data_of(choice) if choice else None
    text = None if choice else as_text(str(body["text"]))
    return UserMessage(
        text=text,
        output_channel=output,
        sender_id=str(body["conversation"]),
        input_channel=SeuilInput.name(),
        parse_data=parse_data,
        metadata=metadata,
    )


def parse_data_of(choice: dict[str, Any]) -> dict[str, Any]:
    """Return the parse of a choice: what it means is in it, nothing is to be understood."""
    facts = choice.get("facts") or {}
    base, _, topic = choice["intent"].partition("/")
    parse: dict[str, Any] = {
        "text": "",
        "intent": {"name": base, "confidence": 1.0},
        "entities": [{"entity": name, "value": value} for name, value in facts.items()],
        "reading": {
            "facts": facts,
            "dont_know": bool(choice.get("dont_know")),
            "correction": True,
            "retracted": choice.get("retracted") or [],
            "ambiguous": [],
            "chosen": True,
        },
    }
    if topic:
        parse["response_selector"] = selection(
            [{"intent_response_key": choice["intent"], "confidence": 1.0}]
        )
    return parse


def choice_of(button: dict[str, Any]) -> dict[str, Any]:
    """Return a response's button as a choice: ``/intent{"fact": value}`` taken apart."""
    intent, brace, facts = button["payload"].lstrip("/").partition("{")
    return {
        "title": button["title"],
        "payload": {"intent": intent, "facts": json.loads(brace + facts) if brace else {}},
    }
