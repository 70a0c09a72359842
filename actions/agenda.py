"""What comes next in a conversation. Pure: no Rasa here.

The order is the product's promise: first the safety of the person, then what they told, then
the one question that helps most, then the verdict, then a counsellor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from actions.memory import MAIN_SERVICE, Memory
from seuil.eligibility import assess, next_question, priority, threshold_to_ask

DECIDED = frozenset({"eligible", "possible", "not_eligible"})


@dataclass(frozen=True)
class Step:
    """The next thing to do.

    `kind` is "consent", "contact", "safety", "conflict", "fact", "verdict" or "done"; `fact`
    is what is asked; `reason` says why a counsellor is offered ("urgent", "verdict" or "human");
    `services` are those whose verdict is to be told.
    """

    kind: str
    fact: str | None = None
    reason: str | None = None
    services: tuple[str, ...] = ()


def next_step(memory: Memory) -> Step:
    """Return what comes next."""
    return _safety(memory) or _conflict(memory) or _facts(memory) or _offer(memory) or Step("done")


def _safety(memory: Memory) -> Step | None:
    raised = memory.raised
    offer = memory.control["offer"]
    newly_raised = set(raised) - set(memory.list_of("offered_for"))
    if memory.requested == "consent" and offer == "asked" and not newly_raised:
        return Step("consent", reason=memory.control["offer_reason"])
    if raised and not memory.control["case_reference"]:
        if offer == "accepted" and memory.requested != "contact":
            return Step("contact")
        if offer is None or newly_raised:
            return Step("consent", reason="urgent")
    for flag in memory.list_of("suspected"):
        if flag not in memory.list_of("safety_asked"):
            return Step("safety", fact=flag)
    return None


def _conflict(memory: Memory) -> Step | None:
    return Step("conflict") if memory.control["conflict"] else None


def _facts(memory: Memory) -> Step | None:
    services = memory.services
    facts = memory.engine_facts()
    assessment = {item.service: item for item in assess(facts, services).services}
    told = memory.control["verdicts_told"] or {}
    main = assessment[MAIN_SERVICE]
    if main.verdict in DECIDED and told.get(MAIN_SERVICE) != main.verdict:
        return Step("verdict", services=(MAIN_SERVICE,))
    question = _range_to_narrow(memory, facts, services)
    skipped = memory.list_of("skipped")
    question = question or next_question(facts, services, memory.audience, skipped)
    if question is not None:
        return Step("fact", fact=question)
    untold = tuple(name for name in services if told.get(name) != assessment[name].verdict)
    return Step("verdict", services=untold) if untold else None


def _range_to_narrow(memory: Memory, facts: dict[str, Any], services: list[str]) -> str | None:
    # "Une dizaine" was an answer; where it straddles a threshold, that one is asked, once.
    for name, value in facts.items():
        given_as_range = isinstance(value, dict) and name not in memory.list_of("skipped")
        if given_as_range and threshold_to_ask(name, facts, services) is not None:
            return name
    return None


def _offer(memory: Memory) -> Step | None:
    if memory.control["case_reference"]:
        return None
    offer = memory.control["offer"]
    if offer == "accepted" and memory.requested != "contact":
        return Step("contact")
    verdict = (memory.control["verdicts_told"] or {}).get(MAIN_SERVICE)
    # Where a home may be lost within days, a "no" is not left without someone to talk to.
    presses = verdict is not None and priority(memory.engine_facts()) != "normal"
    if offer is None and (verdict in {"eligible", "possible", "unknown"} or presses):
        return Step("consent", reason="verdict")
    return None
