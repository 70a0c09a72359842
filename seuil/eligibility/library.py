"""The YAML files of this package, read once at import.

Reading YAML is slow (a fifth of a second for all the rules), so what was read is kept as JSON
beside the byte code, under a name made from the files' content: an edited file is never answered
from an old copy, and a folder that cannot be written only costs time.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FILES = ("facts.yml", "documents.yml", "labels.yml", "messages.yml", "wayout.yml")


def _paths() -> list[Path]:
    return [HERE / name for name in FILES if (HERE / name).exists()] + sorted(
        (HERE / "rules").glob("*.yml")
    )


def _parse(texts: dict[str, bytes]) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    parsed = {name: yaml.load(text, Loader=loader) for name, text in texts.items()}  # noqa: S506
    # Through JSON once, so that a first start and the next ones see the same types.
    plain: dict[str, Any] = json.loads(json.dumps(parsed, default=str, ensure_ascii=False))
    return plain


def _read() -> dict[str, Any]:
    texts = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in _paths()}
    digest = hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()[:24]
    kept = HERE / "__pycache__" / f"library-{digest}.json"
    try:
        found: dict[str, Any] = json.loads(kept.read_bytes())
    except (OSError, ValueError):
        found = _parse(texts)
        _keep(kept, found)
    return found


def _keep(kept: Path, found: dict[str, Any]) -> None:
    try:
        kept.parent.mkdir(exist_ok=True)
        for old in kept.parent.glob("library-*.json"):
            old.unlink(missing_ok=True)
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
        fresh.replace(kept)
    except OSError:
        return


LIBRARY = _read()
"""Every YAML file of the package by its path, as plain JSON types (dates are ISO texts)."""
