"""The desk console's page about connections: how each one is, and the verbs that mend it.

Some doors are written by hand, because they speak to a host or need every connection's platform:
that happens before a transaction is opened, as when somebody signs in.
"""

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from ..access import require
from ..connections.check import check as check_platform
from ..connections.check_services import check_services
from ..connections.credentials import unseal_or_none
from ..connections.environment import DEFAULT, credentials_in
from ..connections.errors import (
    CredentialsMissing,
    CredentialsUnknown,
    ServiceNotThere,
    ServiceUnknown,
)
from ..connections.models import HostConnection
from ..connections.platforms import Platforms
from ..connections.queries import live_of
from ..host.checks import Finding
from ..host.platform import HostKind
from ..http import sessions
from ..http.edge import Edge, read_body, to_response
from ..http.idempotency import Answer
from ..http.problems import language_of
from ..http.routes import Routes
from ..outbox import quota
from ..people import runs
from ..settings import Settings
from ..sign_in import doors
from ..tenants.models import Tenant
from ..work import Work
from . import actions, asking
from .advice import UNREADABLE
from .errors import (
    AnotherCompany,
    AnotherSyncToConfirm,
    ConnectionPaused,
    HostDoesNotAccept,
    NoSyncToConfirm,
    NothingGiven,
    SetInEnvironment,
)
from .facts import facts_of
from .present import connection_out
from .schemas import (
    ChangedOne,
    CheckedOut,
    ConfirmIn,
    ConnectionOut,
    ConnectionsOut,
    CredentialsIn,
    DoneOut,
    FindingOut,
    ServiceSwitch,
    SyncReportOut,
)

routes = Routes("/api/v1", tag="connections")
LISTED = ("added", "moved", "changed", "departed", "returned", "linked")


async def list_connections(request: Request) -> Response:
    """How every connection of the company is, and what to do about it."""
    edge, platforms = _edge(request), _platforms(request)
    async with edge.reading(request) as work:
        require(work, actions.CONFIGURE)
        rows = await live_of(work)
    found = {row.id: await asking.usable(platforms, row.id) for row in rows}
    settings: Settings = request.app.state.settings
    listed: list[ConnectionOut] = []
    async with edge.reading(request) as work:
        tenant = await work.session.get_one(Tenant, work.tenant_id)
        for row in rows:
            kind, one = platforms.kind_of(row.host), found[row.id]
            if kind is None:  # a host that this installation no longer has
                continue
            listed.append(
                connection_out(
                    row,
                    kind,
                    one,
                    await facts_of(work, row, one),
                    unseal_or_none(edge.keys, row.credentials) or {},
                    public_url=settings.public_url,
                    is_set_in_environment=_is_in_environment(settings, row, kind),
                    now=work.now,
                    language=language_of(request),
                )
            )
        return _json(ConnectionsOut(company=tenant.name, as_of=work.now, connections=listed))


async def check_connection(request: Request) -> Response:
    """Try each part of the connection at its host, and say in plain words what is missing."""
    edge, row = _edge(request), await _row(request)
    found = await asking.usable(_platforms(request), row.id)
    findings = [Finding("credentials", False, UNREADABLE)]
    if found is not None:
        platform, connection = found
        settings: Settings = request.app.state.settings
        findings = await check_platform(platform, settings.public_url, edge.clock(), row.name)
        findings += await check_services(platform, connection.services)
        async with edge.reading(request) as work:
            used = await quota.used_this_month(work.session, connection, work.now)
        findings += quota.told(used, platform.title, platform.limits)
    language = language_of(request)
    told = [FindingOut(part=f.part, ok=f.ok, says=f.says.say(language)) for f in findings]

    async def effect(work: Work) -> Answer:
        await actions.note_checked(work, row.id)
        return _answer(CheckedOut(findings=told))

    return to_response(await edge.writing(request, await read_body(request), effect))


async def resume_connection(request: Request) -> Response:
    """Let a paused connection go on. Its host is asked first, and must accept it."""
    edge, platforms, row = _edge(request), _platforms(request), await _row(request)
    found = await asking.usable(platforms, row.id)
    await asking.is_accepted(found[0] if found else None)

    async def effect(work: Work) -> Answer:
        await actions.resume(work, row.id)
        return _answer(DoneOut(count=1))

    response = to_response(await edge.writing(request, await read_body(request), effect))
    platforms.forget()
    return response


async def replace_credentials(request: Request) -> Response:
    """Replace secrets. The host is asked first: what it rejects is not stored, and the old ones
    stay in use. A callback key that is replaced goes on being accepted until it is emptied."""
    edge, platforms, row = _edge(request), _platforms(request), await _row(request)
    raw = await doors.json_body(request)
    given = doors.parsed(CredentialsIn, raw).credentials
    kind, settings = platforms.kind_of(row.host), request.app.state.settings
    if kind is None or _is_in_environment(settings, row, kind):
        raise SetInEnvironment()
    wanted = await asking.renewed(edge, row, kind, given)
    current = await asking.usable(platforms, row.id)
    await asking.is_tried_out(platforms, wanted, current[0] if current else None)

    async def effect(work: Work) -> Answer:
        await actions.replace_credentials(work, edge.keys, row.id, wanted)
        return _answer(DoneOut(count=len(given)))

    response = to_response(await edge.writing(request, raw, effect))
    platforms.forget()
    return response


