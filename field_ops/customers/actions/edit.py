"""Changing a customer, one person at a time."""

from typing import Any

from sqlalchemy import select

from ...history import audit
from ...work import Work
from .. import index, own_fields
from ..credit_codes import read_credit_code
from ..duplicates import claim_keys
from ..errors import ChangedMeanwhile, NameMissing, PhoneOrLocationMissing
from ..field_view import refuse_guarded
from ..levels import BY_HAND, note_level, refuse_unexplained
from ..mail import mail_domain
from ..models import Customer, CustomerLocation
from ..names import core_name, full_name_key
from ..new_rows import refuse_unreadable, refuse_wrong_code
from ..phones import phone_key
from ..schemas import CustomerChange
from .holding import held_for_editing, touch

NAMED_BY = ("name", "city", "customer_kind", "is_branch")


async def edit(work: Work, customer_id: str, change: CustomerChange) -> Customer:
    """Change what is set in `change`; raises ChangedMeanwhile when somebody was faster, or as
    `own_fields.put`."""
    customer = await held_for_editing(work, customer_id)
    if change.revision != customer.revision:
        raise ChangedMeanwhile(name=customer.name, revision=customer.revision)
    wanted = change.model_dump(exclude={"revision", "level_reason"}, exclude_unset=True)
    # Only the radius can be taken back; None elsewhere says nothing.
    wanted = {key: to for key, to in wanted.items() if to is not None or key == "radius_m"}
    own = wanted.pop("custom", {})
    wanted = refuse_guarded(work, customer, wanted, customer)
    await _refuse_incomplete(work, customer, wanted)
    if wanted.get("credit_code"):
        refuse_wrong_code(wanted["credit_code"])
        wanted["credit_code"] = read_credit_code(wanted["credit_code"])
    if "level" in wanted:
        refuse_unexplained(customer, wanted["level"], change.level_reason)
    changed = {
        key: (getattr(customer, key), to)
        for key, to in wanted.items()
        if getattr(customer, key) != to
    }
    for key, (_, to) in changed.items():
        setattr(customer, key, to)
    own_changed = await own_fields.put(work, customer, own) if own else {}
    if not changed and not own_changed:
        return customer
    customer.full_name_key = full_name_key(customer.name)
    customer.core_name = core_name(customer.name)
    customer.phone_key = phone_key(customer.phone)
    customer.mail_domain = mail_domain(customer.email)
    touch(work, customer)
    await claim_keys(work, customer, is_named_anew=not changed.keys().isdisjoint(NAMED_BY))
    if "level" in changed:
        note_level(work, customer, *changed["level"], BY_HAND, change.level_reason)
    audited = {**changed, **own_fields.audited(own_changed)}
    audit.record(work, "customer.edited", "customer", customer.id, audited)
    await index.refresh(work, [customer.id])
    return customer


async def _refuse_incomplete(work: Work, customer: Customer, wanted: dict[str, Any]) -> None:
    if "name" in wanted and not full_name_key(wanted["name"]):
        raise NameMissing()
    if "phone" not in wanted:
        return
    refuse_unreadable(wanted["phone"])
    if not wanted["phone"] and not await _has_place(work, customer):
        raise PhoneOrLocationMissing(name=customer.name)


async def _has_place(work: Work, customer: Customer) -> bool:
    place = select(CustomerLocation.id).where(
        CustomerLocation.tenant_id == work.tenant_id,
        CustomerLocation.customer_id == customer.id,
        CustomerLocation.status != "past",
    )
    return await work.session.scalar(place.limit(1)) is not None
