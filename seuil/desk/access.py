"""Who is asking, and whether they may: session cookies, bearer tokens, roles, same-site forms."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from aiohttp import web

from seuil.desk.model import Actor
from seuil.desk.problems import Problem
from seuil.desk.service import Desk

COOKIE = "seuil_session"
# Sent by a page that refreshes itself: it keeps nobody's session alive.
BACKGROUND = "Seuil-Background"
DESK: web.AppKey[Desk] = web.AppKey("seuil.desk", Desk)
_ACTOR = web.RequestKey("seuil.desk.actor", Actor)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_READING = ("GET", "HEAD")
_BEFORE_ENROLLING = ("/file/compte", "/file/compte/code", "/file/deconnexion")


async def actor_of(request: web.Request) -> Actor | None:
    """Who is asking: the holder of the bearer token, else of the session cookie, else nobody."""
    desk = request.app[DESK]
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret.startswith("desk_"):
        return await desk.accounts.by_token(secret.strip())
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    by_hand = BACKGROUND not in request.headers and not request.path.endswith("/events")
    actor = await desk.accounts.by_session(cookie, by_hand=by_hand)
    if actor is not None and not by_hand:
        await desk.at_the_desk(actor)
    return actor


def current(request: web.Request) -> Actor:
    """The actor that `allowed` let in."""
    return request[_ACTOR]


def known(request: web.Request) -> Actor | None:
    """The actor let in so far, if any: for the page that tells an error."""
    return request.get(_ACTOR)


def same_site(request: web.Request) -> bool:
    """Whether a browser sent this from one of our own pages (or no browser sent it)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


async def enter(request: web.Request, roles: Collection[str]) -> Actor:
    """Let in who has one of these roles, or raise the Problem that says why not."""
    actor = await actor_of(request)
    if actor is None:
        raise Problem("unauthenticated", headers={"WWW-Authenticate": 'Bearer realm="seuil"'})
    request[_ACTOR] = actor
    if actor.role not in roles:
        raise Problem("forbidden")
    if actor.must_enrol and request.path not in _BEFORE_ENROLLING:
        raise Problem("enrol_first")
    if actor.session and request.method not in _READING and not same_site(request):
        raise Problem("cross_site")
    return actor


def allowed(handler: Handler, roles: Collection[str]) -> Handler:
    """The handler, for these roles only."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        await enter(request, roles)
        return await handler(request)

    return guarded


def right_form(desk: Desk, actor: Actor, token: object) -> bool:
    """Whether a console form carries its session's token."""
    return isinstance(token, str) and hmac.compare_digest(
        desk.accounts.form_token(actor).encode(), token.encode()
    )


def set_session(desk: Desk, response: web.StreamResponse, secret: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=desk.settings.session_absolute,
        httponly=True,
        samesite="Strict",
        secure=desk.settings.secure_cookies,
        path="/",
    )


def drop_session(response: web.StreamResponse) -> None:
    """Take the session back from the browser."""
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
