"""The second factor, one's own account, and the organisation's provider, a real process."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pyotp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from seuil.desk import Desk
from seuil.desk.accounts import AccountError, BadCode, BadLogin, CodeNeeded, NoAccount
from seuil.desk.oidc import Attempt, Identity, Provider, ProviderError, trusted

from .conftest import Clock
from .test_console import hidden, submit

Client = TestClient[web.Request, web.Application]
PASSWORD = "une phrase assez longue"
HERE = "192.0.2.1"


@pytest.fixture
async def secret(desk: Desk) -> str:
    """Claire's second factor, enrolled."""
    await desk.accounts.create_user("Claire", "counsellor", PASSWORD)
    _, actor = await desk.accounts.log_in("Claire", PASSWORD, HERE)
    offered, ticket = desk.accounts.totp_offer(actor)
    with pytest.raises(BadCode):
        await desk.accounts.totp_enrol(actor, ticket, "000000x")
    now = desk.clock().timestamp()
    await desk.accounts.totp_enrol(actor, ticket, pyotp.TOTP(offered).at(now))
    return offered


async def test_the_code_is_asked_for_and_taken_once(desk: Desk, secret: str, clock: Clock) -> None:
    code = pyotp.TOTP(secret).at(clock.now.timestamp())
    with pytest.raises(CodeNeeded):
        await desk.accounts.log_in("Claire", PASSWORD, HERE)
    with pytest.raises(BadCode):  # the one used to enrol
        await desk.accounts.log_in("Claire", PASSWORD, HERE, code)
    clock.pass_(seconds=30)
    code = pyotp.TOTP(secret).at(clock.now.timestamp())
    _, actor = await desk.accounts.log_in("Claire", PASSWORD, HERE, code[:3] + " " + code[3:])
    assert actor.name == "Claire"
    with pytest.raises(BadCode):
        await desk.accounts.log_in("Claire", PASSWORD, HERE, code)


async def test_a_ticket_goes_with_the_code_and_grows_old(
    desk: Desk, secret: str, clock: Clock
) -> None:
    with pytest.raises(CodeNeeded) as needed:
        await desk.accounts.log_in("Claire", PASSWORD, HERE)
    ticket = needed.value.ticket
    clock.pass_(seconds=30)
    for wrong in ("", "12345", "abcdef", "１２３４５６"):
        with pytest.raises(BadCode):
            await desk.accounts.log_in_with_code(ticket, wrong, "192.0.2.9")
    for wrong in ("", "00", ticket[:-2], "zz"):
        with pytest.raises(BadLogin):
            await desk.accounts.log_in_with_code(wrong, "123456", HERE)
    clock.pass_(minutes=5)
    code = pyotp.TOTP(secret).at(clock.now.timestamp())
    with pytest.raises(BadLogin):
        await desk.accounts.log_in_with_code(ticket, code, HERE)


async def test_a_reset_account_has_another_password_and_no_second_factor(
    desk: Desk, secret: str
) -> None:
    made = await desk.accounts.reset_user("Claire")
    await desk.accounts.log_in("Claire", made, HERE)
    with pytest.raises(BadLogin):
        await desk.accounts.log_in("Claire", PASSWORD, HERE)


async def test_logging_in_with_a_code_in_the_console(
    client: Client, desk: Desk, secret: str, clock: Clock
) -> None:
    page = await (
        await client.post("/file/connexion", data={"name": "Claire", "password": PASSWORD})
    ).text()
    ticket = hidden(page, "ticket")
    refused = await client.post("/file/connexion", data={"ticket": ticket, "code": "000000"})
    assert refused.status == 401
    assert hidden(await refused.text(), "ticket") == ticket
    clock.pass_(seconds=30)
    code = pyotp.TOTP(secret).at(clock.now.timestamp())
    page = await (
        await client.post("/file/connexion", data={"ticket": ticket, "code": code})
    ).text()
    assert "La file" in page


async def test_logging_in_with_a_code_over_the_api(
    client: Client, desk: Desk, secret: str, clock: Clock
) -> None:
    sent = {"name": "Claire", "password": PASSWORD}
    answer = await client.post("/api/session", json=sent)
    assert answer.status == 401
    assert (await answer.json(content_type=None))["type"].endswith("code_needed")
    clock.pass_(seconds=30)
    sent["code"] = pyotp.TOTP(secret).at(clock.now.timestamp())
    assert (await client.post("/api/session", json=sent)).status == 201


