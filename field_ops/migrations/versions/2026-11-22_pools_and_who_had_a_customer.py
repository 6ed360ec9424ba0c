"""Pools with their members and rules; who had a customer, since when and how it came about."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

UNOWNED = sa.text("owner_id IS NULL")
TABLES = (
    "owner_change",
    "pool_extension",
    "pool_protection",
    "pool_view",
    "pool_member",
    "pool",
)


def upgrade() -> None:
    op.create_table(
        "pool",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_pool")),
    )
    op.create_table(
        "pool_member",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=26), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "pool_id", "kind", "subject_id", name=op.f("pk_pool_member")
        ),
    )
    op.create_table(
        "pool_view",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "member_id", "day", "customer_id", name=op.f("pk_pool_view")
        ),
    )
    op.create_table(
        "owner_change",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("from_id", sa.String(length=26), nullable=True),
        sa.Column("to_id", sa.String(length=26), nullable=True),
        sa.Column("by_id", sa.String(length=26), nullable=True),
        sa.Column("pool_id", sa.String(length=26), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_owner_change")),
    )
    op.create_table(
        "pool_protection",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", name=op.f("pk_pool_protection")),
    )
    op.create_table(
        "pool_extension",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=26), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_pool_extension")),
    )
    op.create_index(
        "ix_pool_extension_tenant_id_customer_id",
        "pool_extension",
        ["tenant_id", "customer_id", "asked_at"],
    )
    for column in ("customer_id", "to_id", "from_id", "how"):
        name = f"ix_owner_change_tenant_id_{column}"
        op.create_index(name, "owner_change", ["tenant_id", column, "at"])
    for new in (
        sa.Column("owner_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "owner_how", sa.String(length=16), server_default="created", nullable=False
        ),
        sa.Column("pool_id", sa.String(length=26), nullable=True),
    ):
        op.add_column("customer", new)
    op.create_index(
        "ix_customer_pool",
        "customer",
        ["tenant_id", "id"],
        sqlite_where=UNOWNED,
        postgresql_where=UNOWNED,
    )


def downgrade() -> None:
    op.drop_index("ix_customer_pool", "customer")
    for name in ("owner_since", "owner_how", "pool_id"):
        op.drop_column("customer", name)
    for table in TABLES:
        op.drop_table(table)
