"""The supervisor's page: figures, plots, closed days, the figures as a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from aiohttp import web

from seuil.desk import console, plots
from seuil.desk.access import DESK, current
from seuil.desk.contacts import clean
from seuil.desk.errors import InvalidCase
from seuil.desk.figures import SMALLEST
from seuil.desk.model import PRIORITIES
from seuil.desk.pages import render_text
from seuil.desk.problems import Problem, of_exception
from seuil.desk.words import words

STALE = timedelta(days=3)


async def page(request: web.Request) -> web.StreamResponse:
    """GET /file/suivi."""
    done = words("console")["done"].get(request.query.get("fait", ""))
    return await _page(request, done=done)


async def _page(
    request: web.Request, status: int = 200, *, done: str | None = None, problem: Any = None
) -> web.Response:
    desk = request.app[DESK]
    figures = await desk.figures()
    pulse = await desk.pulse()
    return console.html(
        "supervisor.html",
        status,
        **console.common(desk, current(request)),
        figures=figures,
        pulse=pulse,
        waiting=plots.waiting(pulse.waiting, pulse.overdue, words("console")["priorities"]),
        received=plots.received(figures.weeks),
        promises=plots.promises(figures.weeks),
        priorities=PRIORITIES,
        smallest=SMALLEST,
        closures=await desk.closed_days(),
        stale=await desk.stale_claims(STALE),
        stale_days=STALE.days,
        done=done,
        problem=problem,
    )


async def csv(request: web.Request) -> web.StreamResponse:
    """GET /file/suivi.csv: the same figures, for a spreadsheet."""
    figures = await request.app[DESK].figures()
    # The mark tells spreadsheets that the file is UTF-8.
    text = "\ufeff" + render_text("figures.csv", figures=figures)
    return web.Response(
        body=text.encode(),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="suivi.csv"'},
    )


async def close_day(request: web.Request) -> web.StreamResponse:
    """POST /file/suivi/fermer."""
    form = await console.checked_form(request)
    try:
        reason = clean(form.get("reason", ""))
        if not 1 <= len(reason) <= 200:
            raise InvalidCase("reason")
        await request.app[DESK].close_day(_day(form), reason, current(request))
    except Exception as error:
        return await _refused(request, of_exception(error))
    return console.see_other("/file/suivi?fait=fermer")


async def open_day(request: web.Request) -> web.StreamResponse:
    """POST /file/suivi/ouvrir."""
    form = await console.checked_form(request)
    try:
        await request.app[DESK].open_day(_day(form), current(request))
    except Exception as error:
        return await _refused(request, of_exception(error))
    return console.see_other("/file/suivi?fait=ouvrir")


async def _refused(request: web.Request, problem: Problem) -> web.Response:
    if problem.status >= 500:
        raise problem
    return await _page(request, problem.status, problem=problem)


def _day(form: Mapping[str, str]) -> date:
    try:
        return date.fromisoformat(form.get("day", ""))
    except ValueError:
        raise InvalidCase("day") from None
