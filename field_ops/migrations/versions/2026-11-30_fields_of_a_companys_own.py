"""Fields that a company defines for its customers, and what their values are found by."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

COMPARED = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
BY_TEXT, BY_NUMBER = sa.text("text IS NOT NULL"), sa.text("number IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "field_set",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("object", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=26), nullable=False),
        sa.Column("computed_to", sa.String(length=26), nullable=True),
        sa.Column("said_to", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "object", name=op.f("pk_field_set")),
    )
    op.create_table(
        "field_definition",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("object", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "object", "key", name=op.f("pk_field_definition")),
    )
    op.create_index(
        "uq_field_definition_number", "field_definition", ["tenant_id", "number"], unique=True
    )
    op.create_table(
        "field_value",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(length=26), nullable=False),
        sa.Column("field", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("text", COMPARED, nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(
            "tenant_id", "record_id", "field", "place", name=op.f("pk_field_value")
        ),
    )
    op.create_index(
        "ix_field_value_text",
        "field_value",
        ["tenant_id", "field", "text", "record_id"],
        sqlite_where=BY_TEXT,
        postgresql_where=BY_TEXT,
    )
    op.create_index(
        "ix_field_value_number",
        "field_value",
        ["tenant_id", "field", "number", "record_id"],
        sqlite_where=BY_NUMBER,
        postgresql_where=BY_NUMBER,
    )
    op.add_column(
        "customer", sa.Column("custom", sa.JSON(), server_default="{}", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("customer", "custom")
    op.drop_table("field_value")
    op.drop_table("field_definition")
    op.drop_table("field_set")
