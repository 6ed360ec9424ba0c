"""Several doors of a customer: the places that are there are main doors."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

CONFIRMED = sa.text("status = 'confirmed'")
OTHER_DOORS = sa.text("status = 'confirmed' AND door <> 'main'")
UNIQUE = "uq_customer_location_confirmed"


def upgrade() -> None:
    op.add_column(
        "customer_location",
        sa.Column("door", sa.String(length=16), server_default="main", nullable=False),
    )
    op.add_column(
        "customer_location",
        sa.Column("door_name", sa.String(length=30), server_default="", nullable=False),
    )
    op.drop_index(UNIQUE, "customer_location")
    _one_confirmed("door", "door_name")
    op.create_index(
        "ix_customer_location_other_doors",
        "customer_location",
        ["tenant_id", "lat", "lng"],
        sqlite_where=OTHER_DOORS,
        postgresql_where=OTHER_DOORS,
    )


def downgrade() -> None:
    op.drop_index("ix_customer_location_other_doors", "customer_location")
    op.execute(
        "UPDATE customer_location SET status = 'past'"
        " WHERE status = 'confirmed' AND NOT (door = 'main' AND door_name = '')"
    )
    op.drop_index(UNIQUE, "customer_location")
    _one_confirmed()
    op.drop_column("customer_location", "door_name")
    op.drop_column("customer_location", "door")


def _one_confirmed(*columns: str) -> None:
    op.create_index(
        UNIQUE,
        "customer_location",
        ["tenant_id", "customer_id", *columns],
        unique=True,
        sqlite_where=CONFIRMED,
        postgresql_where=CONFIRMED,
    )
