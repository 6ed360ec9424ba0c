"""Rows into the JSON that pages see."""

from collections.abc import Collection

from ..access.fields import eyes_of
from ..customers.models import Customer, CustomerLocation
from ..geo import wgs84_to_gcj02
from ..http.edge import Edge
from ..plans.models import VisitPlan
from ..work import Work
from . import flags, queries
from .models import FixRecord, Photo, VisitFlag
from .queries import VisitLine, WholeVisit
from .schemas import (
    CorroborationOut,
    CustomerBrief,
    FixOut,
    FlagOut,
    PhotoOut,
    Stop,
    VisitOut,
    VisitRow,
)
from .signed_links import photo_url


def customer_brief(
    work: Work, customer: Customer, location: CustomerLocation | None
) -> CustomerBrief:
    """A customer as a stop shows him: enough to call, to navigate and to check in."""
    eyes, is_mine = eyes_of(work), customer.owner_id == work.actor.member_id
    brief = CustomerBrief(
        id=customer.id,
        number=customer.number,
        name=customer.name,
        level=customer.level,
        address=eyes.text("address", customer, customer.address),
        phone=eyes.phone_in_list(customer, customer.phone, is_close=is_mine),
    )
    if location is not None:
        brief.lat, brief.lng = location.lat, location.lng
        brief.gcj_lat, brief.gcj_lng = wgs84_to_gcj02(location.lat, location.lng)
        brief.place_status = "confirmed" if location.status == "confirmed" else "proposed"
    return brief


def row(work: Work, line: VisitLine) -> VisitRow:
    visit, customer_name, owner_name = line
    return VisitRow.model_validate(
        {
            **{name: getattr(visit, name, None) for name in VisitRow.model_fields},
            "customer_name": customer_name,
            "owner_name": owner_name,
            "is_mine": visit.owner_id == work.actor.member_id,
        }
    )


async def visit_out(work: Work, edge: Edge, visit_id: str) -> VisitOut:
    """Everything about one visit that this actor may see, or `NotFound`."""
    whole = await queries.whole(work, visit_id)
    visit, follow_up = whole.visit, whole.follow_up
    needs_photo = visit.check_in_verdict in ("NO_FIX", "WEAK", "OUT_OF_RANGE")
    check_out = whole.fixes.get("check_out")
    former = await queries.former_places(work, whole)
    return VisitOut.model_validate(
        {
            **{name: getattr(visit, name, None) for name in VisitOut.model_fields},
            "customer": customer_brief(work, whole.customer, whole.location),
            "owner_name": whole.owner_name,
            "check_in": _fix(whole.fixes["check_in"], former),
            "check_out": _fix(check_out, former) if check_out else None,
            "flags": [_flag(flag, work.actor.language) for flag in whole.flags],
            "corroborations": [CorroborationOut.model_validate(c) for c in whole.corroborations],
            "photos": _photos(whole, edge, work),
            "photo_needed": needs_photo and not whole.photos,
            "log_due_at": await queries.log_due_at(work, visit),
            "next_action": follow_up.next_action if follow_up else "",
            "next_action_due_at": follow_up.next_action_due_at if follow_up else None,
            "is_mine": visit.owner_id == work.actor.member_id,
        }
    )


def stop(
    work: Work,
    plan: VisitPlan,
    customer: Customer,
    location: CustomerLocation | None,
    visit_id: str | None,
) -> Stop:
    return Stop(
        plan_id=plan.id,
        position=plan.position,
        planned_at=plan.planned_at,
        state=plan.state,
        visit_type=plan.visit_type,
        purpose=plan.purpose,
        customer=customer_brief(work, customer, location),
        visit_id=visit_id,
    )


def _fix(fix: FixRecord, former: Collection[str]) -> FixOut:
    shown = FixOut.model_validate(fix)
    shown.place_is_former = fix.location_id in former
    return shown


def _flag(flag: VisitFlag, language: str) -> FlagOut:
    return FlagOut.model_validate(
        {
            "flag": flag.flag,
            "severity": flag.severity,
            "sentence": flags.sentence(flag.flag, flag.facts).say(language),
            "facts": flag.facts,
        }
    )


def _photos(whole: WholeVisit, edge: Edge, work: Work) -> list[PhotoOut]:
    return [photo_out(photo, edge, work) for photo in whole.photos]


def photo_out(photo: Photo, edge: Edge, work: Work) -> PhotoOut:
    return PhotoOut(
        id=photo.id,
        url=photo_url(edge.keys, photo, work.now),
        width=photo.width,
        height=photo.height,
        sha256=photo.sha256,
        verification_code=photo.verification_code,
        captured_by=photo.captured_by,
        uploaded_at=photo.uploaded_at,
    )
