"""``python -m seuil.desk``: accounts, tokens, and the check of the histories."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from seuil.desk.accounts import AccountError
from seuil.desk.backup import BackupError, back_up, restore
from seuil.desk.errors import CaseNotFound, DeskUnavailable, SettingError
from seuil.desk.keys import MasterKey, key_file, new_secret, secrets_of, write_key_file
from seuil.desk.model import ROLES, SYSTEM
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
    if given.provider:
        await desk.accounts.create_provider_user(given.name, given.role, given.shown_as)
        _say("user_created", name=given.name, role=given.role)
        return 0
    password = sys.stdin.readline().rstrip("\n") if given.password_stdin else None
    made = await desk.accounts.create_user(given.name, given.role, password, given.shown_as)
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
        if fault.seq is None:
            _say("damaged", reference=fault.reference)
        else:
            _say("verify_fault", reference=fault.reference, seq=fault.seq)
    if not faults:
        _say("verify_ok")
    return 1 if faults else 0


async def reset_user(desk: Desk, given: argparse.Namespace) -> int:
    """A new password, for who lost theirs or their telephone."""
    made = await desk.accounts.reset_user(given.name)
    _once("user_reset", made, name=given.name)
    return 0


async def rotate(desk: Desk, given: argparse.Namespace) -> int:
    """A new master key, and every data key wrapped with it."""
    if not given.no_new:
        if desk.settings.secret_key:
            print(sentence("cli", "keys_by_setting"), file=sys.stderr)
            return 2
        held = secrets_of(desk.settings)
        write_key_file(key_file(desk.settings), [new_secret(), *held])
    _say("keys_rotated", count=await desk.rotate_keys())
    return 0


async def prune(desk: Desk, given: argparse.Namespace) -> int:
    """Drop from the key file the master keys that wrap nothing any more."""
    held = secrets_of(desk.settings)
    async with desk.database.read() as connection:
        in_use = await desk.vault.masters_in_use(connection)
    kept = [
        secret
        for number, secret in enumerate(held)
        if number == 0 or MasterKey.from_secret(secret).id in in_use
    ]
    if not desk.settings.secret_key and len(kept) < len(held):
        write_key_file(key_file(desk.settings), kept)
    _say("keys_pruned", count=len(held) - len(kept))
    return 0


async def make_backup(desk: Desk, given: argparse.Namespace) -> int:
    """Everything that lasts, in one file."""
    _say("backup_done", count=await back_up(desk, given.file), path=given.file)
    return 0


async def load_backup(desk: Desk, given: argparse.Namespace) -> int:
    """A backup into an empty database."""
    _say("restore_done", count=await restore(desk, given.file))
    return 0


async def erase(desk: Desk, given: argparse.Namespace) -> int:
    """A person's erasure."""
    view = await desk.erase(given.reference, SYSTEM)
    _say("case_erased", reference=view.reference)
    return 0


async def export(desk: Desk, given: argparse.Namespace) -> int:
    """A person's copy, as JSON on standard output."""
    print(json.dumps(await desk.export(given.reference, SYSTEM), ensure_ascii=False, indent=1))
    return 0


async def purge(desk: Desk, given: argparse.Namespace) -> int:
    """The retention, now."""
    total = 0
    while done := await desk.purge():
        total += done
    _say("purged", count=total)
    return 0


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
    making = user.choices["create"]
    making.add_argument("--provider", action="store_true", help=says["provider"])
    making.add_argument("--shown-as", help=says["shown_as"])
    leaf(user, "reset", reset_user, "reset").add_argument("name", help=says["name"])
    keys = commands.add_parser("keys", help=says["keys"]).add_subparsers(required=True, metavar="…")
    turning = leaf(keys, "rotate", rotate, "rotate")
    turning.add_argument("--no-new", action="store_true", help=says["no_new"])
    leaf(keys, "prune", prune, "prune")
    for name, run in (("backup", make_backup), ("restore", load_backup)):
        leaf(commands, name, run, name).add_argument("file", type=Path, help=says["file"])
    for name, run in (("erase", erase), ("export", export)):
        leaf(commands, name, run, name).add_argument("reference", help=says["reference"])
    leaf(commands, "purge", purge, "purge")
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
    except (AccountError, BackupError) as error:
        print(sentence("cli", error.kind, **error.values), file=sys.stderr)
    except CaseNotFound:
        print(sentence("cli", "case_not_found", reference=given.reference), file=sys.stderr)
    except DeskUnavailable:
        print(sentence("cli", "unavailable"), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
