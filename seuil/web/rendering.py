"""How a page is made: templates, words, French dates, the headers that keep it safe."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from aiohttp import web
from jinja2 import ChainableUndefined, Environment, select_autoescape
from markupsafe import Markup

from seuil.eligibility import catalogue
from seuil.eligibility.labels import fact_title, value_label
from seuil.eligibility.library import LIBRARY
from seuil.urgency import number
from seuil.web.assets import Assets
from seuil.web.left import BY_THE_WAY, questions_left
from seuil.web.typography import FrenchLoader, french, french_words

HERE = Path(__file__).parent
PARIS = ZoneInfo("Europe/Paris")

# Where "Quitter vite" leads: a page that anybody may have open.
EXIT_URL = "https://www.meteofrance.com/"
EXIT_PATH = "/assistant/quitter"

WORDS: dict[str, Any] = french_words(
    yaml.safe_load((HERE / "words.yml").read_text(encoding="utf-8"))
)
# The documents by their names in a source: what a reader is told they are.
WORDS["documents"] = {
    name: document["title"] for name, document in LIBRARY["documents.yml"]["documents"].items()
}
# Facts are named by the page's script as by the templates.
FACT_WORDS = {
    name: {
        "title": fact_title(name),
        "unit": fact.unit,
        "labels": dict(fact.labels),
        "why": fact.why,
        "help": fact.help,
    }
    for name, fact in catalogue().items()
}
ASSETS = Assets(
    HERE / "static",
    {"facts.json": json.dumps(french_words(FACT_WORDS), ensure_ascii=False).encode()},
)
# A first page carries its sheet: on a slow network, one exchange less before anything is shown.
SHEET = Markup(ASSETS["seuil.css"].body.decode())  # noqa: S704 -- our own file
SHEET_DIGEST = f"sha256-{base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()}"

HEADERS = {
    # Following the redirection that ends a quick exit is a form action for browsers.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; img-src 'self'; "
        f"style-src 'self' '{SHEET_DIGEST}'; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {EXIT_URL.rstrip('/')}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    # Not no-referrer: forms would then say "Origin: null" and be refused.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    # A page left in a hurry is never shown again from a cache.
    "Cache-Control": "no-store",
}


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


def value_of(value: Any, name: str) -> str:
    """Write the value of the fact `name` in French."""
    return value_label(name, value)


def deciding(reasons: Sequence[Mapping[str, Any]], verdict: str) -> list[Mapping[str, Any]]:
    """Return the reasons that make `verdict` what it is, or all when none stands out."""
    wanted = {"eligible": (True,), "possible": (True,), "not_eligible": (False,)}
    kinds = wanted.get(verdict, (None, True, False))
    return [reason for reason in reasons if reason.get("holds") in kinds] or list(reasons)


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
        extensions=["jinja2.ext.loopcontrols"],
    )
    environment.filters.update(
        near_day=near_day,
        clock=clock,
        written_date=written_date,
        dial=dial,
        fact_title=fact_title,
        value_label=value_of,
        select_deciding=deciding,
        french=french,
        questions_left=questions_left,
    )
    environment.globals.update(
        words=WORDS,
        number=lambda name: number(name).as_json(),
        words_for=lambda *parts: {part: WORDS[part] for part in parts},
        static=ASSETS.url,
        exit_url=EXIT_URL,
        exit_path=EXIT_PATH,
        by_the_way=BY_THE_WAY,
    )
    return environment


ENVIRONMENT = _environment()


def _sheet_of(request: web.Request) -> Markup | None:
    """The sheet to write into the page: for who comes from elsewhere, and has no copy of it."""
    arrives = request.headers.get("Sec-Fetch-Site") in ("none", "cross-site")
    return SHEET if arrives and request.method == "GET" else None


def render(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    """Render `template` with `context` into an HTML response with the pages' headers."""
    body = ENVIRONMENT.get_template(template).render(
        path=request.path, sheet=_sheet_of(request), **context
    )
    response = web.Response(text=body, status=status, content_type="text/html", charset="utf-8")
    response.headers.update(HEADERS)
    response.enable_compression()
    return response
