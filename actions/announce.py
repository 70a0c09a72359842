"""Says what comes next: a step of the agenda becomes a message. Words live in `domain.yml`
and in the catalogue of facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.agenda import Step
from actions.memory import FLAGS, Memory
from actions.questions import conflict_choices, question_of, skip_choice, yes_no_choices
from seuil import urgency
from seuil.eligibility import catalogue

CLOSED_AFTER = 2
GIVE_UP_AFTER = 3


def announce(step: Step, memory: Memory, dispatcher: CollectingDispatcher) -> str | None:
    """Send the message of ``step``, note it in the memory, and return what is now pending.

    None means that the form is over: the verdict, or nothing more, comes next.
    """
    if step.kind == "consent":
        memory.control["offered_for"] = list(memory.raised)
        memory.control["offer"] = "asked"
        memory.control["offer_reason"] = step.reason
        ask_consent(step.reason, memory, dispatcher)
        return "consent"
    if step.kind == "contact":
        dispatcher.utter_message(
            response="utter_contact_form", json_message={"kind": contact_kind(memory)}
        )
        return "contact"
    if step.kind == "conflict":
        dispatcher.utter_message(
            response="utter_conflict",
            json_message={"kind": "question", "choices": conflict_choices(memory)},
        )
        return "conflict"
    if step.kind in {"safety", "fact"}:
        assert step.fact is not None
        ask_fact(step.fact, memory, dispatcher, gently=step.kind == "safety")
        return step.fact
    return None


def contact_kind(memory: Memory) -> str:
    """Return which form follows a consent: the person's own details, or a referral."""
    return "referral" if memory.audience in {"rh", "partenaire"} else "contact_form"


def ask_consent(reason: str | None, memory: Memory, dispatcher: CollectingDispatcher) -> None:
    """Offer a counsellor. In an urgent case the words are the reviewed ones."""
    if reason == "urgent":
        text = urgency.moment("offer", memory.audience)
        dispatcher.utter_message(
            json_message={"kind": "question", "text": text, "choices": yes_no_choices()}
        )
    else:
        dispatcher.utter_message(
            response=f"utter_ask_consent_{reason}", json_message={"kind": "question"}
        )


def announce_refusal(memory: Memory, dispatcher: CollectingDispatcher) -> None:
    """Take a refusal of the counsellor as final for now; nothing is closed by it."""
    if memory.raised:
        text = urgency.moment("refused", memory.audience)
        dispatcher.utter_message(json_message={"kind": "text", "text": text})
    else:
        dispatcher.utter_message(response="utter_consent_refused")


def ask_fact(
    fact: str, memory: Memory, dispatcher: CollectingDispatcher, gently: bool = False
) -> None:
    """Ask for a fact, in the words of the catalogue for who is talking."""
    closed = int(memory.control["attempts"] or 0) >= CLOSED_AFTER
    question = question_of(fact, memory, gently=gently or fact in FLAGS, closed=closed)
    memory.control["asked_threshold"] = question.threshold
    if fact in FLAGS:
        memory.control["safety_asked"] = [*memory.list_of("safety_asked"), fact]
    dispatcher.utter_message(json_message=question.message())


def announce_not_understood(
    memory: Memory,
    dispatcher: CollectingDispatcher,
    brought_something: bool = False,
    likely: Sequence[dict[str, Any]] = (),
) -> None:
    """Help with a question that was not answered; after a few times, let it go.

    Never a loop: the first time the question is explained, the second it is asked by choices and
    may be skipped, the third it is left aside. Nothing is said of a message that brought
    something else. ``likely``: choices of what a question of the person's own may have meant.
    """
    attempts = int(memory.control["attempts"] or 0) + 1
    asked = memory.requested
    memory.control["attempts"] = attempts
    if asked in FLAGS:
        # Silence about safety is no denial: the numbers are given, the suspicion stays.
        let_go(asked, memory)
        show_numbers([asked], dispatcher)
        return
    if attempts >= GIVE_UP_AFTER:
        if not brought_something:
            dispatcher.utter_message(response="utter_left_aside")
        let_go(asked, memory)
        memory.control["attempts"] = 0
        return
    if brought_something:
        return
    if likely:
        dispatcher.utter_message(
            response="utter_did_you_mean", json_message={"choices": list(likely)}
        )
    elif attempts >= CLOSED_AFTER and asked:
        dispatcher.utter_message(
            response="utter_choose_or_skip", json_message={"choices": [skip_choice(asked)]}
        )
    elif asked in catalogue():
        fact = catalogue()[asked]
        dispatcher.utter_message(response="utter_explain", why=fact.why, help=fact.help)
    else:
        dispatcher.utter_message(response="utter_ask_again")


def let_go(asked: str | None, memory: Memory) -> None:
    """Leave what is pending unanswered and never ask it again."""
    if asked == "consent":
        memory.control["offer"] = "refused"
    elif asked == "conflict":
        for fact in memory.list_of("conflict"):
            memory.forget(fact)
            memory.skip(fact)
        memory.control["conflict"] = None
    elif asked and asked != "contact":
        memory.skip(asked)


def show_numbers(flags: list[str], dispatcher: CollectingDispatcher) -> None:
    """Show the numbers that go with flags that are only suspected."""
    dispatcher.utter_message(json_message={"kind": "emergency", "data": {"flags": flags}})
