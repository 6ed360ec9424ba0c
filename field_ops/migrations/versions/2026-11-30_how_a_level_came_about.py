"""How a customer came to its level: every change with its reason."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "level_change",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("before", sa.String(length=1), nullable=False),
        sa.Column("after", sa.String(length=1), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_level_change")),
    )
    op.create_index(
        "ix_level_change_tenant_id_customer_id",
        "level_change",
        ["tenant_id", "customer_id", "id"],
    )


def downgrade() -> None:
    op.drop_table("level_change")
