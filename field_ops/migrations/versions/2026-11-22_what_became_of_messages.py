"""What became of a message after the host had accepted it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WANTED = sa.text("delivery = 'wanted'")


def upgrade() -> None:
    column = sa.Column("delivery", sa.String(length=16), nullable=False, server_default="")
    op.add_column("outbox_message", column)
    op.create_index(
        "ix_outbox_message_delivery",
        "outbox_message",
        ["tenant_id", "connection_id", "sent_at"],
        sqlite_where=WANTED,
        postgresql_where=WANTED,
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_message_delivery", "outbox_message")
    op.drop_column("outbox_message", "delivery")
