"""By which way a photo came: photos from before say nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("captured_by", sa.String(length=24), server_default="", nullable=False)
    op.add_column("photo", column)


def downgrade() -> None:
    op.drop_column("photo", "captured_by")
