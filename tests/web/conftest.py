"""The gateway in this process, with a desk of its own and no assistant behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from seuil.desk import DeskSettings, open_desk
from seuil.web.app import make_app
from seuil.web.settings import WebSettings

# Nothing listens there: the assistant is down.
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[TestClient]:
    """A gateway that answers alone, as when Rasa and the actions are dead."""
    desk = await open_desk(DeskSettings(var=tmp_path, busy_timeout=0.2))
    settings = WebSettings(
        rasa_url=NOBODY, actions_url=NOBODY, messages_per_minute=6, new_conversations=8
    )
    async with TestClient(TestServer(await make_app(settings, desk))) as client:
        yield client
    await desk.close()
