"""The phone agents' door: a guided script whose next sentence the engine chooses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from seuil import urgency
from seuil.desk.access import DESK, allowed, current
from seuil.desk.api import json_response, read_object
from seuil.desk.console import page
from seuil.eligibility import (
    SERVICES,
    Assessment,
    FactError,
    assess,
    catalogue,
    derive,
    fact_title,
    next_question,
    wayout,
)
from seuil.web.check import DEPARTMENTS, MAIN_SERVICE, verdict_view
from seuil.web.rendering import WORDS, render

ROLES = ("agent", "counsellor", "supervisor")
AUDIENCE = "agent"
NOT_ASKED = ("as_of", "audience")


async def show(request: web.Request) -> web.Response:
    """`GET /agent`: the script's page; what it shows comes from `step`."""
    return render(
        request,
        "agent.html",
        services=SERVICES,
        danger=urgency.emergency(["immediate_danger"], AUDIENCE).as_json(),
        departments=DEPARTMENTS,
        form_token=request.app[DESK].accounts.form_token(current(request)),
    )


async def urgent(request: web.Request) -> web.Response:
    """`POST /agent/urgence`: a case opened in this call has become urgent.

    Body: `{"reference", "flags": ["homeless", …]}`. Answer: `{"reference", "priority", "status"}`.
    """
    body = await read_object(request)
    flags = {name: True for name in _list(body.get("flags")) if name in urgency.FLAGS}
    case = await request.app[DESK].raise_flags(str(body.get("reference", "")), flags)
    return json_response(case.public())


async def step(request: web.Request) -> web.Response:
    """`POST /agent/etape`: from what is known, what to say next and what it means.

    Body: `{"facts": {…}, "services": […], "ask": fact or null}`; `services` are those that the
    call is about beside the support, `ask` a fact to ask again. Answer: `{"question", "script",
    "verdicts", "priority", "emergency"}`, or `{"conflict": {"facts", "text"}}` when two answers
    cannot both hold.
    """
    body = await read_object(request)
    facts = _facts(body.get("facts"))
    named = [name for name in _list(body.get("services")) if name in SERVICES]
    services = list(dict.fromkeys([MAIN_SERVICE, *named]))
    try:
        known = derive(facts)
        everything = assess(facts, SERVICES)
        asked = next_question(facts, services, AUDIENCE)
    except FactError as error:
        names = dict.fromkeys((*error.facts, error.fact))
        return json_response({"conflict": {"facts": list(names), "text": str(error)}})
    again = body.get("ask")
    if isinstance(again, str) and again in catalogue():
        asked = again
    after = wayout(facts, everything)
    shown = everything.as_json()
    flags = [flag for flag in urgency.FLAGS if known.get(flag) is True]
    return json_response(
        {
            "question": _question(asked) if asked else None,
            "script": _script(facts, known, everything, services, asked),
            "verdicts": [
                verdict_view(item, after if item["service"] == MAIN_SERVICE else [], AUDIENCE)
                for item in shown["services"]
            ],
            "priority": shown["priority"],
            "emergency": urgency.emergency(flags, AUDIENCE).as_json() if flags else None,
        }
    )


def _facts(given: object) -> dict[str, Any]:
    facts = dict(given) if isinstance(given, dict) else {}
    return {**facts, "audience": AUDIENCE}


def _list(given: object) -> list[str]:
    return [name for name in given if isinstance(name, str)] if isinstance(given, list) else []


def _question(name: str) -> dict[str, Any]:
    """What to read aloud, what is for the agent alone, and how it can be answered."""
    fact = catalogue()[name]
    words = WORDS["check"]
    options: list[list[Any]] = [[value, fact.labels[value]] for value in fact.values]
    widget = fact.type
    if fact.type == "boolean":
        options, widget = [[True, words["yes"]], [False, words["no"]]], "choice"
    return {
        "fact": name,
        "title": fact_title(name),
        "read": fact.question(AUDIENCE),
        "why": fact.why,
        "help": fact.help,
        "widget": "number" if fact.type in ("integer", "number") else widget,
        "options": [] if fact.type == "department" else options,
        "unit": fact.unit,
    }


def _script(
    facts: Mapping[str, Any],
    known: Mapping[str, Any],
    everything: Assessment,
    services: Iterable[str],
    asked: str | None,
) -> list[dict[str, Any]]:
    """The map of the script: each question of these services, and where the call is.

    The questions are those that matter when nothing is known: what the rules themselves read.
    """
    wanted = list(services)
    nothing = assess({"audience": AUDIENCE}, wanted)
    possible = dict.fromkeys(name for item in nothing.services for name in item.missing)
    open_now = {
        name for item in everything.services if item.service in wanted for name in item.missing
    }
    return [
        {
            "fact": name,
            "title": fact_title(name),
            "place": _place(name, facts, known, open_now, asked),
        }
        for name in dict.fromkeys([*possible, *facts])
        if name not in NOT_ASKED
    ]


def _place(
    name: str,
    facts: Mapping[str, Any],
    known: Mapping[str, Any],
    open_now: set[str],
    asked: str | None,
) -> str:
    if name == asked:
        return "here"
    if name in facts:
        return "told"
    if known.get(name) is not None:
        return "derived"
    if name in urgency.FLAGS:
        # Never asked for a rule's sake alone, and never needless to hear.
        return "listen"
    return "open" if name in open_now else "needless"


def setup(app: web.Application) -> None:
    """Add the script to `app`, for those who have an account."""
    app.router.add_get("/agent", page(show, ROLES))
    app.router.add_post("/agent/etape", allowed(step, ROLES))
    app.router.add_post("/agent/urgence", allowed(urgent, ROLES))
