"""`/regles`: the rules at a date, and what changed, from the data that the engine applies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from aiohttp import web
from markupsafe import Markup

from seuil.eligibility import SERVICES, FactError, changes, explain, rule, service_title
from seuil.eligibility.library import LIBRARY
from seuil.web.rendering import PARIS, WORDS, render

KEPT_DRAWINGS = 200
LAST_CHANGE = "2023-10-20"


def documents() -> dict[str, dict[str, Any]]:
    """Return the documents by their codes."""
    found: dict[str, dict[str, Any]] = LIBRARY["documents.yml"]["documents"]
    return found


def dates() -> list[str]:
    """Return the days from which a document of ours applies, the latest first."""
    return sorted({str(document["from"]) for document in documents().values()}, reverse=True)


@lru_cache(maxsize=KEPT_DRAWINGS)
def drawing(service: str, day: str) -> Markup:
    """Return the rule's drawing as SVG; it is ours, made of our own words."""
    return Markup(explain(service, day, "svg"))  # noqa: S704


async def show(request: web.Request) -> web.Response:
    """`GET /regles?service=&date=`: one rule, as a list and as a drawing, with its sources."""
    service = request.query.get("service", SERVICES[0])
    today = datetime.now(PARIS).date().isoformat()
    day = request.query.get("date") or today
    error = None
    if service not in SERVICES:
        service = SERVICES[0]
    try:
        shown = rule(service, day)
    except FactError:
        error, day = WORDS["rules"]["bad_date"], today
        shown = rule(service, day)
    return render(
        request,
        "rules.html",
        status=200 if error is None else 422,
        services=[(name, service_title(name)) for name in SERVICES],
        service=service,
        day=day,
        today=today,
        dates=dates(),
        shown=shown,
        ends={code: str(text["to"]) for code, text in documents().items() if text.get("to")},
        drawing=drawing(service, day) if shown["rule"] else None,
        error=error,
    )


@lru_cache(maxsize=KEPT_DRAWINGS)
def _changes(service: str, first: str, second: str) -> Mapping[str, Any]:
    return changes(service, first, second)


async def show_changes(request: web.Request) -> web.Response:
    """`GET /regles/changements?service=&de=&a=`: whose answer changed between two dates."""
    service = request.query.get("service", SERVICES[0])
    if service not in SERVICES:
        service = SERVICES[0]
    today = datetime.now(PARIS).date().isoformat()
    # By default, across the last change of the support's own documents.
    before = (date.fromisoformat(LAST_CHANGE) - timedelta(days=1)).isoformat()
    first, second = request.query.get("de") or before, request.query.get("a") or today
    error = None
    try:
        found = _changes(service, first, second)
    except FactError:
        error, first, second = WORDS["rules"]["bad_date"], before, today
        found = _changes(service, first, second)
    return render(
        request,
        "changes.html",
        status=200 if error is None else 422,
        services=[(name, service_title(name)) for name in SERVICES],
        service=service,
        first=first,
        second=second,
        dates=dates(),
        found=found,
        error=error,
    )


def setup(app: web.Application) -> None:
    """Add the pages to `app`."""
    app.router.add_get("/regles", show)
    app.router.add_get("/regles/changements", show_changes)
