"""Logging in with OpenID Connect: code flow with PKCE, any provider.

An account must have been made for the person beforehand: the provider says who they are, the
desk says what they may do. At the first log-in, the account whose name is the claim asked for
is bound to the provider's own identifier for good.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import jwt

from seuil.desk.errors import DeskError, SettingError
from seuil.desk.settings import DeskSettings
from seuil.desk.words import sentence

_PATIENCE = aiohttp.ClientTimeout(total=10)
_KEPT = 3600.0
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
_LEEWAY = 60


class ProviderError(DeskError):
    """The provider does not answer, or answers what cannot be trusted."""

    kind = "provider"


@dataclass(frozen=True)
class Attempt:
    """What must come back unchanged from the provider."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Attempt:
        """Fresh random values."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


@dataclass(frozen=True)
class Identity:
    """Who the provider says it is: its own identifier, and the verified claim, if any."""

    subject: str
    name: str | None


class Provider:
    """An OpenID Connect provider, found from its issuer's address."""

    def __init__(self, settings: DeskSettings) -> None:
        self._settings = settings
        self._configuration: dict[str, Any] = {}
        self._read_at = 0.0

    async def address(self, attempt: Attempt, redirect_uri: str) -> str:
        """Where to send the browser; raises ProviderError."""
        configuration = await self._configured()
        challenge = hashlib.sha256(attempt.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email profile",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        endpoint = str(configuration["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def identity(self, attempt: Attempt, code: str, redirect_uri: str) -> Identity:
        """Exchange the code, check the ID token; raises ProviderError."""
        configuration = await self._configured()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._settings.oidc_client_id,
            "code_verifier": attempt.verifier,
        }
        headers = {}
        if self._settings.oidc_client_secret:
            headers["Authorization"] = aiohttp.encode_basic_auth(
                quote(self._settings.oidc_client_id, safe=""),
                quote(self._settings.oidc_client_secret, safe=""),
            )
        try:
            async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
                async with session.post(
                    configuration["token_endpoint"], data=form, headers=headers
                ) as answer:
                    answer.raise_for_status()
                    token = (await answer.json())["id_token"]
                async with session.get(configuration["jwks_uri"]) as answer:
                    answer.raise_for_status()
                    keys = jwt.PyJWKSet.from_dict(await answer.json(content_type=None))
            return self._checked(token, keys, attempt)
        except (aiohttp.ClientError, TimeoutError, jwt.PyJWTError, KeyError, ValueError, TypeError):
            raise ProviderError from None

    def _checked(self, token: str, keys: jwt.PyJWKSet, attempt: Attempt) -> Identity:
        kid = jwt.get_unverified_header(token).get("kid")
        usable = [key for key in keys.keys if kid is None or key.key_id == kid]
        if not usable:
            raise ValueError("kid")
        claims = jwt.decode(
            token,
            key=usable[0],
            algorithms=_ALGORITHMS,
            audience=self._settings.oidc_client_id,
            issuer=self._configuration["issuer"],
            leeway=_LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
        if not secrets.compare_digest(str(claims.get("nonce")), attempt.nonce):
            raise ValueError("nonce")
        name = claims.get(self._settings.oidc_claim)
        # An e-mail that the provider has not verified is anyone's word.
        if self._settings.oidc_claim == "email" and claims.get("email_verified") is not True:
            name = None
        subject = f"{claims['iss']} {claims['sub']}"
        return Identity(subject, name if isinstance(name, str) else None)

    async def _configured(self) -> dict[str, Any]:
        if self._configuration and time.monotonic() - self._read_at < _KEPT:
            return self._configuration
        issuer = self._settings.oidc_issuer.rstrip("/")
        try:
            async with (
                aiohttp.ClientSession(timeout=_PATIENCE) as session,
                session.get(f"{issuer}/.well-known/openid-configuration") as answer,
            ):
                answer.raise_for_status()
                found = await answer.json(content_type=None)
            if str(found["issuer"]).rstrip("/") != issuer:
                raise ValueError("issuer")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not trusted(str(found[name])):
                    raise ValueError(name)
        except (aiohttp.ClientError, TimeoutError, KeyError, ValueError, TypeError):
            raise ProviderError from None
        self._configuration, self._read_at = found, time.monotonic()
        return self._configuration


def trusted(address: str) -> bool:
    """Whether an address of the provider may be used: https, or this machine itself."""
    parts = urlsplit(address)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    return parts.scheme == "https" or (parts.scheme == "http" and local)


def checked(settings: DeskSettings) -> None:
    """Raise SettingError when the settings of OpenID Connect cannot work."""
    if settings.oidc_issuer and not (trusted(settings.oidc_issuer) and settings.oidc_client_id):
        raise SettingError(sentence("settings", "oidc"))
