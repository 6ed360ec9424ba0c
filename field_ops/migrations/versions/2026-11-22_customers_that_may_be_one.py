"""Customers that may be one, as the nightly look finds them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duplicate_pair",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.String(length=26), nullable=False),
        sa.Column("other_id", sa.String(length=26), nullable=False),
        sa.Column("check", sa.String(length=16), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=26), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "one_id", "other_id", name=op.f("pk_duplicate_pair")),
    )
    op.create_index(
        "ix_duplicate_pair_tenant_id_other_id", "duplicate_pair", ["tenant_id", "other_id"]
    )
    op.create_table(
        "duplicate_scan",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_duplicate_scan")),
    )
    op.create_index(
        "ix_customer_tenant_id_updated_at", "customer", ["tenant_id", "updated_at", "id"]
    )


def downgrade() -> None:
    op.drop_index("ix_customer_tenant_id_updated_at", "customer")
    op.drop_table("duplicate_scan")
    op.drop_table("duplicate_pair")
