"""The desk's settings, read from `SEUIL_*`, every one with a working default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seuil.desk.errors import SettingError
from seuil.desk.words import sentence


@dataclass(frozen=True)
class DeskSettings:
    """All that the desk needs to open.

    Durations are seconds. `secret_key` holds one or several keys separated by commas, the
    first in use and the others still readable; empty, a key file is made under `var`.
    """

    var: Path = Path("var")
    database_url: str = ""
    secret_key: str = field(default="", repr=False)
    secure_cookies: bool = False
    referral_email: str = ""  # where HR's e-mails go; empty, the link names nobody
    keep_closed_days: int = 730  # a closed case is erased after this
    keep_sent_days: int = 30  # a notification sent or given up is dropped after this
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    smtp_url: str = field(default="", repr=False)  # smtp://user:password@host:587, or smtps://
    notify_from: str = "seuil@localhost"
    notify_to: str = ""
    claim_idle: int = 30 * 60  # a claim without any action goes back after this
    on_duty_within: int = 10 * 60  # a counsellor seen within this is on duty
    busy_timeout: float = 5.0
    pool_size: int = 10
    totp_required: bool = False
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_claim: str = "email"  # the claim that is the account's name at the first log-in
    public_url: str = ""
    session_idle: int = 2 * 3600
    session_absolute: int = 12 * 3600
    argon2_memory_kib: int = 65536
    argon2_passes: int = 3

    @property
    def url(self) -> str:
        """The database's URL with the driver this desk uses."""
        url = self.database_url or f"sqlite:///{self.var / 'seuil.db'}"
        scheme, separator, rest = url.partition("://")
        drivers = {
            "sqlite": "sqlite+aiosqlite",
            "sqlite+aiosqlite": "sqlite+aiosqlite",
            "postgres": "postgresql+psycopg",
            "postgresql": "postgresql+psycopg",
            "postgresql+psycopg": "postgresql+psycopg",
        }
        if not separator or scheme not in drivers:
            raise SettingError(sentence("settings", "database_url"))
        return f"{drivers[scheme]}://{rest}"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> DeskSettings:
        """Read the settings; raises SettingError with one line on a wrong value."""
        public_url = environ.get("SEUIL_PUBLIC_URL", "")
        settings = cls(
            var=Path(environ.get("SEUIL_VAR", "var")),
            database_url=environ.get("SEUIL_DATABASE_URL", ""),
            secret_key=environ.get("SEUIL_SECRET_KEY", ""),
            secure_cookies=public_url.startswith("https://"),
            referral_email=environ.get("SEUIL_REFERRAL_EMAIL", ""),
            keep_closed_days=int(_number(environ, "SEUIL_KEEP_CLOSED_DAYS", 730, low=1)),
            keep_sent_days=int(_number(environ, "SEUIL_KEEP_SENT_DAYS", 30, low=1)),
            webhook_url=environ.get("SEUIL_WEBHOOK_URL", ""),
            webhook_secret=environ.get("SEUIL_WEBHOOK_SECRET", ""),
            smtp_url=environ.get("SEUIL_SMTP_URL", ""),
            notify_from=environ.get("SEUIL_NOTIFY_FROM", cls.notify_from),
            notify_to=environ.get("SEUIL_NOTIFY_TO", ""),
            claim_idle=int(_number(environ, "SEUIL_CLAIM_IDLE", 1800, low=60)),
            on_duty_within=int(_number(environ, "SEUIL_ON_DUTY_WITHIN", 600, low=60)),
            busy_timeout=_number(environ, "SEUIL_DATABASE_TIMEOUT", 5.0, low=0.05),
            pool_size=int(_number(environ, "SEUIL_DATABASE_POOL", 10, low=1)),
            totp_required=environ.get("SEUIL_TOTP_REQUIRED", "") == "1",
            oidc_issuer=environ.get("SEUIL_OIDC_ISSUER", ""),
            oidc_client_id=environ.get("SEUIL_OIDC_CLIENT_ID", ""),
            oidc_client_secret=environ.get("SEUIL_OIDC_CLIENT_SECRET", ""),
            oidc_claim=environ.get("SEUIL_OIDC_CLAIM", cls.oidc_claim),
            public_url=public_url.rstrip("/"),
            session_idle=int(_number(environ, "SEUIL_SESSION_IDLE", 2 * 3600, low=60)),
            session_absolute=int(_number(environ, "SEUIL_SESSION_ABSOLUTE", 12 * 3600, low=60)),
        )
        _ = settings.url
        return settings


def _number(environ: Mapping[str, str], name: str, default: float, *, low: float) -> float:
    raw = environ.get(name, "")
    if not raw:
        return default
    try:
        value = float(raw)
    except ValueError:
        raise SettingError(sentence("settings", "number", name=name, low=low)) from None
    if not low <= value < float("inf"):
        raise SettingError(sentence("settings", "number", name=name, low=low))
    return value
