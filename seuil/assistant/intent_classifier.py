"""Intent classification over the whole label, FAQ topic included.

Rasa's own classifier predicts only the base of a retrieval intent and leaves the topic to a
second, neural model. One linear model over n-grams predicts both at once, in under a
millisecond; the output keeps Rasa's shape (``intent`` and ``response_selector``), so the
rules and ``utter_faq`` work unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from seuil.assistant.ngram_scorer import NgramScorer
from seuil.urgency import fold, normalise

MODEL_FILE = "intents.joblib"


def prepare(text: str) -> str:
    """Return ``text`` as the model sees it: normalised, lower case, without accents."""
    return fold(normalise(text))


@dataclass
class IntentModel:
    """One linear model a label, over character and word n-grams. `config` as the component's."""

    config: dict[str, Any]
    labels: list[str] = field(default_factory=list)
    scorer: NgramScorer | None = None
    biases: Any = None

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> IntentModel:
        """Train on ``texts``, each with its label."""
        config = self.config
        features = FeatureUnion(
            [
                (
                    "characters",
                    TfidfVectorizer(
                        analyzer="char_wb",
                        ngram_range=(config["min_chars"], config["max_chars"]),
                        sublinear_tf=True,
                        min_df=2,
                        dtype=np.float32,
                    ),
                ),
                (
                    "words",
                    TfidfVectorizer(
                        analyzer="word",
                        token_pattern=r"[^\W_]+",  # noqa: S106 - a pattern of words
                        ngram_range=(1, config["max_words"]),
                        sublinear_tf=True,
                        dtype=np.float32,
                    ),
                ),
            ]
        )
        classifier = LogisticRegression(
            C=config["C"],
            # One model a class: as accurate as the joint one here, and ten times faster to train.
            solver="liblinear",
            # As accurate as the default's 1e-4, in two thirds of the time.
            tol=1e-2,
            max_iter=config["max_iter"],
            class_weight="balanced",
            random_state=config["random_state"],
        )
        classifier.fit(features.fit_transform([prepare(text) for text in texts]), labels)
        self.labels = [str(label) for label in classifier.classes_]
        vectorizers = [vectorizer for _, vectorizer in features.transformer_list]
        self.scorer = NgramScorer(vectorizers, classifier.coef_.T.astype(np.float32))
        self.biases = classifier.intercept_.astype(np.float32)
        return self

    def probabilities(self, text: str) -> NDArray[np.float32]:
        """Return the probability of each label, in the order of `labels`."""
        assert self.scorer is not None
        logits = self.scorer.scores(prepare(text)) + self.biases
        shares = 1 / (1 + np.exp(-logits))
        result: NDArray[np.float32] = shares / shares.sum()
        return result


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FullIntentClassifier(IntentClassifier, GraphComponent):
    """A linear classifier of ``intent`` and ``faq/<topic>`` labels together."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the default settings; ``config.yml`` overrides them."""
        return {
            "min_chars": 2,
            "max_chars": 5,
            "max_words": 2,
            "C": 10.0,
            "max_iter": 200,
            "random_state": 42,
            "ranking_length": 5,
        }

    @staticmethod
    def required_packages() -> list[str]:
        """Return the packages this component needs."""
        return ["sklearn"]

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: IntentModel | None = None,
    ) -> None:
        self.config = config
        self._model_storage = model_storage
        self._resource = resource
        self.model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FullIntentClassifier:
        """Return an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> FullIntentClassifier:
        """Return the trained component kept in ``model_storage``."""
        with model_storage.read_from(resource) as directory:
            return cls(config, model_storage, resource, joblib.load(directory / MODEL_FILE))

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the model on every training sentence that has an intent; keep it."""
        examples = [
            (message.get(TEXT), message.get(INTENT_RESPONSE_KEY) or message.get(INTENT))
            for message in training_data.intent_examples
            if message.get(TEXT)
        ]
        texts, labels = zip(*examples, strict=True)
        self.model = IntentModel(self.config).fit(texts, labels)
        with self._model_storage.write_to(self._resource) as directory:
            joblib.dump(self.model, directory / MODEL_FILE, compress=1)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set ``intent``, ``intent_ranking`` and ``response_selector`` on each message."""
        for message in messages:
            if message.get(TEXT):
                self._classify(message)
        return messages

    def _classify(self, message: Message) -> None:
        assert self.model is not None
        probabilities = self.model.probabilities(message.get(TEXT))
        order = np.argsort(probabilities)[::-1]
        labels = self.model.labels
        by_intent: dict[str, float] = {}
        for index in order:
            base = labels[index].split("/")[0]
            by_intent.setdefault(base, float(probabilities[index]))
        ranking = [{"name": name, "confidence": share} for name, share in by_intent.items()]
        message.set("intent", dict(ranking[0]), add_to_output=True)
        message.set("intent_ranking", ranking[: self.config["ranking_length"]], add_to_output=True)
        topics = [
            {"intent_response_key": labels[i], "confidence": float(probabilities[i])}
            for i in order
            if "/" in labels[i]
        ][: self.config["ranking_length"]]
        message.set("response_selector", selection(topics), add_to_output=True)


def selection(topics: list[dict[str, Any]]) -> dict[str, Any]:
    """Return Rasa's ``response_selector`` output for topics ranked best first."""
    by_intent: dict[str, list[dict[str, Any]]] = {}
    for topic in topics:
        by_intent.setdefault(topic["intent_response_key"].split("/")[0], []).append(topic)
    result: dict[str, Any] = {"all_retrieval_intents": sorted(by_intent)}
    for intent, ranked in by_intent.items():
        best = ranked[0]
        result[intent] = {
            "response": {
                "responses": None,
                "confidence": best["confidence"],
                "intent_response_key": best["intent_response_key"],
                "utter_action": f"utter_{best['intent_response_key']}",
            },
            "ranking": ranked,
        }
    return result
