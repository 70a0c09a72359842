"""What messages say: YAML cases that a counsellor can read and add to."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from seuil.assistant.facts import read

CASES = Path(__file__).parent / "facts_cases"
AS_OF = date(2026, 11, 20)


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['say'][:60]}")
        for path in sorted(CASES.glob("*.yaml"))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("case", cases())
def test_reads_exactly_what_is_said(case: dict[str, Any]) -> None:
    reading = read(
        case["say"],
        asked=case.get("asked"),
        as_of=case.get("as_of", AS_OF),
        audience=case.get("audience"),
        known=case.get("known"),
    )
    told = {
        "facts": reading.facts,
        "dont_know": reading.dont_know,
        "correction": reading.correction,
        "retracted": reading.retracted,
        "ambiguous": [entry["fact"] for entry in reading.ambiguous],
    }
    assert told == {
        "facts": case["facts"],
        "dont_know": case.get("dont_know", False),
        "correction": case.get("correction", False),
        "retracted": case.get("retracted", []),
        "ambiguous": case.get("ambiguous", []),
    }
