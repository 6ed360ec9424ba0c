"""Whom the host itself names as somebody's direct leader is kept beside whom it comes to."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member_identity", sa.Column("told_leader", sa.String(length=128)))


def downgrade() -> None:
    op.drop_column("member_identity", "told_leader")
