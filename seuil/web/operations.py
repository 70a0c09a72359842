"""What operators look at: is it alive, is it ready, how does it fare."""

from __future__ import annotations

import asyncio
import ipaddress
import time

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest

from seuil.desk.access import DESK
from seuil.desk.problems import Handler
from seuil.web.rasa import Rasa

RASA: web.AppKey[Rasa] = web.AppKey("rasa", Rasa)


registry = CollectorRegistry()
# The route's pattern, never the path: ids and references stay out of the figures.
duration = Histogram(
    "seuil_request_seconds",
    "Time to answer a request",
    ["method", "route", "status"],
    registry=registry,
)


def setup(app: web.Application, rasa: Rasa) -> None:
    """Add `/healthz`, `/readyz` and `/metrics`; the desk adds its own key to `app`."""
    app[RASA] = rasa

    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", metrics)


async def alive(request: web.Request) -> web.Response:
    """`GET /healthz`: this process answers."""
    return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def ready(request: web.Request) -> web.Response:
    """`GET /readyz`: 200 when Rasa, the actions and the database answer; else which do not."""
    rasa, desk = request.app[RASA], request.app[DESK]
    answers = await asyncio.gather(rasa.ready(), rasa.actions_ready(), desk.ready())
    parts = dict(zip(("rasa", "actions", "database"), answers, strict=True))
    status = 200 if all(answers) else 503
    return web.json_response(
        {"ready": all(answers), **parts}, status=status, headers={"Cache-Control": "no-store"}
    )


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`: Prometheus figures, for this machine only."""
    peer = request.remote or ""
    if "X-Forwarded-For" in request.headers or not _is_loopback(peer):
        raise web.HTTPNotFound
    return web.Response(
        body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


@web.middleware
async def timed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Measure each request under its route's pattern."""
    started = time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "none"
        duration.labels(request.method, route, str(status)).observe(time.perf_counter() - started)
