"""The route for programs that keep a copy of the customers."""

from datetime import datetime
from typing import Any

from pydantic import Field

from ..access.fields import FIELDS, eyes_of
from ..errors import Invalid
from ..http.routes import Routes
from ..texts import Text
from ..work import Work
from .filters import CustomerFilter
from .listing import CursorUnreadable, all_customers
from .schemas import ContactOut, CustomerType, Kind, Level, PlaceClass, Schema, Stage

routes = Routes("/api/v1", tag="customers")


class FieldUnknown(Invalid):
    sentence = Text(
        "没有名为 {field} 的字段，可选：{known}。",
        "There is no field {field}. Known fields: {known}.",
    )


class CustomerListQuery(CustomerFilter):
    """Which customers, which of their fields, and from where on."""

    cursor: str = Field("", max_length=200, description="`cursor` of the page before; empty begins")
    limit: int = Field(100, ge=1, le=500, description="Rows of a page")
    fields: str = Field(
        "",
        max_length=400,
        description="Names of fields with commas between; empty gives all. `id` is always there",
        examples=["number,name,phone"],
    )


class ListedCustomer(Schema):
    """A customer as programs get it. With `fields` the others are left out."""

    id: str
    number: str = Field("", examples=["C-000123"])
    name: str = Field("", examples=["华联超市（中山路店）"])
    customer_kind: Kind = "company"
    type: CustomerType = "customer"
    level: Level = "C"
    lifecycle_stage: Stage = "potential"
    place_class: PlaceClass = "other"
    phone: str = Field("", examples=["027-8555 1234"])
    credit_code: str = ""
    email: str = ""
    is_branch: bool = False
    city: str = ""
    address: str = ""
    source: str = ""
    note: str = ""
    owner_id: str | None = Field(None, description="None: nobody owns it")
    created_at: datetime | None = None
    updated_at: datetime | None = None
    last_visit_at: datetime | None = None
    revision: int = Field(0, description="Send it back when editing")
    contacts: list[ContactOut] = Field(default_factory=list)


class ListedCustomers(Schema):
    rows: list[ListedCustomer]
    cursor: str = Field(description="Go on with it, now or later: then it gives what was changed")
    more: bool = Field(description="Whether the next page has rows now")


KNOWN = tuple(ListedCustomer.model_fields)
PLAIN = frozenset(KNOWN) - {"contacts"}
GUARDED = frozenset(FIELDS)


@routes.get(
    "/customers/all",
    refusals=(CursorUnreadable, FieldUnknown),
    scope="customers.read",
    sparse=True,
)
async def list_customers(work: Work, query: CustomerListQuery) -> ListedCustomers:
    """Every customer in sight in the order of its last change, in pages."""
    fields = _fields(query.fields)
    listed = await all_customers(
        work, query, query.cursor, query.limit, with_contacts="contacts" in fields
    )
    rows, eyes = [], eyes_of(work)
    for customer in listed.customers:
        owner_id = customer.owner_id
        given: dict[str, Any] = {name: getattr(customer, name) for name in fields & PLAIN}
        given |= {name: eyes.text(name, owner_id, given[name]) for name in fields & GUARDED}
        if "contacts" in fields:
            given["contacts"] = [
                {name: getattr(contact, name) for name in ContactOut.model_fields}
                | {"phone": eyes.text("phone", owner_id, contact.phone)}
                for contact in listed.contacts.get(customer.id, ())
            ]
        rows.append(ListedCustomer.model_validate(given))
    return ListedCustomers(rows=rows, cursor=listed.cursor, more=listed.more)


def _fields(written: str) -> frozenset[str]:
    wanted = {name.strip() for name in written.split(",") if name.strip()}
    unknown = sorted(wanted - set(KNOWN))
    if unknown:
        raise FieldUnknown(field=unknown[0][:40], known=", ".join(KNOWN))
    return frozenset(wanted | {"id"}) if wanted else frozenset(KNOWN)
