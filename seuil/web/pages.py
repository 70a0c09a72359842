"""The pages that people read, rendered on the server.

Nothing here needs Rasa or a database: what a page shows comes from the caller,
from the data files of the package, or from the clock. `setup` adds the pages
that stand alone; the gateway, which knows the conversations, calls
`render_assistant` from its own handlers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web

from seuil.desk.problems import Handler, of_exception
from seuil.urgency import numbers
from seuil.web import agent, legal, retelling, rh, rules_page, widget
from seuil.web.rendering import ASSETS, EXIT_PATH, EXIT_URL, HEADERS, HERE, PARIS, WORDS, render

__all__ = [
    "CALENDAR",
    "EXIT_PATH",
    "EXIT_URL",
    "HEADERS",
    "HERE",
    "WORDS",
    "errors",
    "render_assistant",
    "setup",
]


class Calendar(Protocol):
    """The opening hours of the phone line, as the desk keeps them."""

    def is_open(self, now: datetime) -> bool:
        """Tell whether somebody answers at `now` (aware)."""

    def next_opening(self, now: datetime) -> datetime:
        """Return the next opening, aware, after `now`."""


CALENDAR: web.AppKey[Calendar] = web.AppKey("phone_calendar", Calendar)


def render_assistant(
    request: web.Request,
    conversation_view: Mapping[str, Any] | None,
    *,
    draft: str = "",
    error: str | None = None,
    contact: Mapping[str, Any] | None = None,
    answered: bool = False,
    status: int = 200,
) -> web.Response:
    """Render the employee's chat as it stands.

    `conversation_view` is what `GET /api/conversations/{id}` answers: `id`,
    `messages` (the person's own too) and `state`; None before the first word.
    `draft` is a text that could not be taken, given back for another try, and
    `error` the French sentence that says why. After a contact form refused,
    `contact` holds `values` (what was typed) and `errors` (sentence by field).

    `answered`: the page opens on the answer to the last words.

    The page posts forms to `/assistant` (`text`, or `choice`, or several
    `choices`, or `action` in `restart` and `erase`), `/assistant/contact` (the
    fields of web.md; the yes/no ones as `true`, `false` or empty) and
    `EXIT_PATH` (nothing: ends the session and leads to `EXIT_URL`).
    """
    messages: Sequence[Mapping[str, Any]] = ()
    state: Mapping[str, Any] = {}
    if conversation_view is not None:
        messages = conversation_view.get("messages", ())
        state = conversation_view.get("state", {})
    return render(
        request,
        "assistant.html",
        status=status,
        conversation_id=conversation_view["id"] if conversation_view else None,
        messages=messages,
        state=state,
        draft=draft,
        error=error,
        contact=contact or {"values": {}, "errors": {}},
        answered=answered,
    )


def phone_line(calendar: Calendar | None, now: datetime) -> dict[str, Any]:
    """Say whether the phone line answers now, and when it opens next if it does not."""
    if calendar is None:
        return {"known": False, "open": False, "opens": None}
    is_open = calendar.is_open(now)
    opens = None if is_open else calendar.next_opening(now)
    return {"known": True, "open": is_open, "opens": opens}


async def front_page(request: web.Request) -> web.Response:
    """`GET /`: which door is mine."""
    now = datetime.now(PARIS)
    return render(
        request,
        "front.html",
        now=now,
        phone=phone_line(request.app.get(CALENDAR), now),
        numbers={number.id: number.as_json() for number in numbers()},
    )


async def emergency_page(request: web.Request) -> web.Response:
    """`GET /aide/urgence`: the numbers; they depend on nothing but a file."""
    return render(request, "emergency.html", numbers=[number.as_json() for number in numbers()])


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn a failure into a page, or a problem document for a page's script.

    The API's own failures are the API's to tell.
    """
    try:
        return await handler(request)
    except Exception as error:
        moved = isinstance(error, web.HTTPException) and error.status < 400
        if moved or request.path.startswith("/api/"):
            raise
        problem = of_exception(error)
        if "text/html" not in request.headers.get("Accept", ""):
            return problem.response()
        response = render(
            request,
            "error.html",
            status=problem.status,
            problem=problem,
            numbers={number.id: number.as_json() for number in numbers()},
        )
        response.headers.update(problem.headers)
        return response


def setup(app: web.Application, calendar: Calendar | None = None) -> None:
    """Add the static files and the pages that stand alone to `app`."""
    if calendar is not None:
        app[CALENDAR] = calendar
    app.router.add_get("/static/{version}/{name:.+}", ASSETS.serve)
    app.router.add_get("/", front_page)
    app.router.add_get("/aide/urgence", emergency_page)
    rh.setup(app)
    retelling.setup(app)
    legal.setup(app)
    agent.setup(app)
    rules_page.setup(app)
    widget.setup(app)
