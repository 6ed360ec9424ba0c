"""Who asks to work on a customer that is not his to see."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

ASKED = sa.text("state = 'asked'")


def upgrade() -> None:
    op.create_table(
        "collaboration_request",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.Column("asker_id", sa.String(length=26), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("access", sa.String(length=8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=26), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_collaboration_request")),
    )
    op.create_index(
        "uq_collaboration_request_asked",
        "collaboration_request",
        ["tenant_id", "customer_id", "asker_id"],
        unique=True,
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )
    op.create_index(
        "ix_collaboration_request_tenant_id_asker_id",
        "collaboration_request",
        ["tenant_id", "asker_id", "asked_at"],
    )
    op.create_index(
        "ix_collaboration_request_expires_at",
        "collaboration_request",
        ["tenant_id", "expires_at"],
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )


def downgrade() -> None:
    op.drop_table("collaboration_request")
