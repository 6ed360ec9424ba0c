"""Plans of days that are over, to which nobody went, are found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

SCHEDULED = sa.text("state = 'scheduled'")


def upgrade() -> None:
    op.create_index(
        "ix_visit_plan_scheduled",
        "visit_plan",
        ["tenant_id", "planned_on"],
        sqlite_where=SCHEDULED,
        postgresql_where=SCHEDULED,
    )


def downgrade() -> None:
    op.drop_index("ix_visit_plan_scheduled", "visit_plan")
