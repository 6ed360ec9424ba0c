"""Who knows a contact is found by him."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

WITH_A_CONTACT = sa.text("contact_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_follow_up_contact",
        "follow_up",
        ["tenant_id", "contact_id", "happened_at"],
        sqlite_where=WITH_A_CONTACT,
        postgresql_where=WITH_A_CONTACT,
    )


def downgrade() -> None:
    op.drop_index("ix_follow_up_contact", "follow_up")
