"""Which customers are meant, for lists, exports and programs: what is given narrows, all of it."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AwareDatetime, Field
from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select
from sqlalchemy.orm import aliased

from ..access.fields import CONTACTS, eyes_of
from ..access.roles import FieldLevel
from ..custom_fields.filters import Conditions, conditions_for, read_conditions, records_for
from ..custom_fields.models import CONTACT, CUSTOMER
from ..custom_fields.sight import own_eyes
from ..people.models import Department, Membership
from ..tags.queries import Tags, customers_with_any, has_any, tags_of_company
from ..work import Work
from .models import Contact, Customer
from .schemas import CustomerType, Datum, Kind, Latitude, Level, Longitude, Schema, Stage

EQUAL = ("level", "lifecycle_stage", "type", "customer_kind", "city", "owner_id", "pool_id")
OF_TAGS = ("tags_any", "tags_all", "tags_none")
SOMEBODY = "somebody"  # any owner at all
top, inside = aliased(Department), aliased(Department)


TagIds = Annotated[str, Field(max_length=2700, pattern=r"^[0-9a-z, ]*$", examples=[""])]


class CustomerFilter(Schema):
    """Filters of customers. What is absent does not narrow."""

    level: Level | None = None
    lifecycle_stage: Stage | None = None
    type: CustomerType | None = None
    customer_kind: Kind | None = None
    city: str | None = Field(None, max_length=64, examples=["武汉"])
    owner_id: str | None = Field(None, max_length=26, description="Customers of this member")
    department: str | None = Field(
        None, max_length=26, description="Whose owner is in this department or below it"
    )
    is_owned: bool | None = Field(None, description="false: only what nobody owns, in any pool")
    pool_id: str | None = Field(None, max_length=26, description="What lies in this pool")
    created_since: AwareDatetime | None = Field(
        None, description="Created at this moment or later", examples=["2026-03-01T00:00:00Z"]
    )
    created_before: AwareDatetime | None = Field(
        None, description="Created before this moment", examples=["2026-04-01T00:00:00Z"]
    )
    updated_since: AwareDatetime | None = Field(
        None, description="Changed at this moment or later", examples=["2026-03-01T00:00:00Z"]
    )
    updated_before: AwareDatetime | None = Field(
        None, description="Not changed since this moment", examples=["2026-04-01T00:00:00Z"]
    )
    custom: str | None = Field(
        None,
        max_length=4000,
        description="Filters over the company's own fields, a JSON list; all of them must hold",
        examples=['[{"field": "shop_area", "op": "gte", "value": "100"}]'],
    )
    contact_custom: str | None = Field(
        None,
        max_length=4000,
        description="The same over the own fields of contacts: customers with somebody for whom "
        "all of them hold",
        examples=['[{"field": "wechat", "op": "filled"}]'],
    )
    tags_any: TagIds | None = Field(None, description="Ids of tags: at least one of them")
    tags_all: TagIds | None = Field(None, description="Ids of tags: every one of them")
    tags_none: TagIds | None = Field(None, description="Ids of tags: none of them")


class LookupQuery(CustomerFilter):
    """What somebody typed into the one box, by what he narrows it, and where he stands (for the
    ranking only)."""

    q: str = Field(
        "",
        max_length=100,
        description="Any part of a name, pinyin, initials, part of a phone, a contact, a number. "
        "Empty lists the customers in the order of the ranking.",
        examples=["hlcs"],
    )
    lat: Latitude | None = None
    lng: Longitude | None = None
    datum: Datum = Field("GCJ02", description="The datum of lat and lng")
    page: int = Field(1, ge=1, le=50, description="Twenty rows each; ask while `more` is true")
    mine: bool = Field(False, description="Only customers that I own")


async def conditions_of(work: Work, wanted: CustomerFilter) -> list[ColumnElement[bool]]:
    """For a query of `Customer`, beside what decides who may see the rows. Raises FilterWrong."""
    found = list(_of_every_company(work.tenant_id, wanted))
    if wanted.custom:
        eyes = await own_eyes(work, CUSTOMER)
        asked = read_conditions(wanted.custom)
        found += conditions_for(eyes, asked, work.tenant_id, Customer.id, Customer.owner_id)
    if wanted.contact_custom:
        found.append(await _has_contact(work, read_conditions(wanted.contact_custom)))
    if any(getattr(wanted, name) for name in OF_TAGS):
        found += _of_tags(work, await tags_of_company(work), wanted)
    return found


async def having(work: Work, wanted: CustomerFilter) -> list[Select[str]]:
    """Ids of customers that have a tag or a value, for each filter that asks for one: what
    `conditions_of` asks of a customer, asked the other way round, whoever may see it."""
    found: list[Select[str]] = []
    if wanted.custom:
        eyes = await own_eyes(work, CUSTOMER)
        found += records_for(eyes, read_conditions(wanted.custom), work.tenant_id)
    if wanted.contact_custom:
        eyes = await own_eyes(work, CONTACT)
        for people in records_for(eyes, read_conditions(wanted.contact_custom), work.tenant_id):
            their = select(Contact.customer_id).where(Contact.tenant_id == work.tenant_id)
            found.append(their.where(Contact.id.in_(people)).distinct())
    if wanted.tags_any or wanted.tags_all:
        known = await tags_of_company(work)
        if wanted.tags_any:
            found.append(customers_with_any(work, _all_meant(known, wanted.tags_any)))
        if wanted.tags_all:
            meant = _meant(known, wanted.tags_all)
            found += [customers_with_any(work, ids) for ids in meant]
    return found


async def _has_contact(work: Work, asked: Conditions) -> ColumnElement[bool]:
    """Somebody works there for whom all of it holds. Where the asker does not see who it is, his
    question is not answered."""
    own, eyes = await own_eyes(work, CONTACT), eyes_of(work)
    owned, unowned = Customer.owner_id.is_not(None), Customer.owner_id.is_(None)
    seen = [
        where
        for where, whose in ((owned, SOMEBODY), (unowned, None))
        if eyes.least(CONTACTS, whose) >= FieldLevel.READ
    ]
    holds = conditions_for(own, asked, work.tenant_id, Contact.id, Customer.owner_id)
    there = exists().where(
        Contact.tenant_id == work.tenant_id, Contact.customer_id == Customer.id, *holds
    )
    return and_(or_(false(), *seen), there)


def _of_every_company(tenant_id: int, wanted: CustomerFilter) -> Iterator[ColumnElement[bool]]:
    for name in EQUAL:
        value: Any = getattr(wanted, name)
        if value is not None:
            yield getattr(Customer, name) == value
    if wanted.pool_id is not None:
        yield Customer.owner_id.is_(None)
    if wanted.is_owned is not None:
        yield Customer.owner_id.is_not(None) if wanted.is_owned else Customer.owner_id.is_(None)
    if wanted.department is not None:
        yield Customer.owner_id.in_(_members_of(tenant_id, wanted.department))
    if wanted.created_since is not None:
        yield Customer.created_at >= wanted.created_since
    if wanted.created_before is not None:
        yield Customer.created_at < wanted.created_before
    if wanted.updated_since is not None:
        yield Customer.updated_at >= wanted.updated_since
    if wanted.updated_before is not None:
        yield Customer.updated_at < wanted.updated_before


def _members_of(tenant_id: int, department_id: str) -> Select[str]:
    """Who is in a department or below it."""
    return (
        select(Membership.member_id)
        .join(
            inside,
            and_(inside.tenant_id == tenant_id, inside.id == Membership.department_id),
        )
        .join(
            top,
            and_(
                top.tenant_id == tenant_id,
                inside.path.startswith(top.path, autoescape=False),
            ),
        )
        .where(Membership.tenant_id == tenant_id, top.id == department_id)
    )


def _of_tags(work: Work, known: Tags, wanted: CustomerFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.tags_any:
        yield has_any(work, _all_meant(known, wanted.tags_any), Customer.id)
    if wanted.tags_all:
        meant = _meant(known, wanted.tags_all)
        yield and_(*(has_any(work, ids, Customer.id) for ids in meant))
    if wanted.tags_none:
        yield not_(has_any(work, _all_meant(known, wanted.tags_none), Customer.id))


def _meant(known: Tags, written: str) -> list[list[str]]:
    """A tag that was merged is asked for as what it is now."""
    present = [known.present(one.strip()) for one in written.split(",") if one.strip()]
    return [known.meant_by(tag.id) if tag else [] for tag in present]


def _all_meant(known: Tags, written: str) -> list[str]:
    return [one for ids in _meant(known, written) for one in ids]
