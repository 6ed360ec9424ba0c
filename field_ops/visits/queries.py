"""Every SELECT of the visits domain."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from pathlib import PurePosixPath
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, union_all
from sqlalchemy.orm import aliased

from .. import access
from ..attendance.models import HostAttendanceEvent
from ..attendance.queries import corroborations
from ..calendar.work_days import calendar_of
from ..customers.models import MAIN_DOOR, Customer, CustomerLocation
from ..customers.queries import present_id
from ..errors import NotFound
from ..follow_ups.models import FollowUp
from ..geo import Point
from ..people.models import Member
from ..work import Work
from .flags import Seen
from .models import FixRecord, Photo, Visit, VisitFlag
from .verdict import Fix, Place, nearest

Columns = TypeVarTuple("Columns")

PAGE = 20
REATTACH = timedelta(minutes=30)  # a second check-in within this is the same visit
SEEN_WITHIN = timedelta(hours=24)
DUPLICATE_PHOTOS_WITHIN = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class WholeVisit:
    """A visit with everything that a page shows of it."""

    visit: Visit
    customer: Customer
    location: CustomerLocation | None
    owner_name: str
    fixes: dict[str, FixRecord]
    flags: list[VisitFlag]
    photos: list[Photo]
    follow_up: FollowUp | None
    corroborations: list[HostAttendanceEvent]


@dataclass(frozen=True, slots=True)
class UnderWay:
    """My open visit, wherever it is, and the one that ended a moment ago at this customer."""

    open: Visit | None
    just_closed: Visit | None


CustomerAndDoors = tuple[Customer, Sequence[CustomerLocation]]
VisitAndDoors = tuple[Visit, Customer, Sequence[CustomerLocation]]


async def open_visit(work: Work, member_id: str) -> Visit | None:
    """The member's visit that is not checked out, if any (there is at most one)."""
    found: Visit | None = await work.session.scalar(
        select(Visit).where(
            Visit.tenant_id == work.tenant_id,
            Visit.owner_id == member_id,
            Visit.checked_out_at.is_(None),
        )
    )
    return found