async def enter(client: Client, desk: Desk) -> str:
    await desk.accounts.create_user("Claire", "counsellor", PASSWORD)
    await client.post("/file/connexion", data={"name": "Claire", "password": PASSWORD})
    return await (await client.get("/file/compte")).text()


async def test_where_a_second_factor_is_required_nothing_opens_before_it(
    client: Client, desk: Desk
) -> None:
    desk.settings = replace(desk.settings, totp_required=True)
    desk.accounts._settings = desk.settings
    page = await enter(client, desk)
    assert (await client.get("/api/cases")).status == 403
    page = await (await client.get("/file")).text()
    assert "Mon compte" in page
    key = re.search(r'<code class="as-written">(\w+)</code>', page)
    assert key is not None
    refused = await submit(client, "/file/compte/code", page, ticket=hidden(page, "ticket"))
    assert refused.status == 401
    assert key[1] in await refused.text()
    code = pyotp.TOTP(key[1]).at(desk.clock().timestamp())
    sent = {"ticket": hidden(page, "ticket"), "code": code}
    page = await (await submit(client, "/file/compte/code", page, **sent)).text()
    assert "est activé" in page
    assert (await client.get("/api/cases")).status == 200


async def test_changing_ones_password_ends_the_other_sessions(client: Client, desk: Desk) -> None:
    page = await enter(client, desk)
    elsewhere, _ = await desk.accounts.log_in("Claire", PASSWORD, HERE)
    url, wanted = "/file/compte/mot-de-passe", "une autre phrase longue"
    for sent, status in (
        ({"present": "faux", "wanted": wanted}, 401),
        ({"present": PASSWORD, "wanted": "court"}, 422),
        ({"present": PASSWORD, "wanted": wanted}, 200),
    ):
        assert (await submit(client, url, page, **sent)).status == status
    assert await desk.accounts.by_session(elsewhere) is None
    assert (await client.get("/file")).status == 200
    await desk.accounts.log_in("Claire", wanted, HERE)


async def test_one_key_actions_are_switched_off(client: Client, desk: Desk) -> None:
    page = await enter(client, desk)
    assert "keys.js" in page
    page = await (await submit(client, "/file/compte/raccourcis", page, on="0")).text()
    assert "keys.js" not in page
    page = await (await submit(client, "/file/compte/raccourcis", page, on="1")).text()
    assert "keys.js" in page


async def test_ending_ones_other_sessions(client: Client, desk: Desk) -> None:
    page = await enter(client, desk)
    elsewhere, _ = await desk.accounts.log_in("Claire", PASSWORD, HERE)
    await submit(client, "/file/compte/sessions", page)
    assert await desk.accounts.by_session(elsewhere) is None
    assert (await client.get("/file")).status == 200


# OpenID Connect

