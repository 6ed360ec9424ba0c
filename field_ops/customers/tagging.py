"""Putting tags on customers and taking them off: one customer, or many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from ..access import require
from ..errors import NotFound
from ..history import audit, changes
from ..tags import actions
from ..tags.errors import OneTagOnly, TagNotYours, TagUnknown
from ..tags.models import CustomerTag, Tag
from ..tags.queries import Tags, tags_of_company, tags_on
from ..work import Work
from .actions.holding import held_for_editing, touch
from .errors import OnlyReading
from .models import Customer
from .searchable import say_searchable


@dataclass(frozen=True, slots=True)
class Tagged:
    """What became of many customers: who changed, and how many were not the actor's to change."""

    changed: int
    unchanged: int
    refused: list[str]


async def tag(work: Work, customer_id: str, add: Sequence[str], remove: Sequence[str]) -> Customer:
    """Raises TagUnknown, TagNotYours, OneTagOnly, OnlyReading or NotFound."""
    known = await tags_of_company(work)
    wanted = _wanted(known, add, remove)
    customer = await held_for_editing(work, customer_id)
    await _put(work, known, customer, *wanted)
    return customer


async def tag_many(
    work: Work, customer_ids: Sequence[str], add: Sequence[str], remove: Sequence[str]
) -> Tagged:
    """The same for each of them; who is not the actor's to change is left as he is, and named."""
    require(work, "customers.edit")
    known = await tags_of_company(work)
    wanted = _wanted(known, add, remove)
    changed, refused = 0, []
    ids = sorted(set(customer_ids))  # in one order, so that two who do it at once do not meet
    for customer_id in ids:
        try:
            customer = await held_for_editing(work, customer_id)
        except (NotFound, OnlyReading):
            refused.append(customer_id)
            continue
        changed += await _put(work, known, customer, *wanted)
    return Tagged(changed, len(ids) - changed - len(refused), refused)


async def put_first(work: Work, customer: Customer, tag_ids: Sequence[str]) -> list[str]:
    """The tags of a new customer; their names."""
    if not tag_ids:
        return []
    known = await tags_of_company(work)
    added, _ = _wanted(known, tag_ids, ())
    await _write(work, customer.id, added)
    await work.session.flush()
    await _say(work, {customer.id: added})
    return [one.name for one in added]


async def move_tags(
    work: Work, from_id: str, to_id: str, only: Sequence[str] | None = None
) -> list[str]:
    """Give the tags of one customer, or only these, to another one that has not got them and
    may have them; which they were. The caller holds both."""
    has = select(CustomerTag.tag_id).where(
        CustomerTag.tenant_id == work.tenant_id, CustomerTag.customer_id == to_id
    )
    known = await tags_of_company(work)
    held = {one.group_id for one in (await tags_on(work, known, [to_id])).get(to_id, ())}
    full = [
        one.id
        for one in known.tags.values()
        if only is None and one.group_id in held and known.groups[one.group_id].is_single
    ]
    moving = [CustomerTag.tag_id.in_(only)] if only is not None else []
    moved = await work.session.scalars(
        update(CustomerTag)
        .where(CustomerTag.tenant_id == work.tenant_id, CustomerTag.customer_id == from_id)
        .where(CustomerTag.tag_id.not_in(has), CustomerTag.tag_id.not_in(full), *moving)
        .values(customer_id=to_id)
        .returning(CustomerTag.tag_id)
        .execution_options(synchronize_session=False)
    )
    tag_ids = sorted(moved)
    if tag_ids:
        on = await tags_on(work, known, [from_id, to_id])
        await _say(work, {one: on.get(one, []) for one in (from_id, to_id)})
    return tag_ids


async def is_unsettled(work: Work) -> bool:
    """Whether customers have a tag that was merged, or are looked up by a tag's old name."""
    tag, ids = await actions.unsettled(work)
    return tag is not None or bool(ids)


