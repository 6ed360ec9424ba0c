"""Contacts as persons: attitude and superior, what somebody is like, where he was before."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("attitude", sa.SmallInteger(), nullable=True))
    op.add_column("contact", sa.Column("reports_to", sa.String(length=26), nullable=True))
    op.add_column(
        "contact_consent",
        # Who agreed before agreed to his chats being used, and to nothing else.
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
    )
    op.create_table(
        "contact_traits",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=26), nullable=False),
        sa.Column("birth_calendar", sa.String(length=8), nullable=False),
        sa.Column("birth_year", sa.SmallInteger(), nullable=True),
        sa.Column("birth_month", sa.SmallInteger(), nullable=True),
        sa.Column("birth_day", sa.SmallInteger(), nullable=True),
        sa.Column("birth_is_leap", sa.Boolean(), nullable=False),
        sa.Column("next_birthday_on", sa.Date(), nullable=True),
        sa.Column("gender", sa.String(length=8), nullable=False),
        sa.Column("age_band", sa.String(length=8), nullable=False),
        sa.Column("income_band", sa.String(length=8), nullable=False),
        sa.Column("style", sa.String(length=16), nullable=False),
        sa.Column("preferences", sa.String(length=500), nullable=False),
        sa.Column("noted_by", sa.String(length=26), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "contact_id", name=op.f("pk_contact_traits")),
    )
    op.create_index(
        "ix_contact_traits_tenant_id_next_birthday_on",
        "contact_traits",
        ["tenant_id", "next_birthday_on"],
    )
    op.create_table(
        "contact_move",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("contact_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("from_id", sa.String(length=26), nullable=False),
        sa.Column("to_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contact_move")),
    )
    for end in ("contact_id", "from_id", "to_id"):
        op.create_index(
            f"ix_contact_move_tenant_id_{end}", "contact_move", ["tenant_id", end]
        )


def downgrade() -> None:
    op.drop_table("contact_move")
    op.drop_table("contact_traits")
    op.drop_column("contact_consent", "version")
    op.drop_column("contact", "reports_to")
    op.drop_column("contact", "attitude")
