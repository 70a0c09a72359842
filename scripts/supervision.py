"""The three programs of the product under supervisord, which starts, restarts and ends them.

What is ours is the configuration and the questions asked; supervisord does the rest: each
program in a process group of its own, restarted with a growing delay, ended whole, its log
rotated.
"""

from __future__ import annotations

import configparser
import contextlib
import ctypes
import http.client
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

# A socket's path is cut at 107 bytes by the system.
LONGEST_SOCKET = 100
STOP_SECONDS = 10
KILL_SECONDS = STOP_SECONDS + 10
# supervisord waits one second more at each retry; it is never told to give up.
RETRIES = 1_000_000
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """One program of the product: ``restarts`` when it is started again on its own."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    restarts: bool = True


@dataclass(frozen=True)
class State:
    """What supervisord says of a program: ``pid`` is 0 when it does not run."""

    name: str
    status: str
    pid: int
    log: Path


def configuration(programs: Sequence[Program], var: Path, socket: Path) -> str:
    """Return supervisord's configuration for ``programs``, their files under ``var``."""
    logs = var / "log"
    sections: dict[str, dict[str, str]] = {
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "logfile": str(logs / "supervisor.log"),
            "logfile_maxbytes": "1MB",
            "logfile_backups": "1",
            "pidfile": str(var / "run" / "supervisord.pid"),
            "childlogdir": str(logs),
            **({"user": "root"} if os.geteuid() == 0 else {}),
        },
        "unix_http_server": {"file": str(socket), "chmod": "0700"},
        "supervisorctl": {"serverurl": f"unix://{socket}"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }
    for program in programs:
        sections[f"program:{program.name}"] = {
            "command": shlex.join(program.command),
            "environment": ",".join(f'{k}="{v}"' for k, v in program.environ.items()),
            "autostart": "true",
            "autorestart": "true" if program.restarts else "false",
            "startsecs": "3" if program.restarts else "1",
            "startretries": str(RETRIES if program.restarts else 0),
            "stopsignal": "TERM",
            "stopwaitsecs": str(STOP_SECONDS),
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": str(logs / f"{program.name}.log"),
            "stdout_logfile_maxbytes": "5MB",
            "stdout_logfile_backups": "2",
        }
    return written(sections)


def written(sections: Mapping[str, Mapping[str, str]]) -> str:
    """Return an INI file in which every value stands for itself: supervisord expands ``%``."""
    lines: list[str] = []
    for section, values in sections.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {value.replace('%', '%%')}" for name, value in values.items() if value]
    return "\n".join(lines) + "\n"


def socket_path(var: Path) -> Path:
    """Return where supervisord listens: under ``var``, or in a folder of its own if too long."""
    path = var / "run" / "supervisor.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET:
        return path
    return Path(tempfile.mkdtemp(prefix="seuil-")) / "supervisor.sock"


class Supervisor:
    """A supervisord started by this process, or one found under ``var``."""

    def __init__(self, var: Path, process: subprocess.Popen[bytes] | None = None) -> None:
        self.var = var
        self.process = process
        self._pids: dict[str, int] = {}
        self._config = configparser.RawConfigParser()
        self._config.read(config_path(var), encoding="utf-8")

    @classmethod
    def start(
        cls, programs: Sequence[Program], var: Path, environ: Mapping[str, str]
    ) -> Supervisor:
        """Start supervisord, and with it all ``programs``; ``var/log`` and ``var/run`` exist.

        ``environ`` goes to each program and is written nowhere: secrets may be in it.
        """
        config = config_path(var)
        config.write_text(configuration(programs, var, socket_path(var)), encoding="utf-8")
        output = (var / "log" / "supervisord.out").open("wb")
        with output:
            process = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environ),
                preexec_fn=end_with_parent,
            )
        return cls(var, process)

    @property
    def _socket(self) -> Path:
        # Without a configuration nothing runs: asking then finds no socket.
        file = self._config.get("unix_http_server", "file", fallback="")
        return Path(file.replace("%%", "%"))

    def _ask(self, method: str, *values: Any) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*values)

    def states(self) -> dict[str, State]:
        """Return the state of each program by name; empty while supervisord does not answer."""
        try:
            answers = self._ask("getAllProcessInfo")
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return {}
        states = {
            answer["name"]: State(
                answer["name"], answer["statename"], answer["pid"], Path(answer["stdout_logfile"])
            )
            for answer in answers
        }
        self._pids = {name: state.pid for name, state in states.items() if state.pid}
        return states

    def stop_program(self, name: str) -> None:
        """Stop one program and leave it so; returns when it has ended."""
        self._ask("stopProcess", name)

    def start_program(self, name: str) -> None:
        """Start a program that was stopped."""
        self._ask("startProcess", name, False)

    def is_alive(self) -> bool:
        """Tell whether the supervisord started here still runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """End every program and supervisord itself; what does not end is killed."""
        if self.process is None:
            return
        clean = False
        if self.is_alive():
            self.states()
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(KILL_SECONDS)
                clean = True
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if not clean:
            for pid in self._pids.values():
                kill_group(pid)
        self._forget()

    def _forget(self) -> None:
        self._socket.unlink(missing_ok=True)
        if self._socket.parent.name.startswith("seuil-"):
            self._socket.parent.rmdir()
        config_path(self.var).unlink(missing_ok=True)


def config_path(var: Path) -> Path:
    """Return where supervisord's configuration is while the product runs."""
    return var / "run" / "supervisord.conf"


def end_with_parent() -> None:
    """Have the kernel tell supervisord to stop when the launcher is gone, even killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def kill_group(pid: int) -> None:
    """Kill a program that supervisord left behind, with all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
