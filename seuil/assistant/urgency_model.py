"""A learned reading of urgency, beside the deterministic one.

For each flag, a linear model over n-grams of the normalised text and the scores of the
deterministic reading, and a small network over words; their logits are added. A message is
read whole and sentence by sentence, and the highest wins, so that one clue buried in a long
story counts. Thresholds are chosen on a development set, written apart from what trains and
from what evaluates.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from seuil.assistant.ngram_scorer import NgramScorer
from seuil.assistant.word_network import WordNetwork
from seuil.urgency import FLAGS, Reading, fold, normalise, read
from seuil.urgency.text import sentences

# Weight of the deterministic reading beside the n-grams, whose vectors have length 1.
PATTERNS_WEIGHT = 2.0
# Weight of the network's logit beside the linear model's.
NETWORK_WEIGHT = 0.5
# Of the development set's messages without a flag: at most this share is "yes", and at most
# this share is "yes" or "suspected", the questions that the patterns ask by themselves counted
# in. Where the patterns suspect, a score among the highest quarter is enough to ask.
FALSE_ALARMS = 0.018
ASKED_OR_ALARMED = 0.125
ENOUGH_WITH_A_PATTERN = 0.25
# Enough for the same decisions, in half the time of the default.
TOLERANCE = 1e-2
SHORTEST_SENTENCE = 12
LONGEST_TEXT = 6_000


@dataclass(frozen=True)
class Example:
    """One labelled message."""

    text: str
    flags: dict[str, bool]


def load_corpus(folder: Path) -> list[Example]:
    """Return the examples of every JSON Lines file of ``folder``."""
    examples = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                examples.append(Example(row["text"], {flag: bool(row[flag]) for flag in FLAGS}))
    return examples


@dataclass
class UrgencyModel:
    """The trained model.

    `thresholds`: by flag, where "yes" begins, where "suspected" begins, and where it begins when
    the patterns suspect as well.
    """

    C: float = 10.0
    network: WordNetwork = field(default_factory=lambda: WordNetwork(outputs=len(FLAGS)))
    scorer: NgramScorer | None = None
    patterns: Any = None
    biases: Any = None
    thresholds: dict[str, tuple[float, float, float]] = field(default_factory=dict)

    def fit(self, examples: Sequence[Example], development: Sequence[Example]) -> UrgencyModel:
        """Train on ``examples``; choose the thresholds on ``development``."""
        texts = [prepare(example.text) for example in examples]
        labels = np.array([[example.flags[flag] for flag in FLAGS] for example in examples])
        features = _features()
        grams = features.fit_transform(texts)
        readings = Parallel(n_jobs=-1, batch_size=500)(
            delayed(_weighed)(example.text) for example in examples
        )
        matrix = hstack([grams, csr_matrix(np.array(readings, dtype=np.float32))]).tocsr()
        models = [self._new_model().fit(matrix, labels[:, k]) for k in range(len(FLAGS))]
        weights = np.stack([model.coef_[0] for model in models], axis=1).astype(np.float32)
        self.scorer = NgramScorer(
            [vectorizer for _, vectorizer in features.transformer_list], weights[: -len(FLAGS)]
        )
        self.patterns = weights[-len(FLAGS) :]
        self.biases = np.array([model.intercept_[0] for model in models], dtype=np.float32)
        self.network.fit([example.text for example in examples], labels)
        self._choose_thresholds(development)
        return self

    def scores(self, text: str, reading: Reading | None = None) -> dict[str, float]:
        """Return the probability of each flag: the highest of the whole and its sentences.

        ``reading`` is the deterministic reading of the whole, when it is there already.
        """
        parts = parts_of(text)
        readings = [reading or read(parts[0]), *(read(part) for part in parts[1:])]
        said = zip(parts, readings, strict=True)
        logits = np.max([self._logits(part, heard) for part, heard in said], axis=0)
        return {flag: 1 / (1 + math.exp(-logits[k])) for k, flag in enumerate(FLAGS)}

    def decide(self, flag: str, score: float, by_rule: str = "no") -> str:
        """Return "yes", "suspected" or "no"; `by_rule` is the deterministic decision."""
        sure, unsure, enough = self.thresholds[flag]
        if score >= sure:
            return "yes"
        asks = score >= (enough if by_rule == "suspected" else unsure)
        return "suspected" if asks else "no"

    def _logits(self, text: str, reading: Reading) -> Any:
        assert self.scorer is not None
        linear = self.scorer.scores(prepare(text)) + _weights_of(reading) @ self.patterns
        return linear + self.biases + NETWORK_WEIGHT * self.network.scores(text)

    def _choose_thresholds(self, development: Sequence[Example]) -> None:
        readings = [read(example.text) for example in development]
        found = [
            self.scores(example.text, reading)
            for example, reading in zip(development, readings, strict=True)
        ]
        for flag in FLAGS:
            without = [
                (score[flag], reading.decision[flag])
                for score, reading, example in zip(found, readings, development, strict=True)
                if not example.flags[flag]
            ]
            self.thresholds[flag] = _thresholds(without)

    def _new_model(self) -> LogisticRegression:
        return LogisticRegression(
            C=self.C, solver="liblinear", class_weight="balanced", tol=TOLERANCE
        )


def prepare(text: str) -> str:
    """Return ``text`` as the n-grams see it."""
    return fold(normalise(text[:LONGEST_TEXT]))


def parts_of(text: str) -> list[str]:
    """Return the whole message, then its sentences when it has several."""
    text = text[:LONGEST_TEXT]
    found = [part for part in sentences(text) if len(part) >= SHORTEST_SENTENCE]
    return [text, *found] if len(found) > 1 else [text]


def _features() -> FeatureUnion:
    characters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2, dtype=np.float32
    )
    words = TfidfVectorizer(
        token_pattern=r"[^\W_]+",  # noqa: S106 - a pattern of words
        ngram_range=(1, 3),
        sublinear_tf=True,
        min_df=2,
        dtype=np.float32,
    )
    return FeatureUnion([("characters", characters), ("words", words)])


def _weights_of(reading: Reading) -> Any:
    return np.array([PATTERNS_WEIGHT * reading.scores[flag] for flag in FLAGS], dtype=np.float32)


def _weighed(text: str) -> Any:
    return _weights_of(read(text))


def _thresholds(without_flag: Sequence[tuple[float, str]]) -> tuple[float, float, float]:
    """Return the thresholds of a flag, from messages without it.

    Each score comes with the decision of the patterns: where they are sure, it is asked about
    whatever the score, and counts among the questions.
    """
    ranked = sorted((score for score, _ in without_flag), reverse=True)
    sure = ranked[int(FALSE_ALARMS * len(ranked))]
    enough = ranked[int(ENOUGH_WITH_A_PATTERN * len(ranked))]
    asked = sorted(
        (
            math.inf if by_rule == "yes" or (by_rule == "suspected" and score >= enough) else score
            for score, by_rule in without_flag
        ),
        reverse=True,
    )
    unsure = min(sure, asked[int(ASKED_OR_ALARMED * len(asked))])
    return sure + 1e-9, unsure + 1e-9, min(unsure, enough) + 1e-9