async def settle_some(work: Work) -> bool:
    """After tags were merged or renamed: some more of their customers. False when all are done."""
    tag, ids = await actions.unsettled(work)
    if tag is None and not ids:
        return False
    # First the customers, then their tags: in the order in which whoever edits one locks them.
    held = select(Customer.id).where(Customer.tenant_id == work.tenant_id, Customer.id.in_(ids))
    await work.session.execute(held.order_by(Customer.id).with_for_update())
    await actions.settle(work, tag, ids)
    on = await tags_on(work, await tags_of_company(work), ids)
    await _say(work, {one: on.get(one, []) for one in ids})
    changes.moved(work, Customer, ids)
    return True


def _wanted(known: Tags, add: Sequence[str], remove: Sequence[str]) -> tuple[list[Tag], list[Tag]]:
    """Only what may be used is added; what is archived may be taken off."""
    found = [known.present(one) for one in dict.fromkeys(add)]
    gone = [known.present(one) for one in dict.fromkeys(remove)]
    added = [one for one in found if one is not None]
    removed = [one for one in gone if one is not None]
    if len(added) < len(found) or len(removed) < len(gone):
        raise TagUnknown()
    single: dict[str, str] = {}
    for one in [*added, *removed]:
        group = known.groups[one.group_id]
        if not known.may_use(group):
            raise TagNotYours(group=group.name)
    for one in added:
        group = known.groups[one.group_id]
        if one.archived_at is not None or group.archived_at is not None:
            raise TagUnknown()
        if group.is_single and single.setdefault(group.id, one.id) != one.id:
            raise OneTagOnly(group=group.name)
    return added, [one for one in removed if one not in added]


async def exchange(
    work: Work, customer: Customer, remove: Sequence[Tag], add: Sequence[Tag]
) -> None:
    """Give a customer, whom the caller holds, tags that it had before for those that it has."""
    await _put(work, await tags_of_company(work), customer, list(add), list(remove))


async def _put(
    work: Work, known: Tags, customer: Customer, add: list[Tag], remove: list[Tag]
) -> bool:
    """Whether something changed. A single group gives up the tag that it had."""
    before = (await tags_on(work, known, [customer.id])).get(customer.id, [])
    leaving, coming = exchanged(known, before, add, remove)
    if not leaving and not coming:
        return False
    ids = [each for one in leaving for each in known.meant_by(one.id)]
    await work.session.execute(
        delete(CustomerTag)
        .where(CustomerTag.tenant_id == work.tenant_id, CustomerTag.customer_id == customer.id)
        .where(CustomerTag.tag_id.in_(ids))
        .execution_options(synchronize_session=False)
    )
    await _write(work, customer.id, coming)
    touch(work, customer)
    after = [one for one in before if one not in leaving] + coming
    change = {"tags": ([one.name for one in before], [one.name for one in after])}
    audit.record(work, "customer.tagged", "customer", customer.id, change)
    await work.session.flush()
    await _say(work, {customer.id: after})
    return True


def exchanged(
    known: Tags, before: Sequence[Tag], add: Sequence[Tag], remove: Sequence[Tag]
) -> tuple[list[Tag], list[Tag]]:
    """The tags that leave a customer, and those that come."""
    singles = {one.group_id for one in add if known.groups[one.group_id].is_single}
    replaced = [one for one in before if one.group_id in singles and one not in add]
    leaving = [one for one in before if one in remove or one in replaced]
    return leaving, [one for one in add if one not in before]


def texts_of(tags: Sequence[Tag]) -> list[str]:
    """By what a customer with these tags is looked up, in both languages."""
    return [name for one in tags for name in (one.name, one.name_en) if name]


async def _say(work: Work, tags: Mapping[str, Sequence[Tag]]) -> None:
    texts = {customer_id: texts_of(its) for customer_id, its in tags.items()}
    await say_searchable(work, "tag", texts)


async def _write(work: Work, customer_id: str, tags: Sequence[Tag]) -> None:
    rows = [
        {
            "tenant_id": work.tenant_id,
            "customer_id": customer_id,
            "tag_id": one.id,
            "at": work.now,
            "by_id": work.actor.member_id,
        }
        for one in tags
    ]
    if rows:
        await work.session.execute(insert(CustomerTag), rows)
