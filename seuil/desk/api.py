"""The desk's JSON API (web.md, Desk)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from seuil.desk.access import COOKIE, DESK, actor_of, current, drop_session, same_site, set_session
from seuil.desk.contacts import clean
from seuil.desk.errors import InvalidCase
from seuil.desk.events import CLOSING
from seuil.desk.model import FLAGS, CaseView, NewCase
from seuil.desk.problems import Problem
from seuil.desk.reading import PAGE
from seuil.desk.referrals import email_of, referral_case
from seuil.eligibility import FactError, assess

_STATUSES = ("waiting", "snoozed", "claimed", "closed")
_HEARTBEAT = 15.0
_RECHECK = timedelta(minutes=2)
_YES_NO = {"true": True, "1": True, "oui": True, "false": False, "0": False, "non": False}
_BOOLEANS = (*FLAGS, "employee_agrees", "safe_to_call", "safe_to_leave_message")
_VERSION = re.compile(r'(?:W/)?"?(\d{1,9})"?')


async def read_object(request: web.Request) -> dict[str, Any]:
    """The JSON object of the body; raises Problem."""
    if request.content_type != "application/json":
        raise Problem("unsupported_media_type")
    try:
        body = json.loads(await request.read(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Problem("invalid_json") from None
    if not isinstance(body, dict):
        raise Problem("invalid_json")
    return body


def _no_constant(name: str) -> None:
    raise ValueError(name)


def text_of(
    body: Mapping[str, Any], field: str, *, needed: bool = True, limit: int = 10_000
) -> str:
    """A text field of a body; raises InvalidCase."""
    value = body.get(field)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        raise InvalidCase(field)
    if len(value) > limit:
        raise InvalidCase(field, "too_long", limit=limit)
    return clean(value)


def moment_of(body: Mapping[str, Any], field: str, *, needed: bool = True) -> datetime | None:
    """An ISO 8601 moment with its zone; raises InvalidCase."""
    value = body.get(field)
    if value is None and not needed:
        return None
    try:
        moment = datetime.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InvalidCase(field) from None
    if moment.tzinfo is None or not 2000 <= moment.year <= 2200:
        raise InvalidCase(field)
    return moment


def if_match(request: web.Request) -> int | None:
    """The version that a write rests on; `*` is any. Raises Problem when absent or unreadable."""
    given = request.headers.get("If-Match", "").strip()
    if given == "*":
        return None
    found = _VERSION.fullmatch(given)
    if found is None:
        raise Problem("version_needed")
    return int(found[1])


def case_response(view: CaseView, status: int = 200) -> web.Response:
    """A case, with its version as entity tag."""
    headers = {"ETag": f'"{view.version}"', "Cache-Control": "no-store"}
    if status == 201:
        headers["Location"] = f"/api/cases/{view.reference}"
    return web.json_response(view.as_json(), status=status, headers=headers)


def json_response(value: object, status: int = 200) -> web.Response:
    """JSON that no cache keeps."""
    return web.json_response(value, status=status, headers={"Cache-Control": "no-store"})


# Session


async def log_in(request: web.Request) -> web.Response:
    """POST /api/session."""
    if not same_site(request):
        raise Problem("cross_site")
    desk = request.app[DESK]
    body = await read_object(request)
    name = text_of(body, "name", limit=80)
    password = body.get("password")
    if not isinstance(password, str) or not 1 <= len(password) <= 1000:
        raise InvalidCase("password")
    code = text_of(body, "code", limit=20) if body.get("code") is not None else None
    secret, actor = await desk.accounts.log_in(name, password, request.remote or "", code)
    response = json_response({"name": actor.name, "role": actor.role}, 201)
    set_session(desk, response, secret)
    return response


async def log_out(request: web.Request) -> web.Response:
    """DELETE /api/session."""
    if not same_site(request):
        raise Problem("cross_site")
    if cookie := request.cookies.get(COOKIE):
        await request.app[DESK].accounts.log_out(cookie)
    response = web.Response(status=204)
    drop_session(response)
    return response


# Cases


async def create_case(request: web.Request) -> web.Response:
    """POST /api/cases: a phone agent's intake; the verdict is the engine's, not the body's."""
    key = request.headers.get("Idempotency-Key", "")
    if not key.strip():
        raise Problem("idempotency_needed")
    body = await read_object(request)
    facts = _object(body, "facts")
    flags = _object(body, "flags", needed=False)
    if any(name not in FLAGS or not isinstance(up, bool) for name, up in flags.items()):
        raise InvalidCase("flags")
    summary = body.get("summary", [])
    if not isinstance(summary, list) or not all(isinstance(line, str) for line in summary):
        raise InvalidCase("summary")
    audience = body.get("audience", "agent")
    if not isinstance(audience, str):
        raise InvalidCase("audience")
    try:
        assessment = assess(facts).as_json()
    except FactError as error:
        raise Problem("invalid_fact", message=str(error), fact=error.fact) from None
    view = await request.app[DESK].intake(
        NewCase(
            audience=audience,
            facts=facts,
            assessment=assessment,
            flags=flags,
            contact=_object(body, "contact"),
            summary=summary,
            origin="agent",
        ),
        key.strip(),
        current(request),
    )
    return case_response(view, 201)


