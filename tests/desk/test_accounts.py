"""Who may enter, and for how long."""

from __future__ import annotations

import pytest

from seuil.desk import Desk
from seuil.desk.accounts import AccountError, BadLogin, TooManyLogins

from .conftest import Clock

PASSWORD = "une phrase assez longue"
HERE = "192.0.2.1"


@pytest.fixture
async def claire(desk: Desk) -> Desk:
    await desk.accounts.create_user("Claire", "counsellor", PASSWORD)
    return desk


async def test_a_session_opens_and_ends(claire: Desk) -> None:
    secret, actor = await claire.accounts.log_in("Claire", PASSWORD, HERE)
    assert (actor.name, actor.role) == ("Claire", "counsellor")
    found = await claire.accounts.by_session(secret)
    assert found is not None and found.id == actor.id
    await claire.accounts.log_out(secret)
    assert await claire.accounts.by_session(secret) is None


async def test_an_idle_session_ends(claire: Desk, clock: Clock) -> None:
    secret, _ = await claire.accounts.log_in("Claire", PASSWORD, HERE)
    for _ in range(3):
        clock.pass_(minutes=119)
        assert await claire.accounts.by_session(secret) is not None
    clock.pass_(minutes=121)
    assert await claire.accounts.by_session(secret) is None


async def test_a_busy_session_ends_too(claire: Desk, clock: Clock) -> None:
    secret, _ = await claire.accounts.log_in("Claire", PASSWORD, HERE)
    for _ in range(11):
        clock.pass_(hours=1)
        assert await claire.accounts.by_session(secret) is not None
    clock.pass_(hours=1)
    assert await claire.accounts.by_session(secret) is None


async def test_a_disabled_user_is_out_at_once(claire: Desk) -> None:
    secret, _ = await claire.accounts.log_in("Claire", PASSWORD, HERE)
    await claire.accounts.disable_user("Claire")
    assert await claire.accounts.by_session(secret) is None
    with pytest.raises(BadLogin):
        await claire.accounts.log_in("Claire", PASSWORD, HERE)


async def test_after_five_failures_even_the_right_password_waits(
    claire: Desk, clock: Clock
) -> None:
    for _ in range(5):
        with pytest.raises(BadLogin):
            await claire.accounts.log_in("Claire", "mauvais", HERE)
    with pytest.raises(TooManyLogins):
        await claire.accounts.log_in("Claire", PASSWORD, HERE)
    # Nobody is locked out from elsewhere by someone else's failures.
    await claire.accounts.log_in("Claire", PASSWORD, "192.0.2.2")
    clock.pass_(minutes=16)
    await claire.accounts.log_in("Claire", PASSWORD, HERE)


async def test_failures_spread_over_addresses_are_throttled_too(claire: Desk) -> None:
    for n in range(30):
        with pytest.raises(BadLogin):
            await claire.accounts.log_in("Claire", "mauvais", f"198.51.100.{n}")
    with pytest.raises(TooManyLogins):
        await claire.accounts.log_in("Claire", PASSWORD, HERE)


async def test_an_unknown_name_is_told_like_a_wrong_password(claire: Desk) -> None:
    with pytest.raises(BadLogin):
        await claire.accounts.log_in("Inconnue", PASSWORD, HERE)


async def test_a_token_opens_until_it_is_revoked(desk: Desk) -> None:
    secret = await desk.accounts.create_token("robot", "agent")
    assert secret.startswith("desk_")
    found = await desk.accounts.by_token(secret)
    assert found is not None and (found.name, found.role) == ("robot", "agent")
    assert await desk.accounts.by_token(secret + "x") is None
    await desk.accounts.revoke_token("robot")
    assert await desk.accounts.by_token(secret) is None


@pytest.mark.parametrize(
    ("name", "role", "password", "kind"),
    [
        ("Claire", "counsellor", PASSWORD, "name_taken"),
        ("Paul", "chef", PASSWORD, "unknown_role"),
        ("", "agent", PASSWORD, "bad_name"),
        ("a\nb", "agent", PASSWORD, "bad_name"),
        ("x" * 81, "agent", PASSWORD, "bad_name"),
        ("Paul", "agent", "court", "short_password"),
    ],
)
async def test_what_no_account_can_be(
    claire: Desk, name: str, role: str, password: str, kind: str
) -> None:
    with pytest.raises(AccountError) as caught:
        await claire.accounts.create_user(name, role, password)
    assert caught.value.kind == kind


async def test_what_is_not_there_cannot_be_closed(desk: Desk) -> None:
    for asked in (desk.accounts.disable_user("Paul"), desk.accounts.revoke_token("robot")):
        with pytest.raises(AccountError):
            await asked
