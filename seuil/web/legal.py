"""The pages that the law and plain honesty ask for: data, accessibility, who is behind."""

from __future__ import annotations

import os

from aiohttp import web

from seuil.web.rendering import render

# Who publishes an installation is its own: each is told by a setting.
PUBLISHER = {
    "publisher": "SEUIL_LEGAL_PUBLISHER",
    "director": "SEUIL_LEGAL_DIRECTOR",
    "host": "SEUIL_LEGAL_HOST",
    "dpo": "SEUIL_LEGAL_DPO",
}


async def data(request: web.Request) -> web.Response:
    """`GET /donnees`: what becomes of what people write."""
    return render(request, "data.html")


async def accessibility(request: web.Request) -> web.Response:
    """`GET /accessibilite`: the statement, what is not right yet included."""
    return render(request, "accessibility.html")


async def legal(request: web.Request) -> web.Response:
    """`GET /mentions-legales`: who publishes this installation, and what an answer is worth."""
    told = {name: os.environ.get(setting, "") for name, setting in PUBLISHER.items()}
    return render(request, "legal.html", legal=told)


def setup(app: web.Application) -> None:
    """Add the pages to `app`."""
    app.router.add_get("/donnees", data)
    app.router.add_get("/accessibilite", accessibility)
    app.router.add_get("/mentions-legales", legal)
