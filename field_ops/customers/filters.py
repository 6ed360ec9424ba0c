"""Which customers are meant, for lists, exports and programs: what is given narrows, all of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, Field
from sqlalchemy import ColumnElement

from .models import Customer
from .schemas import CustomerType, Kind, Level, Schema, Stage

EQUAL = ("level", "lifecycle_stage", "type", "customer_kind", "city", "owner_id")


class CustomerFilter(Schema):
    """Filters of customers. What is absent does not narrow."""

    level: Level | None = None
    lifecycle_stage: Stage | None = None
    type: CustomerType | None = None
    customer_kind: Kind | None = None
    city: str | None = Field(None, max_length=64, examples=["武汉"])
    owner_id: str | None = Field(None, max_length=26, description="Customers of this member")
    updated_since: AwareDatetime | None = Field(
        None, description="Changed at this moment or later", examples=["2026-03-01T00:00:00Z"]
    )


def conditions(wanted: CustomerFilter) -> Iterator[ColumnElement[bool]]:
    """For a query of `Customer`, beside what decides who may see the rows."""
    for name in EQUAL:
        value: Any = getattr(wanted, name)
        if value is not None:
            yield getattr(Customer, name) == value
    since: datetime | None = wanted.updated_since
    if since is not None:
        yield Customer.updated_at >= since
