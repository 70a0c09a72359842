"""The page on accessibility: every criterion of the RGAA 4.1.2 once, and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "accessibility-rgaa.md").read_text(encoding="utf-8")
# How many criteria each of the 13 themes has.
THEMES = (9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12)


def test_every_criterion_is_told_once():
    told = re.findall(r"^\| (\d+\.\d+) ", PAGE, re.MULTILINE)
    for line in re.findall(r"^Not applicable: .*$", PAGE, re.MULTILINE):
        told += re.findall(r"\b(\d+\.\d+)\b", line)

    every = [f"{theme}.{n}" for theme, many in enumerate(THEMES, 1) for n in range(1, many + 1)]
    assert sorted(told) == sorted(every)


def test_every_test_named_there_exists():
    written = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "browser").glob("*.py")
    )

    named = re.findall(r"`(test_\w+)`", PAGE)
    assert named
    assert not [name for name in named if f"def {name}(" not in written]
