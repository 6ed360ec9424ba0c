"""The routes of customers."""

from typing import Any, Literal, cast

from ..access import require
from ..access.fields import FIELDS, Eyes, eyes_of
from ..custom_fields.errors import (
    FieldIsComputed,
    FieldValueMissing,
    FieldValueWrong,
    FilterWrong,
    NoSuchField,
    OwnFieldNotYours,
)
from ..custom_fields.models import CONTACT, CUSTOMER
from ..custom_fields.sight import own_eyes
from ..errors import NotAllowed, NotFound
from ..geo import GCJ02, to_wgs84, wgs84_to_gcj02
from ..http.routes import Routes
from ..tags.api import tag_out
from ..tags.errors import OneTagOnly, TagNotYours, TagUnknown
from ..tags.models import Tag
from ..tags.queries import tags_of_company, tags_on
from ..work import Work
from . import actions, contact_fields, external, lookup, own_fields, queries, tagging
from .errors import (
    BranchOfNobody,
    ChangedMeanwhile,
    CreditCodeWrong,
    FieldNotYours,
    LevelReasonNeeded,
    LooksLikeAnother,
    NobodysCustomer,
    OnlyReading,
    OwnerUnknown,
    PhoneOrLocationMissing,
    PhoneUnreadable,
    ReportsInACircle,
    ReportsToStranger,
    SameCompanyHere,
    SameCustomer,
    SamePhone,
    SomeoneElsesCustomer,
    TooManyContacts,
)
from .external import ExternalIdsAreForPrograms, ExternalIdTaken
from .field_view import guarded
from .filters import LookupQuery
from .highlights import written_span
from .levels import levels_of
from .lookup import Found, Place
from .masked import shown
from .models import CustomerLocation
from .nearby import nearby
from .new_rows import description_of
from .openings import note_opened, openings_of
from .own_fields import OwnView
from .queries import ASSIGN, CONFIRM, EDIT, Detail
from .schemas import (
    ContactChange,
    ContactIn,
    CustomerChange,
    CustomerIn,
    CustomerOut,
    CustomerRow,
    CustomerRows,
    LevelChangeOut,
    LevelChangesOut,
    LocationOut,
    May,
    MemberOut,
    NearbyQuery,
    OpeningOut,
    OpeningsOut,
    OwnerIn,
    OwnerOut,
    PlaceNeedsOut,
    PlaceOut,
    SuspectsIn,
    SuspectsOut,
    TaggedOut,
    TaggingIn,
    TaggingManyIn,
)
from .suspects import suspects

routes = Routes("/api/v1", tag="customers")

ALREADY_THERE = (
    SameCustomer,
    SamePhone,
    SameCompanyHere,
    SomeoneElsesCustomer,
    NobodysCustomer,
)
CANNOT_EDIT = (NotFound, NotAllowed, OnlyReading, FieldNotYours)
TAGS = (TagUnknown, TagNotYours, OneTagOnly)
OWN_FIELDS = (NoSuchField, FieldValueWrong, FieldValueMissing, FieldIsComputed, OwnFieldNotYours)


@routes.get("/customers", refusals=(NotAllowed, FilterWrong))
async def look_up_customers(work: Work, query: LookupQuery) -> CustomerRows:
    """Find customers by any part of a name, pinyin, initials, phone, contact or number, among
    those that the filters leave."""
    require(work, "customers.view")
    near = None
    if query.lat is not None and query.lng is not None:
        near = to_wgs84(query.lat, query.lng, query.datum)
    rows, more = await lookup.look_up(
        work, query.q, near=near, page=query.page, mine=query.mine, only=query
    )
    eyes = eyes_of(work)
    return CustomerRows(rows=[_row(eyes, found) for found in rows], more=more)


