"""One turn of a conversation: safety first, then the assistant, then what can still be done.

The urgency of a message is read here before Rasa is asked anything. With Rasa or the action
server dead, an urgent person still sees the numbers and can still leave a way to be reached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from seuil import urgency
from seuil.desk import Desk, DeskError, NewCase
from seuil.urgency import FLAGS
from seuil.web.conversation import Conversation
from seuil.web.counsel import Counsel
from seuil.web.dates import spoken_moment
from seuil.web.rasa import Answer, AssistantDown, Rasa
from seuil.web.rendering import dial
from seuil.web.sentences import sentence
from seuil.web.settings import WebSettings
from seuil.web.summary import summary_of

PARIS = ZoneInfo("Europe/Paris")
# The numbers come back when an urgent person has written this many messages since.
SHOW_AGAIN_AFTER = 3
# Contact details have their own form: what looks like some never reaches Rasa.
CONTACT_DETAILS = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\d/])(?:\+\s?33|0033|0)[\s.-]?[1-9](?:[\s.-]?\d{2}){4}(?!\d)"
)
# Whoever consents to a call for themselves, or for someone who agreed, is not asked again.
AGREED_BY_CONSENT = {
    "salarie": ("wants_support",),
    "agent": ("wants_support",),
    "rh": ("employee_agrees", "wants_support"),
    "partenaire": ("employee_agrees", "wants_support"),
}
RESUME = {"intent": "inform", "facts": {}}


class Talk:
    """The conversations of the gateway."""

    def __init__(self, rasa: Rasa, desk: Desk, settings: WebSettings) -> None:
        self._rasa = rasa
        self._desk = desk
        self._counsel = Counsel(desk)
        self._message_limit = settings.message_limit
        self._lifetime = settings.conversation_lifetime
        self._today = settings.today

    async def open(self, conversation: Conversation) -> None:
        """Say who is speaking, and ask the first question."""
        welcome = sentence("welcome", conversation.audience, minutes=self._lifetime // 60)
        conversation.add("assistant", welcome)
        try:
            answer = await self._turn(conversation, {"choice": RESUME})
        except AssistantDown:
            conversation.add("system", sentence("opening_without_assistant"))
            return
        self._show(conversation, answer)

    async def hear(self, conversation: Conversation, text: str) -> list[dict[str, Any]]:
        """Take in a message in words; return the messages it brought, without its echo."""
        told = {flag: conversation.slots.get(flag) for flag in FLAGS}
        known = {flag: value for flag, value in told.items() if value is not None}
        # Before a counsellor, a bare "oui" answers them, not what the assistant had asked.
        asked = None if conversation.live else conversation.question
        reading = urgency.read(text, asked=asked, told=known)
        raised = {flag for flag, decision in reading.decision.items() if decision == "yes"}
        if len(text) > self._message_limit:
            return await self._refuse_long(conversation, text, raised, reading.themes)
        if await self._counsel.tell(conversation, text):
            return await self._heard(conversation, text, raised, reading.themes)
        text, hidden = CONTACT_DETAILS.subn("[…]", text)
        conversation.add("person", text)
        conversation.person_messages += 1
        answer = await self._ask(conversation, {"text": text})
        if answer is not None and answer.urgency:
            # The assistant's reading is the finer one: it hears what no pattern can say, and
            # asks where the patterns are alone. Without it, the patterns decide.
            decisions = answer.urgency["decision"]
            raised = {flag for flag, decision in decisions.items() if decision == "yes"}
        start = len(conversation.messages)
        if hidden:
            conversation.add("system", sentence("contact_reserved"))
        await self._answer(conversation, answer, raised, reading.themes)
        return conversation.messages[start:]

    async def choose(
        self, conversation: Conversation, payloads: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Take in one choice, or several of one question; return the messages it brought."""
        said = ", ".join(payload["title"] for payload in payloads)
        if await self._counsel.tell(conversation, said):
            facts = merged(payloads)["facts"]
            raised = {flag for flag in FLAGS if facts.get(flag) is True}
            return await self._heard(conversation, said, raised, frozenset())
        conversation.add("person", said)
        conversation.person_messages += 1
        before = {flag for flag, holds in conversation.flags.items() if holds}
        answer = await self._ask(conversation, {"choice": merged(payloads)})
        if answer is not None:
            conversation.slots = answer.slots
        raised = {flag for flag, holds in conversation.flags.items() if holds} - before
        start = len(conversation.messages)
        await self._answer(conversation, answer, raised, frozenset())
        return conversation.messages[start:]

    async def attend(self, conversation: Conversation) -> list[dict[str, Any]]:
        """Take in what a counsellor said since the last time; return the messages it brought.

        When they left, the assistant is back and asks again what it was asking.
        """
        start = len(conversation.messages)
        added = await self._counsel.take_in(conversation)
        left = added and conversation.live is None
        # A question is repeated as it stood: for Rasa, silence would be an answer.
        if left and conversation.pending and not conversation.ask_again():
            await self.resume(conversation)
        return conversation.messages[start:]

    async def take_in(self, conversation: Conversation) -> list[dict[str, Any]]:
        """The same before a turn of the person's own, which the assistant then answers."""
        return await self._counsel.take_in(conversation)

    async def seen(self, conversation: Conversation) -> None:
        """Note that the person has the conversation before their eyes, for who may join it."""
        await self._counsel.seen(conversation)

    async def resume(self, conversation: Conversation) -> None:
        """Let the assistant go on after something that was not said to it."""
        answer = await self._ask(conversation, {"choice": RESUME})
        if answer is not None:
            self._show(conversation, answer)

    async def open_case(
        self, conversation: Conversation, contact: dict[str, Any], key: str
    ) -> dict[str, Any]:
        """Hand the conversation to the counsellors; return the message that says so.

        The message exists only once the desk has committed the case. Raises DeskError when
        the desk cannot take it: nothing is then said.
        """
        state = conversation.state()
        view = await self._desk.intake(
            NewCase(
                audience=state["facts"]["audience"],
                facts=recordable(state["facts"]),
                assessment=state["assessment"],
                flags=conversation.flags,
                contact=contact,
                summary=summary_of(state),
                conversation_id=conversation.id,
            ),
            key,
        )
        conversation.case = await self._desk.case_public(view.reference)
        conversation.slots["case_reference"] = view.reference
        for fact in AGREED_BY_CONSENT[conversation.audience]:
            if conversation.slots.get(fact) is None:
                conversation.slots[fact] = True
        when = spoken_moment(view.due_at, datetime.now(PARIS))
        promise = sentence(
            "case_opened", conversation.audience, reference=view.reference, when=when
        )
        return conversation.add(
            "system",
            promise,
            "case",
            data={
                "reference": view.reference,
                "priority": view.priority,
                "due_at": view.due_at.isoformat(),
            },
        )

    async def forget(self, conversation: Conversation) -> None:
        """Erase the conversation from Rasa."""
        await self._rasa.forget(conversation.id)

    async def say_goodbye(self, conversation: Conversation) -> list[dict[str, Any]]:
        """Erase what was said, at the person's request, and say that it is done."""
        await self.forget(conversation)
        conversation.clear()
        return [conversation.add("system", sentence("erased"))]

    # --- inside -----------------------------------------------------------------------------

    async def _ask(self, conversation: Conversation, said: dict[str, Any]) -> Answer | None:
        try:
            return await self._turn(conversation, said)
        except AssistantDown:
            return None

    async def _turn(self, conversation: Conversation, said: dict[str, Any]) -> Answer:
        answer = await self._rasa.turn(
            {
                "conversation": conversation.id,
                "slots": conversation.slots,
                "metadata": {
                    "audience": conversation.audience,
                    "as_of": (self._today or datetime.now(PARIS).date()).isoformat(),
                },
                **said,
            }
        )
        if not answer.messages:
            raise AssistantDown
        return answer

    async def _answer(
        self,
        conversation: Conversation,
        answer: Answer | None,
        raised: set[str],
        themes: Iterable[str],
    ) -> None:
        already = {flag for flag, holds in conversation.flags.items() if holds}
        if answer is not None:
            conversation.slots = answer.slots
        for flag in raised:
            conversation.slots[flag] = True
        shown_by_rasa = [m for m in answer.messages if m["kind"] == "emergency"] if answer else []
        if self._is_time_for_numbers(conversation, raised, already) or shown_by_rasa:
            named = {flag for m in shown_by_rasa for flag in (m.get("data") or {}).get("flags", ())}
            self._show_numbers(conversation, raised | named, themes)
        if answer is not None:
            self._show(conversation, answer)
        else:
            self._carry_on_alone(conversation, raised)
        if raised:
            await self._raise_case(conversation, raised)

    @staticmethod
    def _is_time_for_numbers(
        conversation: Conversation, raised: set[str], already: set[str]
    ) -> bool:
        if not raised:
            return False
        last = conversation.emergency_shown_at
        return (
            bool(raised - already)
            or "immediate_danger" in raised
            or last is None
            or conversation.person_messages - last >= SHOW_AGAIN_AFTER
        )

    def _show_numbers(
        self, conversation: Conversation, flags: set[str], themes: Iterable[str]
    ) -> None:
        holding = {flag for flag, holds in conversation.flags.items() if holds}
        shown = sorted(flags | holding)
        message = urgency.emergency(shown, conversation.audience, clues=themes)
        # Where nothing holds but a suspicion, the words assume nothing.
        unsure = urgency.moment("unsure", conversation.audience)
        conversation.add(
            "assistant",
            message.text if holding else unsure,
            "emergency",
            data={
                "flags": shown,
                "numbers": [number_card(number.as_json()) for number in message.numbers],
                "notes": list(message.notes),
            },
        )
        conversation.emergency_shown_at = conversation.person_messages

    def _show(self, conversation: Conversation, answer: Answer) -> None:
        conversation.slots = {**answer.slots, **self._flags_kept(conversation, answer)}
        for message in answer.messages:
            if message["kind"] == "emergency":
                continue  # already shown, first, in the reviewed words
            conversation.add(
                "assistant",
                message.get("text") or "",
                message["kind"],
                question=message.get("question"),
                choices=message.get("choices"),
                data=message.get("data"),
            )

    @staticmethod
    def _flags_kept(conversation: Conversation, answer: Answer) -> dict[str, bool]:
        # A flag raised here stays up even if Rasa's own reading did not see it.
        return {
            flag: True
            for flag in FLAGS
            if conversation.slots.get(flag) is True and answer.slots.get(flag) is None
        }

    def _carry_on_alone(self, conversation: Conversation, raised: set[str]) -> None:
        urgent = raised or any(conversation.flags.values())
        if urgent and conversation.case is None:
            text = sentence("contact_without_assistant", conversation.audience)
            conversation.slots["requested_slot"] = "contact"
            conversation.slots["offer"] = "accepted"
            conversation.add("system", text, "contact_form")
        else:
            conversation.add("system", sentence("assistant_down"))

    async def _raise_case(self, conversation: Conversation, raised: set[str]) -> None:
        if conversation.case is None:
            return
        reference = conversation.case["reference"]
        try:
            await self._desk.raise_flags(reference, dict.fromkeys(raised, True))
            conversation.case = await self._desk.case_public(reference)
        except DeskError:
            conversation.add("system", sentence("case_not_raised"))
            return
        conversation.add("system", sentence("case_raised", reference=reference))

    async def _heard(
        self, conversation: Conversation, text: str, raised: set[str], themes: Iterable[str]
    ) -> list[dict[str, Any]]:
        """A counsellor has the text: the assistant keeps still, the numbers do not."""
        conversation.add("person", text)
        conversation.person_messages += 1
        start = len(conversation.messages)
        self._alarm(conversation, raised, themes)
        if raised:
            await self._raise_case(conversation, raised)
        return conversation.messages[start:]

    async def _refuse_long(
        self, conversation: Conversation, text: str, raised: set[str], themes: Iterable[str]
    ) -> list[dict[str, Any]]:
        start = len(conversation.messages)
        self._alarm(conversation, raised, themes)
        too_long = sentence("message_too_long", length=len(text), limit=self._message_limit)
        conversation.add("system", too_long)
        if raised:
            await self._raise_case(conversation, raised)
        return conversation.messages[start:]

    def _alarm(self, conversation: Conversation, raised: set[str], themes: Iterable[str]) -> None:
        """Raise the flags read without the assistant, and show the numbers when it is time."""
        already = {flag for flag, holds in conversation.flags.items() if holds}
        for flag in raised:
            conversation.slots[flag] = True
        if self._is_time_for_numbers(conversation, raised, already):
            self._show_numbers(conversation, raised, themes)


def merged(payloads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the one payload that several choices of a question make together."""
    facts: dict[str, Any] = {}
    for payload in payloads:
        for name, value in (payload.get("facts") or {}).items():
            if isinstance(value, list) and isinstance(facts.get(name), list):
                facts[name] = [*facts[name], *[item for item in value if item not in facts[name]]]
            else:
                facts[name] = value
    return {
        "intent": payloads[0]["intent"],
        "facts": facts,
        "dont_know": any(payload.get("dont_know") for payload in payloads),
        "retracted": [name for payload in payloads for name in payload.get("retracted") or []],
    }


def number_card(number: Mapping[str, Any]) -> dict[str, Any]:
    """Return a number as a message carries it, with the link that dials or writes to it."""
    card = {name: number[name] for name in ("id", "number", "for", "when")}
    return {**card, "tel": dial(number)}


def recordable(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that a case may hold: the right to stay is never recorded."""
    return {name: value for name, value in facts.items() if name != "regular_stay"}
