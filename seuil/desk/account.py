"""One's own account in the console, and the way through the organisation's provider."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from seuil.desk import console
from seuil.desk.access import DESK, current, set_session
from seuil.desk.accounts import AccountError
from seuil.desk.oidc import Attempt
from seuil.desk.problems import Problem, of_exception
from seuil.desk.second_factor import enrolment_address, make_ticket, open_ticket
from seuil.desk.words import sentence, words

_OIDC_COOKIE = "seuil_oidc"
_OIDC_PATH = "/file/oidc"


async def page(request: web.Request) -> web.StreamResponse:
    """GET /file/compte."""
    return await _page(request, done=words("console")["done"].get(request.query.get("fait", "")))


async def _page(
    request: web.Request, status: int = 200, *, ticket: str = "", **shown: Any
) -> web.Response:
    desk, actor = request.app[DESK], current(request)
    enrolled = await desk.accounts.has_totp(actor)
    offer = None
    if not enrolled:
        # An offer under way is shown again: its secret may be in the telephone already.
        secret = desk.accounts.totp_offered(actor, ticket) if ticket else None
        if secret is None:
            secret, ticket = desk.accounts.totp_offer(actor)
        offer = {
            "secret": secret,
            "address": enrolment_address(secret, actor.name),
            "ticket": ticket,
        }
    return console.html(
        "account.html",
        status,
        **{
            **console.common(desk, actor),
            "enrolled": enrolled,
            "offer": offer,
            "done": None,
            "complaint": None,
            **shown,
        },
    )


async def enrol(request: web.Request) -> web.StreamResponse:
    """POST /file/compte/code: turn the second factor on."""
    form = await console.checked_form(request)
    ticket = form.get("ticket", "")
    try:
        await request.app[DESK].accounts.totp_enrol(current(request), ticket, form.get("code", ""))
    except Exception as error:
        return await _refused(request, error, ticket=ticket)
    return console.see_other("/file/compte?fait=totp")


async def change_password(request: web.Request) -> web.StreamResponse:
    """POST /file/compte/mot-de-passe."""
    form = await console.checked_form(request)
    try:
        await request.app[DESK].accounts.change_password(
            current(request),
            form.get("present", "")[:1000],
            form.get("wanted", "")[:1000],
            request.remote or "",
        )
    except Exception as error:
        return await _refused(request, error)
    return console.see_other("/file/compte?fait=password")


async def set_shortcuts(request: web.Request) -> web.StreamResponse:
    """POST /file/compte/raccourcis."""
    form = await console.checked_form(request)
    await request.app[DESK].accounts.set_shortcuts(current(request), form.get("on") == "1")
    return console.see_other("/file/compte?fait=shortcuts")


async def end_sessions(request: web.Request) -> web.StreamResponse:
    """POST /file/compte/sessions."""
    await console.checked_form(request)
    await request.app[DESK].accounts.end_other_sessions(current(request))
    return console.see_other("/file/compte?fait=sessions")


async def _refused(request: web.Request, error: Exception, ticket: str = "") -> web.Response:
    if isinstance(error, AccountError):
        complaint = sentence("cli", error.kind, **error.values)
        return await _page(request, 422, complaint=complaint, ticket=ticket)
    problem = of_exception(error)
    if problem.status >= 500:
        raise problem
    return await _page(request, problem.status, complaint=problem.detail, ticket=ticket)


# OpenID Connect


def _redirect_uri(request: web.Request) -> str:
    public = request.app[DESK].settings.public_url or f"{request.scheme}://{request.host}"
    return f"{public}{_OIDC_PATH}/retour"


async def to_provider(request: web.Request) -> web.StreamResponse:
    """GET /file/oidc/aller: send the browser to the provider."""
    desk = request.app[DESK]
    if not desk.settings.oidc_issuer:
        raise Problem("not_found")
    attempt = Attempt.new()
    address = await desk.provider.address(attempt, _redirect_uri(request))
    kept = json.dumps(
        [attempt.state, attempt.nonce, attempt.verifier, request.query.get("suite", "")]
    )
    response = console.see_other(address)
    response.set_cookie(
        _OIDC_COOKIE,
        make_ticket(desk.vault.accounts, "oidc", kept, desk.clock()),
        max_age=300,
        httponly=True,
        # Lax: it must come back with the browser from the provider's site.
        samesite="Lax",
        secure=desk.settings.secure_cookies,
        path=_OIDC_PATH,
    )
    return response


async def from_provider(request: web.Request) -> web.StreamResponse:
    """GET /file/oidc/retour: check what the provider says, open a session."""
    desk = request.app[DESK]
    if not desk.settings.oidc_issuer:
        raise Problem("not_found")
    ticket = request.cookies.get(_OIDC_COOKIE, "")
    kept = open_ticket(desk.vault.accounts, "oidc", ticket, desk.clock())
    state, code = request.query.get("state", ""), request.query.get("code", "")
    if kept is None:
        raise Problem("cross_site")
    *values, suite = json.loads(kept)
    attempt = Attempt(*values)
    if state != attempt.state:
        raise Problem("cross_site")
    if not code:
        raise Problem("provider")
    identity = await desk.provider.identity(attempt, code, _redirect_uri(request))
    secret, _ = await desk.accounts.log_in_as(identity)
    # A page of ours, not a redirection: coming from another site, the browser would not send
    # the new cookie (SameSite=Strict) along a redirection.
    response = console.html("entered.html", suite=console.suite_of(suite))
    response.del_cookie(_OIDC_COOKIE, path=_OIDC_PATH)
    set_session(desk, response, secret)
    return response
