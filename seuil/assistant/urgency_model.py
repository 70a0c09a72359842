"""A learned reading of urgency, beside the deterministic one.

Three linear models, one a flag, over n-grams of the normalised text and the scores of the
deterministic reading. A message is read whole and sentence by sentence, and the highest
wins, so that one clue buried in a long story counts. Thresholds are chosen on folds of the
training corpus that the model did not see: never on evaluation data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import FeatureUnion

from seuil.urgency import FLAGS, Reading, fold, normalise, read
from seuil.urgency.text import sentences

# Weight of the deterministic reading beside the n-grams, whose vectors have length 1.
PATTERNS_WEIGHT = 2.0
FOLDS = 4
# Among the corpus's messages without a flag (most are hard ones): at most this share is "yes",
# and at most this share is "yes" or "suspected". A margin is kept under the figures to reach.
FALSE_ALARMS = 0.02
NEEDLESS_QUESTIONS = 0.09
SHORTEST_SENTENCE = 12
LONGEST_TEXT = 6_000


@dataclass(frozen=True)
class Example:
    """One labelled message; `hard` ones are of the urgency corpus and set the thresholds."""

    text: str
    flags: dict[str, bool]
    hard: bool = True


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
    """The trained model. `thresholds` holds, by flag, where "yes" and "suspected" begin."""

    C: float = 10.0
    features: FeatureUnion = field(default_factory=lambda: _features())
    models: dict[str, LogisticRegression] = field(default_factory=dict)
    thresholds: dict[str, tuple[float, float]] = field(default_factory=dict)

    def fit(self, examples: Sequence[Example]) -> UrgencyModel:
        """Train on ``examples`` and choose the thresholds on held-out folds of the hard ones."""
        texts = [prepare(example.text) for example in examples]
        patterns = _patterns(read(example.text) for example in examples)
        matrix = _join(self.features.fit_transform(texts), patterns)
        for flag in FLAGS:
            labels = np.array([example.flags[flag] for example in examples])
            held_out = np.zeros(len(examples))
            for seen, unseen in KFold(FOLDS, shuffle=True, random_state=0).split(matrix):
                model = self._new_model().fit(matrix[seen], labels[seen])
                held_out[unseen] = model.predict_proba(matrix[unseen])[:, 1]
            hard = np.array([example.hard for example in examples])
            self.thresholds[flag] = _thresholds(held_out[hard & ~labels])
            self.models[flag] = self._new_model().fit(matrix, labels)
        return self

    def scores(self, text: str, reading: Reading | None = None) -> dict[str, float]:
        """Return the probability of each flag: the highest of the whole and its sentences.

        ``reading`` is the deterministic reading of the whole, when it is there already.
        """
        parts = parts_of(text)
        readings = [reading or read(parts[0]), *(read(part) for part in parts[1:])]
        grams = self.features.transform([prepare(part) for part in parts])
        matrix = _join(grams, _patterns(readings))
        return {
            flag: float(model.predict_proba(matrix)[:, 1].max())
            for flag, model in self.models.items()
        }

    def decide(self, flag: str, score: float) -> str:
        """Return "yes", "suspected" or "no"."""
        sure, unsure = self.thresholds[flag]
        if score >= sure:
            return "yes"
        return "suspected" if score >= unsure else "no"

    def _new_model(self) -> LogisticRegression:
        return LogisticRegression(C=self.C, solver="liblinear", class_weight="balanced")


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


def _patterns(readings: Iterable[Reading]) -> Any:
    return csr_matrix(
        [[PATTERNS_WEIGHT * reading.scores[flag] for flag in FLAGS] for reading in readings],
        dtype=np.float32,
    )


def _join(grams: Any, patterns: Any) -> Any:
    return hstack([grams, patterns]).tocsr()


def _thresholds(without_flag: np.ndarray[Any, Any]) -> tuple[float, float]:
    ranked = np.sort(without_flag)[::-1]
    sure = ranked[int(FALSE_ALARMS * len(ranked))]
    unsure = ranked[int(NEEDLESS_QUESTIONS * len(ranked))]
    return float(sure) + 1e-9, float(unsure) + 1e-9
