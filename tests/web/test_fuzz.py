"""Machine-made requests to the conversation and to the rules get the answers described."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from seuil.desk import DeskSettings, open_desk
from seuil.web.app import make_app
from seuil.web.settings import WebSettings

NOBODY = "http://127.0.0.1:9"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)


@pytest.fixture
async def roomy(tmp_path: Path) -> AsyncIterator[TestClient]:
    """A gateway whose limits no test meets."""
    desk = await open_desk(DeskSettings(var=tmp_path / "var"))
    settings = WebSettings(
        rasa_url=NOBODY, actions_url=NOBODY, messages_per_minute=100_000, new_conversations=100_000
    )
    async with TestClient(TestServer(await make_app(settings, desk))) as client:
        yield client
    assert await desk.verify() == []
    await desk.close()


@pytest.mark.parametrize("known", [True, False], ids=["its own token", "no token"])
async def test_machine_made_requests_get_described_answers(roomy, tmp_path: Path, known: bool):
    opened = await (await roomy.post("/api/conversations")).json()
    config = tmp_path / "schemathesis.toml"
    config.write_text(f'[parameters]\n"path.id" = "{opened["id"]}"\n')
    headers = ["-H", f"Authorization: Bearer {opened['token']}"] if known else []
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).parent / "schemathesis", "--config-file", config),
        *("run", str(roomy.make_url("/api/openapi.json")), *headers),
        # An erasure would leave nothing to ask, and events do not end.
        *("--include-path-regex", "/api/(conversations|eligibility|openapi)"),
        *("--exclude-path-regex", "/events$", "--exclude-method", "DELETE"),
        *("--checks", CHECKS, "--phases", "fuzzing", "--max-examples", "15", "--seed", "1"),
        *("--generation-database", "none", "--suppress-health-check", "all", "--no-color"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,
    )
    out, _ = await process.communicate()

    assert process.returncode == 0, out.decode()[-6000:]
    assert "7 selected" in out.decode()
