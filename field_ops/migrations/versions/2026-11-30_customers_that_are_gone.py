"""Removed customers in the order of their change, for programs that keep a copy."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

REMOVED = sa.text("removed_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_customer_removed",
        "customer",
        ["tenant_id", "updated_at", "id"],
        sqlite_where=REMOVED,
        postgresql_where=REMOVED,
    )


def downgrade() -> None:
    op.drop_index("ix_customer_removed", table_name="customer")
