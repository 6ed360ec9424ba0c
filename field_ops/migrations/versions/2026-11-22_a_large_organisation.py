"""A large organisation: answers of a reading that is under way, and one person on two hosts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sync_state",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_sync_state")),
    )
    op.create_table(
        "sync_reading",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sync_reading")),
    )
    op.create_index(
        "ix_sync_reading_tenant_id_connection_id", "sync_reading", ["tenant_id", "connection_id"]
    )
    op.create_table(
        "sync_answer",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("host_id", sa.String(length=128), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "reading_id", "kind", "host_id", name=op.f("pk_sync_answer")
        ),
    )
    op.add_column("member", sa.Column("merged_into_id", sa.String(length=26), nullable=True))
    op.add_column(
        "member_identity",
        sa.Column("phone", sa.String(length=32), server_default="", nullable=False),
    )
    op.create_index("ix_member_identity_tenant_id_phone", "member_identity", ["tenant_id", "phone"])


def downgrade() -> None:
    op.drop_index("ix_member_identity_tenant_id_phone", "member_identity")
    op.drop_column("member_identity", "phone")
    op.drop_column("member", "merged_into_id")
    for table in ("sync_answer", "sync_reading", "sync_state"):
        op.drop_table(table)
