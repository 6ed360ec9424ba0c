"""Answers of the bot are found at once, however many reminders are due."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ASKED_FOR = sa.text("state IN ('queued', 'sending', 'unknown') AND kind = 'answer'")


def upgrade() -> None:
    op.create_index(
        "ix_outbox_message_asked_for",
        "outbox_message",
        ["tenant_id", "connection_id", "due_at"],
        sqlite_where=ASKED_FOR,
        postgresql_where=ASKED_FOR,
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_message_asked_for", "outbox_message")
