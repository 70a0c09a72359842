"""The whole product, started for the tests by the launcher that `make run` uses.

On free ports, with its files in a folder of its own, so that tests may break it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests

from scripts.supervision import Supervisor, end_with_parent
from scripts.terminal import ROOT

READY_SECONDS = 200
END_SECONDS = 40
# A test's conversations all come from one address, and quickly.
ROOMY = {
    "SEUIL_NEW_CONVERSATIONS": "100000",
    "SEUIL_MESSAGES_PER_MINUTE": "100000",
}


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback interface that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def seuil_environ(var: Path, **settings: str) -> dict[str, str]:
    """Return an environment for the launcher: this machine's, without its own settings of Seuil."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEUIL_")}
    return {**kept, "SEUIL_VAR": str(var), **settings}


class Product:
    """A running product: where it answers, its processes, and how to end it.

    Attributes:
        url: Its address, without a final slash.
        var: The folder of its files.
        output: Every line that the launcher printed.
    """

    def __init__(self, var: Path, **settings: str) -> None:
        web, rasa, actions = free_ports(3)
        self.var = var
        self.url = f"http://127.0.0.1:{web}"
        self.output: list[str] = []
        self.environ = seuil_environ(
            var,
            **{
                "SEUIL_PORT": str(web),
                "SEUIL_RASA_PORT": str(rasa),
                "SEUIL_ACTIONS_PORT": str(actions),
                **ROOMY,
                **settings,
            },
        )
        self._tokens: dict[str, str] = {}
        self._launcher: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def launch(self) -> None:
        """Start, and wait for nothing."""
        self._launcher = subprocess.Popen(
            [sys.executable, "-m", "scripts.run"],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # Tests that are killed leave no product behind.
            preexec_fn=end_with_parent,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def start(self) -> Product:
        """Start and wait until the launcher says that all is ready; raise with its lines if not."""
        self.launch()
        deadline = time.monotonic() + READY_SECONDS
        while not self.has_said("Pour arrêter"):
            if self.launcher.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError("the product did not start:\n" + "\n".join(self.output))
            time.sleep(0.1)
        return self

    def _read(self) -> None:
        assert self._launcher is not None and self._launcher.stdout is not None
        for line in self._launcher.stdout:
            self.output.append(line.rstrip("\n"))

    def has_said(self, words: str) -> bool:
        """Tell whether the launcher printed `words`."""
        return any(words in line for line in self.output)

    @property
    def launcher(self) -> subprocess.Popen[str]:
        """The launcher's process."""
        assert self._launcher is not None
        return self._launcher

    def pids(self) -> dict[str, int]:
        """Return the process id of `web`, `rasa` and `actions`; 0 for one that is down."""
        return {name: state.pid for name, state in Supervisor(self.var).states().items()}

    def kill(self, name: str) -> None:
        """Kill one program at once; the launcher starts Rasa and the actions again later."""
        pid = self.pids()[name]
        # 0 would be this process and all its group.
        assert pid, f"{name} is down already"
        os.kill(pid, signal.SIGKILL)

    def keep_down(self, name: str) -> None:
        """Stop one program for good, until `bring_back`."""
        Supervisor(self.var).stop_program(name)

    def bring_back(self, name: str) -> None:
        """Start again a program stopped by `keep_down`, and wait until all answer."""
        Supervisor(self.var).start_program(name)
        self.wait_until_ready()

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until `/readyz` answers 200."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if requests.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.2)
        raise AssertionError("not ready:\n" + "\n".join(self.output))

    def desk(self, *arguments: str, given: str | None = None) -> str:
        """Run `python -m seuil.desk …` on this product's database; return what it prints.

        `given` is what it reads on its standard input.
        """
        return subprocess.run(
            [sys.executable, "-m", "seuil.desk", *arguments],
            cwd=ROOT,
            env=self.environ,
            input=given,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    def token(self, role: str) -> str:
        """Return a token of the desk for `role`, made once."""
        if role not in self._tokens:
            printed = self.desk("token", "create", f"test-{role}", "--role", role)
            self._tokens[role] = next(w for w in printed.split() if w.startswith("desk_"))
        return self._tokens[role]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End the product by its launcher's own id; return the launcher's exit code."""
        if self.launcher.poll() is None:
            self.launcher.send_signal(number)
        try:
            code = self.launcher.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.launcher.pid, signal.SIGKILL)
            code = self.launcher.wait()
        if self._reader is not None:
            self._reader.join(5)
        return code
