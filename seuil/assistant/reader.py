"""What one message says: its urgency, its facts, and the intent that follows from them.

The component comes last in the pipeline. What the channel knows of the conversation (the fact
pending, the date, the audience, the facts told) reaches it through the message's metadata, so
that a bare answer is read against its question.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from seuil import urgency
from seuil.assistant import facts as fact_reader
from seuil.assistant.follow_ups import follow_up
from seuil.assistant.intent_classifier import selection
from seuil.assistant.languages import foreign, some_french
from seuil.assistant.services import named_services
from seuil.urgency import FLAGS, fold, normalise

FALLBACK_INTENT = "nlu_fallback"
REPORT_INTENTS = {
    "immediate_danger": "report_danger",
    "family_violence": "report_family_violence",
    "homeless": "report_homelessness",
}
# A message that only answers, or that the model cannot place, is an answer when facts are in it.
YIELDS_TO_FACTS = frozenset(
    {FALLBACK_INTENT, "out_of_scope", "affirm", "deny", "greet", "help", "insult", "goodbye"}
)
SMALL_TALK = frozenset({"thank", "goodbye"})
# To an offer, a yes or a no is heard before these.
YIELDS_TO_A_YES = frozenset(
    {*YIELDS_TO_FACTS, *SMALL_TALK, "inform", "talk_to_human", "refer_employee", "request_support"}
)
SURE_OF_SMALL_TALK = 0.6
# What only a program writes: "/restart", '/inform{"contract":"cdi"}', '{"contract":"cdi"}'.
COMMAND = re.compile(r"\s*(?:/\s*\w*\s*)?(?:\{.*\})?\s*\Z", re.DOTALL)
# What these say of a person's work and place calls nobody for help.
PLAIN_FACTS = frozenset(
    {
        "employer_sector", "employer_size", "last_employer_size", "contract", "contract_months",
        "hours_last_12_months", "months_in_job", "months_since_job_loss", "department", "age",
        "net_monthly_pay", "rent_with_charges", "household_resources", "trial_period",
        "employee_agrees", "wants_support", "job_promised", "home_loan", "main_residence",
        "student_or_apprentice", "regular_stay", "bail_mobilite", "disaster_recognised",
    }
)  # fmt: skip
FEW_WORDS = 8
FAINT = 0.2
QUESTION = re.compile(
    r"(?:^|[,.;!] ?|\bet )(?:est[ -]ce|comment|combien|quels?|quelles?|quoi|qui|pourquoi|quand)\b"
    r"|\b(?:est[ -]ce que?|ai[ -]je|puis[ -]je|peut[ -]on|dois[ -]je|faut[ -]il|c'est quoi)\b"
)
ANSWERS = frozenset({"affirm", "deny", "inform", "dont_know"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class FrenchReader(GraphComponent):
    """Adds ``urgency``, ``reading`` and fact entities; settles the intent."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the default settings.

        ``fallback``: under this confidence the intent is not trusted.
        """
        return {"fallback": 0.25}

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FrenchReader:
        """Return the component; it has nothing to train."""
        # Makes the patterns ready now: three seconds that the first message would wait for.
        urgency.read("bonjour")
        fact_reader.read("bonjour")
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as it is: facts are read by rules, not learned."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Read each message; see the module's docstring."""
        for message in messages:
            self._read(message)
        return messages

    def _read(self, message: Message) -> None:
        text = message.get("text") or ""
        if COMMAND.match(normalise(text)):
            text = ""  # somebody tries the machine: nothing in it was said by a person
        context = message.get("metadata") or {}
        asked = context.get("asked")
        reading = message.get("urgency_reading")
        if (
            reading is None
            or not text
            or asked in FLAGS
            or any((context.get("told") or {}).values())
        ):
            # What was asked and told changes how the same words are heard.
            reading = urgency.read(text, asked=asked, told=context.get("told") or {})
        told = fact_reader.read(
            text,
            asked=context.get("threshold") or asked,
            as_of=date.fromisoformat(context["as_of"]) if context.get("as_of") else None,
            audience=context.get("audience"),
            known=context.get("known") or {},
        )
        language = foreign(text)
        if language is not None and not some_french(text):
            told = fact_reader.FactReading()  # French words by chance: « am », « or », « on »
        leaning = follow_up(text, context["last_topic"]) if context.get("last_topic") else None
        if leaning and asked not in told.facts:
            told = fact_reader.FactReading()  # « et pour un CDD ? » tells nothing of the person
        if set(told.facts) == {asked} and not any(map(str.isalpha, text)):
            reading = urgency.read("")  # « 17 » and « 10/15 » count, where a count was asked for
        unknown = {"name": FALLBACK_INTENT, "confidence": 0.0}
        intent = (message.get("intent") or unknown) if text else unknown
        learned = {} if explained(text, told.facts, reading) else message.get("learned_urgency")
        decision = combined(reading, learned or {}, asked)
        facts = {**told.facts, **flags_of(decision["decision"], reading.denied)}
        message.set("urgency", decision, add_to_output=True)
        message.set(
            "reading",
            {
                "facts": facts,
                "dont_know": told.dont_know,
                "correction": told.correction,
                "retracted": list(told.retracted),
                "ambiguous": list(told.ambiguous),
                "services": named_services(text),
                "language": language,
                "question": is_question(text),
                "agrees": told.agrees,
            },
            add_to_output=True,
        )
        entities = [
            {
                "entity": name,
                "value": value,
                "start": 0,
                "end": len(text),
                "extractor": "FrenchReader",
            }
            for name, value in facts.items()
        ]
        message.set("entities", (message.get("entities") or []) + entities, add_to_output=True)
        if leaning and asked not in facts and not any(facts.values()):
            topic = {"intent_response_key": f"faq/{leaning}", "confidence": 1.0}
            message.set("response_selector", selection([topic]), add_to_output=True)
            message.set("intent", {"name": "faq", "confidence": 1.0}, add_to_output=True)
            return
        message.set(
            "intent",
            self._settle(intent, decision["decision"], told, facts, asked, message.get("reading")),
            add_to_output=True,
        )
        self._do_not_repeat(message, context.get("last_topic"), asked)

    def _do_not_repeat(self, message: Message, last_topic: str | None, asked: str | None) -> None:
        """Where a question is pending, the same topic twice in a row was no question of theirs."""
        if asked is None or last_topic is None or message.get("intent")["name"] != "faq":
            return
        topic = message.get("response_selector")["faq"]["response"]["intent_response_key"]
        if topic == f"faq/{last_topic}":
            message.set("intent", {"name": FALLBACK_INTENT, "confidence": 0.0}, add_to_output=True)

    def _settle(
        self,
        intent: dict[str, Any],
        decision: dict[str, str],
        told: fact_reader.FactReading,
        facts: dict[str, Any],
        asked: str | None,
        reading: dict[str, Any],
    ) -> dict[str, Any]:
        for flag, report in REPORT_INTENTS.items():
            if decision[flag] == "yes":
                return {"name": report, "confidence": 1.0}
        name, confidence = intent["name"], intent["confidence"]
        if confidence < self.config["fallback"]:
            name = FALLBACK_INTENT
        if reading["language"] and (name not in SMALL_TALK or confidence < SURE_OF_SMALL_TALK):
            name = FALLBACK_INTENT  # said so by the form, in that language too
        suspected = "suspected" in decision.values()
        if name in REPORT_INTENTS.values() or (suspected and name == FALLBACK_INTENT):
            name = "request_support"  # suspected only: a gentle question comes first
        if told.agrees is not None and not reading["question"] and name in YIELDS_TO_A_YES:
            name = "affirm" if told.agrees else "deny"  # « oui, merci de l'appeler »
        elif told.correction and facts:
            name = "correct_answer"
        elif told.dont_know and asked:
            name = "dont_know"
        elif set(facts) == {asked} and name in {"affirm", "deny"}:
            pass  # a bare yes or no says all there is to say
        elif asked in facts and (
            name not in ANSWERS | {"faq"} or (name == "faq" and not reading["question"])
        ):
            name = "inform"  # « pas plus de 10 » is an answer, whatever its words recall
        elif facts and name in YIELDS_TO_FACTS:
            name = "inform"
        return {"name": name, "confidence": confidence}


