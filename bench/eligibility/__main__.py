"""How fast, and how few questions: `python -m bench.eligibility [--openfisca] [--optimum S,S]`.

All in one run on one machine: what is compared is measured in turns, several rounds, the best of
each, so that other work on the machine weighs on all alike. `--openfisca` makes a scratch
environment in a temporary folder (needs the package index); `--optimum` also computes, for these
services, the fewest questions there can be (seconds for most, minutes for some).
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.eligibility.optimum import Optimum
from bench.eligibility.personas import personas
from bench.eligibility.playing import AS_OF, asked_in_order, engine_order, mean_questions
from seuil.eligibility import SERVICES, assess, next_question

ROUNDS = 7
CALLS = 20_000
GROWTH_CALLS = 200_000
PEOPLE = 1_000
IMPORTS = 15
FISCA_PERSONS = 100_000
PIP_SECONDS = 280
SUPPORT = ["accompagnement_social"]

Facts = dict[str, Any]


def described() -> tuple[list[Facts], list[Facts]]:
    """People of whom all is told, and the same of whom about half is."""
    found = personas(200)
    for person in found:
        person["as_of"] = AS_OF
    half = [
        {name: value for place, (name, value) in enumerate(p.items()) if (place + n) % 2 == 0}
        for n, p in enumerate(found)
    ]
    return found, [{**facts, "as_of": AS_OF} for facts in half]


def rate(work: Callable[[Facts], object], people: Sequence[Facts], calls: int) -> float:
    """Calls a second of one core: processor time, which other work on the machine bears less on."""
    count = len(people)
    start = time.process_time()
    for number in range(calls):
        work(people[number % count])
    return calls / (time.process_time() - start)


def one(facts: Facts) -> object:
    """One service: the verdict and its reasons."""
    found = assess(facts, SUPPORT).services[0]
    return found.verdict, found.reasons


def one_missing(facts: Facts) -> object:
    """One service, with what is missing besides."""
    found = assess(facts, SUPPORT).services[0]
    return found.verdict, found.reasons, found.missing


def every(facts: Facts) -> object:
    """All services: verdicts and reasons."""
    return [(found.verdict, found.reasons) for found in assess(facts).services]


def every_missing(facts: Facts) -> object:
    """All services, with what is missing besides."""
    return [(f.verdict, f.reasons, f.missing) for f in assess(facts).services]


def as_json(facts: Facts) -> object:
    """One service, as the command line answers."""
    return json.dumps(assess(facts, SUPPORT).as_json())


def ask(facts: Facts) -> object:
    """The next question over all services."""
    return next_question(facts)


def speeds() -> dict[str, float]:
    """Calls a second: the best round of each, the rounds taken in turns."""
    known, half = described()
    support = [{k: v for k, v in p.items() if k in READ or k == "as_of"} for p in known]
    works: dict[str, tuple[Callable[[Facts], object], list[Facts], int]] = {
        "one service, reasons, its facts told": (one, support, CALLS),
        "one service, reasons, all facts told": (one, known, CALLS),
        "one service, reasons and missing, half told": (one_missing, half, CALLS),
        "one service, as JSON text": (as_json, support, CALLS // 4),
        "all services, reasons, all facts told": (every, known, CALLS // 10),
        "all services, reasons and missing, half told": (every_missing, half, CALLS // 20),
        "next question, all services, half told": (ask, half, CALLS // 20),
    }
    best = dict.fromkeys(works, 0.0)
    for _ in range(ROUNDS):
        for name, (work, people, calls) in works.items():
            best[name] = max(best[name], rate(work, people, calls))
    return best


READ = frozenset(
    {
        "employer_sector",
        "employer_size",
        "contract",
        "department",
        "difficulties",
        "wants_support",
    }
)
"""What a conversation about the support has been told when it ends."""


def growth() -> tuple[float, int]:
    """Speed at the end over speed at the start, and memory gained (KiB), over many calls."""
    known, half = described()
    people = [*known, *half]
    rate(one_missing, people, CALLS)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    first = max(rate(one_missing, people, CALLS // 2) for _ in range(ROUNDS))
    rate(one_missing, people, GROWTH_CALLS)
    last = max(rate(one_missing, people, CALLS // 2) for _ in range(ROUNDS))
    gc.collect()
    return last / first, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


def import_time() -> tuple[float, float]:
    """Milliseconds to import the package in a new process (processor time): least, median."""
    line = (
        "import time; start = time.process_time(); import seuil.eligibility; "
        "print(time.process_time() - start)"
    )
    with tempfile.TemporaryDirectory() as folder:
        # Byte code kept, as where the product runs, whatever this process was told.
        setting = {"PYTHONPYCACHEPREFIX": folder, "PATH": ""}
        times = [
            1000
            * float(
                subprocess.run(
                    [sys.executable, "-c", line],
                    capture_output=True,
                    check=True,
                    text=True,
                    env=setting,
                ).stdout
            )
            for _ in range(IMPORTS + 1)
        ][1:]
    return min(times), statistics.median(times)


def openfisca() -> dict[str, float]:
    """Persons a second for openfisca-core on an equivalent rule, in an environment of its own."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "openfisca-core"],
            check=True,
            capture_output=True,
            timeout=PIP_SECONDS,
        )
        script = Path(__file__).with_name("openfisca_rule.py")
        found = subprocess.run(
            [python, script, str(FISCA_PERSONS)], capture_output=True, check=True, text=True
        )
    answer: dict[str, float] = json.loads(found.stdout)
    return answer


