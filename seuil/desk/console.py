"""The counsellors' console: server-rendered pages at `/file`, usable without JavaScript."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from seuil.desk.access import (
    COOKIE,
    DESK,
    Handler,
    actor_of,
    current,
    drop_session,
    enter,
    known,
    right_form,
    same_site,
    set_session,
)
from seuil.desk.accounts import CodeNeeded
from seuil.desk.calendar import PARIS
from seuil.desk.contacts import clean
from seuil.desk.errors import InvalidCase
from seuil.desk.model import FLAGS, PRIORITIES, Actor, CaseView
from seuil.desk.pages import render
from seuil.desk.problems import Problem, of_exception
from seuil.desk.reading import PAGE, Only
from seuil.desk.service import Desk
from seuil.desk.words import words

STATIC = Path(__file__).parent / "static"
_LOGIN = "/file/connexion"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'",
    # Not no-referrer: forms would then send "Origin: null" and be refused.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_STATUSES = ("waiting", "claimed", "snoozed", "closed")
_FILTERS = ("priorite", "signal", "origine", "departement", "miens", "retard")
# What a visitor may be sent to after logging in; anything else goes to the queue.
_AFTER_LOGIN = ("/file", "/agent")


def page(handler: Handler, roles: Collection[str] | None) -> Handler:
    """A console page: for these roles, with its errors told as pages."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            if roles is not None:
                await enter(request, roles)
            response = await handler(request)
        except web.HTTPRedirection:
            raise
        except Exception as error:
            response = await _refused(request, of_exception(error))
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return guarded


async def _refused(request: web.Request, problem: Problem) -> web.Response:
    if problem.kind == "enrol_first" and request.method == "GET":
        return see_other("/file/compte")
    if problem.kind == "unauthenticated":
        if request.method == "GET" and _just_entered(request):
            return _login(request, status=401, suite=suite_of(request.path_qs), no_cookie=True)
        if request.method == "GET":
            return see_other(f"{_LOGIN}?{urlencode({'suite': request.path_qs})}")
        # The session ended while a form was being filled: its text is kept through the log-in.
        form = await request.post()
        text = form.get("text")
        return _login(
            request,
            status=401,
            suite=_case_of(request),
            draft=text if isinstance(text, str) else "",
            expired=True,
        )
    actor = known(request)
    shown = {} if actor is None else {"actor": actor, "form_token": _form_token(request, actor)}
    return html("refused.html", problem.status, problem=problem, back=_case_of(request), **shown)


def _just_entered(request: web.Request) -> bool:
    """Whether the log-in page led here: without a session, so the browser refused its cookie."""
    page = request.headers.get("Referer", "").partition("?")[0]
    return page.endswith(f"//{request.host}{_LOGIN}")


def _form_token(request: web.Request, actor: Actor) -> str:
    return request.app[DESK].accounts.form_token(actor)


def _case_of(request: web.Request) -> str:
    reference = request.match_info.get("reference")
    return f"/file/dossiers/{reference}" if reference else "/file"


def html(template: str, status: int = 200, **values: Any) -> web.Response:
    """A page of the console."""
    return web.Response(
        text=render(template, **values), content_type="text/html", status=status, charset="utf-8"
    )


def see_other(address: str) -> web.Response:
    """Go there with GET: what follows a form."""
    return web.Response(status=303, headers={"Location": address})


# Logging in


async def login_page(request: web.Request) -> web.StreamResponse:
    """The form to log in; who is in already goes on."""
    suite = suite_of(request.query.get("suite", ""))
    if await actor_of(request) is not None:
        return see_other(suite)
    return _login(request, suite=suite)


def _login(request: web.Request, status: int = 200, **values: Any) -> web.Response:
    shown = {
        "problem": None,
        "name": "",
        "suite": "/file",
        "draft": "",
        "expired": False,
        "no_cookie": False,
        "ticket": "",
        "provider": bool(request.app[DESK].settings.oidc_issuer),
    }
    return html("login.html", status, **{**shown, **values})


async def log_in(request: web.Request) -> web.StreamResponse:
    """Open a session, then show what was asked for."""
    if not same_site(request):
        raise Problem("cross_site")
    desk = request.app[DESK]
    form = await form_of(request)
    name, suite = clean(form.get("name", ""))[:80], suite_of(form.get("suite", ""))
    draft, ticket = form.get("draft", ""), form.get("ticket", "")
    kept: dict[str, Any] = {"name": name, "suite": suite, "draft": draft}
    address = request.remote or ""
    try:
        if ticket:
            secret, actor = await desk.accounts.log_in_with_code(
                ticket, form.get("code", "")[:20], address
            )
        else:
            secret, actor = await desk.accounts.log_in(
                name, form.get("password", "")[:1000], address
            )
    except CodeNeeded as needed:
        return _login(request, ticket=needed.ticket, **kept)
    except Exception as error:
        problem = of_exception(error)
        again = ticket if problem.kind == "bad_code" else ""
        return _login(request, problem.status, problem=problem, ticket=again, **kept)
    if draft and suite.startswith("/file/dossiers/"):
        session = await desk.accounts.by_session(secret)
        assert session is not None
        view = await desk.case(suite.rsplit("/", 1)[1])
        response = await _case_response(desk, session, view, draft=draft)
    else:
        response = see_other("/agent" if actor.role == "agent" and suite == "/file" else suite)
    set_session(desk, response, secret)
    return response


