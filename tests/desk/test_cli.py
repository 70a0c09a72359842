"""The command line: what it prints, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    def run(*arguments: str, given: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "seuil.desk", *arguments],
            input=given,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "SEUIL_VAR": str(tmp_path / "var"), **environ},
            check=False,
        )

    return run


def test_users_and_tokens(cli: Cli) -> None:
    made = cli("user", "create", "Claire", "--role", "counsellor")
    assert made.returncode == 0, made.stderr
    assert len(made.stdout.strip()) >= 12
    chosen = cli(
        "user", "create", "Paul", "--role", "agent", "--password-stdin", given="assez long, non ?\n"
    )
    assert (chosen.returncode, chosen.stdout) == (0, "")
    token = cli("token", "create", "robot", "--role", "agent")
    assert token.stdout.startswith("desk_")
    assert cli("user", "disable", "Paul").returncode == 0
    assert cli("user", "list").stdout.splitlines() == [
        "Claire\tcounsellor\tactif",
        "Paul\tagent\tfermé",
    ]
    assert cli("token", "revoke", "robot").returncode == 0
    assert cli("token", "list").stdout == "robot\tagent\tfermé\n"


def test_demo_users_are_made_once(cli: Cli) -> None:
    first = cli("demo-users").stdout.splitlines()
    assert [line.split("\t")[0] for line in first] == ["agent", "conseillere", "responsable"]
    assert all(len(line.split("\t")[1]) >= 12 for line in first)
    again = cli("demo-users")
    assert again.returncode == 0
    assert not any(line.split("\t")[1] in again.stdout for line in first)


def test_verify_says_that_all_is_whole(cli: Cli) -> None:
    assert cli("verify").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        (("user", "create", "Claire", "--role", "chef"), {}),
        (("user", "disable", "Personne"), {}),
        (("verify",), {"SEUIL_DATABASE_URL": "mysql://x"}),
        (("verify",), {"SEUIL_SECRET_KEY": "court"}),
        (("verify",), {"SEUIL_SESSION_IDLE": "hier"}),
    ],
)
def test_what_cannot_be_done_is_one_line(
    cli: Cli, arguments: tuple[str, ...], environ: dict[str, str]
) -> None:
    done = cli(*arguments, **environ)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
