"""All customers in the order of their last change, in pages: for programs that keep a copy.

`updated_at` is given in the order of the commits (`history/changes.py`), so who goes on behind a
cursor, or asks again since `as_of`, misses nothing however long a transaction took.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import CTE, ColumnElement, Select, and_, exists, or_, select, tuple_

from ..access import scope_of, visible
from ..access.scope import Scope
from ..custom_fields.models import CUSTOMER
from ..custom_fields.sight import own_eyes
from ..custom_fields.sorting import Order, order_of, sorted_by
from ..errors import Invalid
from ..history import changes
from ..tags.models import Tag
from ..tags.queries import tags_of_company, tags_on
from ..texts import Text
from ..work import Work
from . import external
from .filters import CustomerFilter, conditions_of
from .models import Collaborator, Contact, Customer, CustomerLocation
from .owner_changes import OwnerChange
from .queries import place_by_customer
from .sight_lost import SightLost

AFTER_ALL = "z" * 26  # no id is greater, in any collation
SEES = "customers.view"


class CursorUnreadable(Invalid):
    sentence = Text(
        "分页位置无效，请从第一页重新开始。",
        "The cursor cannot be read. Begin again without one.",
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """A page. `gone` are customers that a copy must let go of. `cursor` leads to what comes after
    it, and stays good when there is nothing yet. `close` are ids of those whose phones a list shows
    in full."""

    customers: Sequence[Customer]
    gone: Sequence[Customer] = ()
    cursor: str = ""
    more: bool = False
    as_of: datetime = changes.EPOCH
    contacts: dict[str, list[Contact]] = field(default_factory=dict)
    places: dict[str, CustomerLocation] = field(default_factory=dict)
    external_ids: dict[str, str] = field(default_factory=dict)
    tags: dict[str, list[Tag]] = field(default_factory=dict)
    close: frozenset[str] = frozenset()


async def all_customers(
    work: Work, wanted: CustomerFilter, cursor: str, limit: int, *, beside: frozenset[str]
) -> Listed:
    """The next customers that the actor may see, the longest unchanged first.

    `beside` may have contacts, location, external_id and tags. Raises CursorUnreadable.
    """
    as_of = await changes.settled_up_to(work)  # before the rows: they are at least as new
    after = [tuple_(Customer.updated_at, Customer.id) > _position(cursor)] if cursor else []
    seen = visible(work, Customer).where(*await conditions_of(work, wanted))
    here = await _next(work, seen.where(*after), limit)
    gone: dict[str, Customer] = {}
    for query in let_go_of(work, wanted):
        gone |= {one.id: one for one in await _next(work, query.where(*after), limit)}
    rows = sorted([*here, *gone.values()], key=_place_of)
    page, more = rows[:limit], len(rows) > limit
    there = {one.id for one in here}
    listed = await beside_of(work, [one for one in page if one.id in there], beside)
    return replace(
        listed,
        gone=[one for one in page if one.id not in there],
        cursor=_cursor(page, as_of, more=more) or cursor,
        more=more,
        as_of=as_of,
    )


async def sorted_customers(
    work: Work,
    wanted: CustomerFilter,
    sort: str,
    cursor: str,
    limit: int,
    *,
    beside: frozenset[str],
) -> Listed:
    """The next customers that the actor may see in the order of one of the company's own fields.
    Nothing is `gone`: who keeps a copy asks in the order of the changes.

    Raises CursorUnreadable, also for a cursor of another order, and FilterWrong.
    """
    order = order_of(
        await own_eyes(work, CUSTOMER), sort, work.tenant_id, Customer.id, Customer.owner_id
    )
    values, last = _sorted_position(cursor, sort, order) if cursor else (None, "")
    seen = visible(work, Customer).where(*await conditions_of(work, wanted))
    found: list[tuple[Customer, list[Any] | None]] = []
    if values is not None or not last:
        filled = seen.join(sorted_by, order.there).add_columns(*order.keys)
        if values is not None:
            filled = filled.where(order.behind(Customer.id, values, last))
        rows = await work.session.execute(filled.order_by(*order.by(Customer.id)).limit(limit + 1))
        found += [(customer, its_values) for customer, *its_values in rows]
        last = ""
    if len(found) <= limit:
        empty = seen.where(~exists().where(order.there), Customer.id > last)
        rest = empty.order_by(Customer.id).limit(limit + 1 - len(found))
        found += [(customer, None) for customer in await work.session.scalars(rest)]
    page, more = found[:limit], len(found) > limit
    listed = await beside_of(work, [customer for customer, _ in page], beside)
    if not more:
        return listed
    customer, values = page[-1]
    return replace(listed, cursor=_sorted_cursor(sort, values, customer.id), more=True)


async def beside_of(work: Work, customers: Sequence[Customer], beside: frozenset[str]) -> Listed:
    """These customers with what belongs to them in other tables."""
    ids = [one.id for one in customers]
    return Listed(
        customers,
        contacts=await _contacts(work, ids) if "contacts" in beside else {},
        places=await place_by_customer(work, ids) if "location" in beside else {},
        external_ids=await external.ids_of(work, ids) if "external_id" in beside else {},
        tags=await tags_on(work, await tags_of_company(work), ids) if "tags" in beside else {},
        close=await _close(work, customers),
    )


async def _close(work: Work, customers: Sequence[Customer]) -> frozenset[str]:
    """A person's own, and what was shared with him: who opens others' phones is noted, and lists
    open none. A program's list is for a copy, and its token says which fields are open to it."""
    ids = [one.id for one in customers]
    if not work.actor.is_person:
        return frozenset(ids)
    me = work.actor.me
    shared = await work.session.scalars(
        select(Collaborator.customer_id).where(
            Collaborator.tenant_id == work.tenant_id,
            Collaborator.member_id == me,
            Collaborator.customer_id.in_(ids),
        )
    )
    return frozenset(one.id for one in customers if one.owner_id == me) | frozenset(shared)


