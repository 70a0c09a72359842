"""A person's contact details: what is admissible, and a form to compare them by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from seuil.desk.errors import InvalidCase

_LIMITS = {
    "name": 120,
    "last_name": 80,
    "first_name": 80,
    "phone": 40,
    "email": 200,
    "when": 300,
    "address": 300,
    "employer": 200,
    "origin": 1000,
    "social_worker": 300,
    "referrer": 200,
}
_SAFE = ("safe_to_call", "safe_to_leave_message")
_EMAIL = re.compile(r"[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+\.[^@\s<>,;:\"().]{2,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """Text without control characters, lone surrogates and outer spaces: safe to store."""
    return _CONTROL.sub("", text).strip()


def read_contact(given: Mapping[str, Any]) -> dict[str, Any]:
    """The contact details kept of `given`; unknown fields are dropped.

    Raises InvalidCase naming the field: no way to reach the person, an unreadable phone or
    e-mail, a text too long, a value of the wrong type.
    """
    kept: dict[str, Any] = {}
    for field, limit in _LIMITS.items():
        value = given.get(field)
        if value is None:
            continue
        if not isinstance(value, str):
            raise InvalidCase(field)
        text = clean(value)
        if len(text) > limit:
            raise InvalidCase(field, "too_long", limit=limit)
        if text:
            kept[field] = text
    for field in _SAFE:
        value = given.get(field)
        if value is not None and not isinstance(value, bool):
            raise InvalidCase(field)
        kept[field] = value
    if "phone" in kept and comparable_phone(kept["phone"]) is None:
        raise InvalidCase("phone", "invalid_phone")
    if "email" in kept and not _EMAIL.fullmatch(kept["email"]):
        raise InvalidCase("email", "invalid_email")
    if "phone" not in kept and "email" not in kept:
        raise InvalidCase("phone", "contact_needed")
    return kept


def comparable_phone(written: str) -> str | None:
    """The digits of a phone number in international form, or None when it is none.

    French spellings of one number compare equal: "06 12…", "+33 6 12…", "0033 (0)6 12…".
    """
    if re.search(r"[^\d\s.+()/–-]", written):
        return None
    digits = re.sub(r"\D", "", written.replace("(0)", ""))
    plus = written.strip().startswith("+")
    if digits.startswith("00"):
        digits, plus = digits[2:], True
    if not plus and digits.startswith("0") and len(digits) == 10:
        digits = "33" + digits[1:]
    elif not plus and not digits.startswith("33"):
        return None
    return digits if 8 <= len(digits) <= 15 else None


def comparables(contact: Mapping[str, Any]) -> list[str]:
    """What a person can be found by: the phone number and the e-mail, in a comparable form."""
    found = []
    if phone := contact.get("phone"):
        found.append(f"phone:{comparable_phone(phone)}")
    if email := contact.get("email"):
        found.append(f"email:{email.casefold()}")
    return found
