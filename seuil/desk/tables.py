"""The desk's tables. The migrations make them; this module only describes them to SQLAlchemy.

Times are UTC. Columns marked "sealed" are encrypted with the row's data key (`keys.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    true,
)


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, stored as UTC on both engines (SQLite keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a naive time is an error of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Back to an aware UTC time."""
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite gives an automatic number only to INTEGER PRIMARY KEY.
_Serial = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

cases = Table(
    "cases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("reference", String(16), nullable=False, unique=True),
    Column("origin", String(16), nullable=False),  # conversation, agent, referral
    Column("audience", String(16), nullable=False),
    Column("status", String(16), nullable=False),  # waiting, snoozed, claimed, closed
    Column("rank", SmallInteger, nullable=False),  # 0 critical … 3 normal
    Column("homeless", Boolean, nullable=False),
    Column("family_violence", Boolean, nullable=False),
    Column("immediate_danger", Boolean, nullable=False),
    Column("department", String(16)),
    Column("conversation_id", String(64)),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("snoozed_until", UtcTime),
    Column("claimed_by", String(40)),
    Column("claimed_name", String(80)),
    Column("claimed_at", UtcTime),
    Column("first_taken_at", UtcTime),
    Column("on_time", Boolean),  # whether the first taking met the promise
    Column("read_at", UtcTime),  # the holder's last reading of the contact since the claim
    Column("acted_at", UtcTime),  # the holder's last recorded action since the claim
    Column("live_since", UtcTime),  # the holder writes in the person's conversation
    Column("alarmed_at", UtcTime),  # an alarm was raised since it waits
    Column("attempts", Integer, nullable=False, default=0),
    Column("closed_at", UtcTime),
    Column("outcome", String(16)),
    Column("version", Integer, nullable=False),
    Column("event_count", Integer, nullable=False),
    Column("head_hash", String(64), nullable=False),
    Column("contact", LargeBinary),  # sealed
    Column("facts", LargeBinary),  # sealed
    Column("assessment", LargeBinary),  # sealed
    Column("summary", LargeBinary),  # sealed
    Column("erased_at", UtcTime),
    Index("cases_queue", "status", "rank", "due_at", "created_at", "id"),
    Index("cases_conversation", "conversation_id"),
    Index("cases_holder", "claimed_by", "status"),
    Index("cases_created", "created_at"),
    Index("cases_closed", "status", "closed_at"),
)

case_events = Table(
    "case_events",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("actor_id", String(40), nullable=False),
    Column("actor_name", String(80), nullable=False),
    Column("data", Text, nullable=False),  # canonical JSON, never personal data
    Column("secret", LargeBinary),  # sealed: the text of a note
    Column("secret_digest", String(64)),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("case_id", "seq", name="case_events_chain"),
)

data_keys = Table(
    "data_keys",
    metadata,
    Column("name", String(80), primary_key=True),  # "case/<id>", or a purpose
    Column("master_id", String(16), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("data_keys_master", "master_id"),
)

contact_index = Table(
    "contact_index",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Index("contact_index_digest", "digest"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("body_digest", String(64), nullable=False),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("idempotency_case", "case_id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("dedup_key", String(120), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("case_id", String(32), ForeignKey("cases.id")),
    Column("payload", Text, nullable=False),  # JSON, never personal data
    Column("created_at", UtcTime, nullable=False),
    Column("next_at", UtcTime),  # null once sent or given up
    Column("attempts", Integer, nullable=False, default=0),
    Column("sent_at", UtcTime),
    Column("error", String(200)),
    Index("outbox_next", "next_at"),
)

users = Table(
    "users",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(200)),
    Column("shown_as", String(80)),  # what a person reads in a live conversation
    Column("totp_secret", LargeBinary),  # sealed
    Column("totp_used", BigInteger),  # the last time step used, never taken twice
    Column("subject", String(400)),  # "issuer subject" of OpenID Connect
    Column("shortcuts", Boolean, nullable=False, server_default=true()),
    Column("created_at", UtcTime, nullable=False),
    Column("disabled_at", UtcTime),
    Index("users_subject", "subject", unique=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user_id", String(40), ForeignKey("users.id"), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index("sessions_user", "user_id"),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("scope", String(64), nullable=False),  # digest of a name, an address, or both
    Column("at", UtcTime, nullable=False),
    Index("login_failures_scope", "scope", "at"),
)

case_links = Table(
    "case_links",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("other_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Index("case_links_other", "other_id"),
)

presence = Table(
    "presence",
    metadata,
    Column("place", String(80), primary_key=True),  # "case/<id>", "conversation/<id>"
    Column("who", String(40), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Index("presence_seen", "seen_at"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("place", String(80), primary_key=True),  # "case/<id>", "conversation/<id>"
    Column("at", UtcTime, nullable=False),
)

closures = Table(
    "closures",
    metadata,
    Column("day", Date, primary_key=True),
    Column("reason", String(200), nullable=False),
    Column("set_by", String(80), nullable=False),
    Column("set_at", UtcTime, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("audience", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("state", LargeBinary, nullable=False),  # sealed
    Column("version", Integer, nullable=False),
    Index("conversations_expiry", "expires_at"),
)
