"""Have what the tests need from the system: a browser, and a PostgreSQL server that they start.

``python3 -m scripts.system``, standard library only. As root on Debian it installs what is
missing (in continuous integration through ``sudo`` too); anywhere else it says what to install.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from scripts.terminal import ROOT, Stop, last_line, run, sentence, shown, step

LOG = ROOT / "var" / "log" / "system.log"
FONTS = Path("/usr/share/fonts/truetype/dejavu")


def missing() -> list[str]:
    """Return the Debian packages that are not there yet."""
    packages = []
    if not shutil.which("chromium"):
        packages.append("chromium")
    if not list(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")):
        packages.append("postgresql")
    if not FONTS.exists():
        packages.append("fonts-dejavu-core")
    return packages


def as_root() -> list[str] | None:
    """Return what to put before a command to run it as root; None when that is not for us to do."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    if os.environ.get("CI") == "true" and shutil.which("sudo"):
        return ["sudo", "-n"]
    return None


def install(prefix: list[str], packages: list[str]) -> None:
    """Install Debian packages, the output in a log; raise Stop when it fails."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    commands = (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages],
    )
    with step("system_install", packages=", ".join(packages)), LOG.open("wb") as log:
        for command in commands:
            failed = subprocess.run(
                [*prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            ).returncode
            if failed:
                line = last_line(LOG, sentence("run_silent"))
                raise Stop("system_failed", line=line, log=shown(LOG))


def main() -> int:
    """Install what is missing, or say it."""
    packages = missing()
    if not packages:
        return 0
    prefix = as_root()
    if prefix is None:
        raise Stop("system_missing", packages=" ".join(packages))
    install(prefix, packages)
    return 0


if __name__ == "__main__":
    run(main)
