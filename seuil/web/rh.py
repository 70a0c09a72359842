"""The door of HR and partners: check, talk about it, refer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web
from multidict import MultiDict, MultiMapping

from seuil import urgency
from seuil.desk import DeskError
from seuil.desk.access import DESK
from seuil.desk.problems import Problem, of_error
from seuil.desk.referrals import email_of, referral_case
from seuil.web import check
from seuil.web.dates import spoken_moment
from seuil.web.rendering import HEADERS, PARIS, WORDS, render

FLAGS = ("homeless", "family_violence")
YES_NO = (*FLAGS, "safe_to_call", "safe_to_leave_message", "employee_agrees")


async def show(request: web.Request) -> web.Response:
    """`GET /rh`: the empty form."""
    return _page(request, check.read(MultiDict(), "rh"))


async def answer(request: web.Request) -> web.Response:
    """`POST /rh`: the verdict on the form, as a page, or as JSON for the page's script.

    JSON: `{"verdict": <data of a verdict message> | null, "errors": {fact: sentence},
    "emergency": {"text", "numbers", "notes"} | null, "facts": {…}}`.
    """
    form: MultiMapping[Any] = await request.post()
    asked = str(form.get("audience", ""))
    audience = asked if asked in check.AUDIENCES else check.AUDIENCES[0]
    filled = check.read(form, audience)
    verdict, errors = check.judge(filled)
    emergency = _emergency(filled.facts)
    if "text/html" not in request.headers.get("Accept", ""):
        return web.json_response(
            {
                "verdict": verdict,
                "errors": dict(errors),
                "emergency": emergency,
                "facts": {} if errors else dict(filled.facts),
            },
            headers={"Cache-Control": HEADERS["Cache-Control"]},
        )
    return _page(request, filled, verdict=verdict, errors=errors, emergency=emergency)


async def refer(request: web.Request) -> web.Response:
    """`POST /rh/orientation`: the referral form without the page's script.

    `way` is `send` (to the counsellors' queue) or `eml` (a draft for a mail program). What was
    typed comes back with what is wrong.
    """
    form = await request.post()
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    audience = typed.get("audience", "rh")
    empty = check.read(MultiDict(), audience if audience in check.AUDIENCES else "rh")
    given: dict[str, Any] = {
        name: check.BOOLEANS.get(value, None if name in YES_NO else value)
        for name, value in typed.items()
        if name != "way"
    }
    try:
        if typed.get("way") == "eml":
            draft = email_of(referral_case(given), request.app[DESK].settings.referral_email)
            return web.Response(
                body=draft["eml"].encode(),
                content_type="message/rfc822",
                headers={
                    **HEADERS,
                    "Content-Disposition": 'attachment; filename="orientation.eml"',
                },
            )
        receipt = await request.app[DESK].refer(given)
    except (Problem, DeskError) as error:
        problem = error if isinstance(error, Problem) else of_error(error)
        return _page(request, empty, typed=typed, wrong=_wrong(problem), status=problem.status)
    told = {
        "receipt": receipt.receipt,
        "read_by": spoken_moment(receipt.read_by, datetime.now(PARIS)),
    }
    return _page(request, empty, receipt=told, status=201)


def _emergency(facts: Mapping[str, Any]) -> dict[str, Any] | None:
    flags = [flag for flag in FLAGS if facts.get(flag) is True]
    if not flags:
        return None
    return urgency.emergency(flags, str(facts["audience"])).as_json()


def _wrong(problem: Problem) -> dict[str, str]:
    """Say what is wrong by field, in the form's own words where it has some."""
    words = WORDS["referral"]
    field = str(problem.extra.get("field") or "")
    if field == "employee_agrees":
        return {field: words["agree"]}
    if problem.kind == "contact_needed":
        return {field: words["reach"]}
    if problem.kind == "invalid_field" and field in words["fields"]:
        return {field: words["needed"].format(field=words["fields"][field])}
    return {field or "send": problem.detail}


def _page(
    request: web.Request,
    filled: check.Check,
    *,
    verdict: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    emergency: Mapping[str, Any] | None = None,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    receipt: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    audience = str(filled.facts["audience"])
    return render(
        request,
        "rh.html",
        status=status,
        audience=audience,
        fields=check.fields(audience),
        only_with={name: [other, sorted(on)] for name, (other, on) in check.ONLY_WITH.items()},
        values=filled.values,
        verdict=verdict,
        errors=errors or {},
        emergency=emergency,
        referral_values=typed or {},
        referral_errors=wrong or {},
        receipt=receipt,
        line=urgency.number("action_logement").as_json(),
        origin=str(request.url.origin()),
    )


def setup(app: web.Application) -> None:
    """Add the pages of this door to `app`."""
    app.router.add_get("/rh", show)
    app.router.add_post("/rh", answer)
    app.router.add_post("/rh/orientation", refer)
