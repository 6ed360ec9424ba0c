"""The narrow row of a lookup knows whose the customer is and where, and finds what is around."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "owner_id": sa.String(26),
    "lat": sa.Float(),
    "lng": sa.Float(),
    "cell": sa.BigInteger(),
}
# As `cell_of` in field_ops/customers/cells.py. SQLite cuts what is behind the point, which is the
# floor of a number that is not negative.
CELL = {
    "sqlite": "CAST((lat + 90) * 1000 AS INTEGER) * 1000000 + CAST((lng + 180) * 1000 AS INTEGER)",
    "postgresql": (
        "CAST(floor((lat + 90) * 1000) AS bigint) * 1000000 "
        "+ CAST(floor((lng + 180) * 1000) AS bigint)"
    ),
}
# Of several places the confirmed one, else the newest proposal. One statement, so that PostgreSQL
# writes each row anew only once.
KNOWN = """
UPDATE customer_search SET owner_id = known.owner_id, lat = known.lat, lng = known.lng,
                           cell = known.cell
FROM (
    SELECT c.tenant_id, c.id, c.owner_id, l.lat, l.lng, {cell} AS cell
    FROM customer AS c LEFT JOIN (
        SELECT tenant_id, customer_id, lat, lng, row_number() OVER (
            PARTITION BY tenant_id, customer_id ORDER BY status, id DESC
        ) AS rank
        FROM customer_location WHERE status <> 'past'
    ) AS l ON l.tenant_id = c.tenant_id AND l.customer_id = c.id AND l.rank = 1
) AS known
WHERE known.tenant_id = customer_search.tenant_id AND known.id = customer_search.customer_id
"""


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("customer_search", sa.Column(name, kind, nullable=True))
    op.execute(KNOWN.format(cell=CELL[op.get_bind().dialect.name]))
    op.create_index(
        "ix_customer_search_tenant_id_owner_id",
        "customer_search",
        ["tenant_id", "owner_id", "lat", "lng"],
    )
    op.create_index("ix_customer_search_tenant_id_cell", "customer_search", ["tenant_id", "cell"])


def downgrade() -> None:
    op.drop_index("ix_customer_search_tenant_id_cell", "customer_search")
    op.drop_index("ix_customer_search_tenant_id_owner_id", "customer_search")
    for name in COLUMNS:
        op.drop_column("customer_search", name)
