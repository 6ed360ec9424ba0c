"""New rows of a visit, from what is known when they are written."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from ..customers.models import CustomerLocation
from ..db import new_id
from ..follow_ups.models import FollowUp
from ..follow_ups.promises import due_at_of
from ..work import Work
from .flags import Flag
from .models import FixRecord, Visit, VisitFlag
from .verdict import Judgement, Presence


@dataclass(frozen=True, slots=True)
class NextAction:
    """The promise made to a customer."""

    what: str
    due_on: date | None


def visit_values(
    work: Work, number: str, presence: Presence, judgement: Judgement
) -> dict[str, Any]:
    """An open visit of the member at work; where and why it is comes from the caller."""
    return {
        "tenant_id": work.tenant_id,
        "id": new_id(),
        "number": number,
        "owner_id": work.actor.me,
        "business_date": work.today,
        "checked_in_at": work.now,
        "check_in_verdict": judgement.verdict,
        "reason": presence.reason,
        "risk_score": 0,
        "review_state": "none",
        "forced_check_out": False,
        "log_summary": "",
    }


def fix_record(
    work: Work,
    visit: Visit,
    end: str,
    presence: Presence,
    judgement: Judgement,
    location: CustomerLocation | None,
) -> FixRecord:
    """What the phone sent and how it was judged."""
    fix = presence.fix
    return FixRecord(
        tenant_id=work.tenant_id,
        visit_id=visit.id,
        end=end,
        member_id=visit.owner_id,
        at=work.now,
        lat=fix.point.lat if fix else None,
        lng=fix.point.lng if fix else None,
        original_lat=fix.lat if fix else None,
        original_lng=fix.lng if fix else None,
        datum=fix.datum if fix else "",
        accuracy_m=fix.accuracy_m if fix else None,
        provider=fix.provider if fix else "",
        is_mock=fix.is_mock if fix else None,
        network=fix.network if fix else "",
        fix_age_s=fix.age_s if fix else None,
        client_time=presence.client_time,
        device_id=presence.device_id,
        host=work.actor.via,
        app_version=presence.app_version,
        verdict=judgement.verdict,
        distance_m=judgement.distance_m,
        effective_distance_m=judgement.effective_distance_m,
        radius_m=judgement.radius_m,
        location_id=location.id if location else None,
    )


def visit_flag(work: Work, visit: Visit, flag: Flag) -> VisitFlag:
    return VisitFlag(
        tenant_id=work.tenant_id,
        visit_id=visit.id,
        flag=flag.name,
        severity=flag.severity,
        facts=flag.facts,
        at=work.now,
    )


def follow_up(work: Work, visit: Visit, promise: NextAction) -> FollowUp:
    """What the visit's log becomes in the customer's history."""
    return FollowUp(
        tenant_id=work.tenant_id,
        id=new_id(),
        customer_id=visit.customer_id,
        member_id=visit.owner_id,
        channel="visit",
        via=work.actor.via,
        visit_id=visit.id,
        result=visit.log_result or "",
        summary=visit.log_summary,
        next_action=promise.what,
        next_action_due_at=due_at_of(work, promise.due_on),
        happened_at=visit.checked_in_at,
        created_at=work.now,
    )
