"""How to reach a person, as the contact form gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seuil.desk.problems import Problem

TEXTS = {"name": 120, "phone": 40, "email": 254, "when": 300}
YES_NO_UNSURE = ("safe_to_call", "safe_to_leave_message")


def contact_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contact in `body`, with `consent` checked; raises Problem."""
    if body.get("consent") is not True:
        raise Problem("consent_needed")
    contact: dict[str, Any] = {}
    for name, longest in TEXTS.items():
        value = body.get(name)
        if value is not None and not isinstance(value, str):
            raise Problem("contact_not_text", field=name)
        value = (value or "").strip()
        if len(value) > longest:
            raise Problem("contact_too_long", field=name, longest=longest)
        contact[name] = value or None
    for name in YES_NO_UNSURE:
        value = body.get(name)
        if value is not None and not isinstance(value, bool):
            raise Problem("contact_not_yes_no", field=name)
        contact[name] = value
    if not contact["phone"] and not contact["email"]:
        raise Problem("contact_needed")
    return contact
