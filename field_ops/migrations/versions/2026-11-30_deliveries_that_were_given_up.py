"""What could not be delivered is found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

GIVEN_UP = sa.text("state = 'given_up'")


def upgrade() -> None:
    op.create_index(
        "ix_webhook_delivery_given_up",
        "webhook_delivery",
        ["tenant_id", "webhook_id"],
        sqlite_where=GIVEN_UP,
        postgresql_where=GIVEN_UP,
    )


def downgrade() -> None:
    op.drop_index("ix_webhook_delivery_given_up", "webhook_delivery")