def _object(body: Mapping[str, Any], field: str, *, needed: bool = True) -> dict[str, Any]:
    value = body.get(field)
    if value is None and not needed:
        return {}
    if not isinstance(value, dict):
        raise InvalidCase(field)
    return value


async def list_cases(request: web.Request) -> web.Response:
    """GET /api/cases?status=&q=&page=."""
    status = request.query.get("status", "waiting")
    if status not in _STATUSES:
        raise InvalidCase("status")
    page = request.query.get("page", "1")
    if not re.fullmatch(r"[1-9]\d{0,5}", page):
        raise InvalidCase("page")
    found, total = await request.app[DESK].queue(
        status, clean(request.query.get("q", ""))[:200], int(page)
    )
    return json_response(
        {"cases": [view.as_json() for view in found], "total": total, "page_size": PAGE}
    )


def reference_of(request: web.Request) -> str:
    """The reference in the address."""
    return clean(request.match_info["reference"])


async def get_case(request: web.Request) -> web.Response:
    """GET /api/cases/{reference}: with the contact details; the reading is recorded."""
    desk = request.app[DESK]
    return case_response(await desk.case_with_contact(reference_of(request), current(request)))


async def history(request: web.Request) -> web.Response:
    """GET /api/cases/{reference}/history."""
    events = await request.app[DESK].history(reference_of(request))
    return json_response({"events": [event.as_json() for event in events]})


async def claim(request: web.Request) -> web.Response:
    """POST /api/cases/{reference}/claim."""
    desk = request.app[DESK]
    return case_response(
        await desk.claim(reference_of(request), current(request), if_match(request))
    )


async def claim_next(request: web.Request) -> web.Response:
    """POST /api/cases/next: take the first case of the queue."""
    view = await request.app[DESK].claim_next(current(request))
    if view is None:
        raise Problem("nothing_waiting")
    return case_response(view)


async def release(request: web.Request) -> web.Response:
    """POST /api/cases/{reference}/release."""
    desk = request.app[DESK]
    return case_response(
        await desk.release(reference_of(request), current(request), if_match(request))
    )


async def assign(request: web.Request) -> web.Response:
    """POST /api/cases/{reference}/assign {"to": name}."""
    desk = request.app[DESK]
    version = if_match(request)
    body = await read_object(request)
    to = await desk.accounts.colleague(text_of(body, "to", limit=80))
    return case_response(await desk.assign(reference_of(request), current(request), to, version))


async def note(request: web.Request) -> web.Response:
    """POST /api/cases/{reference}/notes {"text": …}."""
    version = if_match(request)
    body = await read_object(request)
    view = await request.app[DESK].note(
        reference_of(request), current(request), text_of(body, "text"), version
    )
    return case_response(view, 201)


async def attempt(request: web.Request) -> web.Response:
    """POST /api/cases/{reference}/contact-attempts {"result", "next_at", "text"}."""
    version = if_match(request)
    body = await read_object(request)
    view = await request.app[DESK].attempt(
        reference_of(request),
        current(request),
        text_of(body, "result"),
        next_at=moment_of(body, "next_at", needed=False),
        text=text_of(body, "text", needed=False),
        version=version,
    )
    return case_response(view, 201)


async def snooze(request: web.Request) -> web.Response:
    """POST /api/cases/{reference}/snooze {"until": moment}."""
    version = if_match(request)
    until = moment_of(await read_object(request), "until")
    assert until is not None
    desk = request.app[DESK]
    return case_response(await desk.snooze(reference_of(request), current(request), until, version))


