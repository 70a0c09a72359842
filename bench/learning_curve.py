"""Recall on urgency against the size of the training corpus: ``python -m bench.learning_curve``.

Runs in the Rasa environment. The corpus is drawn at random, each size holding the smaller ones;
thresholds are chosen on the development set, recall is measured on the evaluation sentences.
"""

from __future__ import annotations

import random
import sys

from bench.pipelines import EVALUATION, labelled
from scripts.terminal import ROOT
from seuil.assistant.urgency_model import FLAGS, UrgencyModel, load_corpus

SIZES = (1_000, 2_000, 4_000, 8_000, 16_000)


def main() -> int:
    """Print a row a size: recall, then questions and alarms in vain, by flag."""
    corpus = load_corpus(ROOT / "data" / "urgency")
    random.Random(0).shuffle(corpus)
    development = load_corpus(ROOT / "data" / "development")
    rows = labelled(EVALUATION, "urgency_")
    print("| messages | " + " | ".join(f"{flag}: recall, in vain" for flag in FLAGS) + " |")
    print("|---|" + "---|" * len(FLAGS), flush=True)
    for size in [*(size for size in SIZES if size < len(corpus)), len(corpus)]:
        model = UrgencyModel().fit(corpus[:size], development)
        cells = []
        for flag in FLAGS:
            heard = [
                (bool(row[flag]), model.decide(flag, model.scores(row["text"])[flag]) != "no")
                for row in rows
            ]
            holds = [said for holding, said in heard if holding]
            others = [said for holding, said in heard if not holding]
            cells.append(f"{sum(holds) / len(holds):.3f}, {sum(others) / len(others):.3f}")
        print(f"| {size} | " + " | ".join(cells) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
