"""Which customers are meant, for lists, exports and programs: what is given narrows, all of it."""

from collections.abc import Iterator
from typing import Any

from pydantic import AwareDatetime, Field
from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import aliased

from ..people.models import Department, Membership
from .models import Customer
from .schemas import CustomerType, Kind, Level, Schema, Stage

EQUAL = ("level", "lifecycle_stage", "type", "customer_kind", "city", "owner_id", "pool_id")
top, inside = aliased(Department), aliased(Department)


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


def conditions(tenant_id: int, wanted: CustomerFilter) -> Iterator[ColumnElement[bool]]:
    """For a query of `Customer`, beside what decides who may see the rows."""
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
