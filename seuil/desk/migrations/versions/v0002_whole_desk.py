"""What the whole desk needs: links, presence, erasures, second factors, alarms, figures."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TIME = sa.DateTime(timezone=True)
_CASE: dict[str, Any] = {
    "on_time": sa.Boolean(),
    "read_at": _TIME,
    "live_since": _TIME,
    "alarmed_at": _TIME,
}
_USER: dict[str, Any] = {
    "shown_as": sa.String(80),
    "totp_secret": sa.LargeBinary(),
    "totp_used": sa.BigInteger(),
    "subject": sa.String(400),
}


def upgrade() -> None:
    for name, kind in _CASE.items():
        op.add_column("cases", sa.Column(name, kind))
    for name, kind in _USER.items():
        op.add_column("users", sa.Column(name, kind))
    op.add_column(
        "users", sa.Column("shortcuts", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.create_index("users_subject", "users", ["subject"], unique=True)
    op.create_table(
        "case_links",
        sa.Column("case_id", sa.String(32), sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("other_id", sa.String(32), sa.ForeignKey("cases.id"), primary_key=True),
    )
    op.create_index("case_links_other", "case_links", ["other_id"])
    op.create_table(
        "presence",
        sa.Column("place", sa.String(80), primary_key=True),
        sa.Column("who", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
    )
    op.create_index("presence_seen", "presence", ["seen_at"])
    op.create_table(
        "erasures",
        sa.Column("place", sa.String(80), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("presence")
    op.drop_table("case_links")
    op.drop_index("users_subject", "users")
    for name in ("shortcuts", *_USER):
        op.drop_column("users", name)
    for name in _CASE:
        op.drop_column("cases", name)
