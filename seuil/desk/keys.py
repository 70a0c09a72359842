"""Keys and field encryption.

A master key never encrypts a field: it wraps data keys, kept in the `data_keys` table with the
id of the master key that wraps them. Each case has its own data key, so that deleting that row
erases the case wherever its fields were copied; rotating the master key wraps the data keys
anew and leaves the fields alone. Fields are sealed with AES-256-GCM under a fresh 96-bit nonce,
with "table/column/row" as associated data: a field moved to another row does not open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from seuil.desk.errors import SettingError
from seuil.desk.settings import DeskSettings
from seuil.desk.words import sentence

_NONCE = 12
_SHORTEST_SECRET = 32


class SealError(Exception):
    """A sealed field does not open: wrong key, wrong row, or altered."""


def seal(key: bytes, place: str, plaintext: bytes) -> bytes:
    """Encrypt `plaintext` for `place` ("table/column/row"); returns nonce and ciphertext."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, place.encode())


def unseal(key: bytes, place: str, sealed: bytes) -> bytes:
    """Decrypt what `seal` made for the same place; raises SealError."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
    except (InvalidTag, ValueError):
        raise SealError(place) from None


def new_data_key() -> bytes:
    """A fresh 256-bit data key."""
    return secrets.token_bytes(32)


def keyed_digest(key: bytes, text: str) -> str:
    """HMAC-SHA256 in hexadecimal: a digest that cannot be guessed at without the key."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class MasterKey:
    """One master key: a short public id, and the key that wraps data keys."""

    id: str
    _wrapping: bytes

    @classmethod
    def from_secret(cls, secret: str) -> MasterKey:
        """Derive the key from a secret of at least 32 characters."""
        return cls(_derive(secret, b"seuil master id", 4).hex(), _derive(secret, b"seuil wrap", 32))

    def wrap(self, name: str, data_key: bytes) -> bytes:
        """Encrypt a data key under its name."""
        return seal(self._wrapping, f"data_keys/wrapped/{name}", data_key)

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """Decrypt a data key; raises SealError."""
        return unseal(self._wrapping, f"data_keys/wrapped/{name}", wrapped)


class KeyRing:
    """The master keys at hand: the first wraps, all unwrap.

    `load` gives them anew: after a rotation by another process, a key that this one has not
    seen yet is looked for again before it is said to be lost.
    """

    def __init__(self, load: Callable[[], tuple[MasterKey, ...]]) -> None:
        self._load = load
        self.keys = load()

    @property
    def current(self) -> MasterKey:
        """The key that wraps from now on."""
        return self.keys[0]

    def refresh(self) -> None:
        """Read the keys again."""
        self.keys = self._load()

    def unwrap(self, master_id: str, name: str, wrapped: bytes) -> bytes:
        """Open a data key with the master key it names; raises SealError."""
        key = self._find(master_id)
        if key is None:
            self.refresh()
            key = self._find(master_id)
        if key is None:
            raise SealError(name)
        return key.unwrap(name, wrapped)

    def _find(self, master_id: str) -> MasterKey | None:
        return next((key for key in self.keys if key.id == master_id), None)


def load_ring(settings: DeskSettings) -> KeyRing:
    """The master keys of the settings, or of the key file, made at the first start (mode 600)."""
    return KeyRing(lambda: tuple(MasterKey.from_secret(secret) for secret in secrets_of(settings)))


def secrets_of(settings: DeskSettings) -> list[str]:
    """The secrets that the master keys derive from, the current one first; SettingError."""
    if not settings.secret_key:
        return _read_key_file(key_file(settings))
    found = [part.strip() for part in settings.secret_key.split(",")]
    if any(len(part) < _SHORTEST_SECRET for part in found):
        raise SettingError(sentence("settings", "secret_key"))
    return found


def key_file(settings: DeskSettings) -> Path:
    """Where the generated keys are kept, the current one on the first line."""
    return settings.var / "secret.key"


def write_key_file(path: Path, secrets_: list[str]) -> None:
    """Replace the key file at once, readable by its owner only."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{secret}\n" for secret in secrets_))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def new_secret() -> str:
    """A fresh secret to derive a master key from."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def _read_key_file(path: Path) -> list[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # O_EXCL settles the race of two first starts: the loser reads the winner's file.
            _create_once(path)
        lines = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        raise SettingError(sentence("settings", "secret_file", path=path.name)) from None
    if not lines or any(len(line) < _SHORTEST_SECRET for line in lines):
        raise SettingError(sentence("settings", "secret_file", path=path.name))
    return lines


def _create_once(path: Path) -> None:
    own = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    write_key_file(own, [new_secret()])
    try:
        os.link(own, path)
    except FileExistsError:
        return
    finally:
        own.unlink()


def _derive(secret: str, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose).derive(secret.encode())
