"""RFC 9457 problem documents with a French `detail`, shared with the gateway.

A kind of problem is an entry of a YAML file: `status`, `title`, `detail` with placeholders.
The gateway adds its own kinds with `register`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from seuil.desk.errors import ClaimConflict, DeskError, InvalidCase, StaleVersion
from seuil.desk.words import words

_log = logging.getLogger(__name__)
_kinds: dict[str, Mapping[str, Any]] = dict(words("problems"))

_HTTP_KINDS = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Problem(Exception):
    """An error to answer with a problem document.

    `extra` members are added to the document and fill the placeholders of its detail;
    `headers` are added to the response.
    """

    def __init__(
        self, kind: str, *, headers: Mapping[str, str] | None = None, **extra: object
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.extra = extra
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(_kinds[self.kind]["status"])

    @property
    def title(self) -> str:
        """The short French title."""
        return str(_kinds[self.kind]["title"])

    @property
    def detail(self) -> str:
        """The French sentence for who gets the error."""
        return str(_kinds[self.kind]["detail"]).format(**self.extra)

    def document(self) -> dict[str, object]:
        """The problem document, ready for JSON."""
        return {
            **self.extra,
            "type": f"urn:seuil:probleme:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }

    def response(self) -> web.Response:
        """The HTTP response."""
        return web.Response(
            status=self.status,
            body=json.dumps(self.document(), ensure_ascii=False).encode(),
            content_type="application/problem+json",
            headers={"Cache-Control": "no-store", **self.headers},
        )


def register(path: Path) -> None:
    """Add the kinds of problem of a YAML file."""
    _kinds.update(yaml.safe_load(path.read_text(encoding="utf-8")))


def of_error(error: DeskError) -> Problem:
    """The problem that tells an error of the desk."""
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    extra: dict[str, object] = dict(error.values)
    if isinstance(error, StaleVersion):
        extra["version"] = error.current
    if isinstance(error, ClaimConflict):
        extra["claimed_by"] = error.holder
    if isinstance(error, InvalidCase):
        extra.setdefault("field", error.field)
    return Problem(error.kind, headers=headers, **extra)


def of_exception(error: Exception) -> Problem:
    """The problem for any exception; what is not foreseen is logged without its content."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, DeskError):
        return of_error(error)
    if isinstance(error, web.HTTPException):
        kind = _HTTP_KINDS.get(error.status, "bad_request" if error.status < 500 else "internal")
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return Problem(kind, headers=headers)
    # The message of an unforeseen error may quote what a person wrote: only its place is kept.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_globals.get('__name__')}:{place.tb_lineno}" if place else "?"
    _log.error("unforeseen %s at %s", type(error).__name__, where)
    return Problem("internal")


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors under `/api/` with a problem document; leave other paths alone."""
    if not request.path.startswith("/api/"):
        return await handler(request)
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return of_exception(error).response()
    except Exception as error:
        return of_exception(error).response()
