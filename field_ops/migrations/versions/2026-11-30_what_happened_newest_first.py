"""What happened to one thing is found newest first, and so are the plans of a customer."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

AUDIT, PLANS = "ix_audit_entry_tenant_id_subject", "ix_visit_plan_tenant_id_customer_id"


def upgrade() -> None:
    op.drop_index(AUDIT, "audit_entry")
    op.create_index(AUDIT, "audit_entry", ["tenant_id", "subject_id", "at", "id"])
    op.drop_index(PLANS, "visit_plan")
    op.create_index(PLANS, "visit_plan", ["tenant_id", "customer_id", "planned_on"])


def downgrade() -> None:
    op.drop_index(PLANS, "visit_plan")
    op.create_index(PLANS, "visit_plan", ["tenant_id", "customer_id"])
    op.drop_index(AUDIT, "audit_entry")
    op.create_index(AUDIT, "audit_entry", ["tenant_id", "subject_id"])
