"""What the tests need from the system is installed where that is ours to do, or else named."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import system
from scripts.terminal import ROOT, Stop


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "missing", lambda: ["chromium", "postgresql"])


@pytest.mark.usefixtures("bare")
def test_without_the_right_to_install_the_packages_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(system, "as_root", lambda: None)
    with pytest.raises(Stop, match="apt-get install chromium postgresql"):
        system.main()


def test_an_ordinary_user_is_never_asked_for_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(system.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.delenv("CI", raising=False)
    assert system.as_root() is None
    monkeypatch.setenv("CI", "true")
    assert system.as_root() == ["sudo", "-n"]


@pytest.mark.parametrize("code", [0, 100])
def test_the_lists_are_brought_up_to_date_before_the_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    told = tmp_path / "told"
    apt = tmp_path / "apt-get"
    apt.write_text(f"#!/bin/sh\necho $@ >> {told}\necho 'E: no room'\nexit {code}\n")
    apt.chmod(apt.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(system, "LOG", tmp_path / "system.log")
    if code:
        with pytest.raises(Stop, match="E: no room"):
            system.install([], ["chromium"])
        assert told.read_text() == "update -q\n"
        return
    system.install([], ["chromium"])
    assert told.read_text().splitlines() == [
        "update -q",
        "install -q -y --no-install-recommends chromium",
    ]


def test_the_tests_have_what_they_need() -> None:
    """`make test` has just seen to it."""
    result = subprocess.run([sys.executable, "-m", "scripts.system"], cwd=ROOT, capture_output=True)
    assert (result.returncode, result.stdout) == (0, b"")
