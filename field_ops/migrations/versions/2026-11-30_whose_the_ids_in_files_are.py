"""Ids that come in spreadsheets are those of a system that has a name."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

BY_HAND = "Excel"  # until now nobody said where they come from
TABLES = ("import_batch", "import_mapping")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(
            table, sa.Column("system", sa.String(length=100), nullable=False, server_default="")
        )
    for table in (*TABLES, "external_id"):
        held = sa.table(table, sa.column("system"))
        op.execute(held.update().where(held.c.system == "").values(system=BY_HAND))


def downgrade() -> None:
    held = sa.table("external_id", sa.column("system"))
    op.execute(held.update().where(held.c.system == BY_HAND).values(system=""))
    for table in TABLES:
        op.drop_column(table, "system")
