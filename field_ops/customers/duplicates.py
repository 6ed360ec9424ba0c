"""No customer twice (domain.md §7.4): the whole tenant is checked, and only what is seen shown."""

from functools import partial

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ..access import visible
from ..db import is_sqlite
from ..errors import Refusal
from ..geo import Point
from ..people.models import Department, Member
from ..work import Work
from .errors import (
    NobodysCustomer,
    SameCompanyHere,
    SameCustomer,
    SamePhone,
    SomeoneElsesCustomer,
)
from .field_view import phone_shown
from .masked import masked_name, remember
from .models import Contact, Customer, CustomerKey
from .names import city_key, core_name, full_name_key
from .phones import read_phones
from .suspects import Described

CODE, NAME, CORE = "code", "name", "core"
LONGEST_KEY = 220


def keys_of(described: Described) -> set[str]:
    """What nobody else may have. Persons share names; offices share land lines and 400 numbers."""
    keys = {
        f"phone:{phone.e164}"
        for written in described.phones
        for phone in read_phones(written) or ()
        if phone.is_mobile
    }
    if described.credit_code:
        keys.add(f"{CODE}:{described.credit_code}")
    if described.customer_kind == "company":
        name_key, core = full_name_key(described.name), core_name(described.name)
        city = city_key(described.city, described.name)
        if name_key:
            keys.add(f"{NAME}:{name_key}")
        if core and city and not described.is_branch:
            keys.add(f"{CORE}:{city}:{core}"[:LONGEST_KEY])
    return keys


async def claim_keys(work: Work, customer: Customer, *, is_named_anew: bool = True) -> None:
    """Make this customer's name, city, code and phones its own, or refuse with who has them.

    `is_named_anew` false: name and city are as they were, and who it is in its city is not asked
    again; companies that shared a name before that was refused can still be edited. On PostgreSQL
    a second claim of one key waits for the first one's commit, and then sees it.
    """
    wanted = keys_of(await described(work, customer))
    mine = select(CustomerKey.key).where(
        CustomerKey.tenant_id == work.tenant_id, CustomerKey.customer_id == customer.id
    )
    present = set(await work.session.scalars(mine))
    if not is_named_anew:
        wanted = {key for key in wanted if _kind(key) != CORE}
        wanted |= {key for key in present if _kind(key) == CORE}
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
            raise await who_has(work, key, customer)


async def described(work: Work, customer: Customer, place: Point | None = None) -> Described:
    """A stored customer as if it were described anew."""
    phones = await work.session.scalars(
        select(Contact.phone).where(
            Contact.tenant_id == work.tenant_id,
            Contact.customer_id == customer.id,
            Contact.is_elsewhere_too.is_(False),
        )
    )
    return Described(
        name=customer.name,
        customer_kind=customer.customer_kind,
        type=customer.type,
        credit_code=customer.credit_code,
        phones=(customer.phone, *phones),
        email=customer.email,
        city=customer.city,
        place=place,
        is_branch=customer.is_branch,
    )


async def who_has(work: Work, key: str, claims: Customer) -> Refusal:
    """The refusal that says who has this key, as far as the asker may know. `claims` is the
    customer for whom it was asked: a phone that the asker does not see there is not said."""
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
    match _kind(key):
        case "phone":
            return SamePhone(phone=phone_shown(work, claims, key.partition(":")[2]), **facts)
        case "core":
            return SameCompanyHere(**facts)
        case _:
            return SameCustomer(**facts)


def _kind(key: str) -> str:
    return key.partition(":")[0]


async def _masked(work: Work, customer_id: str | None) -> Refusal:
    customer = await work.session.get(Customer, (work.tenant_id, customer_id))
    if customer is None:
        return NobodysCustomer(name="***")
    facts = {"name": masked_name(customer.name), "customer_id": customer.id}
    told = partial(remember, [customer.id])
    if customer.owner_id is None:
        return NobodysCustomer(**facts).remembered_by(told)
    department = await work.session.scalar(
        select(Department.name)
        .join(Member, Member.main_department_id == Department.id)
        .where(Department.tenant_id == work.tenant_id, Member.tenant_id == work.tenant_id)
        .where(Member.id == customer.owner_id)
    )
    return SomeoneElsesCustomer(**facts, department=department or "—").remembered_by(told)
