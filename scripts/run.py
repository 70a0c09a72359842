"""Start the whole product, say when it is ready, and end it cleanly.

``.venv/bin/python -m scripts.run``, after the set-up and the training. Rasa and the action
server are started again when they die, and the web process goes on without them: its urgent
reading and its numbers need nobody. When the web process dies, all ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

import yaml

from scripts.model import QUIET, model_path
from scripts.setup import GIGA, RASA, WEB
from scripts.supervision import Program, State, Supervisor
from scripts.terminal import ROOT, Stop, last_line, run, say, sentence, shown, step
from seuil.desk import DeskSettings, SettingError, open_desk
from seuil.web.settings import WebSettings

READY_SECONDS = 180
POLL_SECONDS = 0.25
# Starts in a row after which a program is said not to start.
STARTS = 3
SPACE_GIGABYTES = 0.2
LOOPBACK = "127.0.0.1"
# The part of `/readyz` that tells of each program.
PARTS = {"web": "database", "actions": "actions", "rasa": "rasa"}


class Ended(BaseException):
    """The operator asked for the end (Ctrl-C, SIGTERM, terminal closed)."""


@dataclass(frozen=True)
class House:
    """What a start needs to know: the settings, read and checked, and the folder of its files."""

    web: WebSettings
    desk: DeskSettings
    var: Path
    model: Path

    @property
    def logs(self) -> Path:
        """Where the programs write."""
        return self.var / "log"

    @property
    def rasa_port(self) -> int | None:
        """Rasa's port on loopback; None when it runs elsewhere."""
        return loopback_port(self.web.rasa_url)

    @property
    def actions_port(self) -> int | None:
        """The action server's port on loopback; None when it runs elsewhere."""
        return loopback_port(self.web.actions_url)

    @property
    def reachable(self) -> str:
        """An address of the web process that answers from this machine."""
        wild = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 -- read here, bound elsewhere
        host = wild.get(self.web.host, self.web.host)
        return f"[{host}]" if ":" in host else host

    @property
    def url(self) -> str:
        """Where the product answers, without a final slash."""
        return f"http://{self.reachable}:{self.web.port}"


def loopback_port(url: str) -> int | None:
    """Return the port of a URL of this machine, None for one of another."""
    parts = urlsplit(url)
    if parts.hostname not in {LOOPBACK, "localhost"}:
        return None
    return parts.port or (443 if parts.scheme == "https" else 80)


def read_settings(environ: Mapping[str, str]) -> House:
    """Return the settings; raises SettingError or Stop with one line on what is wrong."""
    web = WebSettings.from_env(environ)
    var = Path(environ.get("SEUIL_VAR") or ROOT / "var").resolve()
    # The database of a default start stays where it is, wherever the command was typed.
    desk = DeskSettings.from_env({**environ, "SEUIL_VAR": str(var)})
    house = House(web, desk, var, model_path())
    if house.rasa_port is None and not environ.get("SEUIL_CHANNEL_SECRET"):
        raise Stop("run_secret")
    return house


def check_installed(house: House) -> None:
    """Raise Stop when what `make setup` and `make model` make is not there."""
    for environment in (WEB, RASA):
        if not environment.python.exists():
            raise Stop("setup_missing", folder=environment.folder)
    if not house.model.exists():
        raise Stop("run_model_missing")


def check_ports(house: House) -> None:
    """Raise Stop when a port is taken, refused or given twice; names the setting to change."""
    wanted = [("SEUIL_PORT", house.web.host, house.web.port)]
    if house.rasa_port is not None:
        wanted.append(("SEUIL_RASA_PORT", LOOPBACK, house.rasa_port))
    if house.actions_port is not None:
        wanted.append(("SEUIL_ACTIONS_PORT", LOOPBACK, house.actions_port))
    seen: dict[int, str] = {}
    for setting, host, port in wanted:
        if port in seen:
            raise Stop("run_port_twice", port=port, first=seen[port], second=setting)
        seen[port] = setting
        check_port(setting, host, port)


