"""The YAML files of this package, read once at import.

Reading YAML is slow (a quarter of a second for all the rules), so what was read is kept beside the
byte code, with the texts it was read from: an edited file is never answered from an old copy, and a
folder that cannot be written only costs time.
"""

from __future__ import annotations

import marshal
import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FILES = ("documents.yml", "facts.yml", "labels.yml", "messages.yml", "wayout.yml")
KEPT = HERE / "__pycache__" / f"library.{sys.implementation.cache_tag}.marshal"

Texts = dict[str, bytes]


def _texts() -> Texts:
    """Every file by its path, as it is."""
    found = {name: (HERE / name).read_bytes() for name in FILES}
    rules = HERE / "rules"
    for name in sorted(os.listdir(rules)):  # noqa: PTH208 - half the time of iterdir
        if name.endswith(".yml"):
            found[f"rules/{name}"] = (rules / name).read_bytes()
    return found


def _parse(texts: Texts) -> dict[str, Any]:
    import json

    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    parsed = {name: yaml.load(text, Loader=loader) for name, text in texts.items()}  # noqa: S506
    # Through JSON once: plain types only, dates as ISO texts.
    plain: dict[str, Any] = json.loads(json.dumps(parsed, default=str))
    return plain


def _read() -> dict[str, Any]:
    texts = _texts()
    try:
        # As safe as the byte code it lies beside, and written by us in the same way.
        known, found = marshal.loads(KEPT.read_bytes())  # noqa: S302
        if known == texts:
            plain: dict[str, Any] = found
            return plain
    except (OSError, ValueError, EOFError, TypeError):
        pass  # none, or not ours: read anew
    fresh = _parse(texts)
    _keep(texts, fresh)
    return fresh


def _keep(texts: Texts, found: dict[str, Any]) -> None:
    aside = KEPT.with_suffix(f".{os.getpid()}")
    try:
        KEPT.parent.mkdir(exist_ok=True)
        aside.write_bytes(marshal.dumps((texts, found)))
        aside.replace(KEPT)
    except OSError:
        return


LIBRARY = _read()
"""Every YAML file of the package by its path, as plain JSON types (dates are ISO texts)."""
