"""What the description of the interface says of the desk is what the desk does."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestClient

from seuil.desk import Desk
from seuil.desk.access import COOKIE
from seuil.desk.model import OUTCOMES
from seuil.desk.routes import API

from .conftest import client_of, new_case

ROOT = Path(__file__).parents[2]
DESCRIPTION = ROOT / "seuil" / "web" / "openapi.yml"
OURS = re.compile(r"/api/(cases|session|referrals|metrics)")
# No request of a machine's making should erase, or wait for events that do not end.
SPARED = r"/api/cases/events|/api/cases/\{reference\}$"


@pytest.fixture(scope="module")
def described() -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    return loaded


def test_every_address_is_described_and_no_other(described: dict[str, dict[str, object]]) -> None:
    said = {
        (method.upper(), path)
        for path, operations in described["paths"].items()
        if OURS.match(path)
        for method in operations
        if method in ("get", "post", "put", "patch", "delete")
    }
    assert said == {(route.method, route.path) for route in API}


def test_the_cookie_and_the_outcomes_are_the_ones_of_the_code(
    described: dict[str, dict[str, object]],
) -> None:
    text = DESCRIPTION.read_text(encoding="utf-8")
    assert f"name: {COOKIE}" in text
    assert f"[{', '.join(OUTCOMES)}]" in text


@pytest.mark.parametrize("role", ["supervisor", "agent", None])
async def test_machine_made_requests_get_described_answers(
    sqlite_desk: Desk, role: str | None
) -> None:
    client: TestClient[web.Request, web.Application] = await client_of(sqlite_desk)
    view = await sqlite_desk.intake(new_case(), "key")
    other = await sqlite_desk.intake(new_case(), "other")
    # Values that exist, so that more than the first check of each address is met.
    config = sqlite_desk.settings.var / "schemathesis.toml"
    config.write_text(
        f'[parameters]\n"path.reference" = "{view.reference}"\n'
        f'"path.other" = "{other.reference}"\n"header.If-Match" = "*"\n'
    )
    headers = []
    if role is not None:
        token = await sqlite_desk.accounts.create_token("robot", role)
        headers = ["-H", f"Authorization: Bearer {token}"]
    checks = "not_a_server_error,status_code_conformance,content_type_conformance"
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).parent / "schemathesis", "--config-file", config),
        *("run", DESCRIPTION),
        *("--url", str(client.make_url("/")).rstrip("/"), *headers),
        *("--include-path-regex", OURS.pattern, "--exclude-path-regex", SPARED),
        *("--checks", f"{checks},response_schema_conformance"),
        *("--phases", "fuzzing", "--max-examples", "8", "--seed", "1", "--no-color"),
        *("--generation-database", "none", "--suppress-health-check", "all"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=sqlite_desk.settings.var,
    )
    out, _ = await process.communicate()
    await client.close()
    assert process.returncode == 0, out.decode()[-6000:]
    assert await sqlite_desk.verify() == []
