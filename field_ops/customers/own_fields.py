"""Fields that the company made, where customers are created, changed and shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ..access import visible
from ..custom_fields import values
from ..custom_fields.fields import BUILT_IN, Fields, fields_for
from ..custom_fields.models import CUSTOMER
from ..custom_fields.sight import OwnEyes, own_eyes
from ..custom_fields.types import Value
from ..custom_fields.values import Changed
from ..people.models import Department, Member
from ..work import Work
from .models import Customer
from .searchable import say_searchable


@dataclass(frozen=True, slots=True)
class OwnView:
    """What of a customer's own fields its reader sees; `names` of the ids that are in it."""

    values: dict[str, Value]
    guarded: dict[str, str]
    names: dict[str, str]


async def begin(work: Work, customer: Customer, wanted: Mapping[str, Value]) -> Changed:
    """The values of a new customer, with what is usual where nothing was said.

    Raises FieldValueMissing, or as `put`.
    """
    eyes = await own_eyes(work, CUSTOMER, until_commit=True)
    if not eyes.fields.by_key and not wanted:
        return {}
    read = await values.read(work, eyes, customer.owner_id, {}, wanted, find)
    given = {**values.usual(eyes.fields, wanted), **read}
    values.refuse_missing(eyes, customer.owner_id, {**given, **built_in(customer)}, None)
    return await _keep(work, eyes.fields, customer, given)


async def put(work: Work, customer: Customer, wanted: Mapping[str, Value]) -> Changed:
    """Change these values of a customer that the caller holds; None empties one.

    Raises NoSuchField, FieldIsComputed, OwnFieldNotYours, FieldValueWrong or FieldValueMissing.
    """
    eyes = await own_eyes(work, CUSTOMER)
    before = customer.custom
    changed = await values.read(work, eyes, customer.owner_id, before, wanted, find)
    after = {**before, **changed, **built_in(customer)}
    values.refuse_missing(eyes, customer.owner_id, after, list(changed))
    return await _keep(work, eyes.fields, customer, changed)


async def settle(work: Work, customer: Customer, chosen: Mapping[str, Value]) -> Changed:
    """Give a customer values that were right for another one, as when two become one."""
    fields = await fields_for(work, CUSTOMER)
    return await _keep(work, fields, customer, chosen)


def audited(changed: Changed) -> dict[str, tuple[Value, Value]]:
    """As the audit trail calls them, beside the fields that every customer has."""
    return {f"custom.{key}": pair for key, pair in changed.items()}


async def view(work: Work, eyes: OwnEyes, customer: Customer) -> OwnView:
    """For one customer; `eyes` are those of the reader."""
    shown = eyes.shown(customer.owner_id, customer.custom)
    names = await names_in(work, eyes.fields, [shown])
    return OwnView(shown, eyes.guarded(customer.owner_id), names)


async def names_in(
    work: Work, fields: Fields, shown: Iterable[Mapping[str, Value]]
) -> dict[str, str]:
    """The names of members, departments and customers that values mention."""
    wanted: dict[str, set[str]] = {}
    for values_ in shown:
        for key, value in values_.items():
            field = fields.by_key.get(key)
            if field is not None and field.kind.is_reference:
                wanted.setdefault(field.type, set()).add(value)
    tables: dict[str, Any] = {"member": Member, "department": Department, "customer": Customer}
    names: dict[str, str] = {}
    for type_, ids in wanted.items():
        table = tables[type_]
        # What is out of his sight has no name for him; people and departments are the company's.
        rows = visible(work, table) if type_ == "customer" else select(table)
        found = await work.session.execute(
            rows.with_only_columns(table.id, table.name).where(
                table.tenant_id == work.tenant_id, table.id.in_(ids)
            )
        )
        names |= {row.id: row.name for row in found}
    return names


async def find(work: Work, type_: str, ids: set[str]) -> set[str]:
    """Customers that may be named in a field of another: those in sight."""
    found = await work.session.scalars(
        visible(work, Customer).with_only_columns(Customer.id).where(Customer.id.in_(ids))
    )
    return set(found)


def built_in(customer: Customer) -> dict[str, Value]:
    """What a field's conditions may ask for, beside other fields of the company's own."""
    return {name: getattr(customer, name) for name in BUILT_IN[CUSTOMER]}


async def _keep(
    work: Work, fields: Fields, customer: Customer, changed: Mapping[str, Value]
) -> Changed:
    pairs = await values.keep(work, fields, customer, changed)
    if any(fields.by_key[key].spec.searchable for key in pairs):
        await work.session.flush()
        texts = {customer.id: texts_of(fields, customer.custom)}
        await say_searchable(work, "field", texts)
    return pairs


def texts_of(fields: Fields, kept: Mapping[str, Value]) -> list[str]:
    """By what of its own fields a customer is looked up."""
    found = ((one, kept.get(one.key)) for one in fields.present if one.spec.searchable)
    return [str(value) for _, value in found if value is not None]
