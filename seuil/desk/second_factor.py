"""The second factor: six digits that change every 30 seconds (TOTP, RFC 6238)."""

from __future__ import annotations

import hmac
import json
from datetime import datetime, timedelta

import pyotp

from seuil.desk.keys import SealError, seal, unseal

STEP = 30
_TICKET_LASTS = timedelta(minutes=5)


def step_of(secret: str, code: str, now: datetime, used: int | None) -> int | None:
    """The time step at which this code is right, or None; a step used is never taken again.

    One step before and after the present is admitted, for clocks that differ.
    """
    digits = code.replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    present = int(now.timestamp()) // STEP
    for step in (present, present - 1, present + 1):
        fresh = used is None or step > used
        if fresh and hmac.compare_digest(pyotp.TOTP(secret).at(step * STEP), digits):
            return step
    return None


def new_secret() -> str:
    """A fresh secret to enrol, in base 32."""
    return pyotp.random_base32()


def enrolment_address(secret: str, name: str) -> str:
    """The `otpauth:` address that an authenticator opens."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="Seuil")


def make_ticket(key: bytes, purpose: str, value: str, now: datetime) -> str:
    """A sealed value that only this desk opens, for five minutes."""
    until = (now + _TICKET_LASTS).timestamp()
    return seal(key, f"ticket/{purpose}", json.dumps([value, until]).encode()).hex()


def open_ticket(key: bytes, purpose: str, ticket: str, now: datetime) -> str | None:
    """The value of a ticket in force, or None."""
    try:
        value, until = json.loads(unseal(key, f"ticket/{purpose}", bytes.fromhex(ticket)))
    except (SealError, ValueError):
        return None
    return str(value) if now.timestamp() < until else None
