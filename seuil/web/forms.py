"""The employee's chat without JavaScript: plain forms, and the page rendered again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from multidict import MultiDictProxy

from seuil.desk import DeskError
from seuil.desk.problems import Problem, of_error
from seuil.web import pages
from seuil.web.api import (
    COOKIE,
    LIMITS,
    STORE,
    catch_up,
    emergency_message,
    erase_conversation,
    hand_over,
    open_conversation,
    say_once,
    set_cookie,
    too_many,
)
from seuil.web.contact import contact_of
from seuil.web.store import Held

Form = MultiDictProxy[str | bytes | bytearray | web.FileField]
YES_NO = {"true": True, "false": False}
# What the cookie holds before the first word: a form sent without any tells that it was refused.
NO_CONVERSATION = "aucune"
# The field of the form that each refusal of a contact is about.
FIELD_OF = {"consent_needed": "consent", "contact_needed": "phone", "contact_phone": "phone"}


def setup(app: web.Application) -> None:
    """Add the page and its forms."""
    app.router.add_get("/assistant", show)
    app.router.add_post("/assistant", post)
    app.router.add_post("/assistant/contact", post_contact)
    app.router.add_post(pages.EXIT_PATH, leave)


async def show(request: web.Request) -> web.Response:
    """`GET /assistant`: the conversation of this browser, or a page to begin one."""
    held = await _held(request)
    if held is not None:
        await catch_up(request, held)
    response = pages.render_assistant(request, held.conversation.view() if held else None)
    if COOKIE not in request.cookies:
        set_cookie(response, request, NO_CONVERSATION)
    return response


async def post(request: web.Request) -> web.StreamResponse:
    """`POST /assistant`: a text, a choice, several choices, or an action on the conversation."""
    form = await request.post()
    held = await _held(request)
    action = form.get("action")
    if action in {"erase", "restart"}:
        if held is not None:
            await erase_conversation(request, held)
        held = await open_conversation(request, "salarie") if action == "restart" else None
        return _to_page(request, held)
    if action == "read" and held is not None:
        await catch_up(request, held)
        return _to_page(request, held)
    text = _text(form, "text")
    refused = COOKIE not in request.cookies
    try:
        if held is None:
            held = await open_conversation(request, "salarie")
        wait = await request.app[LIMITS].wait_for_message(held.conversation.id)
        if wait:
            raise too_many("too_many_messages", wait, text, held.conversation)
        async with held.lock:
            await say_once(request, held, _said(form, text))
    except (Problem, DeskError) as error:
        problem = error if isinstance(error, Problem) else of_error(error)
        return _again(request, held, problem, text)
    if refused:
        # The answer at once: this browser would not find it again.
        lost = pages.WORDS["chat"]["no_thread"] if form.get("known") else None
        return pages.render_assistant(request, held.conversation.view(), error=lost, answered=True)
    return _to_page(request, held)


async def post_contact(request: web.Request) -> web.StreamResponse:
    """`POST /assistant/contact`: the contact form; what was typed is given back on an error."""
    form = await request.post()
    held = await _held(request)
    if held is None:
        raise web.HTTPSeeOther("/assistant")
    values = {name: _text(form, name) for name in form if name != "consent"}
    values["consent"] = "true" if form.get("consent") == "true" else ""
    body: dict[str, Any] = dict(values)
    body["consent"] = values["consent"] == "true"
    for name in ("safe_to_call", "safe_to_leave_message"):
        body[name] = YES_NO.get(str(form.get(name)))
    try:
        async with held.lock:
            await hand_over(request, held, contact_of(body), None)
    except (Problem, DeskError) as error:
        problem = error if isinstance(error, Problem) else of_error(error)
        field = str(problem.extra.get("field") or FIELD_OF.get(problem.kind, ""))
        errors = {field: problem.detail} if field else {}
        return pages.render_assistant(
            request,
            held.conversation.view(),
            error=None if field else problem.detail,
            contact={"values": values, "errors": errors},
            status=problem.status,
        )
    return _to_page(request, held)


async def leave(request: web.Request) -> web.StreamResponse:
    """`POST /assistant/quitter`: end and erase the conversation, and lead elsewhere.

    A page's script sends a beacon, which has nowhere to be led, and leaves by itself.
    """
    held = await _held(request)
    if held is not None:
        await erase_conversation(request, held)
    if request.headers.get("Sec-Fetch-Mode") == "no-cors":
        response = web.Response(status=204)
    else:
        response = web.Response(status=303, headers={"Location": pages.EXIT_URL})
    response.headers.update(pages.HEADERS)
    # Not "cache": browsers take seconds to empty it, and the pages are never stored.
    response.headers["Clear-Site-Data"] = '"cookies", "storage"'
    response.del_cookie(COOKIE, path="/")
    return response


async def _held(request: web.Request) -> Held | None:
    try:
        return await request.app[STORE].find(request.cookies.get(COOKIE))
    except DeskError:
        return None


def _said(form: Form, text: str) -> Mapping[str, Any]:
    if "choice" in form:
        return {"choice": _text(form, "choice")}
    if "choices" in form:
        return {"choices": [str(name) for name in form.getall("choices")]}
    return {"text": text}


def _text(form: Form, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _again(request: web.Request, held: Held | None, problem: Problem, text: str) -> web.Response:
    view = dict(held.conversation.view()) if held else None
    urgent = emergency_message(text, "salarie") if text else None
    if urgent is not None:
        view = view or {"id": "", "messages": [], "state": {"case": None}}
        view["messages"] = [*view["messages"], urgent]
    response = pages.render_assistant(
        request, view, draft=text, error=problem.detail, status=problem.status
    )
    response.headers.update(problem.headers)
    return response


def _to_page(request: web.Request, held: Held | None) -> web.Response:
    last = held.conversation.messages[-1]["id"] if held and held.conversation.messages else ""
    response = web.Response(
        status=303, headers={"Location": f"/assistant#m-{last}" if last else "/assistant"}
    )
    response.headers["Cache-Control"] = "no-store"
    if held is not None:
        set_cookie(response, request, held.token)
    else:
        response.del_cookie(COOKIE, path="/")
    return response
