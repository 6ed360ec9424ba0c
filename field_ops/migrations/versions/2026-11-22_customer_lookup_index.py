"""The terms by which customers are found: FTS5 on SQLite, an array with GIN on PostgreSQL."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The terms are cut by us; positions and sizes would only cost room. The table keeps its text
# because the SQLite of Debian 12 cannot delete from a contentless one.
FTS5 = """
CREATE VIRTUAL TABLE customer_terms USING fts5(
    terms, detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 0'
)
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(FTS5)
        return
    op.execute("CREATE TABLE customer_terms (rowid bigint PRIMARY KEY, terms text[] NOT NULL)")
    # Without fastupdate: a pending list would make some lookups read it whole.
    op.execute(
        "CREATE INDEX ix_customer_terms_terms ON customer_terms "
        "USING gin (terms) WITH (fastupdate = off)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE customer_terms")
