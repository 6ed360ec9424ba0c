"""Follow-ups of every channel, whether each counts, and those that wait for a tap."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

COUNTED = sa.text("counts")
NO = sa.false()


def upgrade() -> None:
    for column in (
        sa.Column("contact_id", sa.String(length=26), nullable=True),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("was_answered", sa.Boolean(), server_default=NO, nullable=False),
        sa.Column("counts", sa.Boolean(), server_default=NO, nullable=False),
        sa.Column("via", sa.String(length=16), server_default="", nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("follow_up", column)
    # What the clock asked of each row until now.
    op.execute(
        "UPDATE follow_up SET counts = true WHERE visit_id IS NULL"
        " AND length(trim(summary)) >= 20 AND next_action <> ''"
    )
    op.create_index(
        "ix_follow_up_counted",
        "follow_up",
        ["tenant_id", "customer_id", "happened_at"],
        sqlite_where=COUNTED,
        postgresql_where=COUNTED,
    )
    op.create_table(
        "follow_up_draft",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("next_action", sa.String(length=200), nullable=False),
        sa.Column("next_action_on", sa.Date(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "code", name=op.f("pk_follow_up_draft")),
    )


def downgrade() -> None:
    op.drop_table("follow_up_draft")
    op.drop_index("ix_follow_up_counted", "follow_up")
    for name in ("edited_at", "via", "counts", "was_answered", "duration_s", "contact_id"):
        op.drop_column("follow_up", name)
