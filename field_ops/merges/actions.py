"""Making one customer of two, and two of one again within a week (domain.md §7.4)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import aliased

from ..access import find_visible, require
from ..attachments.models import Attachment
from ..comments.models import CustomerComment
from ..customers import contact_fields, index, own_fields
from ..customers.actions.holding import held, touch
from ..customers.duplicates import claim_keys
from ..customers.levels import MERGED, PARTED, note_level
from ..customers.mail import mail_domain
from ..customers.models import (
    Collaborator,
    Contact,
    Customer,
    CustomerKey,
    CustomerLocation,
    CustomerVisitor,
)
from ..customers.names import core_name, full_name_key
from ..customers.phones import phone_key
from ..customers.relations import one_at_a_time
from ..customers.sight_lost import no_longer_shared
from ..customers.tagging import move_tags
from ..db import new_id
from ..errors import NotFound
from ..follow_ups.models import FollowUp
from ..history import audit
from ..plans.models import VisitPlan
from ..visits.models import Visit
from ..work import Work
from . import relations, trails
from .choice import OWN, Side
from .errors import MergedOnward, SameRecord, TooLateToUndo, UndoneAlready
from .models import CustomerMerge, DuplicatePair
from .owners import MAY, owner_of_both, refuse_out_of_reach, remember_owner, without_a_pool
from .queries import Preview, choices_of, preview

UNDONE_WITHIN = timedelta(days=7)
OWN_ID: dict[str, Any] = {
    "contact": Contact,
    "customer_comment": CustomerComment,
    "attachment": Attachment,
    "customer_location": CustomerLocation,
    "follow_up": FollowUp,
    "visit_plan": VisitPlan,
    "visit": Visit,
}
BY_MEMBER: dict[str, Any] = {"collaborator": Collaborator, "customer_visitor": CustomerVisitor}


async def show_merge(
    work: Work, master_id: str, loser_id: str, picks: Mapping[str, Side]
) -> Preview:
    """What a merge would do. Needs `customers.merge` as far as both."""
    require(work, MAY)
    if master_id == loser_id:
        raise SameRecord()
    master = await find_visible(work, Customer, master_id)
    loser = await find_visible(work, Customer, loser_id)
    await refuse_out_of_reach(work, master, loser)
    return await preview(work, master, loser, picks)


async def merge(
    work: Work, master_id: str, loser_id: str, picks: Mapping[str, Side]
) -> CustomerMerge:
    """Put everything of the loser under the master. The loser's id and number lead there from now.

    What proves a visit still proves it: a visit remembers at whose record it was proven.
    """
    require(work, MAY)
    if master_id == loser_id:
        raise SameRecord()
    await one_at_a_time(work)
    # In one order, so that two who merge the same pair wait for each other.
    both = {one: await held(work, one) for one in sorted((master_id, loser_id))}
    master, loser = both[master_id], both[loser_id]
    if master is loser:  # somebody merged them a moment ago, the other way round
        raise SameRecord()
    await refuse_out_of_reach(work, master, loser)
    await relations.refuse_a_circle(work, master, loser)
    choices = await choices_of(work, master, loser, picks)
    moved = await _move(work, loser, master)
    moved["tags"] = await move_tags(work, loser.id, master.id)
    loser.merged_into, loser.removed_at = master.id, work.now
    touch(work, loser)
    await work.session.flush()
    await work.session.execute(
        delete(CustomerKey).where(
            CustomerKey.tenant_id == work.tenant_id, CustomerKey.customer_id == loser.id
        )
    )
    await work.session.execute(
        delete(DuplicatePair).where(
            DuplicatePair.tenant_id == work.tenant_id,
            or_(DuplicatePair.one_id == loser.id, DuplicatePair.other_id == loser.id),
        )
    )
    wanted = {one.field: one.value for one in choices if not one.field.startswith(OWN)}
    own = {one.field.removeprefix(OWN): one.value for one in choices if one.field.startswith(OWN)}
    wanted |= owner_of_both(master, loser)
    wanted["last_visit_at"] = max(
        filter(None, (master.last_visit_at, loser.last_visit_at)), default=None
    )
    fields = _set(work, master, wanted)
    await remember_owner(work, master, fields, MERGED)
    if "level" in fields:
        note_level(work, master, *fields["level"], MERGED)
    fields |= own_fields.audited(await own_fields.settle(work, master, own))
    done = CustomerMerge(
        tenant_id=work.tenant_id,
        id=new_id(),
        master_id=master.id,
        loser_id=loser.id,
        merged_by=work.actor.member_id,
        merged_at=work.now,
        fields={name: [_plain(before), _plain(after)] for name, (before, after) in fields.items()},
        moved=moved,
    )
    work.session.add(done)
    await _keep(work, master, named_anew=not fields.keys().isdisjoint({"name", "city"}))
    await contact_fields.say(work, [master.id, loser.id])
    await index.refresh(work, [master.id, loser.id])
    change = {name: tuple(pair) for name, pair in done.fields.items()}
    audit.record(work, "customer.merged", "customer", master.id, change)
    audit.record(work, "customer.merged_into", "customer", loser.id, {"into": (None, master.id)})
    return done


async def undo(work: Work, merge_id: str) -> CustomerMerge:
    """Part the two again: each gets back what was its own and what nobody changed since."""
    require(work, MAY)
    await one_at_a_time(work)
    done = await work.session.get(
        CustomerMerge, (work.tenant_id, merge_id), with_for_update=True, populate_existing=True
    )
    if done is None:
        raise NotFound()
    master = await held(work, done.master_id) if done.undone_at is None else None
    if master is None:
        raise UndoneAlready()
    await refuse_out_of_reach(work, master)
    if work.now - done.merged_at > UNDONE_WITHIN:
        raise TooLateToUndo(days=UNDONE_WITHIN.days)
    loser = await work.session.get_one(Customer, (work.tenant_id, done.loser_id))
    if (
        loser.merged_into != done.master_id
        or master.id != done.master_id
        or await _merged_since(work, done)
    ):
        raise MergedOnward()
    await _move_back(work, done)
    loser.merged_into, loser.removed_at = None, None
    touch(work, loser)
    back = {
        name: _moment(name, before)
        for name, (before, after) in done.fields.items()
        if not name.startswith(OWN) and _plain(getattr(master, name)) == after
    }
    own_back = {
        name.removeprefix(OWN): before
        for name, (before, after) in done.fields.items()
        if name.startswith(OWN) and master.custom.get(name.removeprefix(OWN)) == after
    }
    given_back = _set(work, master, without_a_pool(master, back))
    await remember_owner(work, master, given_back, PARTED)
    if "level" in given_back:
        note_level(work, master, *given_back["level"], PARTED)
    await own_fields.settle(work, master, own_back)
    done.undone_at, done.undone_by = work.now, work.actor.member_id
    await _keep(work, master, named_anew="name" in back or "city" in back)
    await _keep(work, loser, named_anew=False)
    await contact_fields.say(work, [master.id, loser.id])
    await index.refresh(work, [master.id, loser.id])
    for one in (master, loser):
        audit.record(work, "customer.parted", "customer", one.id, {"merge": (done.id, None)})
    return done


async def _move(work: Work, loser: Customer, master: Customer) -> dict[str, Any]:
    """Give the loser's rows to the master; which they were. Where both have one, both stay."""
    moved: dict[str, Any] = {}
    await work.session.execute(
        update(Visit)
        .where(
            Visit.tenant_id == work.tenant_id,
            Visit.customer_id == loser.id,
            Visit.proven_customer_id.is_(None),
        )
        .values(proven_customer_id=loser.id)
    )
    moved["outranked"] = await _outrank(work, loser, master)
    moved[relations.NAME] = await relations.move(work, loser, master)
    moved[trails.NAME] = await trails.move(work, loser.id, master.id)
    for name, table in OWN_ID.items():
        ids = await work.session.scalars(
            update(table)
            .where(table.tenant_id == work.tenant_id, table.customer_id == loser.id)
            .values(customer_id=master.id)
            .returning(table.id)
        )
        moved[name] = sorted(ids)
    for name, shared in BY_MEMBER.items():
        mine = select(shared.member_id).where(
            shared.tenant_id == work.tenant_id, shared.customer_id == master.id
        )
        members = await work.session.scalars(
            update(shared)
            .where(
                shared.tenant_id == work.tenant_id,
                shared.customer_id == loser.id,
                shared.member_id.not_in(mine),
            )
            .values(customer_id=master.id)
            .returning(shared.member_id)
        )
        moved[name] = sorted(members)
    await no_longer_shared(work, loser.id, moved["collaborator"])
    earlier = await work.session.scalars(
        update(Customer)
        .where(Customer.tenant_id == work.tenant_id, Customer.merged_into == loser.id)
        .values(merged_into=master.id)
        .returning(Customer.id)
    )
    moved["earlier"] = sorted(earlier)
    return moved


