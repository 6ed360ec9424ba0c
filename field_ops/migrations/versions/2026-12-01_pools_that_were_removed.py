"""Pools that were removed, and which customers lay in them."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pool") as table:
        table.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("moved_to", sa.String(length=26), nullable=True))
    op.create_table(
        "pool_move",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.String(length=26), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "pool_id", "customer_id", name=op.f("pk_pool_move")),
    )


def downgrade() -> None:
    op.drop_table("pool_move")
    with op.batch_alter_table("pool") as table:
        table.drop_column("moved_to")
        table.drop_column("removed_at")
