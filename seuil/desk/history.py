"""The history of a case: events that are only added, each bound to the one before by a hash.

A hash covers the event's content and the previous hash under a key of the desk, so that neither
a changed row nor a rewritten tail verifies; the case keeps the count and the hash of its last
event, so that a removed tail is seen too. A note's text is sealed; the hash covers the digest
of the sealed bytes: after an erasure the history still verifies.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from seuil.desk.keys import keyed_digest

GENESIS = "0" * 64


@dataclass(frozen=True)
class Event:
    """One event of a case's history; `text` is a note's, where the reader may see it."""

    seq: int
    at: datetime
    kind: str
    actor: str
    data: Mapping[str, Any]
    text: str | None = field(default=None, repr=False)

    def as_json(self) -> dict[str, Any]:
        """The event for the API."""
        shown = {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "kind": self.kind,
            "actor": self.actor,
            "data": dict(self.data),
        }
        return shown if self.text is None else {**shown, "text": self.text}


def canonical(value: object) -> str:
    """JSON that is the same for the same content."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(sealed: bytes | None) -> str | None:
    """SHA-256 of sealed bytes, or nothing."""
    return None if sealed is None else hashlib.sha256(sealed).hexdigest()


def event_hash(
    key: bytes,
    *,
    case_id: str,
    seq: int,
    at: datetime,
    kind: str,
    actor_id: str,
    actor_name: str,
    data: str,
    secret_digest: str | None,
    previous: str,
) -> str:
    """The hash of an event, bound to `previous`."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return keyed_digest(
        key,
        canonical(
            [case_id, seq, moment, kind, actor_id, actor_name, data, secret_digest, previous]
        ),
    )


def first_fault(
    key: bytes, events: Sequence[Mapping[str, Any]], event_count: int, head_hash: str
) -> int | None:
    """The sequence number of the first event that does not verify, or None.

    `events` are the rows of one case in order; the two last arguments are the case's own.
    """
    previous = GENESIS
    for position, row in enumerate(events, start=1):
        expected = event_hash(
            key,
            case_id=row["case_id"],
            seq=position,
            at=row["at"],
            kind=row["kind"],
            actor_id=row["actor_id"],
            actor_name=row["actor_name"],
            data=row["data"],
            secret_digest=row["secret_digest"],
            previous=previous,
        )
        altered = row["secret"] is not None and digest_of(row["secret"]) != row["secret_digest"]
        if row["seq"] != position or row["hash"] != expected or altered:
            return position
        previous = row["hash"]
    if len(events) != event_count or previous != head_hash:
        return len(events) + 1
    return None
