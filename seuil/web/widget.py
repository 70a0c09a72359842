"""The widget: one script tag that adds the chat to any website."""

from __future__ import annotations

import json

from aiohttp import web

from seuil.desk.problems import Handler
from seuil.web.rendering import ASSETS, HEADERS, WORDS, render

# What another site's page may reach, with a conversation's token and no cookie.
OPEN_TO_SITES = ("/api/conversations", "/assistant/modifier", "/widget")
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
    "Access-Control-Max-Age": "86400",
}


async def script(request: web.Request) -> web.Response:
    """`GET /widget.js`: a button; everything else is loaded when it is pressed."""
    settings = {
        "module": ASSETS.url("chat/panel.js"),
        "css": ASSETS.url("seuil.css"),
        "panel": "/widget/panel",
        "label": WORDS["widget"]["label"],
    }
    head = f"const SEUIL = {json.dumps(settings, ensure_ascii=False)};\n"
    # In a scope of its own: the name must not clash with the host page's.
    body = "{\n" + head + ASSETS["loader.js"].body.decode() + "}\n"
    response = web.Response(text=body, content_type="text/javascript", charset="utf-8")
    response.headers.update(
        {
            "Cache-Control": "public, max-age=300",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
    )
    response.enable_compression()
    return response


async def panel(request: web.Request) -> web.Response:
    """`GET /widget/panel`: the chat's markup, without any conversation."""
    response = render(request, "widget.html")
    for name in HEADERS:
        if name.startswith("Cross-Origin"):
            del response.headers[name]
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@web.middleware
async def cross_site(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let pages of other sites talk with the conversation API, without cookies."""
    if "Origin" not in request.headers or not request.path.startswith(OPEN_TO_SITES):
        return await handler(request)
    asks_first = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    response = web.Response(status=204, headers=PREFLIGHT) if asks_first else await handler(request)
    if not response.prepared:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    return response


def setup(app: web.Application) -> None:
    """Add the widget's files to `app`, and let other sites use the conversation API."""
    app.middlewares.insert(0, cross_site)
    app.router.add_get("/widget.js", script)
    app.router.add_get("/widget/panel", panel)
