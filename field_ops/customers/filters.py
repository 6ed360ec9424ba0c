"""Which customers are meant, for lists, exports and programs: what is given narrows, all of it."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AwareDatetime, Field
from sqlalchemy import ColumnElement, Select, and_, not_, select
from sqlalchemy.orm import aliased

from ..custom_fields.filters import conditions_for, read_conditions
from ..custom_fields.models import CUSTOMER
from ..custom_fields.sight import own_eyes
from ..people.models import Department, Membership
from ..tags.queries import has_any, tags_of_company
from ..work import Work
from .models import Customer
from .schemas import CustomerType, Kind, Level, Schema, Stage

EQUAL = ("level", "lifecycle_stage", "type", "customer_kind", "city", "owner_id", "pool_id")
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
    tags_any: TagIds | None = Field(None, description="Ids of tags: at least one of them")
    tags_all: TagIds | None = Field(None, description="Ids of tags: every one of them")
    tags_none: TagIds | None = Field(None, description="Ids of tags: none of them")


async def conditions_of(work: Work, wanted: CustomerFilter) -> list[ColumnElement[bool]]:
    """For a query of `Customer`, beside what decides who may see the rows. Raises FilterWrong."""
    found = list(_of_every_company(work.tenant_id, wanted))
    if wanted.custom:
        eyes = await own_eyes(work, CUSTOMER)
        asked = read_conditions(wanted.custom)
        found += conditions_for(eyes, asked, work.tenant_id, Customer.id, Customer.owner_id)
    if wanted.tags_any or wanted.tags_all or wanted.tags_none:
        found += await _of_tags(work, wanted)
    return found


def _of_every_company(tenant_id: int, wanted: CustomerFilter) -> Iterator[ColumnElement[bool]]:
    for name in EQUAL:
        value: Any = getattr(wanted, name)
        if value is not None:
            yield getattr(Customer, name) == value
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


async def _of_tags(work: Work, wanted: CustomerFilter) -> list[ColumnElement[bool]]:
    """A tag that was merged is asked for as what it is now."""
    known = await tags_of_company(work)

    def meant(written: str) -> list[list[str]]:
        named = [one.strip() for one in written.split(",") if one.strip()]
        present = [known.present(one) for one in named]
        return [known.meant_by(tag.id) if tag else [] for tag in present]

    def any_of(written: str) -> ColumnElement[bool]:
        return has_any(work, [one for ids in meant(written) for one in ids], Customer.id)

    found = []
    if wanted.tags_any:
        found.append(any_of(wanted.tags_any))
    if wanted.tags_all:
        found.append(and_(*(has_any(work, ids, Customer.id) for ids in meant(wanted.tags_all))))
    if wanted.tags_none:
        found.append(not_(any_of(wanted.tags_none)))
    return found
