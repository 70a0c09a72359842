"""Run every check and every test: ``make test`` after its set-up, and ``.ci/run``.

Linters first, then the tests of each environment; all run even when one fails, and the last
lines say how each ended, in pytest's own words.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.model import QUIET
from scripts.setup import RASA, WEB
from scripts.terminal import ROOT, run, say, sentence

# Tests of what Rasa's side is made of run in its environment; what both sides import, in both.
RASA_ONLY = ("tests/assistant", "tests/language")
BOTH = ("tests/eligibility", "tests/urgency")
# Tests that start the product, or a program of it, one after the other.
WHOLE = ("tests/setup", "tests/product", "tests/browser", "tests/faults")
SUMMARY = re.compile(r"^=+ (.*\bin [\d.]+s.*?) =+$", re.MULTILINE)


@dataclass(frozen=True)
class Check:
    """One command, and what it is called in the summary."""

    what: str
    command: Sequence[str]


def present(folders: Sequence[str]) -> list[str]:
    """Return those of ``folders`` that hold tests."""
    return [folder for folder in folders if any((ROOT / folder).rglob("test_*.py"))]


def checks() -> list[Check]:
    """Return everything that is run, in order."""
    web, rasa = str(WEB.python), str(RASA.python)
    tools = WEB.path / "bin"
    elsewhere = [f"--ignore={folder}" for folder in (*RASA_ONLY, *WHOLE)]
    return [
        Check("ruff", [str(tools / "ruff"), "check", "."]),
        Check("ruff format", [str(tools / "ruff"), "format", "--check", "."]),
        Check("mypy", [web, "-m", "mypy"]),
        Check("import-linter", [str(tools / "lint-imports")]),
        Check(
            f"pytest, Rasa ({', '.join(present((*RASA_ONLY, *BOTH)))})",
            [rasa, "-m", "pytest", *present((*RASA_ONLY, *BOTH))],
        ),
        Check("évaluation du français", [rasa, "-m", "scripts.evaluate"]),
        Check("pytest, web", [web, "-m", "pytest", "tests", *elsewhere, "-n", "2"]),
        Check(
            f"pytest, produit ({', '.join(present(WHOLE))})",
            [web, "-m", "pytest", *present(WHOLE)],
        ),
    ]


def main() -> int:
    """Run all; 1 when anything fails, or is skipped in continuous integration."""
    results = [run_check(check) for check in checks()]
    say()
    for line, _ in results:
        say(line)
    return 0 if all(passed for _, passed in results) else 1


def run_check(check: Check) -> tuple[str, bool]:
    """Run one check, its output shown as it comes; return its line in the summary and its end."""
    say(f"\n• {check.what}")
    started = time.monotonic()
    process = subprocess.Popen(
        check.command,
        cwd=ROOT,
        env={**os.environ, **QUIET},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    output = []
    for line in process.stdout:
        output.append(line)
        sys.stdout.write(line)
        sys.stdout.flush()
    code = process.wait()
    passed = code == 0
    found = SUMMARY.findall("".join(output))
    # A command that a signal ended has had no time to say anything.
    summary = found[-1] if found else (signal.Signals(-code).name if code < 0 else "")
    if passed and os.environ.get("CI") == "true" and re.search(r"\d+ skipped", summary):
        say(sentence("test_skipped"))
        passed = False
    line = sentence(
        "test_result",
        state="✓" if passed else "✗",
        what=check.what,
        seconds=time.monotonic() - started,
        summary=summary,
    )
    return line, passed


if __name__ == "__main__":
    run(main)
