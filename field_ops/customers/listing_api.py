"""The routes for programs that keep a copy of the customers, under ids of their own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from ..access import require, visible
from ..access.fields import FIELDS, Eyes, eyes_of
from ..custom_fields.errors import FilterWrong
from ..custom_fields.models import CONTACT, CUSTOMER
from ..custom_fields.sight import OwnEyes, own_eyes
from ..custom_fields.spec import FieldValueOut
from ..errors import Invalid, NotAllowed, NotFound
from ..http.routes import Routes
from ..texts import Text
from ..work import Work
from . import contact_fields, external
from .api import CANNOT_EDIT, place_out
from .external import ExternalIdsAreForPrograms, ExternalIdTaken
from .filters import CustomerFilter
from .listing import CursorUnreadable, Listed, all_customers, beside_of, sorted_customers
from .models import Customer
from .schemas import (
    ContactOut,
    CustomerType,
    Kind,
    Level,
    PlaceClass,
    PlaceOut,
    Schema,
    Stage,
)

routes = Routes("/api/v1", tag="customers")

ExternalIdText = Field(
    min_length=1,
    max_length=100,
    description="The customer's id in the system of the program that asks",
    examples=["K-10086"],
)


class FieldUnknown(Invalid):
    sentence = Text(
        "没有名为 {field} 的字段，可选：{known}。",
        "There is no field {field}. Known fields: {known}.",
    )


class CustomerListQuery(CustomerFilter):
    """Which customers, which of their fields, and from where on."""

    cursor: str = Field(
        "", max_length=1200, description="`cursor` of the page before; empty begins"
    )
    sort: str | None = Field(
        None,
        pattern=r"^-?[a-z][a-z0-9_]{0,31}$",
        description="Key of one of the company's own fields, `-` before it from the top. Without "
        "it the longest unchanged come first; only then there is `gone`, and a cursor at the end",
        examples=["-shop_area"],
    )
    limit: int = Field(100, ge=1, le=500, description="Rows of a page")
    fields: str = Field(
        "",
        max_length=400,
        description="Names of fields with commas between; empty gives all. `id` is always there",
        examples=["number,name,phone"],
    )


class ListedCustomer(Schema):
    """A customer as programs get it. With `fields` the others are left out."""

    id: str = Field(examples=["01ky7w3f5t9c0b4x8s2n6m1d0q"])
    external_id: str = Field("", description="Its id in the system that asks; empty: none given")
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
    custom: dict[str, FieldValueOut] = Field(
        default_factory=dict, description="Values of the company's own fields by key"
    )
    tags: list[str] = Field(default_factory=list, description="Their names")
    owner_id: str | None = Field(None, description="None: nobody owns it")
    pool_id: str | None = Field(None, description="In which pool it lies; None: the company's own")
    created_at: datetime | None = None
    updated_at: datetime | None = Field(None, description="Given in the order of the commits")
    last_visit_at: datetime | None = None
    revision: int = Field(0, description="Send it back when editing")
    contacts: list[ContactOut] = Field(default_factory=list)
    location: PlaceOut | None = Field(None, description="Confirmed, else the newest proposal")


class GoneCustomer(Schema):
    """A customer that a copy must let go of."""

    id: str
    number: str = Field(examples=["C-000124"])
    why: Literal["merged", "removed", "out_of_sight"]
    merged_into: str | None = Field(description="The customer that it turned out to be")
    updated_at: datetime


class ListedCustomers(Schema):
    rows: list[ListedCustomer]
    gone: list[GoneCustomer] = Field(
        description="Merged, removed, given to somebody whose customers are out of sight, or not "
        "shared with me any more"
    )
    cursor: str = Field(description="Go on with it, now or later: then it gives what was changed")
    more: bool = Field(description="Whether the next page has rows now")
    as_of: datetime = Field(
        description="When `more` is false: who asks `updated_since` this misses nothing"
    )


class ExternalIdIn(Schema):
    external_id: str = Field(
        "", max_length=100, description="Empty takes it away", examples=["K-10086"]
    )


class ExternalIdOut(Schema):
    customer_id: str
    external_id: str


class KnownAsQuery(Schema):
    external_id: str = ExternalIdText


KNOWN = tuple(ListedCustomer.model_fields)
BESIDE = frozenset({"contacts", "location", "external_id", "tags"})
PLAIN = frozenset(KNOWN) - BESIDE - {"custom"}
GUARDED = frozenset(FIELDS)


@routes.get(
    "/customers/all",
    refusals=(NotAllowed, CursorUnreadable, FieldUnknown, FilterWrong),
    scope="customers.read",
    sparse=True,
)
async def list_customers(work: Work, query: CustomerListQuery) -> ListedCustomers:
    """Every customer in sight in the order of its last change, or of an own field, in pages.

    Begin without a cursor and go on with the one of each answer while `more` is true. The last one
    stays good: later it gives what was changed since, and in `gone` what is to be let go of.
    """
    require(work, "customers.view")
    fields = _fields(query.fields)
    beside = fields & BESIDE
    if query.sort:
        listed = await sorted_customers(
            work, query, query.sort, query.cursor, query.limit, beside=beside
        )
    else:
        listed = await all_customers(work, query, query.cursor, query.limit, beside=beside)
    readers = await _readers(work)
    return ListedCustomers(
        rows=[_row(one, fields, listed, readers) for one in listed.customers],
        gone=[_gone(one) for one in listed.gone],
        cursor=listed.cursor,
        more=listed.more,
        as_of=listed.as_of,
    )


@routes.get("/customers/known-as", refusals=(NotFound,), scope="customers.read", sparse=True)
async def find_by_external_id(work: Work, query: KnownAsQuery) -> ListedCustomer:
    """The customer that the program that asks knows by this id of its own."""
    customer = await external.known_as(work, query.external_id)
    (row,) = await listed_customers(work, [customer.id])
    return row


@routes.put(
    "/customers/{customer_id}/external-id",
    refusals=(*CANNOT_EDIT, NotAllowed, ExternalIdTaken, ExternalIdsAreForPrograms),
    scope="customers.write",
)
async def set_external_id(work: Work, customer_id: str, body: ExternalIdIn) -> ExternalIdOut:
    """Say by which id the program that asks knows a customer. Ids of other systems stay."""
    await external.name(work, customer_id, body.external_id)
    return ExternalIdOut(customer_id=customer_id, external_id=body.external_id)


async def listed_customers(work: Work, ids: Collection[str]) -> list[ListedCustomer]:
    """Those of these customers that are in sight, each with all of its fields."""
    if not ids:
        return []
    found = await work.session.scalars(visible(work, Customer).where(Customer.id.in_(ids)))
    listed, readers = await beside_of(work, found.all(), BESIDE), await _readers(work)
    return [_row(one, frozenset(KNOWN), listed, readers) for one in listed.customers]


@dataclass(frozen=True, slots=True)
class _Readers:
    """The eyes of whoever asks: for the fields of every company, and for those of his own."""

    eyes: Eyes
    own: OwnEyes
    of_contacts: OwnEyes


async def _readers(work: Work) -> _Readers:
    return _Readers(eyes_of(work), await own_eyes(work, CUSTOMER), await own_eyes(work, CONTACT))


def _row(
    customer: Customer, fields: frozenset[str], listed: Listed, readers: _Readers
) -> ListedCustomer:
    eyes = readers.eyes
    given: dict[str, Any] = {name: getattr(customer, name) for name in fields & PLAIN}
    is_close = customer.id in listed.close
    given |= {name: eyes.text(name, customer, given[name]) for name in fields & GUARDED}
    if "phone" in fields:
        given["phone"] = eyes.phone_in_list(customer, customer.phone, is_close=is_close)
    if "contacts" in fields:
        people = listed.contacts.get(customer.id, ())
        phone_of = {
            one.id: eyes.phone_in_list(customer, one.phone, is_close=is_close) for one in people
        }
        given["contacts"] = contact_fields.contacts_out(
            eyes, readers.of_contacts, customer, people, phone_of
        )
    if "location" in fields:
        place = listed.places.get(customer.id)
        given["location"] = place_out(place) if place else None
    if "custom" in fields:
        given["custom"] = readers.own.shown(customer.owner_id, customer.custom)
    if "tags" in fields:
        given["tags"] = [one.name for one in listed.tags.get(customer.id, ())]
    if "external_id" in fields:
        given["external_id"] = listed.external_ids.get(customer.id, "")
    return ListedCustomer.model_validate(given)


def _gone(customer: Customer) -> GoneCustomer:
    why: Literal["merged", "removed", "out_of_sight"] = "out_of_sight"
    if customer.removed_at is not None:
        why = "merged" if customer.merged_into else "removed"
    return GoneCustomer(
        id=customer.id,
        number=customer.number,
        why=why,
        merged_into=customer.merged_into,
        updated_at=customer.updated_at,
    )


def _fields(written: str) -> frozenset[str]:
    wanted = {name.strip() for name in written.split(",") if name.strip()}
    unknown = sorted(wanted - set(KNOWN))
    if unknown:
        raise FieldUnknown(field=unknown[0][:40], known=", ".join(KNOWN))
    return frozenset(wanted | {"id"}) if wanted else frozenset(KNOWN)
