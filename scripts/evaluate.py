"""How well the assistant understands, on sentences that it was not trained on: ``make evaluate``.

Runs in the Rasa environment on the model of today's sources. Prints the figures of
``language.md`` with confidence intervals, by voice and by style, the confusions, and every
error; fails when a figure is under its floor (``tests/language/floors.yml``).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scripts.model import model_path
from scripts.terminal import ROOT
from seuil.assistant.__main__ import load_processor, understand
from seuil.eligibility import FactError, derive
from seuil.urgency import FLAGS

DATA = ROOT / "tests" / "language" / "data"
FLOORS = ROOT / "tests" / "language" / "floors.yml"
AS_OF = "2026-11-20"
CONFUSIONS_SHOWN = 25
# What the conversation itself adds or the derivation table gives: not read from the message.
NOT_READ = frozenset({"audience", "as_of"})


@dataclass
class Figures:
    """The figures measured: `values` by name, `lines` to print, `errors` to read one by one."""

    values: dict[str, float] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def rate(self, name: str, hits: int, total: int) -> None:
        """Record a share with its 95 % Wilson interval."""
        if not total:
            return
        low, high = wilson(hits, total)
        self.values[name] = hits / total
        self.lines.append(
            f"{name:<46} {hits / total:6.3f}  [{low:.3f}, {high:.3f}]  {hits}/{total}"
        )


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson score interval of a share."""
    share = hits / total
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    middle = share + z * z / (2 * total)
    scale = 1 + z * z / total
    return (middle - spread) / scale, (middle + spread) / scale


