"""Who saw a customer by a share, or because he made it, and may see it no more; and no customer
that somebody owns lies in a pool."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sight_lost",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "member_id", "customer_id", name=op.f("pk_sight_lost")
        ),
    )
    # Merges left it there where only the other record had an owner.
    op.execute(
        "UPDATE customer SET pool_id = NULL WHERE owner_id IS NOT NULL AND pool_id IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_table("sight_lost")
