"""Customers are found by their address, and by what other folders say of them, such as tags."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_text",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "customer_id", "source", name=op.f("pk_customer_text")
        ),
    )
    op.add_column(
        "customer_search", sa.Column("asides", sa.Text(), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("customer_search", "asides")
    op.drop_table("customer_text")
