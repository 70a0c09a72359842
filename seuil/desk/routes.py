"""Every address of the desk, with the roles that may use it; nothing else is served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from seuil.desk import account, api, console, supervision
from seuil.desk.access import DESK, Handler, allowed
from seuil.desk.service import Desk

COUNSEL = ("counsellor", "supervisor")
SUPERVISE = ("supervisor",)
ALL = ("agent", "counsellor", "supervisor")


@dataclass(frozen=True)
class Route:
    """An address; `roles` is None where no account is needed."""

    method: str
    path: str
    handler: Handler
    roles: tuple[str, ...] | None


_CASE = "/api/cases/{reference}"

API = (
    Route("POST", "/api/session", api.log_in, None),
    Route("DELETE", "/api/session", api.log_out, None),
    Route("POST", "/api/referrals", api.refer, None),
    Route("GET", "/api/referrals/email", api.referral_email, None),
    Route("POST", "/api/referrals/email", api.referral_email, None),
    Route("POST", "/api/cases", api.create_case, ALL),
    Route("GET", "/api/cases", api.list_cases, COUNSEL),
    Route("GET", "/api/cases/events", api.events, COUNSEL),
    Route("POST", "/api/cases/next", api.claim_next, COUNSEL),
    Route("GET", _CASE, api.get_case, COUNSEL),
    Route("GET", f"{_CASE}/history", api.history, COUNSEL),
    Route("POST", f"{_CASE}/claim", api.claim, COUNSEL),
    Route("POST", f"{_CASE}/release", api.release, COUNSEL),
    Route("POST", f"{_CASE}/assign", api.assign, SUPERVISE),
    Route("POST", f"{_CASE}/notes", api.note, COUNSEL),
    Route("POST", f"{_CASE}/contact-attempts", api.attempt, COUNSEL),
    Route("POST", f"{_CASE}/snooze", api.snooze, COUNSEL),
    Route("POST", f"{_CASE}/close", api.close, COUNSEL),
    Route("POST", f"{_CASE}/reopen", api.reopen, COUNSEL),
    Route("POST", f"{_CASE}/links", api.link, COUNSEL),
    Route("DELETE", f"{_CASE}/links/{{other}}", api.unlink, COUNSEL),
    Route("POST", f"{_CASE}/messages", api.say, COUNSEL),
    Route("POST", f"{_CASE}/leave", api.leave, COUNSEL),
    Route("POST", f"{_CASE}/export", api.export, SUPERVISE),
    Route("DELETE", _CASE, api.erase, SUPERVISE),
    Route("GET", "/api/metrics/desk", api.figures, SUPERVISE),
)

CONSOLE = (
    Route("GET", "/file/connexion", console.login_page, None),
    Route("POST", "/file/connexion", console.log_in, None),
    Route("GET", "/file/oidc/aller", account.to_provider, None),
    Route("GET", "/file/oidc/retour", account.from_provider, None),
    Route("GET", "/file/compte", account.page, ALL),
    Route("POST", "/file/compte/code", account.enrol, ALL),
    Route("POST", "/file/compte/mot-de-passe", account.change_password, ALL),
    Route("POST", "/file/compte/raccourcis", account.set_shortcuts, ALL),
    Route("POST", "/file/compte/sessions", account.end_sessions, ALL),
    Route("POST", "/file/deconnexion", console.log_out, ALL),
    Route("GET", "/file", console.queue_page, COUNSEL),
    Route("POST", "/file/suivant", console.claim_next, COUNSEL),
    Route("GET", "/file/dossiers/{reference}", console.case_page, COUNSEL),
    Route("GET", "/file/suivi", supervision.page, SUPERVISE),
    Route("GET", "/file/suivi.csv", supervision.csv, SUPERVISE),
    Route("POST", "/file/suivi/fermer", supervision.close_day, SUPERVISE),
    Route("POST", "/file/suivi/ouvrir", supervision.open_day, SUPERVISE),
    Route("POST", "/file/dossiers/{reference}/coordonnees", console.contact_page, COUNSEL),
    Route("POST", "/file/dossiers/{reference}/{verb}", console.act, COUNSEL),
)


def setup(app: web.Application, desk: Desk) -> None:
    """Add the desk's API and console to the gateway's application.

    The application must carry `seuil.desk.problems.middleware` for the answers to errors of
    the API; the console answers its own errors.
    """
    app[DESK] = desk
    for route in API:
        handler = route.handler if route.roles is None else allowed(route.handler, route.roles)
        app.router.add_route(route.method, route.path, handler)
    for route in CONSOLE:
        app.router.add_route(route.method, route.path, console.page(route.handler, route.roles))
    app.cleanup_ctx.append(_house)
    app.on_shutdown.append(_end_streams)
    app.router.add_static("/file/static", console.STATIC)


async def _house(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(app[DESK].keep_house())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _end_streams(app: web.Application) -> None:
    app[DESK].events.close()
