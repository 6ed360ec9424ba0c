"""Attendance records of the hosts that stand beside a visit, and how far they were read."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "host_attendance_event",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("host", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("visit_id", sa.String(length=26), nullable=False),
        sa.Column("end", sa.String(length=16), nullable=False),
        sa.Column("says", sa.String(length=8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("abnormal", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lng", sa.Float(), nullable=True),
        sa.Column("original_lat", sa.Float(), nullable=True),
        sa.Column("original_lng", sa.Float(), nullable=True),
        sa.Column("datum", sa.String(length=8), nullable=False),
        sa.Column("distance_m", sa.Float(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "connection_id", "key", name=op.f("pk_host_attendance_event")
        ),
    )
    op.create_index(
        "ix_host_attendance_event_tenant_id_visit_id",
        "host_attendance_event",
        ["tenant_id", "visit_id", "at"],
    )
    op.create_table(
        "attendance_reading",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_back_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", name=op.f("pk_attendance_reading")),
    )


def downgrade() -> None:
    op.drop_table("attendance_reading")
    op.drop_table("host_attendance_event")
