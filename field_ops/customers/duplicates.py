"""No customer twice (domain.md §7.4): the whole tenant is checked, and only what is seen shown."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ..access import visible
from ..db import is_sqlite
from ..errors import Refusal
from ..people.models import Department, Member
from ..work import Work
from .errors import NobodysCustomer, SameCustomer, SamePhone, SomeoneElsesCustomer
from .models import Contact, Customer, CustomerKey
from .names import full_name_key
from .phones import read_phones


def keys_of(customer_kind: str, name: str, phones: Iterable[str]) -> set[str]:
    """What nobody else may have. Persons share names; offices share land lines and 400 numbers."""
    keys = set()
    name_key = full_name_key(name)
    if customer_kind == "company" and name_key:
        keys.add(f"name:{name_key}")
    for written in phones:
        keys.update(
            f"phone:{phone.e164}" for phone in read_phones(written) or () if phone.is_mobile
        )
    return keys


async def claim_keys(work: Work, customer: Customer) -> None:
    """Make this customer's present name and phones its own, or refuse with who has them.

    On PostgreSQL a second claim of one key waits for the first one's commit, and then sees it.
    """
    contacts = await work.session.scalars(
        select(Contact.phone).where(
            Contact.tenant_id == work.tenant_id, Contact.customer_id == customer.id
        )
    )
    wanted = keys_of(customer.customer_kind, customer.name, [customer.phone, *contacts])
    mine = select(CustomerKey.key).where(
        CustomerKey.tenant_id == work.tenant_id, CustomerKey.customer_id == customer.id
    )
    present = set(await work.session.scalars(mine))
    await work.session.execute(
        delete(CustomerKey)
        .where(CustomerKey.tenant_id == work.tenant_id, CustomerKey.customer_id == customer.id)
        .where(CustomerKey.key.in_(present - wanted))
    )
    insert = sqlite_insert if is_sqlite(work.session) else postgres_insert
    # Sorted, so that two people who claim the same keys wait for each other in one order.
    for key in sorted(wanted - present):
        claimed = await work.session.scalar(
            insert(CustomerKey)
            .values(tenant_id=work.tenant_id, key=key, customer_id=customer.id)
            .on_conflict_do_nothing()
            .returning(CustomerKey.key)
        )
        if claimed is None:
            raise await who_has(work, key)


async def who_has(work: Work, key: str) -> Refusal:
    """The refusal that says who has this key, as far as the asker may know."""
    holder = select(CustomerKey.customer_id).where(
        CustomerKey.tenant_id == work.tenant_id, CustomerKey.key == key
    )
    seen = await work.session.scalar(visible(work, Customer).where(Customer.id.in_(holder)))
    if seen is None:
        return await _masked(work, await work.session.scalar(holder))
    owner = await work.session.get(Member, (work.tenant_id, seen.owner_id or ""))
    facts = {
        "name": seen.name,
        "number": seen.number,
        "owner": owner.name if owner else "—",
        "customer_id": seen.id,
    }
    kind, _, value = key.partition(":")
    return SameCustomer(**facts) if kind == "name" else SamePhone(phone=value, **facts)


def masked_name(name: str) -> str:
    """武汉***超市: enough to recognise what one knows already."""
    if len(name) <= 4:
        return name[:1] + "*" * max(1, len(name) - 1)
    return f"{name[:2]}***{name[-2:]}"


async def _masked(work: Work, customer_id: str | None) -> Refusal:
    customer = await work.session.get(Customer, (work.tenant_id, customer_id))
    name = masked_name(customer.name) if customer else "***"
    if customer is None or customer.owner_id is None:
        return NobodysCustomer(name=name)
    department = await work.session.scalar(
        select(Department.name)
        .join(Member, Member.main_department_id == Department.id)
        .where(Department.tenant_id == work.tenant_id, Member.tenant_id == work.tenant_id)
        .where(Member.id == customer.owner_id)
    )
    return SomeoneElsesCustomer(name=name, department=department or "—")
