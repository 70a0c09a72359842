"""Make the two environments from their hashed locks; nothing is done again without need.

``python3 -m scripts.setup [--dev]`` with any Python from 3.9 on, standard library only.
``--dev`` adds what the tests need. Each environment bears a stamp: the hash of the lock it was
made from, and where it was made (a folder that has moved is made again).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.terminal import ROOT, Stop, last_line, run, say, sentence, shown, step

GIGA = 10**9
LOG = ROOT / "var" / "log" / "setup.log"
TOOLS = ROOT / ".venv-tools"
STAMP = "seuil-stamp.json"
# What the tools print when the registry is out of reach (uv, then pip).
NETWORK = re.compile(
    r"error sending request|dns error|failed to fetch|connection|timed out|operation timeout"
    r"|temporary failure in name resolution|could not find a version|status code",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Environment:
    """A virtual environment to be.

    ``oldest`` and ``newest`` are the admissible Python versions, ``preferred`` the one tested;
    ``gigabytes`` is what the disk must have free to install it whole.
    """

    folder: str
    oldest: tuple[int, int]
    newest: tuple[int, int]
    preferred: str
    lock: str
    dev_lock: str
    gigabytes: float

    @property
    def path(self) -> Path:
        """Where it is."""
        return ROOT / self.folder

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.path / "bin" / "python"

    @property
    def wanted(self) -> str:
        """The admissible versions, as an operator reads them."""
        return self.preferred if self.oldest == self.newest else f"{self.preferred}+"


WEB = Environment(".venv", (3, 11), (3, 14), "3.11", "web.lock", "dev.lock", 0.6)
# Rasa Open Source 3.6, the last of its line, runs on 3.10 at most.
RASA = Environment(".venv-rasa", (3, 10), (3, 10), "3.10", "rasa.lock", "rasa-dev.lock", 3.6)


def digest(path: Path) -> str:
    """Return the hash of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def locks(environment: Environment, dev: bool) -> list[Path]:
    """Return the locks that satisfy the need, the one to install first.

    The development lock holds all of the other, at the same versions.
    """
    names = [environment.dev_lock] if dev else [environment.lock, environment.dev_lock]
    return [ROOT / "requirements" / name for name in names]


def stamp_of(environment: Environment) -> dict[str, str]:
    """Return what an environment was made from; empty when it was not made here to the end."""
    try:
        stamp = json.loads((environment.path / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    # An environment's own commands hold its path, so one that has moved is of no use; `exists`
    # follows the link, so neither is one whose interpreter has been removed.
    usable = stamp.get("root") == str(ROOT) and environment.python.exists()
    return stamp if usable else {}


def is_current(environment: Environment, dev: bool) -> bool:
    """Tell whether the environment was made here from a lock that satisfies the need."""
    return stamp_of(environment).get("lock") in {digest(lock) for lock in locks(environment, dev)}


def check_space(environments: list[Environment]) -> None:
    """Raise Stop when the disk cannot hold what is to be installed."""
    needed = sum(
        environment.gigabytes if not environment.path.exists() else 0.3
        for environment in environments
    )
    free = shutil.disk_usage(ROOT).free / GIGA
    if free < needed:
        raise Stop("setup_no_space", path=ROOT, needed=f"{needed:.1f}", free=f"{free:.1f}")


def version_of(python: str | Path) -> tuple[tuple[int, int], str] | None:
    """Return an interpreter's version and its own path; None when it does not run.

    A name on the PATH may be a shim of pyenv for a version that is not there.
    """
    code = (
        "import sys; "
        "print(*sys.version_info[:2], getattr(sys, '_base_executable', '') or sys.executable)"
    )
    try:
        result = subprocess.run(
            [str(python), "-c", code], capture_output=True, text=True, timeout=30, cwd=ROOT
        )
        major, minor, path = result.stdout.strip().split(" ", 2)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return (int(major), int(minor)), path


def find_python(environment: Environment) -> str | None:
    """Return the path of an admissible interpreter on this machine, or None."""
    low, high = environment.oldest, environment.newest
    versions = [f"3.{minor}" for minor in range(low[1], high[1] + 1)]
    candidates: list[str] = [f"python{version}" for version in versions] + [sys.executable]
    for candidate in candidates:
        where = shutil.which(candidate)
        found = version_of(where) if where else None
        if found and low <= found[0] <= high:
            return found[1]
    return None


def call(command: Sequence[str | Path], folder: str) -> None:
    """Run an installer's command, its output in the log; raise Stop with the reason if it fails."""
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        start = log.tell()
        failed = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, "UV_NO_PROGRESS": "1"},
        ).returncode
    if failed:
        raise why_it_failed(LOG.read_bytes()[start:].decode("utf-8", "replace"), folder)


