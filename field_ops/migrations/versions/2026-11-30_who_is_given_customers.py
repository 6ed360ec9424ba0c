"""Who is away: he is given no customers, and the clocks of his stand still."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "member_id", "first_day", name=op.f("pk_absence")),
    )


def downgrade() -> None:
    op.drop_table("absence")
