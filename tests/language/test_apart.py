"""Evaluation sentences are not training sentences in other clothes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
import yaml
from sklearn.feature_extraction.text import CountVectorizer

from seuil.urgency import fold, normalise

ROOT = Path(__file__).resolve().parents[2]
# Two sentences are near-duplicates when they share this much of their letter trigrams
# (Jaccard), or somewhat less and are this near by edits (difflib's ratio). Bare answers
# ("oui", "en cdi", "je sais pas") cannot but be the same.
TOO_CLOSE = 0.75
LOOKED_AT = 0.5
TOO_FEW_EDITS = 0.88
FEWEST_WORDS = 5


def long_enough(sentences: Iterator[str]) -> list[str]:
    found = (fold(normalise(sentence)) for sentence in sentences)
    return sorted({sentence for sentence in found if len(sentence.split()) >= FEWEST_WORDS})


def training() -> Iterator[str]:
    for file in sorted((ROOT / "data" / "nlu").rglob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                yield line.removeprefix("- ")
    yield from texts(ROOT / "data" / "urgency")


def evaluation() -> Iterator[str]:
    yield from texts(ROOT / "tests" / "language" / "data")


def texts(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["text"]


def closest(learned: list[str], asked: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each of `asked`, its highest likeness among `learned` and which one it is."""
    grams = CountVectorizer(analyzer="char_wb", ngram_range=(3, 3), binary=True)
    known = grams.fit_transform(learned).astype(np.float32)
    new = grams.transform(asked).astype(np.float32)
    sizes = np.asarray(known.sum(axis=1)).ravel()
    best, which = np.zeros(len(asked)), np.zeros(len(asked), dtype=int)
    for row in range(len(asked)):
        shared = np.asarray((known @ new[row].T).todense()).ravel()
        likeness = shared / (sizes + new[row].sum() - shared)
        which[row] = int(likeness.argmax())
        best[row] = likeness[which[row]]
    return best, which


def near_duplicates(learned: list[str], asked: list[str]) -> list[tuple[str, str]]:
    """Return each of `asked` that is some sentence of `learned` in other clothes, with it."""
    best, which = closest(learned, asked)
    pairs = [(best[row], asked[row], learned[which[row]]) for row in range(len(asked))]
    return [
        (one, other)
        for likeness, one, other in pairs
        if likeness >= TOO_CLOSE
        or (
            likeness >= LOOKED_AT
            and SequenceMatcher(None, one, other, autojunk=False).ratio() >= TOO_FEW_EDITS
        )
    ]


def test_no_evaluation_sentence_is_close_to_a_training_sentence():
    learned, asked = long_enough(training()), long_enough(evaluation())
    assert len(learned) > 5_000
    assert len(asked) > 1_000

    assert near_duplicates(learned, asked) == []


def test_the_thresholds_are_chosen_on_sentences_of_their_own():
    chosen_on = long_enough(texts(ROOT / "data" / "development"))
    assert len(chosen_on) > 900

    assert near_duplicates(long_enough(training()), chosen_on) == []
    assert near_duplicates(chosen_on, long_enough(evaluation())) == []


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("je dors dans ma voiture depuis lundi", "je dors dans ma voiture depuis mardi", True),
        ("je dors dans ma voiture depuis lundi", "mon employeur sera-t-il au courant", False),
    ],
)
def test_the_measure_tells_a_reworded_sentence_from_another(one, other, near):
    assert bool(near_duplicates([one, "rien à voir avec le reste"], [other])) is near
