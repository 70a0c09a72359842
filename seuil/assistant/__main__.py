"""``python -m seuil.assistant read``: what the assistant understands of each message.

JSON Lines on standard input, ``{"text": "…", "asked": "<fact>" or null, "as_of": "…"}``; one
line out for each, with the intent, the facts that the conversation would record, and the
urgency. A bad line yields ``{"line": n, "error": "…"}`` and the rest go on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import warnings
from datetime import date
from pathlib import Path
from typing import Any

from seuil.assistant.messages import say
from seuil.assistant.plain_text import as_text
from seuil.eligibility import catalogue

MODELS = Path("models")


class BadLine(ValueError):
    """A line of input that cannot be read; its text is a French sentence."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when every line was read, 1 when some were bad, 2 when none can be."""
    parser = argparse.ArgumentParser(prog="python -m seuil.assistant")
    commands = parser.add_subparsers(dest="command", required=True)
    read = commands.add_parser("read", help=say("help_read"))
    read.add_argument("--model", type=Path, help=say("help_model"))
    options = parser.parse_args(arguments)
    model = options.model or newest_model(MODELS)
    if model is None or not model.is_file():
        print(say("no_model", path=options.model or MODELS), file=sys.stderr)
        return 2
    return asyncio.run(read_lines(model))


def newest_model(folder: Path) -> Path | None:
    """Return the model made last in ``folder``, or None."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return models[-1] if models else None


async def read_lines(model: Path) -> int:
    """Read standard input to its end; see the module's docstring."""
    processor = load_processor(model)
    bad = 0
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        if not raw.strip():
            continue
        try:
            answer = await understand(processor, request_of(raw))
        except BadLine as error:
            bad += 1
            answer = {"line": number, "error": str(error)}
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return 1 if bad else 0


def load_processor(model: Path) -> Any:
    """Return Rasa's processor of messages for ``model``, which logs nothing of what it reads."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Rasa takes seconds to import: a wrong command line must not wait for it.
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    warnings.simplefilter("ignore")
    # Not configured, it prints every message in full on standard output.
    configure_structlog(logging.ERROR)
    return Agent.load(str(model)).processor


def request_of(raw: bytes) -> dict[str, Any]:
    """Return a line's request, checked; raises BadLine."""
    try:
        request = json.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadLine(say("not_json")) from None
    if not isinstance(request, dict) or not isinstance(request.get("text"), str):
        raise BadLine(say("no_text"))
    asked = request.get("asked")
    if asked is not None and asked not in catalogue():
        raise BadLine(say("unknown_fact"))
    try:
        if request.get("as_of") is not None:
            date.fromisoformat(request["as_of"])
    except (TypeError, ValueError):
        raise BadLine(say("bad_date")) from None
    return request


async def understand(processor: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Return what the assistant understands of one request."""
    from rasa.core.channels.channel import UserMessage

    metadata = {name: request[name] for name in ("asked", "as_of") if request.get(name)}
    metadata.setdefault("as_of", date.today().isoformat())
    parse = await processor.parse_message(UserMessage(as_text(request["text"]), metadata=metadata))
    reading = parse["reading"]
    return {
        "intent": full_intent(parse),
        "confidence": round(parse["intent"]["confidence"], 4),
        "facts": reading["facts"],
        "dont_know": reading["dont_know"],
        "urgency": parse["urgency"],
    }


def full_intent(parse: dict[str, Any]) -> str:
    """Return the intent, with its topic when it is a question of the FAQ."""
    name = str(parse["intent"]["name"])
    if name == "nlu_fallback" and parse.get("intent_ranking"):
        name = str(parse["intent_ranking"][0]["name"])
    if name == "faq":
        return str(parse["response_selector"]["faq"]["response"]["intent_response_key"])
    return name


if __name__ == "__main__":
    sys.exit(main())
