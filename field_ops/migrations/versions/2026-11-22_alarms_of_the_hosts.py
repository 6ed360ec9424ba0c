"""The hosts' own alarms beside urgent messages."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

RINGS = sa.text("state IN ('waiting', 'ringing')")


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=26), nullable=False),
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("doubts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("host_alarm_id", sa.String(length=128), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "message_id", name=op.f("pk_alarm")),
    )
    op.create_index(
        "ix_alarm_open",
        "alarm",
        ["tenant_id", "connection_id", "message_id"],
        sqlite_where=RINGS,
        postgresql_where=RINGS,
    )


def downgrade() -> None:
    op.drop_table("alarm")
