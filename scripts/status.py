"""Say what runs in ``SEUIL_VAR``: ``.venv/bin/python -m scripts.status``."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from scripts.supervision import Supervisor
from scripts.terminal import ROOT, Stop, run, say, sentence


def megabytes(pid: int) -> float:
    """Return the resident memory of a process and of all that it started, in megabytes."""
    if not pid or not psutil.pid_exists(pid):
        return 0.0
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return float(sum(one.memory_info().rss for one in family)) / 1e6


def main() -> int:
    """Print a line for each program: its state, process id and memory; 1 when nothing runs."""
    var = Path(os.environ.get("SEUIL_VAR") or ROOT / "var").resolve()
    states = Supervisor(var).states()
    if not states:
        raise Stop("status_none", path=var)
    for name, state in states.items():
        say(
            sentence(
                "status_line",
                name=sentence(f"name_{name}"),
                status=state.status,
                pid=state.pid or "–",
                memory=f"{megabytes(state.pid):.0f}",
            )
        )
    return 0


if __name__ == "__main__":
    run(main)
