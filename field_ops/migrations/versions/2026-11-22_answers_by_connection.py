"""Answers that only the holder of a long connection can deliver are known as such."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("by_connection", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("outbox_message", column)


def downgrade() -> None:
    op.drop_column("outbox_message", "by_connection")