async def _outrank(work: Work, loser: Customer, master: Customer) -> list[str]:
    """The loser's confirmed doors become history where the master has the same; their ids."""
    same = aliased(CustomerLocation)
    known = (
        select(same.id)
        .where(
            same.tenant_id == work.tenant_id,
            same.customer_id == master.id,
            same.status == "confirmed",
            same.door == CustomerLocation.door,
            same.door_name == CustomerLocation.door_name,
        )
        .exists()
    )
    outranked = await work.session.scalars(
        update(CustomerLocation)
        .where(
            CustomerLocation.tenant_id == work.tenant_id,
            CustomerLocation.customer_id == loser.id,
            CustomerLocation.status == "confirmed",
            known,
        )
        .values(status="past")
        .returning(CustomerLocation.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(outranked)


async def _move_back(work: Work, done: CustomerMerge) -> None:
    """What was deleted or moved elsewhere since stays so."""
    await move_tags(work, done.master_id, done.loser_id, done.moved.get("tags", ()))
    if relations.NAME in done.moved:  # not in a merge from before there were relations
        moved = done.moved[relations.NAME]
        await relations.move_back(work, moved, done.master_id, done.loser_id)
        await trails.move_back(work, done.moved[trails.NAME], done.master_id, done.loser_id)
    for name, table in OWN_ID.items():
        for ids in _chunks(done.moved.get(name, [])):  # a merge from before it was kept
            await work.session.execute(
                update(table)
                .where(
                    table.tenant_id == work.tenant_id,
                    table.customer_id == done.master_id,
                    table.id.in_(ids),
                )
                .values(customer_id=done.loser_id)
            )
    for name, shared in BY_MEMBER.items():
        for members in _chunks(done.moved[name]):
            await work.session.execute(
                update(shared)
                .where(
                    shared.tenant_id == work.tenant_id,
                    shared.customer_id == done.master_id,
                    shared.member_id.in_(members),
                )
                .values(customer_id=done.loser_id)
            )
    await no_longer_shared(work, done.master_id, done.moved["collaborator"])
    outranked = done.moved["outranked"] or []
    if isinstance(outranked, str):  # a merge from when a customer had one door
        outranked = [outranked]
    if outranked:
        await work.session.execute(
            update(CustomerLocation)
            .where(
                CustomerLocation.tenant_id == work.tenant_id,
                CustomerLocation.id.in_(outranked),
                CustomerLocation.customer_id == done.loser_id,
            )
            .values(status="confirmed")
        )
    for ids in _chunks(done.moved["earlier"]):
        await work.session.execute(
            update(Customer)
            .where(
                Customer.tenant_id == work.tenant_id,
                Customer.merged_into == done.master_id,
                Customer.id.in_(ids),
            )
            .values(merged_into=done.loser_id)
        )


async def _merged_since(work: Work, done: CustomerMerge) -> bool:
    """Whether the master took another one later, whose rows could be mistaken for its own."""
    later = await work.session.scalar(
        select(func.count()).where(
            CustomerMerge.tenant_id == work.tenant_id,
            CustomerMerge.master_id == done.master_id,
            CustomerMerge.undone_at.is_(None),
            CustomerMerge.id > done.id,
        )
    )
    return bool(later)


async def _keep(work: Work, customer: Customer, *, named_anew: bool) -> None:
    """What every change of a customer brings with it."""
    customer.full_name_key = full_name_key(customer.name)
    customer.core_name = core_name(customer.name)
    customer.phone_key = phone_key(customer.phone)
    customer.mail_domain = mail_domain(customer.email)
    await work.session.flush()
    await claim_keys(work, customer, is_named_anew=named_anew)


def _set(work: Work, customer: Customer, wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    changed = {
        name: (getattr(customer, name), to)
        for name, to in wanted.items()
        if getattr(customer, name) != to
    }
    for name, (_, to) in changed.items():
        setattr(customer, name, to)
    touch(work, customer)
    return changed


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


MOMENTS = ("last_visit_at", "owner_since")


def _moment(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in MOMENTS and value else value


def _chunks(ids: list[str]) -> list[list[str]]:
    return [ids[at : at + 500] for at in range(0, len(ids), 500)]