def questions(optimum: Sequence[str]) -> None:
    """The mean number of questions, by service, over the same people."""
    people = personas(PEOPLE)
    print(f"\nquestions until the verdict, mean over {PEOPLE} people")
    print(f"{'service':30}{'ours':>8}{'fixed':>8}{'optimum':>9}{'ratio':>7}")
    for service in SERVICES:
        told(service, service, {}, people, service in optimum)
    for name, known in VISALE_PARTS.items():
        told(f"visale, {name}", "visale", known, people, "visale" in optimum)


def told(
    label: str, service: str, known: Facts, people: Sequence[Facts], with_optimum: bool
) -> None:
    """One line: ours, a fixed order, and the optimum when wanted."""
    ours = mean_questions(people, engine_order(service), known)
    fixed = mean_questions(people, asked_in_order(service), known)
    best = ""
    if with_optimum and label not in TOO_LARGE:
        least = mean_questions(people, Optimum(service, AS_OF).order, known)
        best = f"{least:9.3f}{ours / least:7.3f}"
    print(f"{label:30}{ours:8.3f}{fixed:8.3f}{best}", flush=True)


TOO_LARGE = ("visale",)
"""More than ten million states: measured in two parts instead."""
VISALE_PARTS: dict[str, Facts] = {
    "over 30, lease known": {
        "age": 40,
        "student_or_apprentice": False,
        "rent_with_charges": 700,
        "household_resources": 2000,
        "department": "59",
        "dwelling_type": "parc_prive",
        "main_residence": True,
    },
    "under 31, lease asked": {"age": 25},
}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.eligibility", description=__doc__)
    parser.add_argument("--openfisca", action="store_true")
    parser.add_argument("--optimum", default="accompagnement_social,alin,aslli,soli_al")
    given = parser.parse_args()
    least, median = import_time()
    print(f"import: {least:.1f} ms at best, {median:.1f} ms median of {IMPORTS}")
    found = speeds()
    for name, calls in found.items():
        print(f"{name:48}{calls:12,.0f} a second{1e6 / calls:10.1f} µs")
    ratio, gained = growth()
    print(f"after {GROWTH_CALLS:,} calls: speed x{ratio:.2f}, memory +{gained} KiB")
    if given.openfisca:
        theirs = openfisca()
        ours = found["one service, reasons, its facts told"]
        alone, batch = theirs["one_by_one"], theirs["at_once"]
        print(f"openfisca-core, the same rule, one person at a time: {alone:,.0f} a second")
        print(f"  ours: x{ours / alone:,.0f}")
        print(f"openfisca-core, {FISCA_PERSONS:,} at once, no reason, no unknown: {batch:,.0f}")
        print(f"  ours: x{ours / batch:.2f}")
    questions(given.optimum.split(",") if given.optimum else ())


if __name__ == "__main__":
    main()