async def close(request: web.Request) -> web.Response:
    """POST /api/cases/{reference}/close {"outcome", "detail"}."""
    version = if_match(request)
    body = await read_object(request)
    view = await request.app[DESK].close_case(
        reference_of(request),
        current(request),
        text_of(body, "outcome"),
        detail=text_of(body, "detail", needed=False),
        version=version,
    )
    return case_response(view)


async def reopen(request: web.Request) -> web.Response:
    """POST /api/cases/{reference}/reopen."""
    desk = request.app[DESK]
    return case_response(
        await desk.reopen(reference_of(request), current(request), if_match(request))
    )


async def link(request: web.Request) -> web.Response:
    """POST /api/cases/{reference}/links {"other": reference}."""
    version = if_match(request)
    other = text_of(await read_object(request), "other", limit=40)
    desk = request.app[DESK]
    return case_response(await desk.link(reference_of(request), current(request), other, version))


async def unlink(request: web.Request) -> web.Response:
    """DELETE /api/cases/{reference}/links/{other}."""
    desk, other = request.app[DESK], clean(request.match_info["other"])
    return case_response(
        await desk.unlink(reference_of(request), current(request), other, if_match(request))
    )


async def say(request: web.Request) -> web.Response:
    """POST /api/cases/{reference}/messages {"text"}: into the person's open conversation."""
    text = text_of(await read_object(request), "text")
    present = await request.app[DESK].say(reference_of(request), text, current(request))
    return json_response({"present": present}, 201)


async def leave(request: web.Request) -> web.Response:
    """POST /api/cases/{reference}/leave: out of the person's conversation."""
    desk = request.app[DESK]
    return case_response(
        await desk.leave(reference_of(request), current(request), if_match(request))
    )


async def export(request: web.Request) -> web.Response:
    """POST /api/cases/{reference}/export: a person's copy of all that is kept; recorded."""
    return json_response(await request.app[DESK].export(reference_of(request), current(request)))


async def erase(request: web.Request) -> web.Response:
    """DELETE /api/cases/{reference}: a person's erasure."""
    await request.app[DESK].erase(reference_of(request), current(request))
    return web.Response(status=204)


async def figures(request: web.Request) -> web.Response:
    """GET /api/metrics/desk."""
    return json_response((await request.app[DESK].figures()).as_json())


# Referrals


async def refer(request: web.Request) -> web.Response:
    """POST /api/referrals: HR's and partners' door; no account, a receipt and nothing else."""
    receipt = await request.app[DESK].refer(await read_object(request))
    return json_response(receipt.as_json(), 201)


async def referral_email(request: web.Request) -> web.Response:
    """The same as an e-mail to send oneself, as JSON or (`format=eml`) as a draft to open.

    By GET as web.md says; our own page sends POST, so that no name stands in an address.
    """
    if request.method == "POST":
        given = await read_object(request)
    else:
        given = {
            name: _YES_NO.get(value, value) if name in _BOOLEANS else value
            for name, value in request.query.items()
        }
    case = referral_case(given)
    made = email_of(case, request.app[DESK].settings.referral_email)
    if given.get("format") != "eml":
        return json_response(made)
    return web.Response(
        body=made["eml"].encode(),
        content_type="message/rfc822",
        headers={
            "Content-Disposition": 'attachment; filename="orientation.eml"',
            "Cache-Control": "no-store",
        },
    )


# Live events


async def events(request: web.Request) -> web.StreamResponse:
    """GET /api/cases/events: each change of a case, as it happens (kind, reference, version)."""
    desk = request.app[DESK]
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    # The browser that closes the page is no error.
    with suppress(ConnectionResetError), desk.events.listen() as queue:
        await response.prepare(request)
        await response.write(b"retry: 3000\n\n")
        checked = desk.clock()
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), _HEARTBEAT)
            except TimeoutError:
                await response.write(b": \n\n")
            else:
                if event is CLOSING:
                    return response
                told = {"kind": event.kind, "reference": event.reference, "version": event.version}
                await response.write(f"event: case\ndata: {json.dumps(told)}\n\n".encode())
            if desk.clock() - checked >= _RECHECK:
                if await actor_of(request) is None:
                    return response
                checked = desk.clock()
    return response
