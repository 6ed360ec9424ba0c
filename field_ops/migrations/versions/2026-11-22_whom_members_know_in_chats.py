"""Whom members know in their chats, which contact that is, and who agreed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

IN_FORCE = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "chat_contact",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("host_key", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("host_user_id", sa.String(length=128), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("remark", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_chat_contact")),
        sa.UniqueConstraint(
            "tenant_id",
            "connection_id",
            "host_key",
            name=op.f("uq_chat_contact_tenant_id_connection_id_host_key"),
        ),
    )
    op.create_index(
        "ix_chat_contact_tenant_id_external_id", "chat_contact", ["tenant_id", "external_id"]
    )
    op.create_index(
        "ix_chat_contact_tenant_id_host_user_id",
        "chat_contact",
        ["tenant_id", "connection_id", "host_user_id"],
    )
    op.create_index(
        "ix_chat_contact_tenant_id_member_id", "chat_contact", ["tenant_id", "member_id", "state"]
    )

    op.create_table(
        "chat_contact_hint",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("host_user_id", sa.String(length=128), nullable=False),
        sa.Column("change", sa.String(length=16), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "connection_id",
            "external_id",
            "host_user_id",
            "change",
            name=op.f("pk_chat_contact_hint"),
        ),
    )
    op.create_table(
        "chat_contact_key",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=330), nullable=False),
        sa.Column("chat_contact_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "member_id", "key", "chat_contact_id", name=op.f("pk_chat_contact_key")
        ),
    )
    op.create_index(
        "ix_chat_contact_key_tenant_id_chat_contact_id",
        "chat_contact_key",
        ["tenant_id", "chat_contact_id"],
    )

    op.create_table(
        "chat_contact_reading",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after", sa.String(length=128), nullable=False),
        sa.Column("block", sa.JSON(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "connection_id", name=op.f("pk_chat_contact_reading")),
    )
    op.create_table(
        "chat_link",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("chat_contact_id", sa.String(length=26), nullable=False),
        sa.Column("contact_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=26), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "chat_contact_id", "contact_id", name=op.f("pk_chat_link")
        ),
    )
    op.create_index("ix_chat_link_tenant_id_contact_id", "chat_link", ["tenant_id", "contact_id"])

    op.create_table(
        "contact_consent",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("contact_id", sa.String(length=26), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=26), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contact_consent")),
    )
    op.create_index(
        "ix_contact_consent_tenant_id_contact_id", "contact_consent", ["tenant_id", "contact_id"]
    )
    op.create_index(
        "uq_contact_consent_in_force",
        "contact_consent",
        ["tenant_id", "contact_id"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )


def downgrade() -> None:
    op.drop_table("contact_consent")
    op.drop_table("chat_link")
    op.drop_table("chat_contact_reading")
    op.drop_table("chat_contact_key")
    op.drop_table("chat_contact_hint")
    op.drop_table("chat_contact")
