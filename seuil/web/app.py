"""The process that faces people: the gateway, the pages, the desk, on one origin."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from seuil import urgency
from seuil.desk import Desk, DeskError, DeskSettings, SettingError, open_desk, problems
from seuil.desk import routes as desk_routes
from seuil.desk.outbox import ForgetConversation
from seuil.web import api, forms, live, operations, pages, rules_api
from seuil.web.limits import Limits
from seuil.web.rasa import AssistantDown, Rasa
from seuil.web.settings import WebSettings
from seuil.web.store import ConversationStore
from seuil.web.talk import Talk

LARGEST_BODY = 1 << 20
PURGE_EVERY = 60.0


async def make_app(settings: WebSettings, desk: Desk) -> web.Application:
    """Return the application; it owns its HTTP client and its housekeeping, not the desk."""
    problems.register(pages.HERE / "problems.yml")
    app = web.Application(
        middlewares=[operations.timed, problems.middleware, pages.errors],
        client_max_size=LARGEST_BODY,
    )
    session = aiohttp.ClientSession()
    rasa = Rasa(session, settings.rasa_url, settings.actions_url, settings.channel_secret)
    store = ConversationStore(desk.database, settings.conversation_lifetime)
    app[api.SETTINGS] = settings
    app[api.STORE] = store
    app[api.PAGES] = Counter()
    app[api.LIMITS] = Limits(settings)
    app[api.TALK] = Talk(rasa, desk, settings)
    desk.forget_conversation = _forgetting(store, rasa)
    api.setup(app)
    app.router.add_get("/api/conversations/{id}/events", live.events)
    rules_api.setup(app)
    forms.setup(app)
    pages.setup(app, desk.calendar)
    operations.setup(app, rasa)
    desk_routes.setup(app, desk)

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        purging = asyncio.create_task(_purge(store))
        yield
        purging.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await purging
        await store.flush()
        await session.close()

    app.cleanup_ctx.append(lifetime)
    return app


def _forgetting(store: ConversationStore, rasa: Rasa) -> ForgetConversation:
    """Erase what a case's erasure must reach beside the desk; it raises, and is tried again."""

    async def forget(conversation: str) -> None:
        await store.drop(conversation)
        if not await rasa.forget(conversation):
            raise AssistantDown

    return forget


async def _purge(store: ConversationStore) -> None:
    while True:
        await asyncio.sleep(PURGE_EVERY)
        with contextlib.suppress(DeskError):
            await store.purge()


async def serve(settings: WebSettings, desk_settings: DeskSettings) -> None:
    """Open the desk and serve until cancelled."""
    # Makes the patterns ready now: two seconds that the first message would wait for.
    urgency.read("bonjour")
    desk = await open_desk(desk_settings)
    try:
        runner = web.AppRunner(await make_app(settings, desk), access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.host, settings.port).start()
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()
    finally:
        await desk.close()


def main() -> int:
    """Run the web process until it is told to stop; 2 on a setting that cannot be."""
    try:
        settings = WebSettings.from_env(os.environ)
        asyncio.run(serve(settings, DeskSettings.from_env(os.environ)))
    except SettingError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return 0
