"""Who a customer may be already: credit code, mail domain, branches; traditional characters.

Names are compared in simplified characters from now on. What was written in traditional ones is
keyed anew here, and leaves the lookup index, into which the server takes it again when it starts.
"""

import sqlalchemy as sa
from alembic import op

from field_ops.customers.names import city_key, core_name, full_name_key

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CHUNK = 5000
NEXT = """
SELECT tenant_id, id, name, city, customer_kind, full_name_key, core_name, removed_at
FROM customer WHERE (tenant_id, id) > (:tenant_id, :id) ORDER BY tenant_id, id LIMIT :chunk
"""
KEYED = """
UPDATE customer SET full_name_key = :name, core_name = :core WHERE tenant_id = :tenant AND id = :id
"""
CLAIMED = """
INSERT INTO customer_key (tenant_id, key, customer_id) VALUES (:tenant, :key, :id)
ON CONFLICT DO NOTHING
"""
FORGOTTEN = "DELETE FROM customer_search WHERE tenant_id = :tenant AND customer_id = :id"
TERMS = """
DELETE FROM customer_terms WHERE rowid IN
(SELECT document FROM customer_search WHERE tenant_id = :tenant AND customer_id = :id)
"""


def upgrade() -> None:
    op.create_table(
        "masked_sight",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "member_id", "day", "customer_id", name=op.f("pk_masked_sight")
        ),
    )
    for table, column in (
        ("contact", _flag("is_elsewhere_too")),
        ("customer", _text("credit_code", 18)),
        ("customer", _text("email", 200)),
        ("customer", _text("mail_domain", 200)),
        ("customer", _flag("is_branch")),
        ("customer", sa.Column("branch_of", sa.String(length=26), nullable=True)),
    ):
        op.add_column(table, column)
    for name in ("credit_code", "mail_domain"):
        op.create_index(f"ix_customer_tenant_id_{name}", "customer", ["tenant_id", name])
    _key_anew()


def downgrade() -> None:
    for name in ("credit_code", "mail_domain"):
        op.drop_index(f"ix_customer_tenant_id_{name}", "customer")
    for name in ("credit_code", "email", "mail_domain", "is_branch", "branch_of"):
        op.drop_column("customer", name)
    op.drop_column("contact", "is_elsewhere_too")
    op.drop_table("masked_sight")
    op.execute("DELETE FROM customer_key WHERE key LIKE 'core:%' OR key LIKE 'code:%'")


def _flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length=length), server_default="", nullable=False)


def _key_anew() -> None:
    connection = op.get_bind()
    after = {"tenant_id": 0, "id": ""}
    while rows := connection.execute(sa.text(NEXT), {**after, "chunk": CHUNK}).all():
        changed, claimed = [], []
        for row in rows:
            of = {"tenant": row.tenant_id, "id": row.id}
            name, core = full_name_key(row.name), core_name(row.name)
            if (name, core) != (row.full_name_key, row.core_name):
                changed.append({**of, "name": name, "core": core})
                if name and row.customer_kind == "company" and row.removed_at is None:
                    claimed.append({**of, "key": f"name:{name}"})
            city = city_key(row.city, row.name)
            if core and city and row.customer_kind == "company" and row.removed_at is None:
                claimed.append({**of, "key": f"core:{city}:{core}"[:220]})
        if changed:
            connection.execute(sa.text(KEYED), changed)
            for statement in (TERMS, FORGOTTEN):
                connection.execute(
                    sa.text(statement), [{"tenant": r["tenant"], "id": r["id"]} for r in changed]
                )
        if claimed:
            connection.execute(sa.text(CLAIMED), claimed)
        after = {"tenant_id": rows[-1].tenant_id, "id": rows[-1].id}
