"""Plans in the hosts' calendars and to-dos: what each host holds, and what it cost."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_use",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("host_user_id", sa.String(length=128), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "connection_id", "service", "day", "host_user_id",
            name=op.f("pk_service_use"),
        ),
    )
    op.create_table(
        "agenda_book",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("host_book_id", sa.String(length=128), nullable=True),
        sa.Column("compared_up_to", sa.String(length=26), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint(
            "tenant_id", "connection_id", "service", name=op.f("pk_agenda_book")
        ),
    )
    op.create_table(
        "agenda_entry",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("plan_id", sa.String(length=26), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("host_user_id", sa.String(length=128), nullable=False),
        sa.Column("union_id", sa.String(length=128), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("host_entry_id", sa.String(length=128), nullable=False),
        sa.Column("stamp", sa.String(length=32), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_agenda_entry")),
        sa.UniqueConstraint(
            "tenant_id", "connection_id", "service", "plan_id", "host_user_id",
            name="uq_agenda_entry_plan",
        ),
    )
    op.create_index(
        "ix_agenda_entry_member",
        "agenda_entry",
        ["tenant_id", "connection_id", "service", "member_id"],
    )


def downgrade() -> None:
    op.drop_index("ix_agenda_entry_member", "agenda_entry")
    for table in ("agenda_entry", "agenda_book", "service_use"):
        op.drop_table(table)