async def log_out(request: web.Request) -> web.StreamResponse:
    """End the session."""
    await checked_form(request)
    if cookie := request.cookies.get(COOKIE):
        await request.app[DESK].accounts.log_out(cookie)
    response = see_other(_LOGIN)
    drop_session(response)
    return response


def suite_of(wanted: str) -> str:
    """Where to go after logging in: an address of ours, or the queue."""
    path = wanted.partition("?")[0]
    inside = any(path == root or path.startswith(f"{root}/") for root in _AFTER_LOGIN)
    plain = "\\" not in wanted and wanted.isprintable() and ".." not in wanted
    return wanted if inside and plain and path != _LOGIN else "/file"


async def form_of(request: web.Request) -> dict[str, str]:
    """The text fields of a form."""
    form = await request.post()
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def checked_form(request: web.Request) -> dict[str, str]:
    """The fields of a form that carries its session's token; raises Problem."""
    form = await form_of(request)
    if not right_form(request.app[DESK], current(request), form.get("jeton")):
        raise Problem("cross_site")
    return form


# The queue


async def queue_page(request: web.Request) -> web.StreamResponse:
    """The queue: one page of a status, searched."""
    desk, actor = request.app[DESK], current(request)
    status = request.query.get("statut", "waiting")
    if status not in _STATUSES:
        raise InvalidCase("statut")
    q = clean(request.query.get("q", ""))[:200]
    number = request.query.get("page", "1")
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:6]) < 100_000):
        raise InvalidCase("page")
    only, narrowed = _only(request, actor)
    found, total = await desk.queue(status, q, int(number), only)
    return html(
        "queue.html",
        **common(desk, actor),
        cases=found,
        total=total,
        chosen=status,
        statuses=_STATUSES,
        q=q,
        page=int(number),
        last_page=max(1, -(-total // PAGE)),
        nothing=request.query.get("rien") == "1",
        only=only,
        narrowed=narrowed,
        priorities=PRIORITIES,
        flags=FLAGS,
        origins=("conversation", "agent", "referral"),
    )


def _only(request: web.Request, actor: Actor) -> tuple[Only, str]:
    """The filters asked for, and the same as the end of an address."""
    asked = {name: request.query.get(name, "") for name in _FILTERS}
    only = Only(
        priority=_one_of(asked["priorite"], PRIORITIES, "priorite"),
        flag=_one_of(asked["signal"], FLAGS, "signal"),
        origin=_one_of(asked["origine"], ("conversation", "agent", "referral"), "origine"),
        department=clean(asked["departement"])[:16].upper() or None,
        holder=actor.id if asked["miens"] == "1" else None,
        overdue=asked["retard"] == "1",
    )
    return only, urlencode({name: value for name, value in asked.items() if value})


def _one_of(value: str, admissible: Collection[str], field: str) -> str | None:
    if value and value not in admissible:
        raise InvalidCase(field)
    return value or None


async def claim_next(request: web.Request) -> web.StreamResponse:
    """Take the first case of the queue and show it."""
    await checked_form(request)
    view = await request.app[DESK].claim_next(current(request))
    return see_other("/file?rien=1" if view is None else f"/file/dossiers/{view.reference}")


def common(desk: Desk, actor: Actor) -> dict[str, Any]:
    """What every page of someone who is in needs."""
    now = desk.clock()
    return {
        "actor": actor,
        "form_token": desk.accounts.form_token(actor),
        "now": now,
        "is_open": desk.calendar.is_open(now),
        "next_opening": desk.calendar.next_opening(now),
    }


# A case


async def case_page(request: web.Request) -> web.StreamResponse:
    """A case without its contact details."""
    desk = request.app[DESK]
    view = await desk.case(clean(request.match_info["reference"]))
    done = words("console")["done"].get(request.query.get("fait", ""))
    return await _case_response(desk, current(request), view, done=done)


async def contact_page(request: web.Request) -> web.StreamResponse:
    """A case with its contact details; this reading is recorded."""
    await checked_form(request)
    desk, actor = request.app[DESK], current(request)
    view = await desk.case_with_contact(clean(request.match_info["reference"]), actor)
    return await _case_response(desk, actor, view)


async def _case_response(
    desk: Desk,
    actor: Actor,
    view: CaseView,
    *,
    status: int = 200,
    draft: str = "",
    done: str | None = None,
    problem: Problem | None = None,
) -> web.Response:
    return html(
        "case.html",
        status,
        **common(desk, actor),
        case=view,
        events=await desk.history(view.reference),
        mine=view.holder_id == actor.id,
        linked=await desk.linked(view.id),
        alike=await desk.alike(view.id),
        others=await _looking(desk, view, actor),
        draft=draft,
        done=done,
        problem=problem,
    )


async def _looking(desk: Desk, view: CaseView, actor: Actor) -> list[str]:
    """The colleagues who have this case open; from now on, they see this one too."""
    place = f"case/{view.id}"
    await desk.here(place, actor)
    return await desk.others(place, actor)


_Verb = Callable[[Desk, str, Actor, Mapping[str, str], int], Awaitable[CaseView]]


def _moment(form: Mapping[str, str], field: str) -> datetime | None:
    """The local time of a `datetime-local` field, or None when left empty."""
    given = form.get(field, "")
    if not given:
        return None
    try:
        return datetime.fromisoformat(given).replace(tzinfo=PARIS)
    except ValueError:
        raise InvalidCase(field) from None


async def _attempt(
    desk: Desk, reference: str, actor: Actor, form: Mapping[str, str], version: int
) -> CaseView:
    return await desk.attempt(
        reference,
        actor,
        form.get("result", ""),
        next_at=_moment(form, "next_at"),
        text=form.get("text", ""),
        version=version,
    )


async def _snooze(
    desk: Desk, reference: str, actor: Actor, form: Mapping[str, str], version: int
) -> CaseView:
    until = _moment(form, "until")
    if until is None:
        raise InvalidCase("until")
    return await desk.snooze(reference, actor, until, version)


async def _say(
    desk: Desk, reference: str, actor: Actor, form: Mapping[str, str], version: int
) -> CaseView:
    if not await desk.say(reference, form.get("text", ""), actor):
        raise Problem("person_away")
    return await desk.case(reference)


async def _erase(
    desk: Desk, reference: str, actor: Actor, form: Mapping[str, str], version: int
) -> CaseView:
    # Written in full by hand: no click erases a person's case by mistake.
    if form.get("confirm", "").strip().upper() != reference.upper():
        raise InvalidCase("confirm")
    return await desk.erase(reference, actor)


async def _assign(
    desk: Desk, reference: str, actor: Actor, form: Mapping[str, str], version: int
) -> CaseView:
    to = await desk.accounts.colleague(form.get("to", ""))
    return await desk.assign(reference, actor, to, version)


_VERBS: dict[str, _Verb] = {
    "prendre": lambda desk, ref, actor, form, v: desk.claim(ref, actor, v),
    "remettre": lambda desk, ref, actor, form, v: desk.release(ref, actor, v),
    "note": lambda desk, ref, actor, form, v: desk.note(ref, actor, form.get("text", ""), v),
    "contact": _attempt,
    "reporter": _snooze,
    "clore": lambda desk, ref, actor, form, v: desk.close_case(
        ref, actor, form.get("outcome", ""), detail=form.get("detail", ""), version=v
    ),
    "rouvrir": lambda desk, ref, actor, form, v: desk.reopen(ref, actor, v),
    "attribuer": _assign,
    "lier": lambda desk, ref, actor, form, v: desk.link(ref, actor, form.get("other", ""), v),
    "delier": lambda desk, ref, actor, form, v: desk.unlink(ref, actor, form.get("other", ""), v),
    "dire": _say,
    # Whatever changed meanwhile, who wants to leave may.
    "quitter": lambda desk, ref, actor, form, v: desk.leave(ref, actor),
    "effacer": _erase,
}


async def act(request: web.Request) -> web.StreamResponse:
    """Apply a form's verb to a case; on an error, show the case again with what was written."""
    verb = _VERBS.get(request.match_info["verb"])
    if verb is None:
        raise Problem("not_found")
    form = await checked_form(request)
    desk, actor = request.app[DESK], current(request)
    reference = clean(request.match_info["reference"])
    version = form.get("version", "")
    if not (version.isascii() and version.isdigit()):
        raise Problem("version_needed")
    try:
        view = await verb(desk, reference, actor, form, int(version[:9]))
    except Exception as error:
        problem = of_exception(error)
        if problem.status >= 500 or problem.kind in ("case_not_found", "forbidden"):
            raise
        return await _case_response(
            desk,
            actor,
            await desk.case(reference),
            status=problem.status,
            # The text of a message kept for who is away was sent: it is not offered again.
            draft="" if problem.kind == "person_away" else form.get("text", ""),
            problem=problem,
        )
    query = urlencode({"fait": request.match_info["verb"]})
    return see_other(f"/file/dossiers/{view.reference}?{query}")
