"""Cards are changed after they were sent: a row of the outbox may change the card of another."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WAITING = sa.text("state IN ('queued', 'sending', 'unknown')")
ABOUT = sa.text("about <> ''")


def upgrade() -> None:
    for name in ("line", "revises", "about"):
        column = sa.Column(name, sa.String(length=128), nullable=False, server_default="")
        op.add_column("outbox_message", column)
    op.execute("UPDATE outbox_message SET line = host_user_id")
    op.drop_index("ix_outbox_message_line", "outbox_message")
    _index_of_lines("line")
    op.create_index(
        "ix_outbox_message_about",
        "outbox_message",
        ["tenant_id", "about"],
        sqlite_where=ABOUT,
        postgresql_where=ABOUT,
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_message_about", "outbox_message")
    op.drop_index("ix_outbox_message_line", "outbox_message")
    _index_of_lines("host_user_id")
    for name in ("about", "revises", "line"):
        op.drop_column("outbox_message", name)


def _index_of_lines(column: str) -> None:
    op.create_index(
        "ix_outbox_message_line",
        "outbox_message",
        ["tenant_id", "connection_id", column, "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
