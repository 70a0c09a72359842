"""What the conversation remembers, and how one message changes it. Pure: no Rasa here.

The slots are the only storage; `Memory` reads them, takes in what a message said, and gives
back the slots that changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seuil.eligibility import FactError, catalogue, derive, whole_list

MAIN_SERVICE = "accompagnement_social"
FLAGS = ("immediate_danger", "family_violence", "homeless")
CONTROL = (
    "audience",
    "as_of",
    "skipped",
    "asked_threshold",
    "suspected",
    "safety_asked",
    "offer",
    "offer_reason",
    "offered_for",
    "services",
    "verdicts_told",
    "answered",
    "attempts",
    "conflict",
    "case_reference",
)


@dataclass
class Memory:
    """The facts told and the state of the talk about them.

    Attributes:
        facts: Facts told, by name; a fact in `skipped` is asked and not known.
        requested: What is pending: a fact's name, "consent", "contact", "conflict" or None.
        control: The other slots of the domain, by name.
    """

    facts: dict[str, Any]
    requested: str | None
    control: dict[str, Any]
    before: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_slots(cls, slots: Mapping[str, Any]) -> Memory:
        """Return the memory held in a tracker's slots."""
        facts = {name: slots[name] for name in catalogue() if slots.get(name) is not None}
        facts.pop("audience", None)
        facts.pop("as_of", None)
        control = {name: slots.get(name) for name in CONTROL}
        memory = cls(facts, slots.get("requested_slot"), control)
        memory.before = memory.slots()
        return memory

    @property
    def audience(self) -> str:
        """Who is talking; an employee unless the door or the person says otherwise."""
        return self.control["audience"] or "salarie"

    @property
    def raised(self) -> list[str]:
        """The urgency flags that hold, the gravest first, derived ones included."""
        try:
            known = derive(self.engine_facts())
        except FactError:
            known = self.facts
        return [flag for flag in FLAGS if known.get(flag) is True]

    @property
    def services(self) -> list[str]:
        """The services that the conversation assesses: the support, then those named."""
        named = [service for service in self.list_of("services") if service != MAIN_SERVICE]
        return [MAIN_SERVICE, *named]

    def list_of(self, name: str) -> list[Any]:
        """Return a copy of a control slot that holds a list."""
        return list(self.control[name] or [])

    def engine_facts(self) -> dict[str, Any]:
        """Return the facts as the engine takes them: told, then asked and not known (None)."""
        facts = dict.fromkeys(self.list_of("skipped"))
        facts.update(self.facts)
        facts["audience"] = self.audience
        if self.control["as_of"]:
            facts["as_of"] = self.control["as_of"]
        return facts

    def slots(self) -> dict[str, Any]:
        """Return every slot this memory stands for."""
        facts = {name: self.facts.get(name) for name in catalogue()}
        facts.pop("audience", None)
        facts.pop("as_of", None)
        return {**facts, **{name: _copy(value) for name, value in self.control.items()}}

    def changes(self) -> dict[str, Any]:
        """Return the slots whose value changed since the memory was read."""
        now = self.slots()
        return {name: value for name, value in now.items() if value != self.before.get(name)}

    # --- what a message changes -------------------------------------------------------------

    def take_in(self, reading: Mapping[str, Any], asked: str | None) -> None:
        """Add what a message said.

        Args:
            reading: The reader's output: `facts`, `dont_know`, `retracted`, `chosen`.
            asked: The fact that was pending when the message came.
        """
        for name in reading.get("retracted") or []:
            self.forget(name)
        for name, value in (reading.get("facts") or {}).items():
            self._record(name, value, replaces=bool(reading.get("correction")))
        if reading.get("chosen") and asked == "difficulties" and "difficulties" in self.facts:
            self._record_what_was_not_chosen()
        if reading.get("dont_know") and asked in catalogue() and asked not in self.facts:
            self.skip(asked)
        self._note_conflict()

    def forget(self, name: str) -> None:
        """Take a fact back: it is unknown again and may be asked again."""
        self.facts.pop(name, None)
        for listed in ("skipped", "answered"):
            self.control[listed] = [fact for fact in self.list_of(listed) if fact != name]

    def skip(self, name: str) -> None:
        """Note that a fact was asked and is not known: it is never asked again."""
        if name not in self.list_of("skipped"):
            self.control["skipped"] = [*self.list_of("skipped"), name]

    def _record(self, name: str, value: Any, replaces: bool) -> None:
        if name == "audience":
            self.control["audience"] = value
            return
        if name not in catalogue():
            return
        if name == "difficulties":
            value = self._with_difficulties(value, replaces)
        self.facts[name] = value
        if name in FLAGS:
            self._settle_suspicion(name)
        self.control["answered"] = [
            *[fact for fact in self.list_of("answered") if fact != name],
            name,
        ]
        self.control["skipped"] = [fact for fact in self.list_of("skipped") if fact != name]

    def _with_difficulties(self, told: list[str], replaces: bool) -> list[str]:
        # A difficulty told stays told; "none" gives way to one, and never erases one.
        if replaces:
            return list(told)
        before = self.facts.get("difficulties") or []
        union = [*before, *[item for item in told if item not in before]]
        return [item for item in union if item != "aucune"] or union

    def _record_what_was_not_chosen(self) -> None:
        for name, value in whole_list(self.facts["difficulties"]).items():
            self.facts.setdefault(name, value)

    def _settle_suspicion(self, flag: str) -> None:
        self.control["suspected"] = [
            suspected for suspected in self.list_of("suspected") if suspected != flag
        ]

    def suspect(self, flag: str) -> None:
        """Note a suspicion, unless the person already settled it by saying yes."""
        if self.facts.get(flag) is not True and flag not in self.list_of("suspected"):
            self.facts.pop(flag, None)  # what is told later wins over what was denied before
            self.control["suspected"] = [*self.list_of("suspected"), flag]

    def _note_conflict(self) -> None:
        try:
            derive(self.engine_facts())
            self.control["conflict"] = None
        except FactError as error:
            names = [name for name in error.facts if name in self.facts]
            self.control["conflict"] = names or [error.fact]


def _copy(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value
