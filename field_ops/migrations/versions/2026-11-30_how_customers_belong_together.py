"""How customers belong together: relations, and of which company one is a branch becomes one."""

import sqlalchemy as sa
from alembic import op

from field_ops.db import UtcDateTime, new_id

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

IN_FORCE = sa.text("ended_at IS NULL")
RELATION = sa.table(
    "customer_relation",
    sa.column("tenant_id", sa.Integer()),
    sa.column("id", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("from_id", sa.String()),
    sa.column("to_id", sa.String()),
    sa.column("note", sa.String()),
    sa.column("started_at", UtcDateTime()),
    sa.column("started_by", sa.String()),
    sa.column("ended_at", UtcDateTime()),
)
CUSTOMER = sa.table(
    "customer",
    sa.column("tenant_id", sa.Integer()),
    sa.column("id", sa.String()),
    sa.column("branch_of", sa.String()),
    sa.column("created_at", UtcDateTime()),
    sa.column("created_by", sa.String()),
)


def upgrade() -> None:
    op.create_table(
        "customer_relation",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("from_id", sa.String(length=26), nullable=False),
        sa.Column("to_id", sa.String(length=26), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(length=26), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customer_relation")),
    )
    for end in ("from_id", "to_id"):
        op.create_index(
            f"ix_customer_relation_tenant_id_{end}", "customer_relation", ["tenant_id", end]
        )
    op.create_index(
        "uq_customer_relation_in_force",
        "customer_relation",
        ["tenant_id", "from_id", "to_id", "kind"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )
    connection = op.get_bind()
    known = connection.execute(sa.select(CUSTOMER).where(CUSTOMER.c.branch_of.is_not(None)))
    rows = [
        {
            "tenant_id": row.tenant_id,
            "id": new_id(),
            "kind": "branch",
            "from_id": row.branch_of,
            "to_id": row.id,
            "note": "",
            "started_at": row.created_at,
            "started_by": row.created_by,
            "ended_at": None,
        }
        for row in known
    ]
    if rows:
        connection.execute(RELATION.insert(), rows)
    op.drop_column("customer", "branch_of")


def downgrade() -> None:
    op.add_column("customer", sa.Column("branch_of", sa.String(length=26), nullable=True))
    op.execute(
        "UPDATE customer SET branch_of = (SELECT max(from_id) FROM customer_relation r"
        " WHERE r.tenant_id = customer.tenant_id AND r.to_id = customer.id"
        " AND r.kind = 'branch' AND r.ended_at IS NULL)"
    )
    op.drop_table("customer_relation")
