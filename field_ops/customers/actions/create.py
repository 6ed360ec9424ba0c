"""A new customer: a name and one way to reach it are enough (domain.md §7.1)."""

from collections.abc import Sequence
from functools import partial

from ...access import require
from ...custom_fields.values import Changed
from ...history import audit, changes
from ...history.numbers import next_number
from ...work import Work
from .. import contact_fields, index, own_fields, tagging
from ..duplicates import claim_keys
from ..errors import BranchOfNobody, LooksLikeAnother
from ..masked import remember, shown
from ..models import Contact, Customer, CustomerLocation
from ..new_rows import (
    contact_values,
    customer_values,
    description_of,
    proposal_values,
    refuse_incomplete,
)
from ..schemas import ContactIn, CustomerIn
from ..suspects import Action, suspects
from .contacts import audited_new
from .relations import declare_branch, may_be_named


async def create(work: Work, new: CustomerIn) -> Customer:
    """Store it, owned by whoever created it (the system or a program: by nobody).

    Raises PhoneOrLocationMissing, PhoneUnreadable, CreditCodeWrong, BranchOfNobody, a refusal that
    says who has it already, LooksLikeAnother unless `new.is_another`, or as `own_fields.begin` and
    `contact_fields.begin`.
    """
    require(work, "customers.create")
    refuse_incomplete(new)
    if new.branch_of is not None:
        if not await may_be_named(work, new.branch_of):
            raise BranchOfNobody()
        new = new.model_copy(update={"is_branch": True})
    number = await next_number(work, "C", 6)
    owner_id = work.actor.member_id if work.actor.is_person else None
    customer = Customer(**customer_values(work, new, number=number, owner_id=owner_id))
    work.session.add(customer)
    main = next(
        (contact for contact in new.contacts if contact.is_main), next(iter(new.contacts), None)
    )
    people = await _people(work, customer, new.contacts, main)
    if new.location:
        work.session.add(CustomerLocation(**proposal_values(work, customer.id, new.location)))
    if new.branch_of is not None:
        await declare_branch(work, customer, new.branch_of)
    await claim_keys(work, customer)
    own = await own_fields.begin(work, customer, new.custom)
    tags = await tagging.put_first(work, customer, new.tags)
    if not new.is_another:
        await _refuse_alike(work, new, customer.id)
    changes.moved(work, Customer, [customer.id])
    change = {"name": (None, customer.name), **own_fields.audited(own)}
    if tags:
        change["tags"] = ([], tags)
    audit.record(work, "customer.created", "customer", customer.id, change)
    for contact, kept in people:
        if kept:
            audit.record(work, "contact.added", "customer", customer.id, audited_new(contact, kept))
    if new.contacts:
        await contact_fields.say(work, [customer.id])
    await index.refresh(work, [customer.id])
    return customer


async def _people(
    work: Work, customer: Customer, new: Sequence[ContactIn], main: ContactIn | None
) -> list[tuple[Contact, Changed]]:
    """The contacts that come with a customer, each with the values of its own fields."""
    if not new:
        return []
    own, people = await contact_fields.eyes_to_add(work), []
    for one in new:
        values = contact_values(work, customer.id, one)
        values["reports_to"] = None  # who is who here is not known yet
        contact = Contact(**{**values, "is_main": one is main})
        kept = await contact_fields.begin(work, own, customer.owner_id, contact, one.custom)
        work.session.add(contact)
        people.append((contact, kept))
    return people


async def _refuse_alike(work: Work, new: CustomerIn, customer_id: str) -> None:
    found = await suspects(work, description_of(new), besides=customer_id)
    doubtful = [one for one in found if one.action is not Action.SHOW]
    if doubtful:
        told = await shown(work, doubtful)
        told_of = [one.customer_id for one in told if one.is_masked]
        raise LooksLikeAnother(
            name=told[0].name, suspects=[one.model_dump(mode="json") for one in told]
        ).remembered_by(partial(remember, told_of))
