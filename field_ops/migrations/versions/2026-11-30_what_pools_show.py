"""What the pools of a company show before a claim comes with whoever acts."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

LEVELS = {"masked": "MASKED", "hidden": "HIDDEN", "open": "EDIT"}


def upgrade() -> None:
    op.add_column(
        "tenant", sa.Column("pool_fields", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    pool = sa.table("pool", sa.column("tenant_id"), sa.column("id"), sa.column("rules", sa.JSON()))
    tenant = sa.table("tenant", sa.column("id"), sa.column("pool_fields"))
    shown: dict[int, dict[str, dict[str, str]]] = {}
    for tenant_id, pool_id, rules in op.get_bind().execute(sa.select(pool)):
        level = LEVELS[rules.get("claim", {}).get("phone", "masked")]
        hidden = dict.fromkeys(rules.get("hidden", []), "HIDDEN")
        shown.setdefault(tenant_id, {})[pool_id] = {**hidden, "phone": level, "email": level}
    for tenant_id, by_pool in shown.items():
        written = json.dumps(by_pool, sort_keys=True)
        op.execute(sa.update(tenant).where(tenant.c.id == tenant_id).values(pool_fields=written))


def downgrade() -> None:
    op.drop_column("tenant", "pool_fields")
