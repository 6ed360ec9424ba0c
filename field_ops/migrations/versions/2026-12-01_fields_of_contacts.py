"""Contacts have values of fields that their company defines."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("custom", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("contact", "custom")