def why_it_failed(output: str, folder: str) -> Stop:
    """Return the line that says what an installer's failure calls for."""
    if "No space left" in output or "os error 28" in output:
        free = shutil.disk_usage(ROOT).free / GIGA
        return Stop("setup_no_space", path=ROOT, needed="4", free=f"{free:.1f}")
    if NETWORK.search(output):
        return Stop("setup_no_network", log=shown(LOG))
    return Stop("setup_failed", folder=folder, line=last_line(LOG), log=shown(LOG))


def find_uv() -> str:
    """Return the installer: our pinned one, one on the PATH that is as recent, or a new one."""
    lock = ROOT / "requirements" / "setup.lock"
    ours = TOOLS / "bin" / "uv"
    stamp = TOOLS / STAMP
    if ours.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest(lock):
        return str(ours)
    pinned = re.search(r"^uv==([\d.]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    theirs = shutil.which("uv")
    if theirs and pinned and uv_version(theirs) >= numbers(pinned[1]):
        return theirs
    with step("setup_uv"):
        shutil.rmtree(TOOLS, ignore_errors=True)
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(TOOLS)], capture_output=True, cwd=ROOT
        )
        if made.returncode:
            raise Stop("setup_no_venv")
        pip = TOOLS / "bin" / "pip"
        call([pip, "install", "--quiet", "--require-hashes", "-r", lock], TOOLS.name)
        stamp.write_text(digest(lock), encoding="utf-8")
    return str(ours)


def numbers(version: str) -> tuple[int, ...]:
    """Return a version's numbers, for comparison."""
    return tuple(int(part) for part in version.split("."))


def uv_version(uv: str) -> tuple[int, ...]:
    """Return the version of a uv; empty when it does not say."""
    result = subprocess.run([uv, "--version"], capture_output=True, text=True)
    found = re.search(r"\d+(\.\d+)+", result.stdout)
    return numbers(found[0]) if found else ()


def fetch_python(uv: str, environment: Environment) -> str:
    """Return an interpreter that uv keeps, downloaded if need be; raise Stop when it cannot."""
    version = environment.preferred
    with step("setup_python", version=version):
        subprocess.run(
            [uv, "python", "install", version], capture_output=True, cwd=ROOT, timeout=600
        )
        found = subprocess.run(
            [uv, "python", "find", "--managed-python", "--no-project", version],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        if found.returncode:
            raise Stop("setup_no_python", wanted=environment.wanted, version=version)
    return found.stdout.strip()


def install(uv: str, environment: Environment, python: str, dev: bool) -> None:
    """Bring one environment to its lock, and stamp it."""
    lock = locks(environment, dev)[0]
    count = len(re.findall(r"^[\w.-]+==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    found = version_of(python)
    version = ".".join(map(str, found[0])) if found else environment.preferred
    with step("setup_install", folder=environment.folder, version=version, count=count):
        stamp = environment.path / STAMP
        kept = stamp_of(environment).get("python") == python
        stamp.unlink(missing_ok=True)
        if not kept:
            shutil.rmtree(environment.path, ignore_errors=True)
            venv = [uv, "venv", "--no-project", "--python", python, str(environment.path)]
            call(venv, environment.folder)
        # Compiled once here: TensorFlow and Rasa then import in 5 s instead of 13.
        call(
            [
                uv,
                "pip",
                "sync",
                "--require-hashes",
                "--compile-bytecode",
                "--python",
                environment.python,
                lock,
            ],
            environment.folder,
        )
        content = {"lock": digest(lock), "root": str(ROOT), "python": python}
        stamp.write_text(json.dumps(content), encoding="utf-8")


def main() -> int:
    """Make what is missing; 0 when both environments are as the locks say."""
    dev = "--dev" in sys.argv[1:]
    stale = [item for item in (WEB, RASA) if not is_current(item, dev)]
    if not stale:
        say(f"• {sentence('setup_current')}")
        return 0
    check_space(stale)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_bytes(b"")
    uv = find_uv()
    # Both interpreters first: what is missing is told before anything large is installed.
    pythons = {item.folder: find_python(item) or fetch_python(uv, item) for item in stale}
    for item in stale:
        install(uv, item, pythons[item.folder], dev)
    return 0


if __name__ == "__main__":
    run(main)
