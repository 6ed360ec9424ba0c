"""The lookup index in compressed bitmaps, alike on both databases, with addresses and filters."""

import sqlalchemy as sa
from alembic import op

from field_ops.customers.building import build

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_customer_search_tenant_id_cell", "customer_search")
    op.drop_column("customer_search", "cell")
    op.add_column(
        "customer_search", sa.Column("facets", sa.Text(), server_default="", nullable=False)
    )
    op.create_table(
        "customer_posting",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("documents", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "term", "block", name=op.f("pk_customer_posting")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "customer_posting_change",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.BigInteger(), nullable=False),
        sa.Column("is_there", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "term", "document", name=op.f("pk_customer_posting_change")
        ),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        # They are compressed already.
        op.execute("ALTER TABLE customer_posting ALTER documents SET STORAGE EXTERNAL")
    op.execute("DROP TABLE customer_terms")
    build(op.get_bind())


def downgrade() -> None:
    """Terms of the older kind cannot be made here: lookups find nothing until they were rebuilt."""
    op.drop_table("customer_posting_change")
    op.drop_table("customer_posting")
    op.drop_column("customer_search", "facets")
    op.add_column("customer_search", sa.Column("cell", sa.BigInteger(), nullable=True))
    op.create_index("ix_customer_search_tenant_id_cell", "customer_search", ["tenant_id", "cell"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE customer_terms USING fts5("
            "terms, detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 0')"
        )
        return
    op.execute(
        "CREATE TABLE customer_terms "
        "(rowid bigint PRIMARY KEY, owner int NOT NULL, terms int[] NOT NULL)"
    )
    op.execute("CREATE INDEX ix_customer_terms_terms ON customer_terms USING gin (terms)")
