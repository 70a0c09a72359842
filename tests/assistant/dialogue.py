"""Conversations with the rules and the actions alone: what was understood is said by the test.

The dialogue is trained from the product's own domain, rules and answers, in seconds; the intents
are given, so that what is tested is what the assistant does with them. Facts, urgency, language
and follow-ups are read as in the product.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from rasa.core.agent import Agent
from rasa.model_training import train
from rasa.shared.nlu.training_data.message import Message
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from seuil.assistant.channel import run_turn
from seuil.assistant.intent_classifier import selection
from seuil.assistant.reader import FrenchReader

ROOT = Path(__file__).resolve().parents[2]
_ids = itertools.count()
RESUME = {"intent": "inform", "facts": {}}
OUTPUT = ("intent", "entities", "intent_ranking", "response_selector", "reading", "urgency")


def train_dialogue(folder: Path) -> Agent:
    """Return an agent that knows the product's rules; nothing of its understanding is trained."""
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    config["pipeline"] = [{"name": f"{FrenchReader.__module__}.{FrenchReader.__name__}"}]
    answers = yaml.safe_load((ROOT / "data/responses/faq.yml").read_text(encoding="utf-8"))
    topics = [name.removeprefix("utter_") for name in answers["responses"]]
    nlu = [{"intent": topic, "examples": f"- {topic}\n"} for topic in topics]
    for name, content in (("config.yml", config), ("nlu.yml", {"version": "3.1", "nlu": nlu})):
        (folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    training = [ROOT / "data/rules", ROOT / "data/responses", folder / "nlu.yml"]
    result = train(
        domain=str(ROOT / "domain.yml"),
        config=str(folder / "config.yml"),
        training_files=[str(path) for path in training],
        output=str(folder),
    )
    return Agent.load(result.model, action_endpoint=InProcess())


class InProcess(EndpointConfig):
    """The action server without its process: what Rasa posts to it is run here."""

    def __init__(self) -> None:
        super().__init__(url="http://127.0.0.1")
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, *args: Any, json: dict[str, Any], **kwargs: Any) -> Any:
        return await self._executor.run(json)


class Talk:
    """One conversation; `heard` is what the last turn said, `slots` what is known after it."""

    def __init__(self, agent: Agent, audience: str = "salarie") -> None:
        self._id = str(next(_ids))
        self._agent = agent
        self._audience = audience
        self.slots: dict[str, Any] = {}
        self.heard: list[dict[str, Any]] = []
        agent.processor.parse_message = self._parse
        self._understood: dict[str, float] = {}

    def opens(self) -> Talk:
        """Start as the gateway does: the first question is asked."""
        return self._turn({"choice": RESUME})

    def says(self, text: str, understood: Mapping[str, float] | None = None) -> Talk:
        """Say ``text``, understood as these labels (« faq/topic » too) with these shares."""
        self._understood = dict(understood or {"inform": 0.1})
        return self._turn({"text": text})

    def chooses(self, title: str) -> Talk:
        """Take one of the choices just offered."""
        return self._turn({"choice": self.choices[title]})

    def _turn(self, said: dict[str, Any]) -> Talk:
        metadata = {"as_of": "2026-11-20", "audience": self._audience}
        body = {"conversation": self._id, "slots": self.slots, "metadata": metadata, **said}
        answer = asyncio.run(run_turn(self._agent, body))
        self.heard, self.slots = answer["messages"], answer["slots"]
        assert self.heard, "the assistant said nothing"
        return self

    async def _parse(self, message: Any, tracker: Any = None) -> dict[str, Any]:
        ranked = sorted(self._understood.items(), key=lambda item: -item[1])
        bases: dict[str, float] = {}
        for label, share in ranked:
            bases.setdefault(label.partition("/")[0], share)
        ranking = [{"name": name, "confidence": share} for name, share in bases.items()]
        read = Message.build(message.text)
        read.set("intent", ranking[0])
        read.set("intent_ranking", ranking)
        read.set("metadata", message.metadata)
        topics = [
            {"intent_response_key": label, "confidence": share}
            for label, share in ranked
            if "/" in label
        ]
        read.set("response_selector", selection(topics))
        FrenchReader(FrenchReader.get_default_config()).process([read])
        return {"text": message.text, **{name: read.get(name) for name in OUTPUT}}

    # --- what was heard ---------------------------------------------------------------------

    @property
    def text(self) -> str:
        return "\n".join(message.get("text") or "" for message in self.heard)

    @property
    def kinds(self) -> list[str]:
        return [message["kind"] for message in self.heard]

    @property
    def choices(self) -> dict[str, Any]:
        return {c["title"]: c["payload"] for m in self.heard for c in m.get("choices") or []}

    @property
    def pending(self) -> str | None:
        return self.slots["requested_slot"]
