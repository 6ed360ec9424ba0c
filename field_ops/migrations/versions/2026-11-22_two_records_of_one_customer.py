"""Two records of one customer become one."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "customer_merge",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("master_id", sa.String(length=26), nullable=False),
        sa.Column("loser_id", sa.String(length=26), nullable=False),
        sa.Column("merged_by", sa.String(length=26), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("undone_by", sa.String(length=26), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customer_merge")),
    )
    for name in ("master_id", "loser_id"):
        op.create_index(f"ix_customer_merge_tenant_id_{name}", "customer_merge", ["tenant_id", name])
    op.add_column("customer", sa.Column("merged_into", sa.String(length=26), nullable=True))
    op.create_index(
        "ix_customer_tenant_id_merged_into",
        "customer",
        ["tenant_id", "merged_into"],
        sqlite_where=MERGED,
        postgresql_where=MERGED,
    )
    op.add_column("visit", sa.Column("proven_customer_id", sa.String(length=26), nullable=True))


def downgrade() -> None:
    op.drop_column("visit", "proven_customer_id")
    op.drop_index("ix_customer_tenant_id_merged_into", "customer")
    op.drop_column("customer", "merged_into")
    op.drop_table("customer_merge")