CLAIRE = '{"sub": "s-1", "email": "claire@exemple.fr", "email_verified": true}'
UNVERIFIED = '{"sub": "s-2", "email": "paul@exemple.fr", "email_verified": false}'


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """A provider in a process of its own."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    users = ["--user-claims", CLAIRE, "--user-claims", UNVERIFIED]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port)]
    process = subprocess.Popen(
        [*command, *users], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{address}/.well-known/openid-configuration", timeout=1)
            break
        except OSError:
            time.sleep(0.2)
    yield address
    process.terminate()
    process.wait(10)


@pytest.fixture
async def with_provider(desk: Desk, issuer: str) -> AsyncIterator[Desk]:
    desk.settings = replace(
        desk.settings, oidc_issuer=issuer, oidc_client_id="seuil", oidc_client_secret="s"
    )
    desk.provider = Provider(desk.settings)
    yield desk


async def through_provider(client: Client, subject: str, suite: str = "/file") -> Any:
    """Go to the provider, say who one is, and come back."""
    answer = await client.get("/file/oidc/aller", params={"suite": suite}, allow_redirects=False)
    assert answer.status == 303
    async with aiohttp.ClientSession() as browser:
        told = await browser.post(
            answer.headers["Location"], data={"sub": subject}, allow_redirects=False
        )
        back = urlsplit(told.headers["Location"])
    return await client.get(f"{back.path}?{back.query}")


async def test_the_provider_opens_an_account_made_beforehand(
    client: Client, with_provider: Desk
) -> None:
    desk = with_provider
    await desk.accounts.create_provider_user("claire@exemple.fr", "counsellor")
    page = await (await client.get("/file")).text()
    assert "/file/oidc/aller" in page
    answer = await through_provider(client, "s-1", "/file?statut=claimed")
    assert answer.status == 200
    assert "url=/file?statut=claimed" in await answer.text()
    assert (await client.get("/api/cases")).status == 200
    # Bound for good: another identity with the same name is nobody.
    with pytest.raises(NoAccount):
        await desk.accounts.log_in_as(Identity("elsewhere s-9", "claire@exemple.fr"))
    _, actor = await desk.accounts.log_in_as(Identity(f"{desk.settings.oidc_issuer} s-1", None))
    assert actor.name == "claire@exemple.fr"
    # No password opens it.
    with pytest.raises(BadLogin):
        await desk.accounts.log_in("claire@exemple.fr", "", HERE)


@pytest.mark.parametrize("case", ["nobody", "unverified", "disabled"])
async def test_who_has_no_account_is_told_so(
    client: Client, with_provider: Desk, case: str
) -> None:
    accounts = with_provider.accounts
    if case == "unverified":
        await accounts.create_provider_user("paul@exemple.fr", "supervisor")
    if case == "disabled":
        await accounts.create_provider_user("claire@exemple.fr", "supervisor")
        await accounts.disable_user("claire@exemple.fr")
    answer = await through_provider(client, "s-2" if case == "unverified" else "s-1")
    assert answer.status == 403
    assert "aucun compte" in await answer.text()
    assert (await client.get("/api/cases")).status == 401


async def test_an_answer_that_was_not_asked_for_is_refused(
    client: Client, with_provider: Desk
) -> None:
    assert (await client.get("/file/oidc/retour?state=x&code=y")).status == 403
    await client.get("/file/oidc/aller", allow_redirects=False)
    assert (await client.get("/file/oidc/retour?state=x&code=y")).status == 403


async def test_a_wrong_code_or_nonce_is_refused(with_provider: Desk) -> None:
    provider, back = with_provider.provider, "http://127.0.0.1/file/oidc/retour"
    attempt = Attempt.new()
    address = await provider.address(attempt, back)
    async with aiohttp.ClientSession() as browser:
        told = await browser.post(address, data={"sub": "s-1"}, allow_redirects=False)
    code = parse_qs(urlsplit(told.headers["Location"]).query)["code"][0]
    with pytest.raises(ProviderError):
        await provider.identity(replace(attempt, nonce="another"), code, back)
    with pytest.raises(ProviderError):
        await provider.identity(attempt, "made-up", back)


async def test_the_provider_gets_the_digest_of_the_verifier_only(with_provider: Desk) -> None:
    attempt = Attempt.new()
    address = await with_provider.provider.address(attempt, "http://127.0.0.1/")
    query = parse_qs(urlsplit(address).query)
    digest = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest())
    assert query["code_challenge"] == [digest.decode().rstrip("=")]
    assert query["code_challenge_method"] == ["S256"]
    assert attempt.verifier not in address


async def test_a_dead_provider_is_told_and_passwords_still_open(client: Client, desk: Desk) -> None:
    desk.settings = replace(desk.settings, oidc_issuer="http://127.0.0.1:9", oidc_client_id="seuil")
    desk.provider = Provider(desk.settings)
    answer = await client.get("/file/oidc/aller")
    assert answer.status == 502
    assert "mot de passe" in await answer.text()
    await enter(client, desk)
    assert (await client.get("/file")).status == 200


async def test_without_a_provider_its_addresses_are_not_there(client: Client) -> None:
    for path in ("/file/oidc/aller", "/file/oidc/retour"):
        assert (await client.get(path)).status == 404


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("https://id.exemple.fr", True),
        ("http://127.0.0.1:9400", True),
        ("http://id.exemple.fr", False),
        ("javascript:alert(1)", False),
        ("//id.exemple.fr", False),
    ],
)
def test_the_provider_is_spoken_to_in_secret_only(address: str, right: bool) -> None:
    assert trusted(address) is right


async def test_a_provider_user_needs_a_role_and_a_name_of_its_own(desk: Desk) -> None:
    await desk.accounts.create_provider_user("a@exemple.fr", "agent")
    for name, role in (("a@exemple.fr", "agent"), ("b@exemple.fr", "chef")):
        with pytest.raises(AccountError):
            await desk.accounts.create_provider_user(name, role)
