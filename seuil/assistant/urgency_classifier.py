"""The pipeline's component around the learned reading of urgency."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from seuil.assistant.urgency_model import Example, UrgencyModel, load_corpus
from seuil.urgency import FLAGS, read

MODEL_FILE = "urgency.joblib"
REPORTS = "report_"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class UrgencyClassifier(GraphComponent):
    """Sets ``learned_urgency`` on each message: by flag, a probability and a decision."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the default settings: where the messages are, and the linear models' strength."""
        return {"corpus": "data/urgency", "development": "data/development", "C": 10.0}

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str | None:
        """Return a digest of the messages: Rasa does not see them among the training data."""
        total = hashlib.sha256()
        for folder in (config["corpus"], config["development"]):
            for file in sorted(Path(folder).glob("*.jsonl")):
                total.update(file.read_bytes())
        return total.hexdigest()

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: UrgencyModel | None = None,
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
    ) -> UrgencyClassifier:
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
    ) -> UrgencyClassifier:
        """Return the trained component kept in ``model_storage``."""
        with model_storage.read_from(resource) as directory:
            return cls(config, model_storage, resource, joblib.load(directory / MODEL_FILE))

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the urgency corpus, with the sentences of ordinary intents as plain negatives."""
        none = dict.fromkeys(FLAGS, False)
        ordinary = [
            Example(message.get(TEXT), none)
            for message in training_data.intent_examples
            if message.get(TEXT) and not message.get(INTENT).startswith(REPORTS)
        ]
        corpus = load_corpus(Path(self.config["corpus"]))
        development = load_corpus(Path(self.config["development"]))
        self.model = UrgencyModel(C=self.config["C"]).fit([*corpus, *ordinary], development)
        with self._model_storage.write_to(self._resource) as directory:
            joblib.dump(self.model, directory / MODEL_FILE, compress=1)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as it is: nothing after this learns from urgency."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Read the urgency of each message."""
        for message in messages:
            text = message.get(TEXT)
            if text and self.model is not None:
                reading = read(text)
                scores = self.model.scores(text, reading)
                message.set("urgency_reading", reading)
                learned = {
                    flag: (score, self.model.decide(flag, score, reading.decision[flag]))
                    for flag, score in scores.items()
                }
                message.set("learned_urgency", learned)
        return messages
