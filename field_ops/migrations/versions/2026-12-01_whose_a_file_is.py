"""Whose a file is, is found by its place."""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("photo", "attachment"):
        op.create_index(f"ix_{table}_tenant_id_place", table, ["tenant_id", "place"])


def downgrade() -> None:
    for table in ("photo", "attachment"):
        op.drop_index(f"ix_{table}_tenant_id_place", table)
