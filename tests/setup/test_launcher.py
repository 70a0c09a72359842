"""The launcher: what it says, what it refuses, how it ends, and what it mends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import requests

from scripts.terminal import ROOT
from tests.running import Product, free_ports, seuil_environ

PROGRAMS = {"web", "rasa", "actions"}


def launch(var: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a start that is refused; return how it ended."""
    return subprocess.run(
        [sys.executable, "-m", "scripts.run"],
        cwd=ROOT,
        env=seuil_environ(var, **settings),
        capture_output=True,
        text=True,
        timeout=60,
    )


def refusal(result: subprocess.CompletedProcess[str]) -> str:
    """The one line of a refused start."""
    assert result.returncode in {1, 2}, result.stdout + result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def family(product: Product) -> list[psutil.Process]:
    """The launcher, the supervisor and every program, with all that they started."""
    launcher = psutil.Process(product.launcher.pid)
    return [launcher, *launcher.children(recursive=True)]


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.2)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; a process just ended is given a moment to be gone."""
    _, left = psutil.wait_procs(processes, timeout=30)
    return left


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("launcher")).start()
    yield product
    product.stop()


@pytest.fixture
def starting(tmp_path: Path) -> Iterator[Product]:
    """A product whose programs have just been started; Rasa is still loading."""
    product = Product(tmp_path)
    product.launch()
    wait_until(lambda: set(product.pids()) == PROGRAMS and all(product.pids().values()))
    wait_until(lambda: product.has_said("Web : prêt"))
    yield product
    product.stop()


# --- what it refuses --------------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["SEUIL_PORT", "SEUIL_RASA_PORT", "SEUIL_ACTIONS_PORT"])
def test_a_port_taken_is_named_with_its_setting(tmp_path: Path, setting: str) -> None:
    ports = dict(
        zip(
            ("SEUIL_PORT", "SEUIL_RASA_PORT", "SEUIL_ACTIONS_PORT"),
            map(str, free_ports(3)),
            strict=True,
        )
    )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refusal(launch(tmp_path, **{**ports, setting: str(port)}))
    assert f"Le port {port} est déjà pris" in line
    assert setting in line


def test_one_port_for_two_programs(tmp_path: Path) -> None:
    (port,) = map(str, free_ports(1))
    line = refusal(launch(tmp_path, SEUIL_PORT=port, SEUIL_RASA_PORT=port))
    assert f"Le port {port} est donné deux fois" in line


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    (port,) = map(str, free_ports(1))
    # TEST-NET-1: an address that no machine has.
    line = refusal(launch(tmp_path, SEUIL_HOST="192.0.2.1", SEUIL_PORT=port))
    assert "192.0.2.1" in line
    assert "SEUIL_HOST" in line


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SEUIL_PORT", "huit mille"),
        ("SEUIL_PORT", "0"),
        ("SEUIL_RASA_PORT", "70000"),
        ("SEUIL_MESSAGES_PER_MINUTE", "-1"),
        ("SEUIL_RASA_URL", "rasa"),
        ("SEUIL_DATABASE_URL", "mysql://ailleurs/base"),
        ("SEUIL_SECRET_KEY", "courte"),
        ("SEUIL_SESSION_IDLE", "nan"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, setting: str, value: str) -> None:
    result = launch(tmp_path, **{setting: value})
    assert result.returncode == 2
    assert setting in refusal(result)


def test_rasa_elsewhere_needs_the_secret_it_shares(tmp_path: Path) -> None:
    line = refusal(launch(tmp_path, SEUIL_RASA_URL="http://192.0.2.1:5005"))
    assert "SEUIL_CHANNEL_SECRET" in line


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    line = refusal(launch(tmp_path / "file" / "var"))
    assert "SEUIL_VAR" in line


# --- what it says, and what it mends ----------------------------------------------------------


def test_a_start_has_a_line_for_each_step_then_the_addresses(started: Product) -> None:
    said = "\n".join(started.output)
    for line in ("Base de données", "Web : prêt", "Serveur d’actions : prêt", "Rasa : prêt"):
        assert line in said
    for page in ("/assistant", "/aide/urgence", "/file"):
        assert f"{started.url}{page}" in said


def test_a_first_start_says_how_to_get_in(started: Product) -> None:
    assert started.has_said("make demo-users")
    assert started.has_said("user create")


def test_only_the_public_port_may_be_reached_from_outside(started: Product) -> None:
    listening = {
        connection.laddr.ip
        for process in family(started)
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_rasa_without_the_secret_answers_nobody(started: Product) -> None:
    rasa = started.environ["SEUIL_RASA_PORT"]
    turn = {"conversation": "a", "text": "bonjour"}
    answer = requests.post(f"http://127.0.0.1:{rasa}/webhooks/seuil/turn", json=turn, timeout=10)
    assert answer.status_code == 403
    # The interface that reads and writes any conversation is not there.
    assert requests.get(f"http://127.0.0.1:{rasa}/domain", timeout=10).status_code == 404


def test_files_are_for_the_owner_only(started: Product) -> None:
    for folder in ("log", "run"):
        assert (started.var / folder).stat().st_mode & 0o077 == 0


def test_the_secrets_are_in_no_file(started: Product) -> None:
    secret = next(
        value
        for process in family(started)
        for name, value in process.environ().items()
        if name == "SEUIL_CHANNEL_SECRET"
    )
    files = [path for path in started.var.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if secret.encode() in path.read_bytes()] == []


def test_a_second_start_in_the_same_folder_is_refused(started: Product) -> None:
    result = launch(started.var, SEUIL_PORT=str(free_ports(1)[0]))
    assert "Seuil tourne déjà" in refusal(result)
    assert requests.get(f"{started.url}/healthz", timeout=10).status_code == 200


@pytest.mark.parametrize("name", ["rasa", "actions"])
def test_a_program_that_dies_is_started_again_and_the_pages_stay(
    started: Product, name: str
) -> None:
    before = started.pids()
    started.kill(name)
    assert requests.get(f"{started.url}/aide/urgence", timeout=10).status_code == 200
    wait_until(lambda: started.pids()[name] not in {0, before[name]})
    started.wait_until_ready()
    spoken = {"rasa": "Rasa", "actions": "Serveur d’actions"}[name]
    wait_until(lambda: started.has_said(f"{spoken} est reparti"))
    assert started.has_said(f"{spoken} s’est arrêté ; redémarrage")
    assert started.pids()["web"] == before["web"]


def test_status_says_what_runs(started: Product) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "scripts.status"],
        cwd=ROOT,
        env=started.environ,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0
    assert len(result.stdout.splitlines()) == len(PROGRAMS)
    assert all(str(pid) in result.stdout for pid in started.pids().values())


def test_status_of_nothing(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "scripts.status"],
        cwd=ROOT,
        env=seuil_environ(tmp_path),
        capture_output=True,
        text=True,
    )
    assert "Aucun Seuil ne tourne" in refusal(result)


# --- how it ends ------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_end_leaves_no_process(starting: Product, number: signal.Signals) -> None:
    processes = family(starting)
    assert len(processes) == 2 + len(PROGRAMS)
    assert starting.stop(number) == 0
    assert alive(processes) == []
    assert not list((starting.var / "run").glob("*.sock"))
    assert "Traceback" not in "\n".join(starting.output)


def test_the_web_process_dead_ends_all_with_an_error(started: Product, tmp_path: Path) -> None:
    product = Product(tmp_path).start()
    processes = family(product)
    product.kill("web")
    assert product.launcher.wait(60) == 1
    assert alive(processes) == []
    assert product.has_said("Web s’est arrêté")


def test_a_launcher_that_is_killed_takes_all_with_it(starting: Product) -> None:
    processes = family(starting)
    os.kill(starting.launcher.pid, signal.SIGKILL)
    assert alive(processes) == []


def test_a_supervisor_that_is_killed_leaves_nothing_behind(starting: Product) -> None:
    processes = family(starting)
    supervisor = next(one for one in processes if "supervisor.supervisord" in one.cmdline())
    supervisor.kill()
    assert starting.launcher.wait(60) == 1
    assert alive(processes) == []
    assert starting.has_said("Le superviseur s’est arrêté")


def test_a_program_that_cannot_start_is_named_with_its_log(tmp_path: Path) -> None:
    # Rasa ends each time it is started, and nothing else does.
    product = Product(tmp_path)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'rasa' in sys.orig_argv and 'run' in sys.orig_argv:\n"
        "    raise SystemExit('the library is broken')\n"
    )
    product.environ["PYTHONPATH"] = str(broken)
    product.launch()
    assert product.launcher.wait(90) == 1
    said = "\n".join(product.output)
    assert "Rasa n’a pas démarré" in said
    assert "the library is broken" in said
    assert "rasa.log" in said


# --- what is not done twice -------------------------------------------------------------------


def test_a_model_of_these_sources_is_not_trained_again() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "scripts.model"], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert "à jour" in result.stdout
    assert "entraînement" not in result.stdout