@routes.get("/customers/nearby", refusals=(NotAllowed,))
async def customers_nearby(work: Work, query: NearbyQuery) -> CustomerRows:
    """At most fifty customers around a place, nearest first."""
    require(work, "customers.view")
    here = to_wgs84(query.lat, query.lng, query.datum)
    rows = await nearby(work, here, query.radius_m)
    eyes = eyes_of(work)
    return CustomerRows(rows=[_row(eyes, found) for found in rows], more=False)


@routes.post("/customers/suspects", refusals=(NotAllowed,))
async def customers_it_may_be(work: Work, body: SuspectsIn) -> SuspectsOut:
    """What a customer that is being typed may be already, among all of the company's.

    Of customers out of sight a masked name, the owner's department and the stage are shown, and
    whoever meets many of them in a day is noticed.
    """
    require(work, "customers.create")
    found = await suspects(work, description_of(body))
    return SuspectsOut(suspects=await shown(work, found))


@routes.post(
    "/customers",
    status=201,
    refusals=(
        NotAllowed,
        PhoneOrLocationMissing,
        PhoneUnreadable,
        CreditCodeWrong,
        BranchOfNobody,
        LooksLikeAnother,
        ExternalIdTaken,
        ExternalIdsAreForPrograms,
        *OWN_FIELDS,
        *TAGS,
        *ALREADY_THERE,
    ),
    scope="customers.write",
)
async def create_customer(work: Work, body: CustomerIn) -> CustomerOut:
    """Create a customer that I will own."""
    customer = await actions.create(work, body)
    if body.external_id:
        await external.name(work, customer.id, body.external_id)
    return await customer_out(work, customer.id)


@routes.get("/customers/{customer_id}", refusals=(NotFound,), scope="customers.read")
async def show_customer(work: Work, customer_id: str) -> CustomerOut:
    """Everything about one customer. Whoever opens the phone of another's is noted."""
    detail = await queries.detail(work, customer_id)
    note_opened(work, detail)
    return await _out(work, detail)


@routes.get("/customers/{customer_id}/openings", refusals=(NotFound, NotAllowed))
async def who_opened(work: Work, customer_id: str) -> OpeningsOut:
    """Who opened its phones, the newest first: for its owner, and who may see the log."""
    return OpeningsOut(
        openings=[
            OpeningOut(member=MemberOut(id=one.member_id, name=name), at=one.at, via=one.via)
            for one, name in await openings_of(work, customer_id)
        ]
    )


@routes.patch(
    "/customers/{customer_id}",
    refusals=(
        *CANNOT_EDIT,
        ChangedMeanwhile,
        PhoneUnreadable,
        CreditCodeWrong,
        *OWN_FIELDS,
        LevelReasonNeeded,
        *ALREADY_THERE,
    ),
    scope="customers.write",
)
async def edit_customer(work: Work, customer_id: str, body: CustomerChange) -> CustomerOut:
    """Change some fields, unless somebody else changed the customer since it was read."""
    await actions.edit(work, customer_id, body)
    return await customer_out(work, customer_id)


@routes.patch("/customers/tags", refusals=(NotAllowed, *TAGS))
async def tag_customers(work: Work, body: TaggingManyIn) -> TaggedOut:
    """Put tags on many customers, or take them off; those that are not mine to change stay."""
    done = await tagging.tag_many(work, body.customer_ids, body.add, body.remove)
    return TaggedOut(changed=done.changed, unchanged=done.unchanged, refused=done.refused)


@routes.patch(
    "/customers/{customer_id}/tags", refusals=(*CANNOT_EDIT, *TAGS), scope="customers.write"
)
async def tag_customer(work: Work, customer_id: str, body: TaggingIn) -> CustomerOut:
    """Put tags on a customer, or take them off."""
    customer = await tagging.tag(work, customer_id, body.add, body.remove)
    return await customer_out(work, customer.id)


