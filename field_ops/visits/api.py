"""The HTTP doors of visits."""

from datetime import timedelta

from ..access import require
from ..calendar.work_days import calendar_of
from ..errors import NotAllowed, NotFound
from ..http.edge import Edge
from ..http.routes import Routes
from ..plans import queries as plans
from ..plans.actions import PlanNotForToday
from ..work import Work
from . import actions, photo_doors, present, queries, verification_page, wording
from .actions import NextAction
from .errors import (
    LogAlreadySubmitted,
    NotYourVisit,
    OutOfRange,
    ReasonNeeded,
    UnknownVisitType,
    VisitAlreadyClosed,
    VisitStillOpen,
)
from .schemas import (
    CheckInIn,
    CheckOutIn,
    FixIn,
    LogIn,
    PresenceIn,
    TodayOut,
    VerdictOut,
    VerdictQuery,
    VisitOut,
    VisitRows,
    VisitsQuery,
)
from .verdict import Fix, Presence, judge, radius_for

routes = Routes("/api/v1", tag="visits")
LOGS_MISSING_SINCE = timedelta(days=7)


@routes.get("/today")
async def today(work: Work) -> TodayOut:
    """My day: planned stops in order, the open visit, what was not planned, logs still missing."""
    me, day = work.actor.me, work.today
    visits = await queries.visits_on(work, me, day)
    by_plan = {line[0].plan_id: line[0].id for line in visits if line[0].plan_id}
    stops = [
        present.stop(
            work, plan, customer, await queries.location_of(work, customer.id), by_plan.get(plan.id)
        )
        for plan, customer in await plans.stops_on(work, me, day)
    ]
    calendar = await calendar_of(work)
    missing = await queries.without_log(work, me, day - LOGS_MISSING_SINCE)
    still_open = next((line for line in visits if line[0].is_open), None)
    return TodayOut(
        date=day,
        is_work_day=calendar.is_work_day(day),
        day_name=calendar.day_name(day).say(work.actor.language),
        open_visit=present.row(work, still_open) if still_open else None,
        stops=stops,
        unplanned=[present.row(work, line) for line in visits if line[0].plan_id is None],
        visits_done=sum(1 for line in visits if not line[0].is_open),
        logs_missing=[present.row(work, line) for line in missing],
    )


@routes.get("/verdict", refusals=(UnknownVisitType, NotFound))
async def preview_verdict(work: Work, query: VerdictQuery) -> VerdictOut:
    """How a check-in from this position would be judged. Changes nothing."""
    customer, doors = await queries.customer_to_visit(work, query.customer_id)
    kind = actions.visit_kind(query.visit_type)
    fix = Fix(query.lat, query.lng, query.datum, query.accuracy_m)
    place = queries.as_place(queries.nearest_door(doors, fix))
    judgement = judge(
        fix, place, radius_for(customer.radius_m, kind.radius_m, customer.place_class)
    )
    blocks = judgement.is_outside and kind.mode == "enforce"
    return VerdictOut.model_validate(
        {
            "verdict": judgement.verdict,
            "distance_m": judgement.distance_m,
            "effective_distance_m": judgement.effective_distance_m,
            "radius_m": judgement.radius_m,
            "reason_needed": judgement.is_outside and kind.mode == "warn",
            "photo_needed": judgement.needs_photo,
            "blocks": blocks,
            "sentence": wording.of_judgement(judgement, fix, place).say(work.actor.language),
        }
    )


@routes.post(
    "/visits",
    status=201,
    refusals=(
        NotAllowed,
        NotFound,
        VisitStillOpen,
        OutOfRange,
        ReasonNeeded,
        UnknownVisitType,
        PlanNotForToday,
    ),
)
async def check_in(work: Work, edge: Edge, body: CheckInIn) -> VisitOut:
    """Arrive at a customer."""
    visit = await actions.check_in(
        work,
        body.customer_id,
        _presence(body),
        plan_id=body.plan_id,
        visit_type=body.visit_type,
        close_open_visit=body.close_open_visit,
    )
    return await present.visit_out(work, edge, visit.id)


@routes.get("/visits", refusals=(NotAllowed,), scope="visits.read")
async def list_visits(work: Work, query: VisitsQuery) -> VisitRows:
    """Visits that I may see, newest first: mine, or everybody's at one customer."""
    require(work, "visits.view")
    found = await queries.page_of_visits(
        work, customer_id=query.customer_id, mine=query.mine, cursor=query.cursor
    )
    rows = [present.row(work, line) for line in found[: queries.PAGE]]
    return VisitRows(rows=rows, next_cursor=rows[-1].id if len(found) > queries.PAGE else None)


@routes.get("/visits/{visit_id}", scope="visits.read")
async def show_visit(work: Work, edge: Edge, visit_id: str) -> VisitOut:
    """One visit with its evidence."""
    return await present.visit_out(work, edge, visit_id)


@routes.post("/visits/{visit_id}/check-out", refusals=(VisitAlreadyClosed, NotYourVisit))
async def check_out(work: Work, edge: Edge, visit_id: str, body: CheckOutIn) -> VisitOut:
    """Leave the customer."""
    visit = await actions.check_out(work, visit_id, _presence(body))
    return await present.visit_out(work, edge, visit.id)


@routes.put("/visits/{visit_id}/log", refusals=(LogAlreadySubmitted, NotYourVisit))
async def record_log(work: Work, edge: Edge, visit_id: str, body: LogIn) -> VisitOut:
    """Write the log: result and one sentence; it becomes the customer's follow-up."""
    promise = NextAction(body.next_action, body.next_action_on)
    visit = await actions.record_log(work, visit_id, body.result, body.summary, promise)
    return await present.visit_out(work, edge, visit.id)


photo_doors.add_to(routes)
routes.plain.append(verification_page.route)


def _presence(body: PresenceIn) -> Presence:
    return Presence(
        fix=_fix(body.fix) if body.fix else None,
        reason=body.reason,
        client_time=body.client_time,
        device_id=body.device_id,
        app_version=body.app_version,
    )


def _fix(fix: FixIn) -> Fix:
    return Fix(
        lat=fix.lat,
        lng=fix.lng,
        datum=fix.datum,
        accuracy_m=fix.accuracy_m,
        provider=fix.provider,
        is_mock=fix.is_mock,
        network=fix.network,
        age_s=fix.age_s,
    )