def rows(kind: str) -> Iterator[dict[str, Any]]:
    """Return the labelled messages of a kind, file by file."""
    for file in sorted(DATA.glob(f"{kind}_*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield json.loads(line)


async def read_all(processor: Any, given: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what is understood of each message."""
    return [
        await understand(
            processor,
            {"text": row["text"], "asked": row.get("asked"), "as_of": row.get("as_of", AS_OF)},
        )
        for row in given
    ]


def urgency(figures: Figures, given: Sequence[dict[str, Any]], read: Sequence[Any]) -> None:
    """Recall, false alarms and needless questions, by flag; recall by voice and by style."""
    for flag in FLAGS:
        pairs = [
            (row, answer["urgency"]["decision"][flag])
            for row, answer in zip(given, read, strict=True)
        ]
        holds = [(row, decision) for row, decision in pairs if row[flag]]
        not_so = [(row, decision) for row, decision in pairs if not row[flag]]
        figures.rate(f"{flag}: recall", sum(d != "no" for _, d in holds), len(holds))
        figures.rate(f"{flag}: recall, sure", sum(d == "yes" for _, d in holds), len(holds))
        figures.rate(f"{flag}: false alarms", sum(d == "yes" for _, d in not_so), len(not_so))
        figures.rate(
            f"{flag}: needless questions", sum(d == "suspected" for _, d in not_so), len(not_so)
        )
        for group in ("audience", "style"):
            for value in sorted({row[group] for row, _ in holds}):
                chosen = [d for row, d in holds if row[group] == value]
                figures.rate(
                    f"  {flag}: recall, {value}", sum(d != "no" for d in chosen), len(chosen)
                )
        figures.errors += [
            f"{flag} missed [{row['audience']}, {row['style']}] {row['text']}"
            for row, decision in holds
            if decision == "no"
        ]
        figures.errors += [
            f"{flag} false alarm [{row['audience']}, {row['style']}] {row['text']}"
            for row, decision in not_so
            if decision == "yes"
        ]


def intents(figures: Figures, given: Sequence[dict[str, Any]], read: Sequence[Any]) -> None:
    """Macro F1 over the intents, each FAQ topic a class; accuracy of the topics; confusions."""
    pairs = [(row["intent"], answer["intent"]) for row, answer in zip(given, read, strict=True)]
    scores = [f1(pairs, label) for label in sorted({label for label, _ in pairs})]
    figures.values["intents: macro F1"] = sum(scores) / len(scores)
    figures.lines.append(f"{'intents: macro F1':<46} {sum(scores) / len(scores):6.3f}")
    figures.rate("intents: accuracy", sum(a == b for a, b in pairs), len(pairs))
    topics = [(a, b) for a, b in pairs if a.startswith("faq/")]
    figures.rate("faq topics: accuracy", sum(a == b for a, b in topics), len(topics))
    confusions = Counter((a, b) for a, b in pairs if a != b)
    for (label, predicted), count in confusions.most_common(CONFUSIONS_SHOWN):
        figures.lines.append(f"  {count:3}  {label} → {predicted}")
    figures.errors += [
        f"intent {row['intent']} read as {answer['intent']}: {row['text']}"
        for row, answer in zip(given, read, strict=True)
        if row["intent"] != answer["intent"]
    ]


def f1(pairs: Sequence[tuple[str, str]], label: str) -> float:
    """Return the F1 of one class."""
    right = sum(a == b == label for a, b in pairs)
    wrong = sum((a == label) != (b == label) for a, b in pairs)
    return 2 * right / (2 * right + wrong) if right else 0.0


def facts(figures: Figures, given: Sequence[dict[str, Any]], read: Sequence[Any]) -> None:
    """Exact values of the facts said, and messages from which one is invented."""
    found = wanted = inventing = 0
    for row, answer in zip(given, read, strict=True):
        expected, told = _closed(row["facts"]), _closed(answer["facts"])
        wanted += len(row["facts"])
        missed = [name for name in row["facts"] if told.get(name) != expected.get(name)]
        found += len(row["facts"]) - len(missed)
        invented = [name for name in told if name not in expected and told[name] is not False]
        inventing += bool(invented)
        if missed or invented:
            figures.errors.append(
                f"facts {answer['facts']} for {row['facts']} (asked {row.get('asked')}):"
                f" {row['text']}"
            )
    figures.rate("facts: exact value", found, wanted)
    figures.rate("facts: messages with an invention", inventing, len(given))


def _closed(told: Mapping[str, Any]) -> dict[str, Any]:
    try:
        known = derive({name: value for name, value in told.items() if name not in NOT_READ})
    except FactError:
        known = dict(told)
    if isinstance(known.get("difficulties"), list):
        known["difficulties"] = sorted(known["difficulties"])
    return known


KINDS: Mapping[str, Callable[[Figures, Sequence[dict[str, Any]], Sequence[Any]], None]] = {
    "urgency": urgency,
    "intents": intents,
    "facts": facts,
}


def under_the_floor(values: Mapping[str, float]) -> list[str]:
    """Return a line for each figure that is worse than its committed floor (or ceiling)."""
    floors = yaml.safe_load(FLOORS.read_text(encoding="utf-8"))
    low = [
        f"{name}: {values[name]:.3f} < {floor}"
        for name, floor in floors["at_least"].items()
        if values[name] < floor
    ]
    high = [
        f"{name}: {values[name]:.3f} > {ceiling}"
        for name, ceiling in floors["at_most"].items()
        if values[name] > ceiling
    ]
    return low + high


async def evaluate(model: Path) -> Figures:
    """Read every evaluation set with ``model`` and return the figures."""
    processor = load_processor(model)
    figures = Figures()
    for kind, measure in KINDS.items():
        given = list(rows(kind))
        figures.lines.append(f"\n{kind}: {len(given)} messages")
        measure(figures, given, await read_all(processor, given))
    return figures


def main() -> int:
    """Print the figures, and the errors on request; 1 when a figure is under its floor."""
    parser = argparse.ArgumentParser(prog="python -m scripts.evaluate")
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--errors", action="store_true", help="print every error")
    options = parser.parse_args()
    figures = asyncio.run(evaluate(options.model or model_path()))
    print("\n".join(figures.lines))
    if options.errors:
        print("\n" + "\n".join(figures.errors))
    worse = under_the_floor(figures.values)
    for line in worse:
        print(f"under its floor: {line}", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
