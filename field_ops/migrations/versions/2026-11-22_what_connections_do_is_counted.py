"""What comes through each connection is counted by the hour; what is stuck is found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEPT = sa.text("state IN ('failed', 'given_up')")
STUCK = sa.text("state IN ('refused', 'given_up')")


def upgrade() -> None:
    op.create_table(
        "event_tally",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "connection_id", "hour", "kind", "outcome", name=op.f("pk_event_tally")
        ),
    )
    op.create_index(
        "ix_inbox_event_kept",
        "inbox_event",
        ["tenant_id", "connection_id", "state"],
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )
    op.create_index(
        "ix_outbox_message_stuck",
        "outbox_message",
        ["tenant_id", "connection_id", "state"],
        sqlite_where=STUCK,
        postgresql_where=STUCK,
    )
    op.add_column(
        "lease", sa.Column("says", sa.String(length=16), server_default="", nullable=False)
    )
    op.add_column("lease", sa.Column("since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("lease", "since")
    op.drop_column("lease", "says")
    op.drop_index("ix_outbox_message_stuck", "outbox_message")
    op.drop_index("ix_inbox_event_kept", "inbox_event")
    op.drop_table("event_tally")
