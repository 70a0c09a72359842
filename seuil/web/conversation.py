"""A conversation as the gateway holds it: the transcript, the facts, what is pending."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from seuil.eligibility import FactError, assess, catalogue
from seuil.urgency import FLAGS

MAIN_SERVICE = "accompagnement_social"
AUDIENCES = ("salarie", "rh", "partenaire", "agent")
KEPT_IDEMPOTENCY_KEYS = 30
# A choice stays valid while it is on the screen's last few questions.
KEPT_CHOICES = 120
# What is pending, by the slot requested; any other name is a fact's.
PENDING = {"consent": "consent", "contact": "contact", "conflict": "confirm"}


def new_id() -> str:
    """Return an id that cannot be guessed and says nothing."""
    return secrets.token_urlsafe(18)


@dataclass
class Conversation:
    """Everything that one conversation needs between two requests.

    Attributes:
        messages: The transcript, as `web.md` describes messages.
        slots: Rasa's slots as of the last turn, facts under their own names.
        choices: What each choice shown means, by its opaque id.
        case: `{"reference", "priority", "status"}` once the desk holds a case.
        live: What the person reads of the counsellor who is in the conversation, or None.
        spoken: The last line of the live conversation that was taken in (`Spoken.seq`).
        emergency_shown_at: Count of the person's messages when the numbers were last shown.
        seen: Idempotency keys: the digest of the request and the ids of what it brought.
    """

    id: str
    audience: str
    created_at: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, dict[str, Any]] = field(default_factory=dict)
    case: dict[str, Any] | None = None
    live: str | None = None
    spoken: int = 0
    emergency_shown_at: int | None = None
    person_messages: int = 0
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    erased: bool = False

    def clear(self) -> None:
        """Forget everything said; the case, if there is one, is the desk's."""
        self.messages, self.slots, self.choices, self.seen = [], {}, {}, {}
        self.erased = True

    @classmethod
    def new(cls, audience: str, now: datetime) -> Conversation:
        """Return an empty conversation with a fresh id."""
        return cls(id=new_id(), audience=audience, created_at=now.isoformat())

    def as_json(self) -> dict[str, Any]:
        """Return the conversation for storage: to be written at once, nothing in it is copied."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Conversation:
        """Return a stored conversation."""
        return cls(**data)

    # --- what is known ----------------------------------------------------------------------

    @property
    def requested(self) -> str | None:
        """The slot that Rasa asked for last."""
        return self.slots.get("requested_slot")

    @property
    def pending(self) -> str | None:
        """What the person is asked for, in the words of the interface."""
        requested = self.requested
        if requested is None:
            return None
        if requested in FLAGS:
            return "safety"
        return PENDING.get(requested, "fact")

    @property
    def question(self) -> str | None:
        """The fact asked, when one is."""
        return self.requested if self.pending in {"fact", "safety"} else None

    @property
    def facts(self) -> dict[str, Any]:
        """The facts told, and None for those asked and not known."""
        facts: dict[str, Any] = dict.fromkeys(self.slots.get("skipped") or [])
        for name in catalogue():
            if name != "as_of" and self.slots.get(name) is not None:
                facts[name] = self.slots[name]
        facts["audience"] = self.slots.get("audience") or self.audience
        return facts

    @property
    def services(self) -> list[str]:
        """The services assessed: the support first, then those that the person named."""
        return list(dict.fromkeys([MAIN_SERVICE, *(self.slots.get("services") or [])]))

    @property
    def flags(self) -> dict[str, bool]:
        """The urgency flags that hold, derived ones included."""
        known = self._assessable_facts()
        return {flag: known.get(flag) is True for flag in FLAGS}

    def _assessable_facts(self) -> dict[str, Any]:
        # A contradiction is being asked about: until it is settled, neither side counts.
        contested = set(self.slots.get("conflict") or [])
        return {name: value for name, value in self.facts.items() if name not in contested}

    def assessment(self) -> dict[str, Any]:
        """Return the assessment of the services concerned, as `facts.md` gives it."""
        facts = self._assessable_facts()
        try:
            return assess(facts, self.services).as_json()
        except FactError as error:
            for name in (*error.facts, error.fact):
                facts.pop(name, None)
            return assess(facts, self.services).as_json()

    def state(self) -> dict[str, Any]:
        """Return the state of the conversation, as `web.md` describes it."""
        pending = self.pending
        return {
            "facts": self.facts,
            "assessment": self.assessment(),
            "urgency": {**self.flags, "suspected": list(self.slots.get("suspected") or [])},
            "question": self.question,
            "pending": pending,
            "case": self.case,
            "live": self.live,
            "finished": pending is None and bool(self.slots.get("verdicts_told")),
        }

    def view(self) -> dict[str, Any]:
        """Return what the person sees of the conversation."""
        return {"id": self.id, "messages": self.messages, "state": self.state()}

    # --- what is added ----------------------------------------------------------------------

    def add(self, sender: str, text: str, kind: str = "text", **more: Any) -> dict[str, Any]:
        """Append a message and return it.

        `more` may give `id` (else a new one), `question`, `choices` and `data`.
        """
        message = {
            "id": more.get("id") or secrets.token_urlsafe(9),
            "from": sender,
            "text": text,
            "kind": kind,
            "question": more.get("question"),
            "choices": [self._offer(choice) for choice in more.get("choices") or []],
            "data": more.get("data") or {},
        }
        self.messages.append(message)
        return message

    def ask_again(self) -> bool:
        """Repeat the question that is pending, with its choices; False when none was shown."""
        asked = self.question
        for message in reversed(self.messages):
            if asked is not None and message["question"] == asked:
                self.messages.append({**message, "id": secrets.token_urlsafe(9)})
                return True
        return False

    def _offer(self, choice: Mapping[str, Any]) -> dict[str, str]:
        identifier = secrets.token_urlsafe(6)
        self.choices[identifier] = {"title": choice["title"], **choice["payload"]}
        while len(self.choices) > KEPT_CHOICES:
            del self.choices[next(iter(self.choices))]
        return {"id": identifier, "title": choice["title"]}