@routes.put(
    "/customers/{customer_id}/owner",
    refusals=(NotFound, NotAllowed, OwnerUnknown),
    scope="customers.assign",
)
async def assign_customer(work: Work, customer_id: str, body: OwnerIn) -> OwnerOut:
    """Give the customer to another member, or to nobody. The giver may lose sight of it."""
    customer = await actions.assign(work, customer_id, body.member_id)
    return OwnerOut(
        owner=_member(customer.owner_id, await queries.names_of(work, [body.member_id]))
    )


@routes.post(
    "/customers/{customer_id}/contacts",
    status=201,
    refusals=(
        *CANNOT_EDIT,
        PhoneUnreadable,
        ReportsToStranger,
        TooManyContacts,
        *OWN_FIELDS,
        *ALREADY_THERE,
    ),
    scope="customers.write",
)
async def add_contact(work: Work, customer_id: str, body: ContactIn) -> CustomerOut:
    """Add somebody to talk to there."""
    await actions.add_contact(work, customer_id, body)
    return await customer_out(work, customer_id)


@routes.patch(
    "/customers/{customer_id}/contacts/{contact_id}",
    refusals=(
        *CANNOT_EDIT,
        PhoneUnreadable,
        ReportsToStranger,
        ReportsInACircle,
        *OWN_FIELDS,
        *ALREADY_THERE,
    ),
    scope="customers.write",
)
async def edit_contact(
    work: Work, customer_id: str, contact_id: str, body: ContactChange
) -> CustomerOut:
    """Change some fields of a contact."""
    await actions.edit_contact(work, customer_id, contact_id, body)
    return await customer_out(work, customer_id)


@routes.delete(
    "/customers/{customer_id}/contacts/{contact_id}", refusals=CANNOT_EDIT, scope="customers.write"
)
async def remove_contact(work: Work, customer_id: str, contact_id: str) -> CustomerOut:
    """Remove a contact."""
    await actions.remove_contact(work, customer_id, contact_id)
    return await customer_out(work, customer_id)


@routes.get("/customers/{customer_id}/levels", refusals=(NotFound,))
async def show_levels(work: Work, customer_id: str) -> LevelChangesOut:
    """How the customer came to its level: every change, by whom, and why."""
    found = await levels_of(work, customer_id)
    name_of = await queries.names_of(work, [one.by_id for one in found])
    return LevelChangesOut(
        changes=[
            LevelChangeOut.model_validate(
                {
                    **{
                        name: getattr(one, name)
                        for name in ("at", "how", "before", "after", "reason")
                    },
                    "by_name": name_of.get(one.by_id or "", ""),
                }
            )
            for one in found
        ]
    )


async def customer_out(work: Work, customer_id: str) -> CustomerOut:
    """A customer with everything of its own, as the asker may see it."""
    return await _out(work, await queries.detail(work, customer_id))


async def _out(work: Work, detail: Detail) -> CustomerOut:
    customer, eyes = detail.customer, eyes_of(work)
    own = await own_fields.view(work, await own_eyes(work, CUSTOMER), customer)
    theirs = await own_eyes(work, CONTACT)
    phone_of = {one.id: eyes.text("phone", customer, one.phone) for one in detail.contacts}
    people = contact_fields.contacts_out(eyes, theirs, customer, detail.contacts, phone_of)
    own.guarded.update(contact_fields.guarded(theirs, customer))
    own.names.update(
        await own_fields.names_in(work, theirs.fields, [one["custom"] for one in people])
    )
    known = await tags_of_company(work)
    tags = (await tags_on(work, known, [detail.customer.id])).get(detail.customer.id, [])
    return _with_own(work, detail, own, tags, people)


