"""The rules are read from their YAML, kept for the next start, never answered from an old copy."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "seuil"
ASK = (
    "from seuil.eligibility import assess\n"
    "facts = {'as_of': '2026-01-01', 'employer_sector': 'prive', 'employer_size': 12}\n"
    "found = assess(facts, ['accompagnement_social']).services[0].reasons\n"
    "print({reason.rule: reason.holds for reason in found}['ASD-A1'])\n"
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The engine alone, elsewhere: it needs nothing else of the product."""
    shutil.copytree(
        PACKAGE / "eligibility",
        tmp_path / "seuil" / "eligibility",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copy(PACKAGE / "__init__.py", tmp_path / "seuil")
    return tmp_path


def ask(copy: Path) -> str:
    found = subprocess.run(
        [sys.executable, "-B", "-c", ASK],
        cwd=copy,
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    return found.stdout.strip()


def kept(copy: Path) -> Path:
    (found,) = (copy / "seuil" / "eligibility" / "__pycache__").glob("library.*.marshal")
    return found


def test_an_edited_rule_is_applied_at_the_next_start(copy: Path) -> None:
    assert ask(copy) == "True"
    rule = copy / "seuil" / "eligibility" / "rules" / "accompagnement_social.yml"
    before = kept(copy).read_bytes()
    text = rule.read_text(encoding="utf-8")
    rule.write_text(text.replace("employer_size, gte: 10", "employer_size, gte: 13"), "utf-8")
    assert ask(copy) == "False"
    assert kept(copy).read_bytes() != before


@pytest.mark.parametrize("content", [b"", b"not ours", b"\xe3", b"i\x01\x00\x00\x00"])
def test_a_spoilt_copy_is_read_anew(copy: Path, content: bytes) -> None:
    ask(copy)
    kept(copy).write_bytes(content)
    assert ask(copy) == "True"


def test_a_folder_that_cannot_be_written_only_costs_time(copy: Path) -> None:
    # A file where the folder should be: nobody can write there, not even root.
    (copy / "seuil" / "eligibility" / "__pycache__").write_bytes(b"")
    assert ask(copy) == "True"