async def switch_service(request: Request) -> Response:
    """Switch something that the host does beside messages on or off."""
    edge, platforms, row = _edge(request), _platforms(request), await _row(request)
    raw = await doors.json_body(request)
    is_on = doors.parsed(ServiceSwitch, raw).on
    found = await asking.usable(platforms, row.id)
    if found is None:
        raise HostDoesNotAccept(says=UNREADABLE)
    platform, service = found[0], request.path_params["service"]

    async def effect(work: Work) -> Answer:
        await actions.switch_service(work, platform, row.id, service, on=is_on)
        return _answer(DoneOut(count=1))

    response = to_response(await edge.writing(request, raw, effect))
    platforms.forget()
    return response


@routes.post("/connections/{connection_id}/sync", refusals=(ConnectionPaused,))
async def sync_connection(work: Work, connection_id: str) -> DoneOut:
    """Have the whole organisation read by the worker, as soon as it comes to it."""
    await actions.sync_soon(work, connection_id)
    return DoneOut(count=1)


@routes.post(
    "/connections/{connection_id}/confirm-sync",
    refusals=(AnotherSyncToConfirm, ConnectionPaused, NoSyncToConfirm),
)
async def confirm_sync(work: Work, connection_id: str, body: ConfirmIn) -> DoneOut:
    """Let a reading be applied that stopped because many would go."""
    await actions.confirm_sync(work, connection_id, body.run_id)
    return DoneOut(count=1)


@routes.post("/connections/{connection_id}/retry-events")
async def retry_events(work: Work, connection_id: str) -> DoneOut:
    """Have the worker handle all events again that failed or were given up."""
    return DoneOut(count=await actions.retry_events(work, connection_id))


@routes.post("/connections/{connection_id}/retry-messages")
async def retry_messages(work: Work, connection_id: str) -> DoneOut:
    """Queue all messages again that were refused or given up."""
    return DoneOut(count=await actions.retry_messages(work, connection_id))


@routes.get("/connections/{connection_id}/syncs/{run_id}")
async def show_sync(work: Work, connection_id: str, run_id: str) -> SyncReportOut:
    """Who changed by this reading, by name."""
    row = await actions.mine(work, connection_id)
    report = await runs.last_report(work, row.id, run_id) or {}
    return SyncReportOut(
        people={
            kind: [ChangedOne(name=one["name"], host_id=one["host_id"]) for one in report[kind]]
            for kind in LISTED
            if report.get(kind)
        }
    )


async def _row(request: Request) -> HostConnection:
    """The connection that a write is about, for who may. Nothing was asked of any host yet."""
    edge = _edge(request)
    _, session_id = sessions.named_by(request, edge.keys)
    edge.check_csrf(request, session_id)
    async with edge.reading(request) as work:
        return await actions.mine(work, request.path_params["connection_id"])


def _is_in_environment(settings: Settings, row: HostConnection, kind: HostKind) -> bool:
    return row.name == DEFAULT and bool(credentials_in(settings, kind))


def _edge(request: Request) -> Edge:
    edge: Edge = request.app.state.edge
    return edge


def _platforms(request: Request) -> Platforms:
    platforms: Platforms = request.app.state.platforms
    return platforms


def _answer(body: BaseModel) -> Answer:
    return Answer(200, body.model_dump_json().encode())


def _json(body: BaseModel) -> Response:
    return to_response(_answer(body))


ONE = "/connections/{connection_id}"
routes.plain += [
    doors.route("GET", "/api/v1/connections", list_connections),
    doors.route("POST", f"/api/v1{ONE}/check", check_connection),
    doors.route("POST", f"/api/v1{ONE}/resume", resume_connection),
    doors.route("PUT", f"/api/v1{ONE}/credentials", replace_credentials),
    doors.route("PUT", f"/api/v1{ONE}/services/{{service}}", switch_service),
]
routes.describe(
    "GET",
    "/connections",
    name="list_connections",
    summary=list_connections.__doc__ or "",
    answer=ConnectionsOut,
)
routes.describe(
    "POST",
    f"{ONE}/check",
    name="check_connection",
    summary=check_connection.__doc__ or "",
    answer=CheckedOut,
)
routes.describe(
    "POST",
    f"{ONE}/resume",
    name="resume_connection",
    summary=resume_connection.__doc__ or "",
    answer=DoneOut,
    refusals=(HostDoesNotAccept,),
)
routes.describe(
    "PUT",
    f"{ONE}/credentials",
    name="replace_credentials",
    summary=(replace_credentials.__doc__ or "").replace("\n    ", " "),
    body=CredentialsIn,
    answer=DoneOut,
    refusals=(
        AnotherCompany,
        CredentialsMissing,
        CredentialsUnknown,
        HostDoesNotAccept,
        NothingGiven,
        SetInEnvironment,
    ),
)
routes.describe(
    "PUT",
    f"{ONE}/services/{{service}}",
    name="switch_service",
    summary=switch_service.__doc__ or "",
    body=ServiceSwitch,
    answer=DoneOut,
    refusals=(HostDoesNotAccept, ServiceNotThere, ServiceUnknown),
)