async def open_visits(work: Work) -> Sequence[Visit]:
    """Every open visit of the tenant, kept from everybody else until the commit."""
    found = await work.session.scalars(
        select(Visit)
        .where(Visit.tenant_id == work.tenant_id, Visit.checked_out_at.is_(None))
        .order_by(Visit.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.all()


async def under_way(work: Work, customer_id: str) -> UnderWay:
    """What an arrival at this customer has to reckon with."""
    mine = select(Visit).where(Visit.tenant_id == work.tenant_id, Visit.owner_id == work.actor.me)
    just_closed = mine.where(
        Visit.customer_id == customer_id,
        Visit.business_date == work.today,
        Visit.forced_check_out.is_(False),
        Visit.log_submitted_at.is_(None),
        Visit.checked_out_at >= work.now - REATTACH,
    )
    # Not one WHERE with OR: SQLite would read all that the member ever visited.
    either = union_all(mine.where(Visit.checked_out_at.is_(None)), just_closed)
    visits = (await work.session.scalars(select(Visit).from_statement(either))).all()
    closed = [(visit.checked_out_at, visit) for visit in visits if visit.checked_out_at]
    return UnderWay(
        open=next((visit for visit in visits if visit.is_open), None),
        just_closed=max(closed, key=itemgetter(0))[1] if closed else None,
    )


async def customer_to_visit(work: Work, customer_id: str) -> CustomerAndDoors:
    """A customer that this actor may see and its doors, the main one first, or `NotFound`.

    One that was merged into another meanwhile is that other one: a phone may not know it yet.
    """
    wanted = _with_doors(access.visible(work, Customer)).add_columns(CustomerLocation)
    rows = (await work.session.execute(wanted.where(Customer.id == customer_id))).all()
    if not rows:
        into = await present_id(work, customer_id)
        rows = (await work.session.execute(wanted.where(Customer.id == into))).all()
    if not rows:
        raise NotFound()
    return rows[0][0], [door for _, door in rows if door is not None]


async def visit_to_change(work: Work, visit_id: str) -> VisitAndDoors:
    """A visit that this actor may see, kept from everybody else until the commit, or `NotFound`."""
    wanted = (
        _with_doors(access.visible(work, Visit).join(Customer, _is_at))
        .with_only_columns(Visit, Customer, CustomerLocation)
        .where(Visit.id == visit_id)
        .with_for_update(of=Visit)
        .execution_options(populate_existing=True)
    )
    rows = (await work.session.execute(wanted)).all()
    if not rows:
        raise NotFound()
    visit, customer, _ = rows[0]
    return visit, customer, [door for _, _, door in rows if door is not None]


async def last_seen(work: Work, member_id: str) -> Seen | None:
    """Where the member's last usable position was, within a day."""
    row = (
        await work.session.execute(
            select(FixRecord.lat, FixRecord.lng, FixRecord.at)
            .where(
                FixRecord.tenant_id == work.tenant_id,
                FixRecord.member_id == member_id,
                FixRecord.at >= work.now - SEEN_WITHIN,
                FixRecord.lat.is_not(None),
                FixRecord.verdict != "NO_FIX",
            )
            .order_by(FixRecord.at.desc())
            .limit(1)
        )
    ).first()
    return Seen(Point(row.lat, row.lng), row.at) if row else None


async def location_of(work: Work, customer_id: str) -> CustomerLocation | None:
    """The customer's confirmed place, the main door before others, else the newest proposed one."""
    found = await work.session.scalars(
        select(CustomerLocation)
        .where(
            CustomerLocation.tenant_id == work.tenant_id,
            CustomerLocation.customer_id == customer_id,
            CustomerLocation.status != "past",
        )
        .order_by(*_best_first(CustomerLocation))
        .limit(1)
    )
    return found.first()


def nearest_door(doors: Sequence[CustomerLocation], fix: Fix | None) -> CustomerLocation | None:
    """The door from which a check-in is measured (`verdict.nearest`)."""
    known = {door.id: door for door in doors}
    place = nearest([one for one in map(as_place, doors) if one], fix)
    return known[place.location_id] if place else None


def as_place(location: CustomerLocation | None) -> Place | None:
    if location is None:
        return None
    return Place(
        Point(location.lat, location.lng),
        is_confirmed=location.status == "confirmed",
        location_id=location.id,
    )


async def fixes_of(work: Work, visit_id: str) -> list[FixRecord]:
    found = await work.session.scalars(
        select(FixRecord).where(
            FixRecord.tenant_id == work.tenant_id, FixRecord.visit_id == visit_id
        )
    )
    return list(found)


async def flags_of(work: Work, visit_id: str) -> list[VisitFlag]:
    found = await work.session.scalars(
        select(VisitFlag)
        .where(VisitFlag.tenant_id == work.tenant_id, VisitFlag.visit_id == visit_id)
        .order_by(VisitFlag.at, VisitFlag.flag)
    )
    return list(found)


async def photos_of(work: Work, visit_id: str) -> list[Photo]:
    found = await work.session.scalars(
        select(Photo)
        .where(Photo.tenant_id == work.tenant_id, Photo.visit_id == visit_id)
        .order_by(Photo.id)
    )
    return list(found)


async def photo_files(work: Work, places: Collection[str]) -> set[str]:
    """Those of these files that a photo names."""
    found = await work.session.scalars(
        select(Photo.place).where(Photo.tenant_id == work.tenant_id, Photo.place.in_(places))
    )
    return set(found)


async def watermarked_files(work: Work, places: Collection[str]) -> set[str]:
    """Those of these files that were drawn from a photo that is there."""
    photo_of = {place: PurePosixPath(place).name.partition("-")[0] for place in places}
    found = await work.session.scalars(
        select(Photo.id).where(Photo.tenant_id == work.tenant_id, Photo.id.in_(photo_of.values()))
    )
    known = set(found)
    return {place for place, photo_id in photo_of.items() if photo_id in known}


async def same_photo_elsewhere(work: Work, sha256: str, visit_id: str) -> str | None:
    """The number of another recent visit that has this very picture."""
    found: str | None = await work.session.scalar(
        select(Visit.number)
        .join(Photo, (Photo.tenant_id == Visit.tenant_id) & (Photo.visit_id == Visit.id))
        .where(
            Photo.tenant_id == work.tenant_id,
            Photo.sha256 == sha256,
            Photo.visit_id != visit_id,
            Photo.uploaded_at >= work.now - DUPLICATE_PHOTOS_WITHIN,
        )
        .limit(1)
    )
    return found


async def whole(work: Work, visit_id: str) -> WholeVisit:
    """One visit that this actor may see, or `NotFound`. What there is once comes in one row."""
    wanted = (
        _with_place(_lines(work))
        .join(_CheckIn, _is_end(_CheckIn, "check_in"))
        .outerjoin(_CheckOut, _is_end(_CheckOut, "check_out"))
        .outerjoin(
            FollowUp, and_(FollowUp.tenant_id == Visit.tenant_id, FollowUp.visit_id == Visit.id)
        )
        .add_columns(Customer, CustomerLocation, _CheckIn, _CheckOut, FollowUp)
        .where(Visit.id == visit_id)
    )
    row = (await work.session.execute(wanted)).first()
    if row is None:
        raise NotFound()
    visit, _, owner_name, customer, location, arrival, leaving, follow_up = row
    return WholeVisit(
        visit=visit,
        customer=customer,
        location=location,
        owner_name=owner_name,
        fixes={fix.end: fix for fix in (arrival, leaving) if fix is not None},
        flags=await flags_of(work, visit.id),
        photos=await photos_of(work, visit.id),
        follow_up=follow_up,
        corroborations=await corroborations(work, visit.id),
    )


async def former_places(work: Work, whole: WholeVisit) -> set[str]:
    """Of the places that the visit was judged against, those that are past by now. Most visits were
    judged against the place that the customer still has, and are not asked about."""
    present_id = whole.location.id if whole.location else None
    judged = {fix.location_id for fix in whole.fixes.values()} - {None, present_id}
    if not judged:
        return set()
    found = await work.session.scalars(
        select(CustomerLocation.id).where(
            CustomerLocation.tenant_id == work.tenant_id,
            CustomerLocation.id.in_(judged),
            CustomerLocation.status == "past",
        )
    )
    return set(found)


async def visit_numbered(work: Work, number_or_id: str) -> Visit | None:
    """A visit of the tenant by its short number or its id."""
    found: Visit | None = await work.session.scalar(
        select(Visit).where(
            Visit.tenant_id == work.tenant_id,
            or_(Visit.number == number_or_id, Visit.id == number_or_id),
        )
    )
    return found


VisitLine = Row[Visit, str, str]


async def page_of_visits(
    work: Work, *, customer_id: str | None, mine: bool, cursor: str | None
) -> Sequence[VisitLine]:
    """One page and one row more, newest first: (visit, customer's name, owner's name)."""
    wanted = _lines(work).order_by(Visit.id.desc()).limit(PAGE + 1)
    if mine:
        wanted = wanted.where(Visit.owner_id == work.actor.me)
    if customer_id is not None:
        wanted = wanted.where(Visit.customer_id == customer_id)
    if cursor is not None:
        wanted = wanted.where(Visit.id < cursor)
    return (await work.session.execute(wanted)).all()


async def visits_on(work: Work, member_id: str, day: date) -> Sequence[VisitLine]:
    """A member's visits of one business date, oldest first."""
    wanted = _lines(work).where(Visit.owner_id == member_id, Visit.business_date == day)
    return (await work.session.execute(wanted.order_by(Visit.checked_in_at))).all()


async def without_log(
    work: Work, member_id: str, since: date, *, also_open: bool = False
) -> Sequence[VisitLine]:
    """A member's visits that still need their log, oldest first."""
    wanted = _lines(work).where(
        Visit.owner_id == member_id,
        Visit.business_date >= since,
        Visit.log_submitted_at.is_(None),
    )
    if not also_open:
        wanted = wanted.where(Visit.checked_out_at.is_not(None))
    return (await work.session.execute(wanted.order_by(Visit.checked_in_at))).all()


async def log_due_at(work: Work, visit: Visit) -> datetime:
    """Until when the log is in time: 12:00 at the end of the next work day (domain.md §4.6)."""
    calendar = await calendar_of(work)
    day = calendar.next_work_day(visit.business_date)
    return datetime(day.year, day.month, day.day, 12, tzinfo=work.zone)


def _best_first(place: type[CustomerLocation]) -> tuple[ColumnElement[Any], ...]:
    return place.status.expression, place.door != MAIN_DOOR, place.proposed_at.desc()


# Made once: an alias costs more to make than the query that uses it.
_CheckIn, _CheckOut, _Place = aliased(FixRecord), aliased(FixRecord), aliased(CustomerLocation)
_is_at = and_(Customer.tenant_id == Visit.tenant_id, Customer.id == Visit.customer_id)
_is_the_place = and_(
    CustomerLocation.tenant_id == Customer.tenant_id,
    CustomerLocation.id
    == select(_Place.id)
    .where(
        _Place.tenant_id == Customer.tenant_id,
        _Place.customer_id == Customer.id,
        _Place.status != "past",
    )
    .order_by(*_best_first(_Place))
    .limit(1)
    .correlate(Customer)
    .scalar_subquery(),
)


def _lines(work: Work) -> Select[Visit, str, str]:
    return (
        access.visible(work, Visit)
        .join(Customer, _is_at)
        .join(Member, (Member.tenant_id == Visit.tenant_id) & (Member.id == Visit.owner_id))
        .with_only_columns(Visit, Customer.name, Member.name)
    )


def _is_end(fix: type[FixRecord], end: str) -> ColumnElement[bool]:
    return and_(fix.tenant_id == Visit.tenant_id, fix.visit_id == Visit.id, fix.end == end)


def _with_doors(wanted: Select[*Columns]) -> Select[*Columns]:
    """Joined with every door of the customer, the best first: a row for each of them."""
    is_a_door = and_(
        CustomerLocation.tenant_id == Customer.tenant_id,
        CustomerLocation.customer_id == Customer.id,
        CustomerLocation.status != "past",
    )
    ordered = _best_first(CustomerLocation)
    return wanted.outerjoin(CustomerLocation, is_a_door).order_by(*ordered)


def _with_place(wanted: Select[*Columns]) -> Select[*Columns]:
    """Joined with the customer's place, where there is one: what `location_of` finds."""
    return wanted.outerjoin(CustomerLocation, _is_the_place)