def check_port(setting: str, host: str, port: int) -> None:
    """Raise Stop when nothing can listen on ``host`` and ``port``."""
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise Stop("run_port_host", host=host, setting="SEUIL_HOST") from None
    with socket.socket(kind, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Stop("run_port_taken", port=port, host=host, setting=setting) from None
            if error.errno == errno.EADDRNOTAVAIL:
                raise Stop("run_port_host", host=host, setting="SEUIL_HOST") from None
            reason = os.strerror(error.errno or 0)
            raise Stop(
                "run_port_refused", host=host, port=port, reason=reason, setting=setting
            ) from None


def make_folders(house: House) -> None:
    """Make the folders of what is written; raise Stop when they cannot be, or the disk is full."""
    try:
        for folder in (house.var, house.logs, house.var / "run"):
            # What is kept here is personal: nobody else on the machine reads it.
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise Stop("run_var", path=house.var, reason=reason) from None
    free = shutil.disk_usage(house.var).free / GIGA
    if free < SPACE_GIGABYTES:
        raise Stop("run_no_space", path=house.var, free=f"{free:.2f}", needed=SPACE_GIGABYTES)


@contextlib.contextmanager
def alone(var: Path) -> Iterator[None]:
    """Hold ``var`` for one start at a time; raise Stop when another has it."""
    with (var / "run" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Stop("run_already", path=var) from None
        yield


async def prepare_database(settings: DeskSettings) -> bool:
    """Create the database or bring it up to date; tell whether nobody has access yet."""
    desk = await open_desk(settings)
    try:
        return not any(not account.disabled for account in await desk.accounts.list_users())
    finally:
        await desk.close()


def write_endpoints(house: House) -> Path:
    """Write Rasa's endpoints with this start's action server; return where."""
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    endpoints["action_endpoint"]["url"] = f"{house.web.actions_url}/webhook"
    path = house.var / "run" / "endpoints.yml"
    path.write_text(yaml.safe_dump(endpoints, sort_keys=False), encoding="utf-8")
    return path


def programs(house: House) -> list[Program]:
    """Return the programs of this machine; the web process first, for its pages need nobody."""
    rasa = str(RASA.python)
    wanted = [Program("web", [str(WEB.python), "-m", "seuil.web"], restarts=False)]
    if house.actions_port is not None:
        command = [rasa, "-m", "rasa_sdk", "--actions", "actions"]
        # Without SANIC_HOST the action server listens to the whole network.
        environ = {**QUIET, "SANIC_HOST": LOOPBACK, "LOG_LEVEL_LIBRARIES": "ERROR"}
        wanted.append(Program("actions", [*command, "--port", str(house.actions_port)], environ))
    if house.rasa_port is not None:
        command = [
            rasa, "-m", "rasa", "run", "--interface", LOOPBACK, "--port", str(house.rasa_port),
            "--model", str(house.model), "--endpoints", str(write_endpoints(house)),
            "--credentials", "credentials.yml",
        ]  # fmt: skip
        # At INFO and below, Rasa's log quotes what people write.
        # One message is too little for several threads of linear algebra.
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        environ = {**QUIET, **threads, "LOG_LEVEL": "WARNING", "LOG_LEVEL_LIBRARIES": "ERROR"}
        wanted.append(Program("rasa", command, environ))
    return wanted


def probe(house: House) -> dict[str, bool]:
    """Return what `/readyz` says of each part; empty while the web process does not answer."""
    connection = http.client.HTTPConnection(house.reachable.strip("[]"), house.web.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return {name: bool(answer.get(part)) for name, part in PARTS.items()}


def wait_until_ready(house: House, supervisor: Supervisor) -> None:
    """Print a line as each program becomes ready; raise Stop when one does not in time."""
    started = time.monotonic()
    waiting = set(PARTS)
    say(f"• {sentence('run_start', name=', '.join(sentence(f'name_{n}') for n in PARTS))}…")
    pids: dict[str, set[int]] = {name: set() for name in PARTS}
    while waiting:
        check_supervisor(house, supervisor)
        for name, state in supervisor.states().items():
            pids[name].add(state.pid)
            gone = state.status in {"EXITED", "FATAL"} or len(pids[name] - {0}) >= STARTS
            if gone and name in waiting:
                raise Stop("run_not_ready", **about(state))
        for name, ready in probe(house).items():
            if ready and name in waiting:
                waiting.remove(name)
                seconds = time.monotonic() - started
                say(f"• {sentence('run_ready', name=sentence(f'name_{name}'))} ({seconds:.1f} s)")
        if time.monotonic() - started > READY_SECONDS:
            name = sorted(waiting)[0]
            log = shown(house.logs / f"{name}.log")
            raise Stop(
                "run_too_long", name=sentence(f"name_{name}"), seconds=READY_SECONDS, log=log
            )
        time.sleep(POLL_SECONDS)


def check_supervisor(house: House, supervisor: Supervisor) -> None:
    """Raise Stop when supervisord itself is gone."""
    if not supervisor.is_alive():
        log = house.logs / "supervisord.out"
        line = last_line(log, sentence("run_silent"))
        raise Stop("run_supervisor_died", line=line, log=shown(log))


def about(state: State) -> dict[str, str]:
    """Return what a line about a program's end says: its name, last words and log."""
    return {
        "name": sentence(f"name_{state.name}"),
        "line": last_line(state.log, sentence("run_silent")),
        "log": shown(state.log),
    }


def greet(house: House, nobody_yet: bool) -> None:
    """Print the addresses, and how to get in on a first start."""
    say()
    say(sentence("run_hello"))
    for what, path in (
        ("run_front", "/"),
        ("run_people", "/assistant"),
        ("run_employers", "/rh"),
        ("run_agents", "/agent"),
        ("run_emergency", "/aide/urgence"),
        ("run_file", "/file"),
    ):
        say(sentence("run_address", what=sentence(what), url=f"{house.url}{path}"))
    if nobody_yet:
        say(sentence("run_first_users"))
    say(sentence("run_how_to_stop", log=shown(house.logs)))


def watch(house: House, supervisor: Supervisor) -> NoReturn:
    """Tell what happens to the programs until one of them cannot be done without."""
    pids: dict[str, int] = {}
    down: set[str] = set()
    while True:
        check_supervisor(house, supervisor)
        for name, state in supervisor.states().items():
            if name == "web" and state.status in {"EXITED", "FATAL"}:
                raise Stop("run_web_died", **about(state))
            if state.pid != pids.setdefault(name, state.pid) and name not in down:
                down.add(name)
                say(f"• {sentence('run_died', name=sentence(f'name_{name}'))}")
            pids[name] = state.pid
        if down:
            for name in [name for name, ready in probe(house).items() if ready and name in down]:
                down.remove(name)
                say(f"• {sentence('run_back', name=sentence(f'name_{name}'))}")
        time.sleep(1)


def end(number: int, frame: FrameType | None) -> NoReturn:
    """Turn the first signal into Ended; the next ones find the end under way."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    raise Ended


def main() -> int:
    """Run until told to stop (0), or until the product cannot go on (1, or 2 for a setting)."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    os.chdir(ROOT)
    try:
        house = read_settings(os.environ)
        make_folders(house)
        with alone(house.var):
            check_ports(house)
            check_installed(house)
            with step("run_database"):
                nobody_yet = asyncio.run(prepare_database(house.desk))
            serve(house, nobody_yet)
    except SettingError as error:
        print(error, file=sys.stderr, flush=True)
        return 2
    except Ended:
        return 0
    return 0


def serve(house: House, nobody_yet: bool) -> None:
    """Start the programs, greet when they are ready, watch them; end them whatever happens."""
    environ = {
        **os.environ,
        "SEUIL_VAR": str(house.var),
        # Made for this start when the settings give none; both sides get the same.
        "SEUIL_CHANNEL_SECRET": house.web.channel_secret,
    }
    supervisor = Supervisor.start(programs(house), house.var, environ)
    try:
        wait_until_ready(house, supervisor)
        greet(house, nobody_yet)
        watch(house, supervisor)
    finally:
        with step("run_stopping"):
            supervisor.stop()


if __name__ == "__main__":
    run(main)
