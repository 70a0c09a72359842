"""The rules over HTTP (``web.md``, Eligibility), and the description of the whole interface."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from seuil.desk.problems import Problem
from seuil.eligibility import SERVICES, FactError, assess, rules
from seuil.web.api import json_object, json_response

DESCRIPTION = Path(__file__).with_name("openapi.yml")


def setup(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_post("/api/eligibility", assess_facts)
    app.router.add_get("/api/eligibility/rules", show_rules)
    app.router.add_get("/api/openapi.json", describe)


async def assess_facts(request: web.Request) -> web.Response:
    """`POST /api/eligibility?services=a,b`: facts → assessment; 422 names a fact at fault."""
    facts = await json_object(request)
    asked = request.query.get("services", "")
    services = [name.strip() for name in asked.split(",")] if asked else list(SERVICES)
    try:
        return json_response(assess(facts, services).as_json())
    except FactError as error:
        raise _refused(error) from None


async def show_rules(request: web.Request) -> web.Response:
    """`GET /api/eligibility/rules?as_of=`: the rules in force at a date, with their sources."""
    try:
        return json_response(rules(request.query.get("as_of") or None))
    except FactError as error:
        raise _refused(error) from None


async def describe(request: web.Request) -> web.Response:
    """`GET /api/openapi.json`: this interface, in OpenAPI 3.1."""
    return web.Response(body=_description(), content_type="application/json", charset="utf-8")


def _refused(error: FactError) -> Problem:
    return Problem("refused_fact", message=str(error), fact=error.fact, facts=list(error.facts))


@lru_cache(maxsize=1)
def _description() -> bytes:
    described: dict[str, Any] = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    return json.dumps(described, ensure_ascii=False).encode()
