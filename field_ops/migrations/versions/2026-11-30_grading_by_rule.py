"""Grading by rule: rules of a company, figures that it was told, what a quarter proposes."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "grade_rules",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.String(length=26), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_grade_rules")),
    )
    op.create_table(
        "customer_figure",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("paid_on_time", sa.Float(), nullable=True),
        sa.Column("told_by", sa.String(length=26), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "customer_id", "month", name=op.f("pk_customer_figure")
        ),
    )
    op.create_table(
        "grade_proposal",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.Column("before", sa.String(length=1), nullable=False),
        sa.Column("after", sa.String(length=1), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=26), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_grade_proposal")),
        sa.UniqueConstraint(
            "tenant_id",
            "quarter",
            "customer_id",
            name=op.f("uq_grade_proposal_tenant_id_quarter_customer_id"),
        ),
    )
    op.create_index(
        "ix_grade_proposal_tenant_id_customer_id", "grade_proposal", ["tenant_id", "customer_id"]
    )
    op.create_index(
        "ix_grade_proposal_open",
        "grade_proposal",
        ["tenant_id", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_table("grade_proposal")
    op.drop_table("customer_figure")
    op.drop_table("grade_rules")
