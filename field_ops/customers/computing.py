"""Formulas of all customers computed anew, a few hundred at a time, after one was changed.

What somebody writes meanwhile is computed by the new formula at once. A customer that comes to
something else is not changed by anybody: its revision stays, and the history names the change of
the formula. Copies in other systems hear of it.
"""

from typing import cast

from sqlalchemy import Table, bindparam, delete, insert, select, update

from ..custom_fields import values
from ..custom_fields.fields import Fields, fields_for
from ..custom_fields.models import CUSTOMER, FieldSet, FieldValue
from ..custom_fields.types import Value
from ..history import changes
from ..work import Work
from . import own_fields
from .models import Customer
from .searchable import say_searchable

AT_ONCE = 200
SAID_AT_ONCE = 100  # each of them is indexed anew


async def is_due(work: Work) -> bool:
    """Whether a formula, or by what customers are looked up, was changed and not everybody is done
    yet."""
    whole = await work.session.get(FieldSet, (work.tenant_id, CUSTOMER))
    return whole is not None and (whole.computed_to is not None or whole.said_to is not None)


async def step(work: Work) -> bool:
    """Compute the next customers, then say by what they are looked up. False when all are done."""
    whole = await work.session.get(
        FieldSet, (work.tenant_id, CUSTOMER), with_for_update=True, populate_existing=True
    )
    if whole is None:
        return False
    if whole.computed_to is not None:
        kept, whole.computed_to = await _next(work, whole.computed_to, AT_ONCE)
        await _compute(work, kept)
    elif whole.said_to is not None:
        kept, whole.said_to = await _next(work, whole.said_to, SAID_AT_ONCE)
        fields = await fields_for(work, CUSTOMER)
        texts = {one: own_fields.texts_of(fields, values_) for one, values_ in kept.items()}
        await say_searchable(work, "field", texts)
    return whole.computed_to is not None or whole.said_to is not None


async def _next(
    work: Work, after: str, at_once: int
) -> tuple[dict[str, dict[str, Value]], str | None]:
    """The values of the next customers, who are held, and the last of them; None at the end."""
    rows = (
        await work.session.execute(
            select(Customer.id, Customer.custom)
            .where(Customer.tenant_id == work.tenant_id, Customer.id > after)
            .order_by(Customer.id)
            .limit(at_once)
            .with_for_update()
        )
    ).all()
    last = rows[-1].id if len(rows) == at_once else None
    return {row.id: row.custom for row in rows}, last


async def _compute(work: Work, kept: dict[str, dict[str, Value]]) -> None:
    fields = await fields_for(work, CUSTOMER)
    found = {one: values.changes(work, fields, before, {}) for one, before in kept.items()}
    changed = {one: pairs for one, pairs in found.items() if pairs}
    if not changed:
        return
    customer = cast(Table, Customer.__table__)
    await work.session.execute(
        update(customer)
        .where(customer.c.tenant_id == work.tenant_id, customer.c.id == bindparam("its_id"))
        .values(custom=bindparam("its_values")),
        [
            {"its_id": one, "its_values": values.applied(kept[one], pairs)}
            for one, pairs in changed.items()
        ],
    )
    changes.moved(work, Customer, changed)
    numbers = [one.number for one in fields.computed]
    await work.session.execute(
        delete(FieldValue)
        .where(FieldValue.tenant_id == work.tenant_id, FieldValue.record_id.in_(changed))
        .where(FieldValue.field.in_(numbers))
        .execution_options(synchronize_session=False)
    )
    rows = [
        row
        for one in changed
        for row in values.rows_of(work, fields, one, _computed(fields, kept[one], changed[one]))
    ]
    if rows:
        await work.session.execute(insert(cast(Table, FieldValue.__table__)), rows)


def _computed(fields: Fields, kept: dict[str, Value], pairs: values.Changed) -> dict[str, Value]:
    after = values.applied(kept, pairs)
    return {one.key: after.get(one.key) for one in fields.computed}
