"""Who opened the phones of a customer that is not his own."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone_opening",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_phone_opening")),
    )
    op.create_index(
        "ix_phone_opening_tenant_id_customer_id",
        "phone_opening",
        ["tenant_id", "customer_id", "id"],
    )


def downgrade() -> None:
    op.drop_index("ix_phone_opening_tenant_id_customer_id", "phone_opening")
    op.drop_table("phone_opening")
