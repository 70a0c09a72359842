"""The pages that people read, rendered on the server.

Nothing here needs Rasa or a database: what a page shows comes from the caller,
from the data files of the package, or from the clock. `setup` adds the pages
that stand alone; the gateway, which knows the conversations, calls
`render_assistant` from its own handlers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import yaml
from aiohttp import web
from jinja2 import ChainableUndefined, Environment, select_autoescape

from seuil.desk.problems import Handler, of_exception
from seuil.urgency.numbers import numbers
from seuil.web.assets import Assets
from seuil.web.typography import FrenchLoader, french_words

HERE = Path(__file__).parent
PARIS = ZoneInfo("Europe/Paris")

# Where "Quitter vite" leads: a page that anybody may have open.
EXIT_URL = "https://www.meteofrance.com/"
EXIT_PATH = "/assistant/quitter"

HEADERS = {
    # Following the redirection that ends a quick exit is a form action for browsers.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {EXIT_URL.rstrip('/')}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    # A page left in a hurry is never shown again from a cache.
    "Cache-Control": "no-store",
}


class Calendar(Protocol):
    """The opening hours of the phone line, as the desk keeps them."""

    def is_open(self, now: datetime) -> bool:
        """Tell whether somebody answers at `now` (aware)."""

    def next_opening(self, now: datetime) -> datetime:
        """Return the next opening, aware, after `now`."""


CALENDAR: web.AppKey[Calendar] = web.AppKey("phone_calendar", Calendar)

WORDS: dict[str, Any] = french_words(
    yaml.safe_load((HERE / "words.yml").read_text(encoding="utf-8"))
)
# The words that the chat's script needs too.
CHAT_WORDS = ("chat", "emergency", "verdict", "contact", "case")
ASSETS = Assets(HERE / "static")


def day(moment: datetime) -> str:
    """Write a date in French: `lundi 23 novembre`."""
    local = moment.astimezone(PARIS)
    number = WORDS["first_of_month"] if local.day == 1 else str(local.day)
    return f"{WORDS['days'][local.weekday()]} {number} {WORDS['months'][local.month - 1]}"


def near_day(moment: datetime, now: datetime) -> str:
    """Write a date as said at `now`: `aujourd'hui`, `demain`, or the day and date."""
    away = (moment.astimezone(PARIS).date() - now.astimezone(PARIS).date()).days
    if away in (0, 1):
        return str(WORDS["today"] if away == 0 else WORDS["tomorrow"])
    return day(moment)


def clock(moment: datetime) -> str:
    """Write a time of day in Paris as French people read it: `9 h`, `17 h 30`."""
    local = moment.astimezone(PARIS)
    minutes = f"\u00a0{local.minute:02}" if local.minute else ""
    return f"{local.hour}\u00a0h{minutes}"


def written_date(iso: str | date) -> str:
    """Write an ISO date in French: `15 juin 2022`."""
    value = date.fromisoformat(iso) if isinstance(iso, str) else iso
    number = WORDS["first_of_month"] if value.day == 1 else str(value.day)
    return f"{number} {WORDS['months'][value.month - 1]} {value.year}"


def dial(number: Mapping[str, Any]) -> str:
    """Return the link of a number: to write to it where it takes messages, else to call it."""
    tel = str(number["tel"])
    if ":" in tel:
        return tel
    return f"sms:{number['sms']}" if number.get("sms") else f"tel:{tel}"


def _environment() -> Environment:
    environment = Environment(
        loader=FrenchLoader(HERE / "templates"),
        autoescape=select_autoescape(["html"]),
        # A message without some optional part of its data must still be shown.
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(near_day=near_day, clock=clock, written_date=written_date, dial=dial)
    environment.globals.update(
        words=WORDS, static=ASSETS.url, exit_url=EXIT_URL, exit_path=EXIT_PATH
    )
    return environment


ENVIRONMENT = _environment()


def render(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    """Render `template` with `context` into an HTML response with the pages' headers."""
    body = ENVIRONMENT.get_template(template).render(path=request.path, **context)
    response = web.Response(text=body, status=status, content_type="text/html", charset="utf-8")
    response.headers.update(HEADERS)
    response.enable_compression()
    return response


def render_assistant(
    request: web.Request,
    conversation_view: Mapping[str, Any] | None,
    *,
    draft: str = "",
    error: str | None = None,
    contact: Mapping[str, Any] | None = None,
    status: int = 200,
) -> web.Response:
    """Render the employee's chat as it stands.

    `conversation_view` is what `GET /api/conversations/{id}` answers: `id`,
    `messages` (the person's own too) and `state`; None before the first word.
    `draft` is a text that could not be taken, given back for another try, and
    `error` the French sentence that says why. After a contact form refused,
    `contact` holds `values` (what was typed) and `errors` (sentence by field).

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
        chat_words={part: WORDS[part] for part in CHAT_WORDS},
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
    """Turn a failure into a page for who asked for a page; the API's stay problem documents."""
    try:
        return await handler(request)
    except Exception as error:
        moved = isinstance(error, web.HTTPException) and error.status < 400
        page = "text/html" in request.headers.get("Accept", "")
        if moved or not page or request.path.startswith("/api/"):
            raise
        problem = of_exception(error)
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
