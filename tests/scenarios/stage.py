"""The whole system in one process: our app, both pretend hosts, and the phones of their members.

There are no sockets. A request finds its way by the name in its address: `waiqin.test` is our app,
`wecom.test` and `dingtalk.test` are the simulators. Time moves when the test moves `stage.clock`,
and the relay and the worker do something when the test says so.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette
from starlette.types import ASGIApp

from field_ops.app import create_app
from field_ops.app import hear as hear_everything
from field_ops.connections.actions import WantedConnection, add, ensure_tenant
from field_ops.connections.platforms import Platforms
from field_ops.db import Database
from field_ops.host.messages import Notice
from field_ops.host.platform import HostKind
from field_ops.models import metadata
from field_ops.outbox.models import OutboxMessage
from field_ops.outbox.post import post
from field_ops.outbox.relay import Relay
from field_ops.people.models import MemberIdentity
from field_ops.people.sync import full_sync
from field_ops.plurals import PLURALS
from field_ops.runtime import Runtime, open_runtime
from field_ops.settings import Settings
from field_ops.timetable import TIMETABLE, Every
from field_ops.work import Actor, Work
from field_ops.worker import Worker
from integrations import dingtalk, wecom
from integrations.dingtalk.simulator import DingtalkSimulator
from integrations.sandbox.company import a_small_company
from integrations.sandbox.faults import Faults
from integrations.sandbox.stage import HostSimulator
from integrations.sandbox.world import App, Company, Heard, World
from integrations.wecom.simulator import WecomSimulator
from tests.conftest import SHANGHAI
from tests.databases import OPENED
from tests.factories import WUHAN
from tests.fakes import Clock, as_is
from tests.pages import SECRET, Page

HOSTS = ("wecom", "dingtalk")
CONNECTION = "main"
HOME = "http://waiqin.test"
AT_THE_DOOR = {"lat": WUHAN[0], "lng": WUHAN[1], "datum": "GCJ02", "accuracy_m": 20}
SAVED_PHONE = (
    "waiqin_sandbox_wecom_user"  # by this cookie the pretend WeCom knows whose phone it is
)


@dataclass
class Network(httpx.AsyncBaseTransport):
    """Carries requests to the apps by host name, and remembers what went where."""

    apps: dict[str, ASGIApp] = field(default_factory=dict)
    carried: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host not in self.apps:
            raise httpx.ConnectError("no such host", request=request)
        self.carried.append(request)
        way = httpx.ASGITransport(self.apps[request.url.host], raise_app_exceptions=False)
        return await way.handle_async_request(request)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self, base_url=HOME)

    def asked(self, path_part: str) -> list[httpx.Request]:
        """The requests whose path contains `path_part`."""
        return [request for request in self.carried if path_part in request.url.path]


class Phone:
    """A member's phone: his page in the host's app, and his chat with the bot."""

    def __init__(self, stage: "Stage", host: str, user_id: str) -> None:
        self.stage, self.host, self.user_id = stage, host, user_id
        self.simulator = stage.simulators[host]
        self.page = Page(stage.network.client())
        self.page.client.cookies.set(SAVED_PHONE, user_id, domain="wecom.test")

    async def signs_in(self) -> None:
        """As the host does it: there and back by redirects, or by a code through the bridge."""
        entry = await self.page.get("/entry", host=self.host, connection=CONNECTION)
        if entry.json()["mode"] == "redirect":
            await self.page.client.get(entry.json()["sign_in_url"], follow_redirects=True)
        else:
            await self.shows_code(self.simulator.sign_in_code(self.user_id))
        me = await self.page.get("/me")
        assert me.status_code == 200, me.text
        self.page.headers["X-CSRF-Token"] = me.json()["csrf_token"]

    async def shows_code(self, code: str) -> str:
        """Come back from the host with this code; the refusal's code, or "" when let in."""
        at = {"host": self.host, "connection": CONNECTION}
        entry = (await self.page.get("/entry", **at)).json()
        if entry["mode"] == "bridge":
            answer = await self.page.send("POST", "/sessions", {**at, "code": code})
            return "" if answer.is_success else str(answer.json()["code"])
        left = await self.page.client.get(entry["sign_in_url"])
        state = httpx.URL(left.headers["location"]).params["state"]
        door = f"/hosts/{self.host}/{CONNECTION}/signed-in"
        back = await self.page.client.get(door, params={"code": code, "state": state})
        return httpx.URL(back.headers["location"]).params.get("problem", "")

    async def says(self, text: str) -> None:
        """Say something to the bot; what it answers waits in the outbox."""
        assert await self.simulator.say(self.user_id, text) == 200

    async def asks(self, text: str) -> Heard:
        """Say something and wait for the answer."""
        await self.says(text)
        await self.stage.deliver()
        return self.heard[-1]

    async def presses(self, caption: str) -> Heard:
        """Press the button of that caption on the newest message, and wait for the answer."""
        card = self.heard[-1]
        key = next(button["key"] for button in card.buttons if button["text"] == caption)
        assert await self.simulator.press(card.id, key, self.user_id) == 200
        await self.stage.deliver()
        return self.heard[-1]

    @property
    def heard(self) -> list[Heard]:
        """What this member received, oldest first."""
        return self.stage.world.heard_by(self.host, self.user_id)

    async def checks_in(self, customer_id: str, **more: Any) -> dict[str, Any]:
        body = {"customer_id": customer_id, "fix": AT_THE_DOOR, **more}
        answer = await self.page.send("POST", "/visits", body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def creates(self, name: str, **fields: Any) -> str:
        """A customer at the place where everybody checks in; gives its id."""
        here = {"lat": WUHAN[0], "lng": WUHAN[1], "datum": "GCJ02"}
        body = {"name": name, "location": here, **fields}
        answer = await self.page.send("POST", "/customers", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


@dataclass
class Stage:
    """`runtime` and `app` are ours; `simulators` the two hosts, each with a small company."""

    runtime: Runtime
    app: Starlette
    network: Network
    world: World
    clock: Clock
    simulators: Mapping[str, HostSimulator]
    tenants: dict[str, int] = field(default_factory=dict)  # by host

    def __post_init__(self) -> None:
        self.relay = self.a_relay("relay-1")
        self.worker = self.a_worker("worker-1")

    @property
    def database(self) -> Database:
        return self.runtime.database

    @property
    def platforms(self) -> Platforms:
        return self.runtime.platforms

    def a_relay(self, name: str) -> Relay:
        platforms = self.platforms
        return Relay(self.database, platforms, self.clock, name, Random(1), plurals=PLURALS)

    def a_worker(self, name: str) -> Worker:
        return Worker(replace(self.runtime, name=name), hear_everything, Random(1))

    def phone(self, host: str, user_id: str) -> Phone:
        return Phone(self, host, user_id)

    async def somebody(self, host: str, user_id: str) -> Phone:
        """The phone of a member who is signed in."""
        phone = self.phone(host, user_id)
        await phone.signs_in()
        return phone

    async def deliver(self) -> None:
        """Let the relay hand out everything that may go now."""
        while (await self.relay.pass_once()).claimed:
            pass

    async def do(self, job: str) -> None:
        """Let the worker do one entry of the timetable."""
        await self.worker.heartbeat()
        await self.worker.do(entry_named(job))

    async def read_what_changed(self) -> None:
        """Let the worker read again what the hosts' events hinted at."""
        await self.do("read_what_changed")

    async def tell(self, host: str, user_id: str, text: str) -> None:
        """Something that the program wants to tell this member by itself."""
        async with self.database.writing() as session:
            work = self.system(session, host)
            member = await self.member_id(session, host, user_id)
            await post(
                work, to=member, message=as_is(Notice(text)), kind="check_in_receipt", once=text
            )

    async def member_id(self, session: AsyncSession, host: str, user_id: str) -> str:
        found = await session.scalar(
            select(MemberIdentity.member_id).where(
                MemberIdentity.tenant_id == self.tenants[host],
                MemberIdentity.host_user_id == user_id,
            )
        )
        assert found is not None
        return str(found)

    async def outbox(self, host: str) -> list[str]:
        """The states of everything that the company on `host` was ever told, oldest first."""
        query = select(OutboxMessage.state).where(OutboxMessage.tenant_id == self.tenants[host])
        async with self.database.reading() as session:
            return list(await session.scalars(query.order_by(OutboxMessage.id)))

    def system(self, session: AsyncSession, host: str) -> Work:
        """The company on `host` itself at work."""
        return Work(session, Actor(self.tenants[host], None, via="cli"), self.clock(), SHANGHAI)

    async def row_counts(self) -> dict[str, int]:
        """How many rows every table has."""
        async with self.database.reading() as session:
            return {
                table.name: await session.scalar(select(func.count()).select_from(table)) or 0
                for table in metadata.sorted_tables
            }

    async def connect(self, host: str) -> None:
        """Add the connection as an administrator would, and read the organisation."""
        async with self.database.writing() as session:
            name = f"晨光商贸（{host}）"
            tenant = await ensure_tenant(session, name, SHANGHAI.key, self.clock())
            self.tenants[host] = tenant.id
            await add(self.system(session, host), self.runtime.keys, self.wanted(host))
        found = await self.platforms.platform_named(host, CONNECTION)
        assert found is not None
        report = await full_sync(self.database, *found, self.clock)
        assert (report.state, report.counts["added"]) == ("done", 6)

    def wanted(self, host: str) -> WantedConnection:
        """The connection with what the host's console shows at this moment."""
        kind = wecom.KIND if host == "wecom" else dingtalk.KIND
        names = ("wecom",) if host == "wecom" else ("dingtalk_api", "dingtalk_oapi")
        given = credentials_of(self.world.companies[host])
        shown = {name: value for name, value in given.items() if name in kind.credentials}
        return WantedConnection(
            kind, CONNECTION, shown, dict.fromkeys(names, f"http://{host}.test")
        )


@asynccontextmanager
async def open_stage(database_url: str, folder: Path) -> AsyncIterator[Stage]:
    """Both hosts connected and their people read, on a Tuesday at half past nine."""
    clock, network = Clock(), Network()
    world = World(lambda: clock().timestamp())
    settings = Settings(
        database_url=database_url,
        data_dir=folder,
        secret_key=SECRET,
        public_url=HOME,
        sqlite_synchronous="NORMAL",
    )
    async with AsyncExitStack() as opened:
        opening = open_runtime(
            settings,
            clock=clock,
            transport=network,
            kinds=kinds_at(clock),
            database=OPENED.get(database_url),
        )
        runtime = await opened.enter_async_context(opening)
        http = await opened.enter_async_context(network.client())
        simulators = {host: a_simulator(host, world, http) for host in HOSTS}
        app = create_app(runtime)
        network.apps |= {"waiqin.test": app} | {
            f"{host}.test": simulator.app for host, simulator in simulators.items()
        }
        stage = Stage(runtime, app, network, world, clock, simulators)
        for host in HOSTS:
            await stage.connect(host)
        yield stage


def kinds_at(clock: Clock) -> tuple[HostKind, ...]:
    """The real adapters, by the clock of the stage."""
    return (
        replace(wecom.KIND, connect=partial(wecom.connect, now=clock)),
        replace(dingtalk.KIND, connect=partial(dingtalk.connect, now=clock)),
    )


def a_simulator(host: str, world: World, http: httpx.AsyncClient) -> HostSimulator:
    """A pretend host with a small company of its own, which pushes to our app."""
    company = world.add(a_small_company(host))
    doors = f"{HOME}/hosts/{host}/{CONNECTION}"
    company.app.callback_url, company.app.robot_url = f"{doors}/callback", f"{doors}/robot"
    if host == "wecom":
        return WecomSimulator(world, company, http, world.clock, Faults())
    address = f"http://{host}.test"
    return DingtalkSimulator(world, company, http, world.clock, Faults(), base_url=address)


def credentials_of(company: Company) -> dict[str, str]:
    """What an administrator copies out of the host's console, under all our names."""
    app: App = company.app
    return {
        "corp_id": company.corp_id,
        "agent_id": str(app.agent_id),
        "secret": app.secret,
        "client_id": app.client_id,
        "client_secret": app.secret,
        "robot_code": app.robot_code,
        "callback_token": app.callback_token,
        "callback_aes_key": app.callback_aes_key,
    }


def entry_named(name: str) -> Every:
    """An entry of the timetable."""
    return next(e for e in TIMETABLE if isinstance(e, Every) and e.name == name)
