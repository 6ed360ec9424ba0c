"""What colleagues say about a customer, and whom they mention."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_comment",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("customer_id", sa.String(length=26), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("parent_id", sa.String(length=26), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customer_comment")),
    )
    op.create_index(
        "ix_customer_comment_tenant_id_customer_id",
        "customer_comment",
        ["tenant_id", "customer_id", "created_at"],
    )
    op.create_index(
        "ix_customer_comment_tenant_id_parent_id", "customer_comment", ["tenant_id", "parent_id"]
    )
    op.create_table(
        "comment_mention",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.String(length=26), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "comment_id", "member_id", name=op.f("pk_comment_mention")
        ),
    )


def downgrade() -> None:
    op.drop_table("comment_mention")
    op.drop_table("customer_comment")