def _with_own(
    work: Work, detail: Detail, own: OwnView, tags: list[Tag], people: list[dict[str, Any]]
) -> CustomerOut:
    customer, name_of, eyes = detail.customer, detail.name_of, eyes_of(work)
    best = detail.confirmed or detail.proposed
    return CustomerOut.model_validate(
        {
            **{name: getattr(customer, name) for name in PLAIN_FIELDS},
            **{name: eyes.text(name, customer, getattr(customer, name)) for name in FIELDS},
            "custom": own.values,
            "tags": [tag_out(one).model_dump() for one in tags],
            "custom_names": own.names,
            "guarded": guarded(eyes, customer) | own.guarded,
            "owner": _member(customer.owner_id, name_of),
            "contacts": people,
            "location": _location(best, detail),
            "proposed_location": _location(
                detail.proposed if detail.proposed is not best else None, detail
            ),
            "doors": [_location(place, detail) for place in detail.doors],
            "place_needs": PlaceNeedsOut(
                check_ins=detail.place_rules.check_ins, days=detail.place_rules.days
            ),
            "may": May(
                edit=EDIT in detail.may,
                confirm_location=CONFIRM in detail.may,
                assign=ASSIGN in detail.may,
            ),
        }
    )


MADE_UP = (
    "owner", "contacts", "location", "proposed_location", "doors", "place_needs", "may", "guarded",
    "custom", "tags", "custom_names",
)  # fmt: skip
PLAIN_FIELDS = tuple(name for name in CustomerOut.model_fields if name not in MADE_UP)


def _row(eyes: Eyes, found: Found) -> CustomerRow:
    customer = found.customer
    phone = eyes.phone_in_list(customer, customer.phone, is_close=found.is_close)
    return CustomerRow.model_validate(
        {
            **{name: getattr(customer, name) for name in ROW_FIELDS},
            "address": eyes.text("address", customer, customer.address),
            "phone": phone,
            "distance_m": found.distance_m,
            "matched_on": found.why.on,
            "matched_text": found.why.text,
            "highlight": written_span(customer.name, found.why.span),
            "is_mine": found.is_mine,
            "owner_name": found.owner_name,
            "place": place_out(found.place) if found.place else None,
        }
    )


ROW_FIELDS = ("id", "number", "name", "level", "city", "address", "phone", "last_visit_at")


def _member(member_id: str | None, name_of: dict[str, str]) -> MemberOut | None:
    return MemberOut(id=member_id, name=name_of.get(member_id, "")) if member_id else None


def place_out(place: CustomerLocation | Place) -> PlaceOut:
    gcj_lat, gcj_lng = gcj_pair(place)
    return PlaceOut(
        lat=place.lat,
        lng=place.lng,
        gcj_lat=gcj_lat,
        gcj_lng=gcj_lng,
        status=cast(Literal["proposed", "confirmed", "past"], place.status),
    )


def _location(place: CustomerLocation | None, detail: Detail) -> LocationOut | None:
    return location_out(place, detail.name_of, detail.check_ins) if place else None


def location_out(
    place: CustomerLocation, name_of: dict[str, str], check_ins: dict[str, int]
) -> LocationOut:
    """A place with its history."""
    return LocationOut.model_validate(
        {
            **place_out(place).model_dump(),
            "id": place.id,
            "original_lat": place.original_lat,
            "original_lng": place.original_lng,
            "datum": place.datum,
            "accuracy_m": place.accuracy_m,
            "source": place.source,
            "door": place.door,
            "door_name": place.door_name,
            "proposed_at": place.proposed_at,
            "proposed_by_name": name_of.get(place.proposed_by or "", ""),
            "confirmed_at": place.confirmed_at,
            "confirmed_by_name": name_of.get(place.confirmed_by or "", ""),
            "confirmed_how": place.confirmed_how,
            "check_ins": check_ins.get(place.id, 0),
            "replaces_id": place.replaces_id,
            "closed_at": place.closed_at,
            "closed_by_name": name_of.get(place.closed_by or "", ""),
        }
    )


def gcj_pair(place: CustomerLocation | Place) -> tuple[float, float]:
    """For Chinese maps; the pair itself when it was given so, lest a round trip move it."""
    if place.datum == GCJ02:
        return place.original_lat, place.original_lng
    return wgs84_to_gcj02(place.lat, place.lng)
