"""The door of HR and partners: check, talk about it, refer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from multidict import MultiDict, MultiMapping

from seuil import urgency
from seuil.web import check
from seuil.web.rendering import HEADERS, render

FLAGS = ("homeless", "family_violence")


async def show(request: web.Request) -> web.Response:
    """`GET /rh`: the empty form."""
    return _page(request, check.read(MultiDict(), "rh"), None, {}, None)


async def answer(request: web.Request) -> web.Response:
    """`POST /rh`: the verdict on the form, as a page, or as JSON for the page's script.

    JSON: `{"verdict": <data of a verdict message> | null, "errors": {fact: sentence},
    "emergency": {"text", "numbers", "notes"} | null}`.
    """
    form: MultiMapping[Any] = await request.post()
    asked = str(form.get("audience", ""))
    audience = asked if asked in check.AUDIENCES else check.AUDIENCES[0]
    filled = check.read(form, audience)
    verdict, errors = check.judge(filled)
    emergency = _emergency(filled.facts)
    if "text/html" not in request.headers.get("Accept", ""):
        return web.json_response(
            {"verdict": verdict, "errors": dict(errors), "emergency": emergency},
            headers={"Cache-Control": HEADERS["Cache-Control"]},
        )
    return _page(request, filled, verdict, errors, emergency)


def _emergency(facts: Mapping[str, Any]) -> dict[str, Any] | None:
    flags = [flag for flag in FLAGS if facts.get(flag) is True]
    if not flags:
        return None
    return urgency.emergency(flags, str(facts["audience"])).as_json()


def _page(
    request: web.Request,
    filled: check.Check,
    verdict: Mapping[str, Any] | None,
    errors: Mapping[str, str],
    emergency: Mapping[str, Any] | None,
) -> web.Response:
    audience = str(filled.facts["audience"])
    return render(
        request,
        "rh.html",
        audience=audience,
        fields=check.fields(audience),
        only_with={name: [other, sorted(on)] for name, (other, on) in check.ONLY_WITH.items()},
        values=filled.values,
        verdict=verdict,
        errors=errors,
        emergency=emergency,
        line=urgency.number("action_logement").as_json(),
        origin=str(request.url.origin()),
    )


def setup(app: web.Application) -> None:
    """Add the pages of this door to `app`."""
    app.router.add_get("/rh", show)
    app.router.add_post("/rh", answer)
