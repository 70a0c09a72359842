"""Print the licence that each locked package of this environment declares, one line each.

``.venv/bin/python -m scripts.licences`` and ``.venv-rasa/bin/python -m scripts.licences``. What
calls for care is explained in ``docs/licences.md``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"


def locked(lock: Path) -> Iterator[str]:
    """Return the names of a lock's packages."""
    return (found[1] for found in re.finditer(r"^([\w.-]+)==", lock.read_text("utf-8"), re.M))


def licence(package: str) -> str:
    """Return what a package declares: its expression, its classifiers, or its first line."""
    try:
        told = metadata(package).json
    except PackageNotFoundError:
        return "not installed on this machine"
    classifiers = [
        line.rpartition("::")[2].strip()
        for line in told.get("classifier", [])
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    first_line = str(told.get("license", "?")).split("\n")[0]
    return str(told.get("license_expression") or ", ".join(classifiers) or first_line)


def main() -> int:
    """Print a line for each package: its name, a tab, its licence."""
    lock = "rasa.lock" if sys.version_info < (3, 11) else "web.lock"
    for package in sorted(set(locked(REQUIREMENTS / lock))):
        print(f"{package}\t{licence(package)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
