"""Places that heal themselves: what a place rests on, what it replaces, and a company's figures."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

PLACE = "customer_location"
MOVES = sa.text("status = 'proposed' AND replaces_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "place_rules",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.String(length=26), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_place_rules")),
    )
    op.create_table(
        "place_evidence",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.String(length=26), nullable=False),
        sa.Column("visit_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "location_id", "visit_id", name=op.f("pk_place_evidence")
        ),
    )
    op.add_column(
        PLACE, sa.Column("confirmed_how", sa.String(length=16), server_default="", nullable=False)
    )
    op.add_column(PLACE, sa.Column("replaces_id", sa.String(length=26), nullable=True))
    op.add_column(PLACE, sa.Column("closed_by", sa.String(length=26), nullable=True))
    op.add_column(PLACE, sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(f"UPDATE {PLACE} SET confirmed_how = 'lead' WHERE confirmed_at IS NOT NULL")
    # A proposal beside a confirmed place of its door would move it: it waits for a lead.
    op.execute(
        f"""UPDATE {PLACE} SET replaces_id = (
            SELECT present.id FROM {PLACE} present
            WHERE present.tenant_id = {PLACE}.tenant_id
            AND present.customer_id = {PLACE}.customer_id
            AND present.door = {PLACE}.door AND present.door_name = {PLACE}.door_name
            AND present.status = 'confirmed'
        ) WHERE status = 'proposed'"""
    )
    op.create_index(
        "ix_customer_location_moves",
        PLACE,
        ["tenant_id", "id"],
        sqlite_where=MOVES,
        postgresql_where=MOVES,
    )


def downgrade() -> None:
    op.drop_index("ix_customer_location_moves", PLACE)
    for column in ("closed_at", "closed_by", "replaces_id", "confirmed_how"):
        op.drop_column(PLACE, column)
    op.drop_table("place_evidence")
    op.drop_table("place_rules")
