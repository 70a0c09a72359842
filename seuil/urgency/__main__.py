"""``python -m seuil.urgency read``: what does the reader understand of these messages?

JSON Lines on standard input, ``{"text": "…", "asked": null}``; one line out for each: the reading,
with what was denied and the names of the clues found. A bad line yields
``{"line": n, "error": "…"}`` and the rest go on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from seuil.urgency.reading import read

_USAGE = "usage : python -m seuil.urgency read < messages.jsonl"


def explain(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The reading of each line, in order; blank lines are passed over."""
    for place, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            yield {"line": place, "error": "ligne illisible : un objet JSON est attendu"}
            continue
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            yield {"line": place, "error": "« text » manque, ou n’est pas un texte"}
            continue
        asked = row.get("asked")
        reading = read(row["text"], asked=asked if isinstance(asked, str) else None)
        yield {
            **reading.as_json(),
            "denied": sorted(reading.denied),
            "clues": list(reading.clues),
        }


def main(arguments: list[str]) -> int:
    """Run the command; 0 when it ran, 2 when it was asked something else."""
    if arguments != ["read"]:
        print(_USAGE, file=sys.stderr)
        return 2
    for row in explain(sys.stdin):
        print(json.dumps(row, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
