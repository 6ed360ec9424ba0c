"""Formulas of all records computed anew, a few hundred at a time, after one was changed.

What somebody writes meanwhile is computed by the new formula at once. A record that comes to
something else is not changed by anybody: the revision of the customer stays, and the history names
the change of the formula. Copies in other systems hear of it.
"""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, or_, select, update

from ..custom_fields import values
from ..custom_fields.fields import Fields, fields_for
from ..custom_fields.models import CONTACT, CUSTOMER, FieldSet, FieldValue
from ..custom_fields.types import Value
from ..history import changes
from ..work import Work
from . import contact_fields, own_fields
from .models import Contact, Customer
from .searchable import say_searchable

AT_ONCE = 200
SAID_AT_ONCE = 100  # each of them is indexed anew
TABLES: dict[str, Any] = {CUSTOMER: Customer, CONTACT: Contact}


@dataclass(frozen=True, slots=True)
class Held:
    """A record whose customer is held: its values, and the customer, which it may be itself."""

    id: str
    customer_id: str
    custom: dict[str, Value]


async def is_due(work: Work) -> bool:
    """Whether a formula, or by what customers are looked up, was changed and not everybody is done
    yet."""
    due = select(FieldSet.object).where(*_due(work)).limit(1)
    return await work.session.scalar(due) is not None


async def step(work: Work) -> bool:
    """Compute the next records, then say by what they are looked up. False when all are done."""
    whole: FieldSet | None = await work.session.scalar(
        select(FieldSet)
        .where(*_due(work))
        .order_by(FieldSet.object)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if whole is None:
        return False
    if whole.computed_to is not None:
        held, whole.computed_to = await _next(work, whole.object, whole.computed_to, AT_ONCE)
        await _compute(work, whole.object, held)
    elif whole.said_to is not None:
        held, whole.said_to = await _next(work, whole.object, whole.said_to, SAID_AT_ONCE)
        await _say(work, whole.object, held)
    await work.session.flush()
    return await is_due(work)


def _due(work: Work) -> tuple[Any, ...]:
    unfinished = or_(FieldSet.computed_to.is_not(None), FieldSet.said_to.is_not(None))
    return FieldSet.tenant_id == work.tenant_id, FieldSet.object.in_(TABLES), unfinished


async def _next(work: Work, of: str, after: str, at_once: int) -> tuple[list[Held], str | None]:
    """The next records, whose customers are held, and the last of them; None at the end."""
    table = TABLES[of]
    whose = Customer.id if of == CUSTOMER else Contact.customer_id
    found = await work.session.execute(
        select(table.id, whose.label("customer_id"))
        .where(table.tenant_id == work.tenant_id, table.id > after)
        .order_by(table.id)
        .limit(at_once)
    )
    customer_of = {row.id: row.customer_id for row in found}
    # Customers first, as whoever changes one holds it before its contacts; then what they have now.
    await work.session.execute(
        select(Customer.id)
        .where(Customer.tenant_id == work.tenant_id, Customer.id.in_(customer_of.values()))
        .order_by(Customer.id)
        .with_for_update()
    )
    rows = await work.session.execute(
        select(table.id, whose.label("customer_id"), table.custom)
        .where(table.tenant_id == work.tenant_id, table.id.in_(customer_of))
        .order_by(table.id)
        .with_for_update()
    )
    held = [Held(row.id, row.customer_id, row.custom) for row in rows]
    return held, list(customer_of)[-1] if len(customer_of) == at_once else None


async def _say(work: Work, of: str, held: list[Held]) -> None:
    fields = await fields_for(work, of)
    if of == CONTACT:
        whose = {one.customer_id for one in held}
        texts = await contact_fields.texts_by_customer(work, fields, whose)
        await say_searchable(work, "contact", texts)
    else:
        texts = {one.id: own_fields.texts_of(fields, one.custom) for one in held}
        await say_searchable(work, "field", texts)


async def _compute(work: Work, of: str, held: list[Held]) -> None:
    fields = await fields_for(work, of)
    found = {one.id: values.changes(work, fields, one.custom, {}) for one in held}
    changed = [one for one in held if found[one.id]]
    if not changed:
        return
    after = {one.id: values.applied(one.custom, found[one.id]) for one in changed}
    table = cast(Table, TABLES[of].__table__)
    await work.session.execute(
        update(table)
        .where(table.c.tenant_id == work.tenant_id, table.c.id == bindparam("its_id"))
        .values(custom=bindparam("its_values")),
        [{"its_id": one, "its_values": its_values} for one, its_values in after.items()],
    )
    changes.moved(work, Customer, {one.customer_id for one in changed})
    numbers = [one.number for one in fields.computed]
    await work.session.execute(
        delete(FieldValue)
        .where(FieldValue.tenant_id == work.tenant_id, FieldValue.record_id.in_(after))
        .where(FieldValue.field.in_(numbers))
        .execution_options(synchronize_session=False)
    )
    rows = [
        row
        for one, its_values in after.items()
        for row in values.rows_of(work, fields, one, _computed(fields, its_values))
    ]
    if rows:
        await work.session.execute(insert(cast(Table, FieldValue.__table__)), rows)


def _computed(fields: Fields, kept: dict[str, Value]) -> dict[str, Value]:
    return {one.key: kept.get(one.key) for one in fields.computed}
