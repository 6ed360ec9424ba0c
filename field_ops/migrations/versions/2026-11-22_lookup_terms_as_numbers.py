"""The lookup index of PostgreSQL in numbers: a third of the room, and rightly planned for.

The owner stands beside the terms, so that rows of many owners are told apart without a join.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# As `term_number` in field_ops/customers/terms.py: the first four bytes of SHA-256.
NUMBER = "('x' || encode(substr(sha256(convert_to(term, 'UTF8')), 1, 4), 'hex'))::bit(32)::int"
COPY = f"""
INSERT INTO customer_terms (rowid, owner, terms)
SELECT rowid,
       (SELECT {NUMBER} FROM unnest(terms) AS term WHERE term ~ '^[0-9]+o'),
       ARRAY(SELECT {NUMBER} FROM unnest(terms) AS term)
FROM customer_terms_as_text ORDER BY rowid
"""  # noqa: S608
TABLE = """
CREATE TABLE customer_terms (rowid bigint PRIMARY KEY, owner int NOT NULL, terms int[] NOT NULL)
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute("DROP INDEX ix_customer_terms_terms")
    op.execute("ALTER TABLE customer_terms RENAME TO customer_terms_as_text")
    op.execute("ALTER INDEX customer_terms_pkey RENAME TO customer_terms_as_text_pkey")
    op.execute(TABLE)
    op.execute(COPY)
    op.execute("DROP TABLE customer_terms_as_text")
    # How common five thousand terms are: a planner that knows few reads whole tables at times.
    op.execute("ALTER TABLE customer_terms ALTER terms SET STATISTICS 500")
    _make_index()


def downgrade() -> None:
    """Numbers cannot be read back: lookups find nothing until `index.rebuild` ran."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute("DROP TABLE customer_terms")
    op.execute("CREATE TABLE customer_terms (rowid bigint PRIMARY KEY, terms text[] NOT NULL)")
    _make_index()


def _make_index() -> None:
    op.execute(
        "CREATE INDEX ix_customer_terms_terms ON customer_terms "
        "USING gin (terms) WITH (fastupdate = on, gin_pending_list_limit = 256)"
    )