def is_question(text: str) -> bool:
    """Tell whether a message asks something: by its mark, or by its first words."""
    return "?" in text or bool(QUESTION.search(fold(normalise(text))))


def explained(text: str, facts: dict[str, Any], reading: urgency.Reading) -> bool:
    """Tell whether plain facts are all that a short message says: « 12 », « en CDI à Lens ».

    The n-grams have nothing to go by there, and no word of the message is a clue of urgency.
    """
    return (
        bool(facts)
        and PLAIN_FACTS.issuperset(facts)
        and len(text.split()) <= FEW_WORDS
        and all(reading.scores[flag] < FAINT for flag in FLAGS)
    )


def combined(
    reading: urgency.Reading, learned: dict[str, tuple[float, str]], asked: str | None
) -> dict[str, Any]:
    """Return the urgency of a message, out of the deterministic and the learned readings.

    The learned reading knows the deterministic one and is the finer of the two. Where the
    latter is sure and the former sees nothing, one gentle question settles it. A plain denial,
    and the answer to a gentle question, are the deterministic reading's to hear.
    """
    result: dict[str, Any] = {"decision": {}}
    for flag in FLAGS:
        by_rule = reading.decision[flag]
        score, by_model = learned.get(flag, (0.0, by_rule))
        result[flag] = round(max(score, reading.scores[flag]), 3)
        decision = by_model
        if by_rule == "yes":
            decision = "suspected" if by_model == "no" and flag != asked else "yes"
        elif flag in reading.denied and (flag == asked or by_model != "yes"):
            decision = "no"
        result["decision"][flag] = decision
    return result


def flags_of(decision: dict[str, str], denied: frozenset[str]) -> dict[str, bool]:
    """Return the flags that a decision settles: raised by ``yes``, lowered by a denial."""
    flags = {flag: True for flag, verdict in decision.items() if verdict == "yes"}
    return {**flags, **{flag: False for flag in denied if flag not in flags}}
