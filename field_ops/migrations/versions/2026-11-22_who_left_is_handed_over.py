"""Who left is handed over: one row each time somebody departs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")
DEPARTED = sa.text("departed_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("departed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_id", sa.String(length=26), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "member_id", "departed_at", name=op.f("pk_handover")),
    )
    op.create_index(
        "ix_handover_open",
        "handover",
        ["tenant_id", "due_at"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_member_departed",
        "member",
        ["tenant_id", "departed_at"],
        sqlite_where=DEPARTED,
        postgresql_where=DEPARTED,
    )


def downgrade() -> None:
    op.drop_index("ix_member_departed", "member")
    op.drop_table("handover")
