"""Messages of one kind to one person are said as one: what was merged knows into which."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MERGED = sa.text("merged_into <> ''")


def upgrade() -> None:
    column = sa.Column("merged_into", sa.String(length=26), nullable=False, server_default="")
    op.add_column("outbox_message", column)
    op.create_index(
        "ix_outbox_message_merged",
        "outbox_message",
        ["tenant_id", "merged_into"],
        sqlite_where=MERGED,
        postgresql_where=MERGED,
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_message_merged", "outbox_message")
    op.drop_column("outbox_message", "merged_into")
