"""``python -m seuil.desk``: accounts, tokens, and the check of the histories."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

from seuil.desk.accounts import AccountError
from seuil.desk.errors import DeskUnavailable, SettingError
from seuil.desk.model import ROLES
from seuil.desk.service import Desk, open_desk
from seuil.desk.settings import DeskSettings
from seuil.desk.words import sentence, words

Command = Callable[[Desk, argparse.Namespace], Awaitable[int]]


def _say(key: str, **values: object) -> None:
    print(sentence("cli", key, **values))


def _once(key: str, secret: str, **values: object) -> None:
    """The secret alone on standard output, what it is on standard error."""
    print(sentence("cli", key, **values), file=sys.stderr)
    print(secret)


async def create_user(desk: Desk, given: argparse.Namespace) -> int:
    """Make a user; the password is read from standard input, or made up and shown once."""
    password = sys.stdin.readline().rstrip("\n") if given.password_stdin else None
    made = await desk.accounts.create_user(given.name, given.role, password)
    if password is None:
        _once("password_once", made, name=given.name)
    return 0


async def list_users(desk: Desk, given: argparse.Namespace) -> int:
    """One line a user."""
    for user in await desk.accounts.list_users():
        _say("line", name=user.name, role=user.role, state=_state(user.disabled))
    return 0


async def disable_user(desk: Desk, given: argparse.Namespace) -> int:
    """Close an account."""
    await desk.accounts.disable_user(given.name)
    _say("user_disabled", name=given.name)
    return 0


async def create_token(desk: Desk, given: argparse.Namespace) -> int:
    """Make a token, shown once."""
    secret = await desk.accounts.create_token(given.name, given.role)
    _once("token_once", secret, name=given.name, role=given.role)
    return 0


async def list_tokens(desk: Desk, given: argparse.Namespace) -> int:
    """One line a token."""
    for token in await desk.accounts.list_tokens():
        _say("line", name=token.name, role=token.role, state=_state(token.disabled))
    return 0


async def revoke_token(desk: Desk, given: argparse.Namespace) -> int:
    """Make a token void."""
    await desk.accounts.revoke_token(given.name)
    _say("token_revoked", name=given.name)
    return 0


async def demo_users(desk: Desk, given: argparse.Namespace) -> int:
    """One user of each role."""
    names = words("cli")["demo"]
    for role in ROLES:
        try:
            password = await desk.accounts.create_user(names[role], role)
        except AccountError:
            _say("demo_exists", name=names[role])
        else:
            _say("demo_line", name=names[role], password=password)
    return 0


async def verify(desk: Desk, given: argparse.Namespace) -> int:
    """Check every history; 1 when one is altered."""
    faults = await desk.verify()
    for fault in faults:
        _say("verify_fault", reference=fault.reference, seq=fault.seq)
    if not faults:
        _say("verify_ok")
    return 1 if faults else 0


def _state(disabled: bool) -> str:
    return sentence("cli", "disabled" if disabled else "active")


def _parser() -> argparse.ArgumentParser:
    says = words("cli")["help"]
    parser = argparse.ArgumentParser(
        prog="python -m seuil.desk", description=sentence("cli", "description")
    )
    commands = parser.add_subparsers(required=True, metavar="…")

    def leaf(
        group: argparse._SubParsersAction[argparse.ArgumentParser],
        name: str,
        run: Command,
        text: str,
    ) -> argparse.ArgumentParser:
        made = group.add_parser(name, help=says[text])
        made.set_defaults(run=run)
        return made

    user = commands.add_parser("user", help=says["user"]).add_subparsers(required=True, metavar="…")
    token = commands.add_parser("token", help=says["token"]).add_subparsers(
        required=True, metavar="…"
    )
    for group, create, listing in (
        (user, create_user, list_users),
        (token, create_token, list_tokens),
    ):
        making = leaf(group, "create", create, "create")
        making.add_argument("name", help=says["name"])
        making.add_argument("--role", required=True, help=says["role"])
        leaf(group, "list", listing, "list")
        if group is user:
            making.add_argument("--password-stdin", action="store_true", help=says["stdin"])
    leaf(user, "disable", disable_user, "disable").add_argument("name", help=says["name"])
    leaf(token, "revoke", revoke_token, "revoke").add_argument("name", help=says["name"])
    leaf(commands, "demo-users", demo_users, "demo")
    leaf(commands, "verify", verify, "verify")
    return parser


async def _run(given: argparse.Namespace) -> int:
    desk = await open_desk(DeskSettings.from_env(os.environ))
    try:
        result: int = await given.run(desk, given)
        return result
    finally:
        await desk.close()


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 2 with one line on standard error when it cannot be done."""
    given = _parser().parse_args(arguments)
    try:
        return asyncio.run(_run(given))
    except SettingError as error:
        print(error, file=sys.stderr)
    except AccountError as error:
        print(sentence("cli", error.kind, **error.values), file=sys.stderr)
    except DeskUnavailable:
        print(sentence("cli", "unavailable"), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
