"""Services of a host: which are switched on, and which the host refuses now."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "host_connection", sa.Column("services", sa.JSON(), server_default="[]", nullable=False)
    )
    op.create_table(
        "service_pause",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("code", sa.String(length=128), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "connection_id", "service", name=op.f("pk_service_pause")
        ),
    )


def downgrade() -> None:
    op.drop_table("service_pause")
    op.drop_column("host_connection", "services")