async def _next(work: Work, query: Select[Customer], limit: int) -> Sequence[Customer]:
    found = await work.session.scalars(
        query.order_by(Customer.updated_at, Customer.id).limit(limit + 1)
    )
    return found.all()


def let_go_of(work: Work, wanted: CustomerFilter) -> Iterator[Select[Customer]]:
    """What the actor saw and sees no more: removed, merged, given to somebody out of sight, or not
    shared with him any more."""
    scope = scope_of(work, SEES)
    since = [Customer.updated_at >= wanted.updated_since] if wanted.updated_since else []
    every = select(Customer).where(Customer.tenant_id == work.tenant_id, *since)
    yield every.where(Customer.removed_at.is_not(None), _was_in_sight(work, scope))
    if not scope.sees_all:
        lost = _lost(work, scope)
        yield every.join(lost, Customer.id == lost.c.id)


def _was_in_sight(work: Work, scope: Scope) -> ColumnElement[bool]:
    """Of what was removed: as it would be if it was there."""
    me = work.actor.member_id
    shared = select(Collaborator.customer_id).where(
        Collaborator.tenant_id == work.tenant_id, Collaborator.member_id == me
    )
    return or_(
        scope.covers(Customer.owner_id),
        and_(Customer.owner_id.is_(None), Customer.created_by == me),
        Customer.id.in_(shared),
    )


def _lost(work: Work, scope: Scope) -> CTE:
    """What changed hands, or was shared, and is out of sight. Found before it is put in order:
    otherwise every customer would be gone through in the order of its change, to find a few."""
    was_his = select(OwnerChange.customer_id).where(
        OwnerChange.tenant_id == work.tenant_id, scope.covers(OwnerChange.from_id)
    )
    met = select(SightLost.customer_id).where(
        SightLost.tenant_id == work.tenant_id, SightLost.member_id == work.actor.member_id
    )
    once = was_his.union_all(met)
    seen = visible(work, Customer).with_only_columns(Customer.id).where(Customer.id.in_(once))
    return (
        select(Customer.id)
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.id.in_(once),
            Customer.id.not_in(seen),
        )
        .cte()
        .prefix_with("MATERIALIZED")
    )


async def _contacts(work: Work, customer_ids: Sequence[str]) -> dict[str, list[Contact]]:
    found = await work.session.scalars(
        select(Contact)
        .where(Contact.tenant_id == work.tenant_id, Contact.customer_id.in_(customer_ids))
        .order_by(Contact.is_main.desc(), Contact.id)
    )
    by_customer: dict[str, list[Contact]] = {}
    for contact in found:
        by_customer.setdefault(contact.customer_id, []).append(contact)
    return by_customer


def _place_of(customer: Customer) -> tuple[datetime, str]:
    return customer.updated_at, customer.id


def _cursor(page: Sequence[Customer], as_of: datetime, *, more: bool) -> str:
    """Behind the page; at its end behind everything that was settled when it was read."""
    ends = [_place_of(page[-1])] if page else []
    if not more and as_of > changes.EPOCH:
        ends.append((as_of, AFTER_ALL))
    if not ends:
        return ""
    at, customer_id = max(ends)
    return _packed(f"{at.astimezone(UTC).isoformat()}|{customer_id}".encode())


def _sorted_cursor(sort: str, values: list[Any] | None, customer_id: str) -> str:
    """Behind this customer: its values, or None where it is among those without one."""
    return _packed(orjson.dumps([sort, values, customer_id]))


def _sorted_position(cursor: str, sort: str, order: Order) -> tuple[list[Any] | None, str]:
    try:
        of, values, customer_id = tuple(orjson.loads(_unpacked(cursor)))
    except (TypeError, ValueError) as failure:
        raise CursorUnreadable() from failure
    if of != sort or not (values is None or order.knows(values)):
        raise CursorUnreadable()
    if not isinstance(customer_id, str) or "\0" in customer_id:
        raise CursorUnreadable()
    return values, customer_id


def _packed(written: bytes) -> str:
    return base64.urlsafe_b64encode(written).decode().rstrip("=")


def _unpacked(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def _position(cursor: str) -> tuple[datetime, str]:
    try:
        written = _unpacked(cursor).decode("ascii")
        moment, _, customer_id = written.partition("|")
        at = datetime.fromisoformat(moment)
    except (binascii.Error, ValueError) as failure:
        raise CursorUnreadable() from failure
    if at.tzinfo is None or "\0" in customer_id or not 1 < at.year < 9999:
        raise CursorUnreadable()
    return at, customer_id
