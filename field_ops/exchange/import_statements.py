"""The statements by which an import writes many rows at once, and what follows from fields."""

from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, update

from ..custom_fields.models import FieldValue
from ..customers.mail import mail_domain
from ..customers.models import Contact, Customer
from ..customers.names import core_name, full_name_key
from ..customers.owner_changes import ASSIGNED
from ..customers.phones import phone_key
from ..tags.models import CustomerTag
from ..work import Work
from .import_steps import Change

FIELDS = (
    "name", "full_name_key", "core_name", "customer_kind", "type", "level", "lifecycle_stage",
    "place_class", "radius_m", "phone", "phone_key", "credit_code", "email", "mail_domain",
    "is_branch", "city", "address", "source", "note", "owner_id", "owner_since", "owner_how",
    "pool_id", "custom",
)  # fmt: skip
CONTACT_FIELDS = ("name", "title", "phone", "phone_key")


def with_derived(work: Work, change: Change) -> dict[str, tuple[Any, Any]]:
    """The fields that change, with those that follow from them."""
    customer, fields = change.present.customer, dict(change.fields)

    def follows(name: str, to: Any) -> None:
        if getattr(customer, name) != to:
            fields[name] = (getattr(customer, name), to)

    if "name" in fields:
        follows("full_name_key", full_name_key(fields["name"][1]))
        follows("core_name", core_name(fields["name"][1]))
    if "phone" in fields:
        follows("phone_key", phone_key(fields["phone"][1]))
    if "email" in fields:
        follows("mail_domain", mail_domain(fields["email"][1]))
    if "owner_id" in fields:
        follows("owner_since", work.now)
        follows("owner_how", ASSIGNED)
        follows("pool_id", None)
    return fields


def timeless(fields: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """Moments as texts, for JSON."""
    return {
        name: tuple(one.isoformat() if hasattr(one, "isoformat") else one for one in pair)
        for name, pair in fields.items()
    }


_customer = cast(Table, Customer.__table__)
CHANGE_CUSTOMER = (
    update(_customer)
    .where(_customer.c.tenant_id == bindparam("at_tenant_id"), _customer.c.id == bindparam("at_id"))
    .values(
        **{name: bindparam(f"to_{name}") for name in FIELDS},
        revision=_customer.c.revision + 1,
    )
)
_value = cast(Table, FieldValue.__table__)
FORGET_VALUE = delete(_value).where(
    _value.c.tenant_id == bindparam("at_tenant_id"),
    _value.c.record_id == bindparam("at_id"),
    _value.c.field == bindparam("at_field"),
)
_tag = cast(Table, CustomerTag.__table__)
FORGET_TAG = delete(_tag).where(
    _tag.c.tenant_id == bindparam("at_tenant_id"),
    _tag.c.customer_id == bindparam("at_id"),
    _tag.c.tag_id == bindparam("at_tag"),
)
_contact = cast(Table, Contact.__table__)
CHANGE_CONTACT = (
    update(_contact)
    .where(_contact.c.tenant_id == bindparam("at_tenant_id"), _contact.c.id == bindparam("at_id"))
    .values(**{name: bindparam(f"to_{name}") for name in (*CONTACT_FIELDS, "custom")})
)
