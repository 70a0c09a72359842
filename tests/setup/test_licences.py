"""The licences of the dependencies are noted where someone who passes Seuil on looks for them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from scripts.setup import RASA, WEB
from scripts.terminal import ROOT

PAGE = (ROOT / "docs" / "licences.md").read_text("utf-8")
NOTED = set(re.findall(r"[\w.-]+", PAGE))
ASKS_FOR_SOMETHING = re.compile(r"GPL|MPL|EUPL|CDDL|Mozilla", re.IGNORECASE)


def declared(python: Path) -> dict[str, str]:
    printed = subprocess.run(
        [python, "-m", "scripts.licences"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return dict(line.split("\t", 1) for line in printed.splitlines())


@pytest.mark.parametrize("environment", [WEB, RASA], ids=lambda one: one.folder)
def test_a_licence_that_asks_for_something_is_noted(environment) -> None:
    found = declared(environment.python)
    assert found
    asking = {package for package, licence in found.items() if ASKS_FOR_SOMETHING.search(licence)}
    assert asking
    assert asking <= NOTED


@pytest.mark.parametrize("name", ["web.in", "rasa.in", "setup.in"])
def test_every_direct_dependency_is_noted(name: str) -> None:
    lines = (ROOT / "requirements" / name).read_text("utf-8").splitlines()
    direct = {re.match(r"[\w.-]+", line)[0] for line in lines if re.match(r"\w", line)}
    assert direct
    assert direct <= NOTED
