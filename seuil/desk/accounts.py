"""Who may enter: users with a password, sessions, tokens; attempts to log in are throttled."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from seuil.desk.contacts import clean
from seuil.desk.database import Database
from seuil.desk.errors import DeskError, InvalidCase
from seuil.desk.keys import keyed_digest, seal, unseal
from seuil.desk.model import ROLES, Actor
from seuil.desk.oidc import Identity
from seuil.desk.second_factor import make_ticket, new_secret, open_ticket, step_of
from seuil.desk.settings import DeskSettings
from seuil.desk.tables import login_failures, sessions, tokens, users
from seuil.desk.vault import Vault

# Within a quarter of an hour. By name and address together, so that nobody locks a colleague
# out from elsewhere; by name and by address alone against what is spread wide.
_WINDOW = timedelta(minutes=15)
_LIMITS = {"pair": 5, "name": 30, "address": 50}
_SEEN_EVERY = timedelta(minutes=1)
SHORTEST_PASSWORD = 12


class BadLogin(DeskError):
    """The name and the password do not go together (or the account is disabled)."""

    kind = "bad_login"


class BadCode(DeskError):
    """The six digits are not right, or were used already."""

    kind = "bad_code"


class CodeNeeded(DeskError):
    """The password is right and the account has a second factor; `ticket` goes with the code."""

    kind = "code_needed"

    def __init__(self, ticket: str) -> None:
        super().__init__()
        self.ticket = ticket


class NoAccount(DeskError):
    """The provider knows the person; nobody made an account for them here."""

    kind = "no_account"


class TooManyLogins(DeskError):
    """Too many failures lately; `minutes` to wait."""

    kind = "too_many_logins"
    retry_after = int(_WINDOW.total_seconds())

    def __init__(self) -> None:
        super().__init__(minutes=self.retry_after // 60)


class AccountError(DeskError):
    """An account cannot be made or found; `kind` is a key of `words/cli.yml`."""

    def __init__(self, kind: str, **values: object) -> None:
        self.kind = kind
        super().__init__(**values)


@dataclass(frozen=True)
class Account:
    """A user or a token, as listed."""

    name: str
    role: str
    created_at: datetime
    disabled: bool


def digest(secret: str) -> str:
    """The digest under which a random secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Accounts:
    """Users, sessions and tokens."""

    def __init__(
        self,
        settings: DeskSettings,
        database: Database,
        vault: Vault,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._database = database
        self._vault = vault
        self._clock = clock
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_passes, memory_cost=settings.argon2_memory_kib
        )

    @cached_property
    def _decoy(self) -> str:
        """Verified against when the name is unknown, so that the answer takes as long."""
        return self._hasher.hash(secrets.token_hex(16))

    # Users and tokens, by the command line

    async def create_user(
        self, name: str, role: str, password: str | None = None, shown_as: str | None = None
    ) -> str:
        """Make a user; returns the password, made up unless given. Raises AccountError.

        `shown_as` is what a person reads when this user writes in their conversation.
        """
        chosen = password if password is not None else secrets.token_urlsafe(15)
        hashed = await self._hashed(chosen)
        await self._insert_user(name, role, hashed, shown_as)
        return chosen

    async def create_provider_user(self, name: str, role: str, shown_as: str | None = None) -> None:
        """Make a user without a password, who logs in with the provider only."""
        await self._insert_user(name, role, None, shown_as)

    async def _insert_user(
        self, name: str, role: str, password_hash: str | None, shown_as: str | None
    ) -> None:
        _check(name, role)
        try:
            async with self._database.write() as connection:
                await connection.execute(
                    insert(users).values(
                        id=f"u_{uuid4().hex}",
                        name=name,
                        role=role,
                        password_hash=password_hash,
                        shown_as=shown_as,
                        created_at=self._clock(),
                    )
                )
        except IntegrityError:
            raise AccountError("name_taken", name=name) from None

    async def _hashed(self, password: str) -> str:
        if len(password) < SHORTEST_PASSWORD:
            raise AccountError("short_password", limit=SHORTEST_PASSWORD)
        return await asyncio.to_thread(self._hasher.hash, password)

    async def reset_user(self, name: str) -> str:
        """A new password without a second factor, sessions ended; returns the password."""
        made = secrets.token_urlsafe(15)
        values = {"password_hash": await self._hashed(made), "totp_secret": None, "totp_used": None}
        await self._change_user(name, values)
        return made

    async def _change_user(self, name: str, values: dict[str, Any]) -> None:
        async with self._database.write() as connection:
            done = await connection.execute(
                update(users).where(users.c.name == name).values(values)
            )
            if done.rowcount != 1:
                raise AccountError("unknown_name", name=name)
            mine = select(users.c.id).where(users.c.name == name).scalar_subquery()
            await connection.execute(delete(sessions).where(sessions.c.user_id == mine))

    async def create_token(self, name: str, role: str) -> str:
        """Make a token (`desk_…`), shown this once. Raises AccountError."""
        _check(name, role)
        secret = f"desk_{secrets.token_urlsafe(32)}"
        try:
            async with self._database.write() as connection:
                await connection.execute(
                    insert(tokens).values(
                        id=f"t_{uuid4().hex}",
                        name=name,
                        role=role,
                        digest=digest(secret),
                        created_at=self._clock(),
                    )
                )
        except IntegrityError:
            raise AccountError("name_taken", name=name) from None
        return secret

    async def list_users(self) -> list[Account]:
        """Every user, by name."""
        async with self._database.read() as connection:
            found = (await connection.execute(select(users).order_by(users.c.name))).all()
        return [Account(u.name, u.role, u.created_at, u.disabled_at is not None) for u in found]

    async def list_tokens(self) -> list[Account]:
        """Every token, by name."""
        async with self._database.read() as connection:
            found = (await connection.execute(select(tokens).order_by(tokens.c.name))).all()
        return [Account(t.name, t.role, t.created_at, t.revoked_at is not None) for t in found]

    async def disable_user(self, name: str) -> None:
        """Close an account and end its sessions. Raises AccountError."""
        await self._change_user(name, {"disabled_at": self._clock()})

    async def revoke_token(self, name: str) -> None:
        """Make a token void. Raises AccountError."""
        async with self._database.write() as connection:
            done = await connection.execute(
                update(tokens).where(tokens.c.name == name).values(revoked_at=self._clock())
            )
            if done.rowcount != 1:
                raise AccountError("unknown_name", name=name)

    async def colleague(self, name: str) -> Actor:
        """The user or the token of this name, unless disabled. Raises InvalidCase on `to`."""
        async with self._database.read() as connection:
            for table, off in ((users, users.c.disabled_at), (tokens, tokens.c.revoked_at)):
                row = (
                    await connection.execute(
                        select(table.c.id, table.c.name, table.c.role).where(
                            table.c.name == name, off.is_(None)
                        )
                    )
                ).first()
                if row is not None:
                    return Actor(row.id, row.name, row.role)
        raise InvalidCase("to")

    # Sessions

    async def log_in(
        self, name: str, password: str, address: str, code: str | None = None
    ) -> tuple[str, Actor]:
        """Open a session; returns its secret and the user.

        Raises BadLogin, CodeNeeded or BadCode with a second factor, TooManyLogins after too
        many failures from here or for this name.
        """
        scopes = await self._unthrottled(name, address)
        async with self._database.read() as connection:
            user = (await connection.execute(select(users).where(users.c.name == name))).first()
        hashed = user.password_hash if user is not None else None
        right = await asyncio.to_thread(self._matches, hashed, password)
        usable = user is not None and user.password_hash and user.disabled_at is None
        if user is None or not right or not usable:
            await self._failed(scopes)
            raise BadLogin
        if user.totp_secret is not None:
            if code is None:
                key, now = self._vault.accounts, self._clock()
                raise CodeNeeded(make_ticket(key, "code", user.id, now))
            await self._check_code(user, code, scopes)
        return await self._open_session(user.id), Actor(user.id, user.name, user.role)

    async def log_in_with_code(self, ticket: str, code: str, address: str) -> tuple[str, Actor]:
        """Finish a log-in that asked for the code; raises BadLogin when the ticket is old."""
        user_id = open_ticket(self._vault.accounts, "code", ticket, self._clock())
        async with self._database.read() as connection:
            user = (await connection.execute(select(users).where(users.c.id == user_id))).first()
        if user is None or user.disabled_at is not None or user.totp_secret is None:
            raise BadLogin
        await self._check_code(user, code, await self._unthrottled(user.name, address))
        return await self._open_session(user.id), Actor(user.id, user.name, user.role)

    async def log_in_as(self, identity: Identity) -> tuple[str, Actor]:
        """Open a session for who the provider says it is; raises NoAccount."""
        async with self._database.write() as connection:
            row = (
                await connection.execute(select(users).where(users.c.subject == identity.subject))
            ).first()
            if row is None and identity.name is not None:
                # The first time only: an account already bound to someone stays theirs.
                row = (
                    await connection.execute(
                        select(users).where(
                            users.c.name == identity.name, users.c.subject.is_(None)
                        )
                    )
                ).first()
                if row is not None:
                    await connection.execute(
                        update(users).where(users.c.id == row.id).values(subject=identity.subject)
                    )
        if row is None or row.disabled_at is not None:
            raise NoAccount
        return await self._open_session(row.id), Actor(row.id, row.name, row.role)

    async def _unthrottled(self, name: str, address: str) -> list[str]:
        """The scopes in which a failure would count; raises TooManyLogins."""
        scopes = {
            "pair": self._scope(f"pair:{name}\n{address}"),
            "name": self._scope(f"name:{name}"),
            "address": self._scope(f"address:{address}"),
        }
        async with self._database.read() as connection:
            for kind, scope in scopes.items():
                count = await connection.execute(
                    select(func.count()).where(
                        login_failures.c.scope == scope,
                        login_failures.c.at > self._clock() - _WINDOW,
                    )
                )
                if count.scalar_one() >= _LIMITS[kind]:
                    raise TooManyLogins
        return list(scopes.values())

    async def _check_code(self, user: Row[Any], code: str, scopes: list[str]) -> None:
        place = f"users/totp_secret/{user.id}"
        secret = unseal(self._vault.accounts, place, user.totp_secret).decode()
        step = step_of(secret, code, self._clock(), user.totp_used)
        if step is not None and await self._use_step(user.id, step):
            return
        await self._failed(scopes)
        raise BadCode

    async def _use_step(self, user_id: str, step: int) -> bool:
        async with self._database.write() as connection:
            done = await connection.execute(
                update(users)
                .where(
                    users.c.id == user_id,
                    or_(users.c.totp_used.is_(None), users.c.totp_used < step),
                )
                .values(totp_used=step)
            )
        return done.rowcount == 1

    # One's own account

    def totp_offer(self, actor: Actor) -> tuple[str, str]:
        """A secret to enrol, and the ticket that brings it back with the first code."""
        secret = new_secret()
        key, now = self._vault.accounts, self._clock()
        return secret, make_ticket(key, f"enrol/{actor.id}", secret, now)

    def totp_offered(self, actor: Actor, ticket: str) -> str | None:
        """The secret of an offer in force."""
        return open_ticket(self._vault.accounts, f"enrol/{actor.id}", ticket, self._clock())

    async def totp_enrol(self, actor: Actor, ticket: str, code: str) -> None:
        """Turn the second factor on, its first code being right; raises BadCode."""
        secret = self.totp_offered(actor, ticket)
        step = step_of(secret, code, self._clock(), None) if secret is not None else None
        if secret is None or step is None:
            raise BadCode
        sealed = seal(self._vault.accounts, f"users/totp_secret/{actor.id}", secret.encode())
        async with self._database.write() as connection:
            await connection.execute(
                update(users)
                .where(users.c.id == actor.id)
                .values(totp_secret=sealed, totp_used=step)
            )

    async def has_totp(self, actor: Actor) -> bool:
        """Whether the second factor is on."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(users.c.totp_secret).where(users.c.id == actor.id)
            )
            return found.scalar() is not None

    async def change_password(self, actor: Actor, present: str, wanted: str, address: str) -> None:
        """Change one's password, ending the other sessions; BadLogin, AccountError."""
        scopes = await self._unthrottled(actor.name, address)
        async with self._database.read() as connection:
            found = await connection.execute(
                select(users.c.password_hash).where(users.c.id == actor.id)
            )
            hashed = found.scalar()
        if not await asyncio.to_thread(self._matches, hashed, present):
            await self._failed(scopes)
            raise BadLogin
        made = await self._hashed(wanted)
        async with self._database.write() as connection:
            await connection.execute(
                update(users).where(users.c.id == actor.id).values(password_hash=made)
            )
            await connection.execute(
                delete(sessions).where(
                    sessions.c.user_id == actor.id, sessions.c.digest != actor.session
                )
            )

    async def set_shortcuts(self, actor: Actor, on: bool) -> None:
        """Switch the one-key actions of the console on or off."""
        async with self._database.write() as connection:
            await connection.execute(
                update(users).where(users.c.id == actor.id).values(shortcuts=on)
            )

    async def end_other_sessions(self, actor: Actor) -> None:
        """End one's sessions elsewhere."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(sessions).where(
                    sessions.c.user_id == actor.id, sessions.c.digest != actor.session
                )
            )

    def _matches(self, hashed: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(hashed or self._decoy, password) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    async def _failed(self, scopes: list[str]) -> None:
        now = self._clock()
        async with self._database.write() as connection:
            await connection.execute(
                delete(login_failures).where(login_failures.c.at <= now - _WINDOW)
            )
            await connection.execute(
                insert(login_failures), [{"scope": scope, "at": now} for scope in scopes]
            )

    async def _open_session(self, user_id: str) -> str:
        secret = secrets.token_urlsafe(32)
        now = self._clock()
        async with self._database.write() as connection:
            await connection.execute(
                delete(sessions).where(
                    or_(
                        sessions.c.expires_at <= now,
                        sessions.c.seen_at <= now - timedelta(seconds=self._settings.session_idle),
                    )
                )
            )
            await connection.execute(
                insert(sessions).values(
                    digest=digest(secret),
                    user_id=user_id,
                    created_at=now,
                    seen_at=now,
                    expires_at=now + timedelta(seconds=self._settings.session_absolute),
                )
            )
        return secret

    async def log_out(self, secret: str) -> None:
        """End a session."""
        async with self._database.write() as connection:
            await connection.execute(delete(sessions).where(sessions.c.digest == digest(secret)))

    async def by_session(self, secret: str, *, by_hand: bool = True) -> Actor | None:
        """The user of a live session; its idle time starts again if a person's hand did this."""
        now = self._clock()
        wanted = sessions.c.digest == digest(secret)
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(
                        users.c.id,
                        users.c.name,
                        users.c.role,
                        users.c.shortcuts,
                        users.c.subject,
                        users.c.totp_secret.is_not(None).label("totp"),
                        sessions.c.seen_at,
                    )
                    .join(users, users.c.id == sessions.c.user_id)
                    .where(
                        wanted,
                        sessions.c.expires_at > now,
                        sessions.c.seen_at > now - timedelta(seconds=self._settings.session_idle),
                        users.c.disabled_at.is_(None),
                    )
                )
            ).first()
        if row is None:
            return None
        if by_hand and now - row.seen_at >= _SEEN_EVERY:
            async with self._database.write() as connection:
                await connection.execute(update(sessions).where(wanted).values(seen_at=now))
        # A provider sees to its own second factor.
        must_enrol = self._settings.totp_required and not row.totp and row.subject is None
        return Actor(
            row.id,
            row.name,
            row.role,
            session=digest(secret),
            shortcuts=row.shortcuts,
            must_enrol=must_enrol,
        )

    async def by_token(self, secret: str) -> Actor | None:
        """The holder of a token in force."""
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(tokens.c.id, tokens.c.name, tokens.c.role).where(
                        tokens.c.digest == digest(secret), tokens.c.revoked_at.is_(None)
                    )
                )
            ).first()
        return Actor(row.id, row.name, row.role) if row is not None else None

    def form_token(self, actor: Actor) -> str:
        """What the console's forms of this session must carry."""
        return keyed_digest(self._vault.accounts, f"form:{actor.session}")

    def _scope(self, text: str) -> str:
        return keyed_digest(self._vault.accounts, text)


def _check(name: str, role: str) -> None:
    if role not in ROLES:
        raise AccountError("unknown_role", role=role, roles=", ".join(ROLES))
    if not 1 <= len(name) <= 80 or name != clean(name) or not name.isprintable():
        raise AccountError("bad_name")
