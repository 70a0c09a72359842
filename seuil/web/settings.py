"""The gateway's settings, read from ``SEUIL_*``, every one with a working default."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from seuil.desk import SettingError
from seuil.web.sentences import sentence


@dataclass(frozen=True)
class WebSettings:
    """All that the gateway needs to start. Durations are seconds.

    ``channel_secret`` is shared with Rasa's channel; ``message_limit`` is in characters;
    ``today`` stands for the day's date in conversations, to try the rules of a date.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    rasa_url: str = "http://127.0.0.1:5005"
    actions_url: str = "http://127.0.0.1:5055"
    channel_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    secure_cookies: bool = False
    conversation_lifetime: int = 3600
    message_limit: int = 10_000
    new_conversations: int = 120
    new_conversations_window: int = 600
    messages_per_minute: int = 40
    trusted_proxies: int = 0
    today: date | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> WebSettings:
        """Read the settings; raises SettingError with one French line on a wrong value."""
        rasa = _whole(environ, "SEUIL_RASA_PORT", 5005, 1, 65535)
        actions = _whole(environ, "SEUIL_ACTIONS_PORT", 5055, 1, 65535)
        secret = environ.get("SEUIL_CHANNEL_SECRET", "")
        return cls(
            host=environ.get("SEUIL_HOST") or cls.host,
            port=_whole(environ, "SEUIL_PORT", cls.port, 1, 65535),
            rasa_url=_url(environ, "SEUIL_RASA_URL", f"http://127.0.0.1:{rasa}"),
            actions_url=_url(environ, "SEUIL_ACTIONS_URL", f"http://127.0.0.1:{actions}"),
            channel_secret=secret or secrets.token_urlsafe(32),
            secure_cookies=environ.get("SEUIL_PUBLIC_URL", "").startswith("https://"),
            conversation_lifetime=_whole(
                environ, "SEUIL_CONVERSATION_LIFETIME", cls.conversation_lifetime, 60, 86_400
            ),
            message_limit=_whole(environ, "SEUIL_MESSAGE_LIMIT", cls.message_limit, 200, 100_000),
            new_conversations=_whole(
                environ, "SEUIL_NEW_CONVERSATIONS", cls.new_conversations, 1, 1_000_000
            ),
            new_conversations_window=_whole(
                environ, "SEUIL_NEW_CONVERSATIONS_WINDOW", cls.new_conversations_window, 1, 86_400
            ),
            messages_per_minute=_whole(
                environ, "SEUIL_MESSAGES_PER_MINUTE", cls.messages_per_minute, 1, 1_000_000
            ),
            trusted_proxies=_whole(environ, "SEUIL_TRUSTED_PROXIES", 0, 0, 10),
            today=_date(environ, "SEUIL_TODAY"),
        )


def _whole(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    raw = environ.get(name, "")
    if not raw:
        return default
    if not raw.isascii() or not raw.isdigit() or not low <= int(raw[:12]) <= high:
        raise SettingError(sentence("setting_whole", name=name, low=low, high=high, value=raw[:40]))
    return int(raw)


def _date(environ: Mapping[str, str], name: str) -> date | None:
    raw = environ.get(name, "")
    if not raw:
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        message = sentence("setting_date", name=name, value=raw[:40])
        raise SettingError(message) from None


def _url(environ: Mapping[str, str], name: str, default: str) -> str:
    raw = environ.get(name, "") or default
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingError(sentence("setting_url", name=name, value=raw[:80]))
    return raw.rstrip("/")
