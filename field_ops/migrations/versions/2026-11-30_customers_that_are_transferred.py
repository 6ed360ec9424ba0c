"""Customers that a lead gives from one member to others."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

AT_WORK = sa.text("state IN ('moving', 'returning')")


def upgrade() -> None:
    op.create_table(
        "transfer",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("from_id", sa.String(length=26), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(length=26), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_transfer")),
    )
    op.create_index(
        "ix_transfer_at_work",
        "transfer",
        ["tenant_id", "id"],
        sqlite_where=AT_WORK,
        postgresql_where=AT_WORK,
    )
    op.create_index("ix_transfer_tenant_id_from_id", "transfer", ["tenant_id", "from_id"])
    op.create_table(
        "transfer_item",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.String(length=26), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.Column("to_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "transfer_id", "customer_id", name=op.f("pk_transfer_item")
        ),
    )
    op.create_index(
        "ix_transfer_item_tenant_id_state", "transfer_item", ["tenant_id", "transfer_id", "state"]
    )


def downgrade() -> None:
    op.drop_table("transfer_item")
    op.drop_table("transfer")
