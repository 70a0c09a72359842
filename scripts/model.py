"""Train the assistant's model when none matches the sources.

``python -m scripts.model``. A model is named after the hash of what it depends on, so that a
change of a sentence, of a rule or of a library makes a new one, and nothing else does. Rasa's
own fingerprints see only a component's own module, hence ``--force``.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from scripts.setup import RASA
from scripts.terminal import ROOT, Stop, last_line, run, say, sentence, shown, step

MODELS = ROOT / "models"
LOG = ROOT / "var" / "log" / "train.log"
# Files and folders that a trained model depends on.
SOURCES = (
    "config.yml",
    "domain.yml",
    "data",
    "seuil/assistant/intent_classifier.py",
    "seuil/assistant/ngram_scorer.py",
    "seuil/assistant/urgency_classifier.py",
    "seuil/assistant/urgency_model.py",
    "seuil/assistant/word_network.py",
    "seuil/assistant/word_vectors.py",
    # The learned reading of urgency stands beside the deterministic one.
    "seuil/urgency",
    "requirements/rasa.lock",
)
SUFFIXES = frozenset({".yml", ".yaml", ".json", ".jsonl", ".csv", ".txt", ".py", ".lock"})
KEPT = 2
# Rasa asks the network nothing, and says nothing that nobody reads.
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "PYTHONUNBUFFERED": "1",
}


def sources(root: Path) -> Iterator[Path]:
    """Return the files that a model depends on, in a fixed order."""
    for name in SOURCES:
        path = root / name
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        yield from (
            file
            for file in files
            if file.is_file() and file.suffix in SUFFIXES and "__pycache__" not in file.parts
        )


def fingerprint(root: Path = ROOT) -> str:
    """Return the hash of the sources under ``root``: 12 hexadecimal digits."""
    total = hashlib.sha256()
    for file in sources(root):
        total.update(f"{file.relative_to(root).as_posix()}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:12]


def model_path() -> Path:
    """Return where the model of today's sources is, or is to be."""
    return MODELS / f"seuil-{fingerprint()}.tar.gz"


def train(model: Path) -> None:
    """Train ``model``; raise Stop with the last line of the log when it fails."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    MODELS.mkdir(exist_ok=True)
    unfinished = f"unfinished-{os.getpid()}"
    command = [
        str(RASA.python), "-m", "rasa", "train", "--force", "--domain", "domain.yml",
        "--config", "config.yml", "--data", "data", "--out", str(MODELS),
        "--fixed-model-name", unfinished,
    ]  # fmt: skip
    with step("train_start", name=model.stem.removesuffix(".tar")), LOG.open("wb") as log:
        failed = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, **QUIET},
        ).returncode
        made = MODELS / f"{unfinished}.tar.gz"
        if failed or not made.exists():
            made.unlink(missing_ok=True)
            line = last_line(LOG, sentence("run_silent"))
            raise Stop("train_failed", line=line, log=shown(LOG))
        made.replace(model)


def drop_old_models() -> None:
    """Keep the last few models only: each is of another state of the sources."""
    models = sorted(MODELS.glob("seuil-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for old in models[:-KEPT]:
        old.unlink(missing_ok=True)


def main() -> int:
    """Train the model unless there is one of today's sources."""
    if not RASA.python.exists():
        raise Stop("setup_missing", folder=RASA.folder)
    model = model_path()
    if model.exists():
        model.touch()
        say(f"• {sentence('train_current', name=model.name.split('.')[0])}")
        return 0
    train(model)
    drop_old_models()
    return 0


if __name__ == "__main__":
    run(main)
