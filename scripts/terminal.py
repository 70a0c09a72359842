"""What operators read: one line for a step, one line for what stops them.

The sentences are in ``words.json``. Standard library only: the set-up imports this before
anything is installed, on Python 3.9 or newer.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORDS: dict[str, str] = json.loads(
    (Path(__file__).parent / "words.json").read_text(encoding="utf-8")
)


class Stop(Exception):
    """What keeps the product from going on; ``str()`` is one line for the operator."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(sentence(key, **values))


def sentence(key: str, **values: object) -> str:
    """Return the sentence ``key`` with its values."""
    return WORDS[key].format(**values)


def say(line: str = "") -> None:
    """Print a line at once, whatever standard output is."""
    print(line, flush=True)


@contextmanager
def step(key: str, **values: object) -> Iterator[None]:
    """Print a step's line, then the seconds it took on the same line."""
    started = time.monotonic()
    print(f"• {sentence(key, **values)}… ", end="", flush=True)
    try:
        yield
    except BaseException:
        say()
        raise
    say(f"{time.monotonic() - started:.1f} s")


def last_line(log: Path, default: str = "") -> str:
    """Return the last line of ``log`` that says something, shortened; ``default`` when none."""
    if not log.exists():
        return default
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        lines = file.read().decode("utf-8", "replace").split("\n")
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), default)


def shown(path: Path) -> str:
    """Return ``path`` as the operator knows it: from the house's root when inside it."""
    path = path.resolve()
    return str(path.relative_to(ROOT)) if ROOT in path.parents else str(path)


def run(main: Callable[[], int]) -> None:
    """Exit with what ``main`` returns; 1 and one line on a Stop, 130 on Ctrl-C."""
    try:
        sys.exit(main())
    except Stop as error:
        print(error, file=sys.stderr, flush=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
