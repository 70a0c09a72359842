"""The command line: what it prints, and how it ends."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from seuil.desk import __main__ as command
from seuil.desk import accounts

ROOT = Path(__file__).parents[2]


class Done(NamedTuple):
    status: int
    out: str
    err: str


Cli = Callable[..., Done]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command in this process, on a desk of the test's own."""
    light = accounts.PasswordHasher
    monkeypatch.setattr(
        accounts, "PasswordHasher", lambda **costs: light(time_cost=1, memory_cost=64)
    )
    for name in [name for name in os.environ if name.startswith("SEUIL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SEUIL_VAR", str(tmp_path / "var"))

    def run(*arguments: str, given: str = "", **environ: str) -> Done:
        with monkeypatch.context() as changed:
            changed.setattr(sys, "stdin", io.StringIO(given))
            for name, value in environ.items():
                changed.setenv(name, value)
            status = command.main(list(arguments))
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return run


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "seuil.desk", "verify"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "SEUIL_VAR": str(tmp_path / "var")},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_users_and_tokens(cli: Cli) -> None:
    made = cli("user", "create", "Claire", "--role", "counsellor")
    assert made.status == 0
    assert len(made.out.strip()) >= 12
    chosen = cli(
        "user", "create", "Paul", "--role", "agent", "--password-stdin", given="assez long, non ?\n"
    )
    assert (chosen.status, chosen.out) == (0, "")
    assert cli("user", "create", "ana@exemple.fr", "--role", "agent", "--provider").status == 0
    assert cli("token", "create", "robot", "--role", "agent").out.startswith("desk_")
    assert cli("user", "disable", "Paul").status == 0
    assert cli("user", "list").out.splitlines() == [
        "Claire\tcounsellor\tactif",
        "Paul\tagent\tfermé",
        "ana@exemple.fr\tagent\tactif",
    ]
    again = cli("user", "reset", "Claire").out.strip()
    assert len(again) >= 12
    assert again != made.out.strip()
    assert cli("token", "revoke", "robot").status == 0
    assert cli("token", "list").out == "robot\tagent\tfermé\n"


def test_demo_users_are_made_once(cli: Cli) -> None:
    first = cli("demo-users").out.splitlines()
    assert [line.split("\t")[0] for line in first] == ["agent", "conseillere", "responsable"]
    assert all(len(line.split("\t")[1]) >= 12 for line in first)
    again = cli("demo-users")
    assert again.status == 0
    assert not any(line.split("\t")[1] in again.out for line in first)


def take_in(tmp_path: Path) -> str:
    """A case in the desk of the command line; returns its reference."""
    import asyncio

    from seuil.desk import DeskSettings, open_desk

    from .conftest import new_case

    async def run() -> str:
        desk = await open_desk(DeskSettings(var=tmp_path / "var"))
        view = await desk.intake(new_case(), "key")
        await desk.close()
        return view.reference

    return asyncio.run(run())


def test_a_persons_copy_and_erasure(cli: Cli, tmp_path: Path) -> None:
    reference = take_in(tmp_path)
    assert json.loads(cli("export", reference).out)["contact"]["name"] == "Camille Dupré"
    assert cli("erase", reference).status == 0
    assert json.loads(cli("export", reference).out)["contact"] == {}
    assert cli("purge").status == 0
    assert cli("verify").status == 0


def test_backup_rotation_and_restore(cli: Cli, tmp_path: Path) -> None:
    reference = take_in(tmp_path)
    keys = tmp_path / "var" / "secret.key"
    before = keys.read_text()
    assert cli("keys", "rotate").status == 0
    assert keys.read_text().endswith(before)
    assert len(keys.read_text().split()) == 2
    assert cli("keys", "prune").status == 0
    assert len(keys.read_text().split()) == 1
    file = tmp_path / "seuil.backup"
    assert cli("backup", str(file)).status == 0
    other = {"SEUIL_DATABASE_URL": f"sqlite:///{tmp_path}/other.db"}
    assert cli("restore", str(file), **other).status == 0
    assert json.loads(cli("export", reference, **other).out)["contact"]["name"] == "Camille Dupré"
    assert cli("verify", **other).status == 0


def test_a_key_from_the_settings_is_turned_by_the_settings(cli: Cli, tmp_path: Path) -> None:
    old, new = "o" * 40, "n" * 40
    assert cli("verify", SEUIL_SECRET_KEY=old).status == 0
    refused = cli("keys", "rotate", SEUIL_SECRET_KEY=old)
    assert (refused.status, refused.out) == (2, "")
    assert cli("keys", "rotate", "--no-new", SEUIL_SECRET_KEY=f"{new},{old}").status == 0
    assert cli("verify", SEUIL_SECRET_KEY=new).status == 0
    assert cli("verify", SEUIL_SECRET_KEY=old).status == 2


def test_verify_names_what_was_altered(cli: Cli, tmp_path: Path) -> None:
    import sqlite3

    reference = take_in(tmp_path)
    with sqlite3.connect(tmp_path / "var" / "seuil.db") as database:
        database.execute("UPDATE case_events SET actor_name = 'Paul'")
    done = cli("verify")
    assert done.status == 1
    assert reference in done.out
    with sqlite3.connect(tmp_path / "var" / "seuil.db") as database:
        database.execute("UPDATE case_events SET actor_name = 'Seuil'")
        database.execute("DELETE FROM data_keys WHERE name LIKE 'case/%'")
    done = cli("verify")
    assert done.status == 1
    assert reference in done.out


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        (("user", "create", "Claire", "--role", "chef"), {}),
        (("user", "disable", "Personne"), {}),
        (("user", "reset", "Personne"), {}),
        (("erase", "AAAA-AAAA"), {}),
        (("restore", "absent.backup"), {}),
        (("verify",), {"SEUIL_DATABASE_URL": "mysql://x"}),
        (("verify",), {"SEUIL_SECRET_KEY": "court"}),
        (("verify",), {"SEUIL_SESSION_IDLE": "hier"}),
        (("verify",), {"SEUIL_WEBHOOK_URL": "ftp://x"}),
        (("verify",), {"SEUIL_OIDC_ISSUER": "http://ailleurs.example"}),
    ],
)
def test_what_cannot_be_done_is_one_line(
    cli: Cli, arguments: tuple[str, ...], environ: dict[str, str]
) -> None:
    done = cli(*arguments, **environ)
    assert done.status == 2
    assert done.out == ""
    assert len(done.err.strip().splitlines()) == 1
