"""The desk's vocabulary: actors, a case to take in, a case as shown."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

FLAGS = ("homeless", "family_violence", "immediate_danger")
PRIORITIES = ("critical", "urgent", "high", "normal")
ROLES = ("agent", "counsellor", "supervisor")
AUDIENCES = ("salarie", "rh", "partenaire", "agent")
OUTCOMES = ("accompanied", "redirected", "unreachable", "refused", "duplicate", "error")

# Without 0, 1, I, L, O, U: read aloud on the phone, none is taken for another.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    """A reference to say on the phone, such as `K7QF-3M9P`."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def now_utc() -> datetime:
    """The present moment, to the millisecond: what both engines keep."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass(frozen=True)
class Actor:
    """Who acts: a user, a token, or the product itself."""

    id: str
    name: str
    role: str
    session: str | None = None  # digest of the session, for the forms' protection
    shortcuts: bool = True  # whether one key is enough for an action of the console
    must_enrol: bool = False  # a second factor is required and not there yet

    @property
    def supervises(self) -> bool:
        """Whether this actor may act on others' cases."""
        return self.role in ("supervisor", "system")


SYSTEM = Actor("system", "Seuil", "system")


@dataclass(frozen=True)
class NewCase:
    """A case to take in. `flags` holds the three booleans; `contact` the person's details.

    `contact`: name, phone, email (one of these two), when, safe_to_call,
    safe_to_leave_message; referrals add address, employer, social_worker and the rest of
    the documents' fields. `summary`: short French lines of the conversation.
    """

    audience: str
    facts: Mapping[str, Any]
    assessment: Mapping[str, Any]
    flags: Mapping[str, bool]
    contact: Mapping[str, Any]
    summary: Sequence[str] = ()
    conversation_id: str | None = None
    origin: str = "conversation"


@dataclass(frozen=True)
class CaseView:
    """A case as the desk shows it; `contact` only where it was asked for and audited."""

    id: str = field(repr=False)
    reference: str
    origin: str
    priority: str
    flags: Mapping[str, bool]
    status: str
    audience: str
    created_at: datetime
    due_at: datetime
    version: int
    claimed_by: str | None
    holder_id: str | None = field(repr=False)
    snoozed_until: datetime | None
    closed_at: datetime | None
    outcome: str | None
    attempts: int
    live: bool
    conversation_id: str | None = field(repr=False)
    facts: Mapping[str, Any] = field(repr=False)
    assessment: Mapping[str, Any] = field(repr=False)
    summary: Sequence[str] = field(repr=False)
    care: Mapping[str, Any] = field(repr=False)  # when and how it is safe to reach the person
    contact: Mapping[str, Any] | None = field(default=None, repr=False)
    erased: bool = False
    damaged: bool = False  # fields that do not open: a lost key, an altered row

    def public(self) -> dict[str, str]:
        """What the person may know: reference, priority, status."""
        return {"reference": self.reference, "priority": self.priority, "status": self.status}

    def as_json(self) -> dict[str, Any]:
        """The case of web.md; times are ISO 8601 in UTC."""
        shown: dict[str, Any] = {
            **self.public(),
            "flags": dict(self.flags),
            "created_at": self.created_at.isoformat(),
            "due_at": self.due_at.isoformat(),
            "audience": self.audience,
            "origin": self.origin,
            "facts": dict(self.facts),
            "assessment": dict(self.assessment),
            "claimed_by": self.claimed_by,
            "snoozed_until": self.snoozed_until.isoformat() if self.snoozed_until else None,
            "closed_at": self.closed_at.isoformat() if self.closed_at else None,
            "outcome": self.outcome,
            "attempts": self.attempts,
            "live": self.live,
            "version": self.version,
        }
        if self.contact is not None:
            shown["contact"] = dict(self.contact)
            shown["summary"] = list(self.summary)
        return shown


def rank_of(flags: Mapping[str, bool], difficulties: Sequence[str], disaster: object) -> int:
    """The place of a case's priority in PRIORITIES (urgency.md, Priorities of a case)."""
    if flags["immediate_danger"]:
        return 0
    if flags["homeless"] or flags["family_violence"]:
        return 1
    pressing = {"sinistre", "catastrophe", "expulsion", "saisie"}
    if pressing & set(difficulties) or disaster not in (None, "aucune"):
        return 2
    return 3
