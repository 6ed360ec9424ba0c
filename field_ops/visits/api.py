"""The HTTP doors of visits."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..access import require
from ..calendar.work_days import calendar_of
from ..errors import NotAllowed, NotFound, Refusal
from ..files.store import FileStore
from ..http import sessions
from ..http.edge import Edge, read_body, to_response
from ..http.idempotency import Answer
from ..http.problems import language_of, problem_response
from ..http.routes import Routes
from ..plans import queries as plans
from ..plans.actions import PlanNotForToday
from ..settings import Settings
from ..tenants.models import Tenant
from ..work import Actor, Work
from . import actions, photos, present, queries, signed_links, verification_page, wording
from .actions import NextAction
from .errors import (
    LogAlreadySubmitted,
    NotYourVisit,
    OutOfRange,
    PhotoUnreadable,
    ReasonNeeded,
    TooManyPhotos,
    UnknownVisitType,
    VisitAlreadyClosed,
    VisitStillOpen,
)
from .schemas import (
    CheckInIn,
    CheckOutIn,
    FixIn,
    LogIn,
    PhotoOut,
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
            plan, customer, await queries.location_of(work, customer.id), by_plan.get(plan.id)
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


@routes.get("/verdict", refusals=(UnknownVisitType,))
async def preview_verdict(work: Work, query: VerdictQuery) -> VerdictOut:
    """How a check-in from this position would be judged. Changes nothing."""
    customer, location = await queries.customer_to_visit(work, query.customer_id)
    kind = actions.visit_kind(query.visit_type)
    fix = Fix(query.lat, query.lng, query.datum, query.accuracy_m)
    place = queries.as_place(location)
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


@routes.get("/visits", refusals=(NotAllowed,))
async def list_visits(work: Work, query: VisitsQuery) -> VisitRows:
    """Visits that I may see, newest first: mine, or everybody's at one customer."""
    require(work, "visits.view")
    found = await queries.page_of_visits(
        work, customer_id=query.customer_id, mine=query.mine, cursor=query.cursor
    )
    rows = [present.row(work, line) for line in found[: queries.PAGE]]
    return VisitRows(rows=rows, next_cursor=rows[-1].id if len(found) > queries.PAGE else None)


@routes.get("/visits/{visit_id}")
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


async def upload_photo(request: Request) -> Response:
    """The picture's bytes are the body; `X-Taken-At` may say when it was taken."""
    request.scope["route_pattern"] = "/api/v1/visits/{visit_id}/photos"
    edge: Edge = request.app.state.edge
    store: FileStore = request.app.state.files
    try:
        tenant_id, session_id = sessions.named_by(request, edge.keys)
        edge.check_csrf(request, session_id)
        # Seen before the picture is decoded: strangers shall not make us work.
        async with edge.reading(request) as work:
            await actions.mine(work, request.path_params["visit_id"])
        raw = await read_body(request, photos.UPLOAD_LIMIT)
        kept = await photos.keep(store, tenant_id, raw)
        taken_at = _moment(request.headers.get("x-taken-at", ""))

        async def effect(work: Work) -> Answer:
            photo = await photos.attach(work, request.path_params["visit_id"], kept, taken_at)
            out = present.photo_out(photo, edge, work)
            return Answer(201, out.model_dump_json().encode())

        answer = await edge.writing(request, raw, effect)
    except Refusal as refusal:
        return problem_response(refusal, language_of(request))
    return to_response(answer)


async def show_photo(request: Request) -> Response:
    """A photo with its watermark, by signed link."""
    request.scope["route_pattern"] = "/api/v1/photos/{tenant_id}/{visit_id}/{photo_id}"
    edge: Edge = request.app.state.edge
    store: FileStore = request.app.state.files
    params, now = request.path_params, edge.clock()
    named = f"{params['tenant_id']}/{params['visit_id']}/{params['photo_id']}"
    query = request.query_params
    if not signed_links.is_good(
        edge.keys, named, query.get("ends", ""), query.get("signature", ""), now
    ):
        return problem_response(NotFound(), language_of(request))
    settings: Settings = request.app.state.settings
    async with edge.database.reading() as session:
        tenant = await session.get_one(Tenant, int(params["tenant_id"]))
        # The link itself is the permission: it was given to somebody who may see the visit.
        work = Work(session, Actor(tenant.id, None), now, ZoneInfo(tenant.zone))
        drawn = await photos.shown(
            work, store, params["visit_id"], params["photo_id"], settings.public_url
        )
    if drawn is None:
        return problem_response(NotFound(), language_of(request))
    headers = {"cache-control": "private, max-age=900", "x-content-type-options": "nosniff"}
    return Response(drawn, media_type="image/jpeg", headers=headers)


routes.plain += [
    Route("/api/v1/visits/{visit_id}/photos", upload_photo, methods=["POST"]),
    Route("/api/v1/photos/{tenant_id:int}/{visit_id}/{photo_id}", show_photo),
    verification_page.route,
]
routes.describe(
    "POST",
    "/visits/{visit_id}/photos",
    name="upload_photo",
    summary="Add a picture to my visit; the body is the JPEG, PNG or WebP itself.",
    answer=PhotoOut,
    status=201,
    upload=True,
    refusals=(PhotoUnreadable, TooManyPhotos, NotYourVisit),
)


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


def _moment(text: str) -> datetime | None:
    """A moment with its zone, or None for anything else: it is only a hint."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
