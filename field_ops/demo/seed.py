"""Loading the demo: connections, people, customers, three weeks, and the days ahead.

One transaction writes a company's customers and its past, so that a start that was interrupted
leaves a company without customers, and the next one begins there again.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import time
from time import monotonic
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import exists, select
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from integrations.registry import KINDS
from integrations.sandbox.world import World

from ..access.grants import grant_role
from ..calendar.models import CalendarDay
from ..calendar.work_days import calendar_of
from ..connections import actions as connections
from ..connections.actions import WantedConnection
from ..connections.errors import ConnectionUnknown
from ..connections.platforms import Platforms
from ..connections.refs import ConnectionRef
from ..customers.models import Customer
from ..host.platform import HostPlatform
from ..people.sync import full_sync
from ..runtime import Runtime
from ..tenants.models import Tenant
from ..work import Actor, Work
from .cast import cast_of
from .companies import COMPANIES, SEED, DemoCompany
from .customers import enter_customers
from .diary import diary_of
from .history import live_through
from .shops import shops_of
from .today import plan_ahead
from .world import CONNECTION

MOUNTED_AT = "/sandbox"
Progress = Callable[[str], None]


@dataclass(slots=True)
class SeedReport:
    """What was written. `companies` are those that were new; `plans` are today's and later ones."""

    companies: list[str] = field(default_factory=list)
    people: int = 0
    customers: int = 0
    visits: int = 0
    plans: int = 0
    seconds: float = 0.0


async def seed(
    runtime: Runtime,
    world: World,
    sandbox_app: ASGIApp,
    *,
    progress: Progress | None = None,
    number: int = SEED,
) -> SeedReport:
    """Bring the demo into the database; a second time only plans what the day lacks.

    `sandbox_app` is `create_sandbox(…)` for `world`; it is asked in this process and need not be
    served yet. `number` is what everything is made from.
    """
    began, report = monotonic(), SeedReport()
    tell = progress or _nobody
    async with _platforms(runtime, sandbox_app) as platforms:
        for company in COMPANIES:
            await _connect(runtime, world, company)
            found = await platforms.platform_named(company.host, CONNECTION)
            if found is None:
                raise RuntimeError(f"the connection of {company.name} was removed while seeding")
            await _load(runtime, company, found, report, tell, number)
    runtime.platforms.forget()
    report.seconds = monotonic() - began
    return report


async def _load(
    runtime: Runtime,
    company: DemoCompany,
    connected: tuple[HostPlatform, ConnectionRef],
    report: SeedReport,
    tell: Progress,
    number: int,
) -> None:
    platform, connection = connected
    if not await _has_customers(runtime, connection):
        tell(company.name)
        synced = await full_sync(runtime.database, platform, connection, runtime.clock)
        if synced.state != "done":
            raise RuntimeError(f"{company.name} could not be read: {synced.reason}")
        report.people += len(synced.added)
        await _write_past(runtime, company, connection, report, tell, number)
    async with runtime.database.writing() as session:
        people = await cast_of(session, connection, company)
        work = people.work("", runtime.clock())
        report.plans += await plan_ahead(people, company, work, number)
        await _keep_open(work)


async def _keep_open(work: Work) -> None:
    """Whoever tries the demo does so at night or on a Sunday: its companies work then too."""
    tenant = await work.session.get_one(Tenant, work.tenant_id)
    tenant.pushes_from, tenant.pushes_until, tenant.pushes_a_day = time.min, time.max, 1000
    if not (await calendar_of(work)).is_work_day(work.today):
        day = CalendarDay(tenant_id=work.tenant_id, day=work.today, is_work_day=True)
        await work.session.merge(day)


async def _write_past(
    runtime: Runtime,
    company: DemoCompany,
    connection: ConnectionRef,
    report: SeedReport,
    tell: Progress,
    number: int,
) -> None:
    now, shops = runtime.clock(), shops_of(company, number)
    today = now.astimezone(connection.zone).date()
    diary = diary_of(company, shops, today, connection.zone, number)
    async with runtime.database.writing() as session:
        people = await cast_of(session, connection, company)
        admin = people.members[company.admin.user_id]
        await grant_role(people.work("", now), admin, "admin")
        customers = await enter_customers(people, company, shops, now)
        tell(f"{company.name}: {len(customers)}")
        report.visits += await live_through(people, company, diary, customers)
    report.companies.append(company.name)
    report.customers += len(shops)


async def _connect(runtime: Runtime, world: World, company: DemoCompany) -> None:
    """The row of the connection says what the world says, after a change of address too."""
    app = world.companies[company.host].app
    credentials = {
        "corp_id": company.corp_id,
        "agent_id": str(app.agent_id),
        "callback_token": app.callback_token,
        "callback_aes_key": app.callback_aes_key,
    }
    sandbox = runtime.settings.public_url.rstrip("/") + MOUNTED_AT
    if company.host == "wecom":
        credentials |= {"secret": app.secret}
        base_urls = {"wecom": f"{sandbox}/wecom"}
    else:
        credentials |= {
            "client_id": app.client_id,
            "client_secret": app.secret,
            "robot_code": app.robot_code,
        }
        base_urls = dict.fromkeys(("dingtalk_api", "dingtalk_oapi"), f"{sandbox}/dingtalk")
    kind = next(kind for kind in KINDS if kind.name == company.host)
    wanted = WantedConnection(kind, CONNECTION, credentials, base_urls)
    now, zone = runtime.clock(), runtime.settings.timezone
    async with runtime.database.writing() as session:
        tenant = await connections.ensure_tenant(session, company.name, zone, now)
        work = Work(session, Actor(tenant.id, None, via="cli"), now, ZoneInfo(tenant.zone))
        try:
            await connections.change(work, runtime.keys, wanted)
        except ConnectionUnknown:
            await connections.add(work, runtime.keys, wanted)
            # Nobody's real calendar is behind the sandbox, so whatever it plays may be seen.
            platform = kind.connect(credentials, runtime.http, base_urls)
            for service in platform.services:
                await connections.switch_service(work, platform, CONNECTION, service, on=True)


async def _has_customers(runtime: Runtime, connection: ConnectionRef) -> bool:
    async with runtime.database.reading() as session:
        found = await session.scalar(
            select(exists().where(Customer.tenant_id == connection.tenant_id))
        )
    return bool(found)


@asynccontextmanager
async def _platforms(runtime: Runtime, sandbox_app: ASGIApp) -> AsyncIterator[Platforms]:
    """Platforms that reach the sandbox without a socket, under the address it will be served at."""
    public_url = runtime.settings.public_url
    prefix = urlsplit(public_url).path.rstrip("/") + MOUNTED_AT
    mounted = Starlette(routes=[Mount(prefix, app=sandbox_app)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=mounted)) as http:
        yield Platforms(
            runtime.database, runtime.keys, KINDS, http, runtime.clock, public_url=public_url
        )


def _nobody(_: str) -> None:
    """Told to nobody."""
