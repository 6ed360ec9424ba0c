"""Changes in the order of the commits; under which ids other systems know customers."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_clock",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_us", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_change_clock")),
    )
    op.create_table(
        "change",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("entry_id", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "number", name=op.f("pk_change")),
    )
    op.create_index("ix_change_tenant_id_at", "change", ["tenant_id", "at"])
    op.add_column(
        "api_token", sa.Column("fields", sa.JSON(), server_default="{}", nullable=False)
    )
    op.create_table(
        "external_id",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=100), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "system", "external_id", name=op.f("pk_external_id")),
        sa.UniqueConstraint(
            "tenant_id", "customer_id", "system", name=op.f("uq_external_id_tenant_id_customer_id_system")
        ),
    )


def downgrade() -> None:
    op.drop_table("external_id")
    op.drop_column("api_token", "fields")
    op.drop_table("change")
    op.drop_table("change_clock")
