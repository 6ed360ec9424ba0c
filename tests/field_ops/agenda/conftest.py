"""Plans of 李雷 and 韩梅梅, and the pretend host in whose calendars they are to stand."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from field_ops.agenda.mirror import AGENDAS, Mirror
from field_ops.agenda.models import AgendaEntry
from field_ops.connections import services
from field_ops.connections.pages import with_pages
from field_ops.connections.refs import ConnectionRef
from field_ops.db import Database, new_id
from field_ops.host.agenda import Agenda
from field_ops.host.platform import HostPlatform
from field_ops.people.models import Member, MemberIdentity
from field_ops.plans.models import VisitPlan
from integrations import dingtalk, wecom
from integrations.dingtalk.simulator import DingtalkSimulator
from integrations.dingtalk.simulator.accounts import union_id
from integrations.sandbox.company import a_small_company
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import World
from integrations.wecom.simulator import WecomSimulator
from tests.conftest import SHANGHAI
from tests.factories import Company, a_company, a_customer, work_as
from tests.fakes import Clock, Nobody

BASE_URL = "http://host.test"
PUBLIC_URL = "https://waiqin.example"
TODAY = date(2026, 3, 10)


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry that a member sees in his host. `at` is None when it is all day, or a to-do."""

    whose: str
    plan_id: str
    title: str
    day: date
    at: time | None = None
    done: bool = False


class Town:
    """One company on one pretend host, with the services that are on."""

    def __init__(self, database: Database, host: str) -> None:
        self.database, self.host = database, host
        self.clock = Clock()
        self.faults = Faults()
        self.world = World(self.seconds)
        pretend = self.world.add(a_small_company(host))
        kind = WecomSimulator if host == "wecom" else DingtalkSimulator
        self.simulator: Any = kind(
            self.world, pretend, httpx.AsyncClient(transport=Nobody()), self.seconds, self.faults
        )
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.simulator.app))
        self.platform = with_pages(self._connect(), PUBLIC_URL, "default")
        self.on: set[str] = set(self.platform.services) & set(AGENDAS)
        self.between: Callable[[Agenda], Agenda] = lambda agenda: agenda

    def seconds(self) -> float:
        return self.clock().timestamp()

    async def settle_down(self, company: Company, customers: dict[str, str]) -> None:
        self.company, self.customers = company, customers

    @property
    def connection(self) -> ConnectionRef:
        row = self.company.connection
        return ConnectionRef(
            row.tenant_id, row.id, row.host, row.name, SHANGHAI, services=frozenset(self.on)
        )

    @property
    def agendas(self) -> dict[str, Agenda]:
        found = {name: getattr(self.platform, name) for name in AGENDAS}
        return {name: agenda for name, agenda in found.items() if agenda is not None}

    async def pass_once(self, limit: int = 100) -> Counter[str]:
        """What the job of the timetable does at this connection."""
        outcomes: Counter[str] = Counter()
        for name, agenda in self.agendas.items():
            mirror = Mirror(self.database, self.between(agenda), self.connection, name, self.clock)
            outcomes += await mirror.pass_once(limit)
        return outcomes

    async def passes(self, most: int = 90) -> Counter[str]:
        """Until nothing is left to do, a minute apart."""
        outcomes: Counter[str] = Counter()
        for _ in range(most):
            done = await self.pass_once()
            outcomes += done
            self.clock.forward(seconds=61)
            soon = self.clock() + timedelta(minutes=5)
            if not done and not [one for one in await self.states("asked") if one.retry_at < soon]:
                return outcomes
        raise AssertionError(f"it never ends: {outcomes}")

    async def plan(
        self,
        whose: str = "李雷",
        customer: str = "华联超市",
        day: date = TODAY,
        at: time | None = None,
        **more: Any,
    ) -> str:
        """Plan a visit; the id of the plan."""
        async with self.database.writing() as session:
            plan = VisitPlan(
                **{
                    "tenant_id": self.company.tenant.id,
                    "id": new_id(),
                    "owner_id": self.member(whose).id,
                    "customer_id": self.customers[customer],
                    "planned_on": day,
                    "planned_at": at,
                    "created_at": self.clock(),
                    **more,
                }
            )
            session.add(plan)
            return plan.id

    async def edit(self, plan_id: str, **what: Any) -> None:
        async with self.database.writing() as session:
            await session.execute(update(VisitPlan).where(VisitPlan.id == plan_id).values(**what))

    async def leaves(self, name: str, left: bool = True) -> None:
        """He left the company, or is back."""
        member = self.member(name)
        async with self.database.writing() as session:
            state = "departed" if left else "active"
            at = self.clock() if left else None
            await session.execute(update(Member).where(Member.id == member.id).values(state=state))
            await session.execute(
                update(MemberIdentity)
                .where(MemberIdentity.member_id == member.id)
                .values(left_at=at)
            )

    def member(self, name: str) -> Member:
        return self.company.lilei if name == "李雷" else self.company.hanmeimei

    async def states(self, state: str) -> list[AgendaEntry]:
        async with self.database.reading() as session:
            found = await session.scalars(select(AgendaEntry).where(AgendaEntry.state == state))
            return list(found)

    async def pauses(self) -> dict[str, services.Pause]:
        async with self.database.reading() as session:
            return await services.pauses_of(session, self.connection)

    def calendar(self) -> list[Seen]:
        """What both see in their calendars."""
        if self.host == "wecom":
            return [
                _schedule(user, one)
                for user in ("lilei", "hanmeimei")
                for one in self.simulator.agenda.of(user)
            ]
        return [_event(one) for one in self.simulator.agenda.events.values()]

    def todos(self) -> list[Seen]:
        if self.host == "wecom":
            return []
        return [_todo(one) for one in self.simulator.agenda.todos.values()]

    def _connect(self) -> HostPlatform:
        pretend = self.simulator.company
        credentials = {
            "corp_id": pretend.corp_id,
            "agent_id": str(pretend.app.agent_id),
            "secret": pretend.app.secret,
            "client_id": pretend.app.client_id,
            "client_secret": pretend.app.secret,
            "callback_token": pretend.app.callback_token,
            "callback_aes_key": pretend.app.callback_aes_key,
        }
        connect = wecom.connect if self.host == "wecom" else dingtalk.connect
        base_urls = dict.fromkeys(("wecom", "dingtalk_api", "dingtalk_oapi"), BASE_URL)
        return connect(credentials, self.http, base_urls, now=self.clock)


@asynccontextmanager
async def a_town(database: Database, host: str) -> AsyncIterator[Town]:
    town = Town(database, host)
    async with database.writing() as session:
        company = await a_company(session, host=host)
        for member, user_id in ((company.lilei, "lilei"), (company.hanmeimei, "hanmeimei")):
            # As the pretend company has it, so that both sides mean the same person.
            person = town.simulator.company.people[user_id]
            await session.execute(
                update(MemberIdentity)
                .where(MemberIdentity.member_id == member.id)
                .values(union_id=union_id(person.user_id, person.union_id))
            )
        work = work_as(session, company.lilei)
        customers = {
            name: (await a_customer(work, name, at=None, address="中山大道 128 号")).id
            for name in ("华联超市", "红星便利店", "新华书店")
        }
    await town.settle_down(company, customers)
    yield town
    await town.http.aclose()


@pytest.fixture(params=["wecom", "dingtalk"])
async def town(database: Database, request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    async with a_town(database, request.param) as made:
        yield made


@pytest.fixture
async def dingtalk_town(database: Database) -> AsyncIterator[Town]:
    async with a_town(database, "dingtalk") as made:
        yield made


@pytest.fixture
async def wecom_town(database: Database) -> AsyncIterator[Town]:
    async with a_town(database, "wecom") as made:
        yield made


def _plan_in(text: str) -> str:
    assert f"{PUBLIC_URL}/h5/?host=" in text and "#/customers/" in text
    return text.rpartition("?plan=")[2]


def _schedule(whose: str, one: dict[str, Any]) -> Seen:
    begins = datetime.fromtimestamp(one["start_time"], UTC).astimezone(SHANGHAI)
    ends = datetime.fromtimestamp(one["end_time"], UTC).astimezone(SHANGHAI)
    if not one["is_whole_day"]:
        assert ends - begins == timedelta(minutes=45)
    at = None if one["is_whole_day"] else begins.time()
    return Seen(whose, _plan_in(one["description"]), one["summary"], begins.date(), at)


def _event(one: dict[str, Any]) -> Seen:
    whose = one["organizer"]["id"].removeprefix("union-")
    if one["isAllDay"]:
        day, at = date.fromisoformat(one["start"]["date"]), None
    else:
        begins = datetime.fromisoformat(one["start"]["dateTime"]).astimezone(SHANGHAI)
        day, at = begins.date(), begins.time()
    return Seen(whose, _plan_in(one["description"]), one["summary"], day, at)


def _todo(one: dict[str, Any]) -> Seen:
    due = datetime.fromtimestamp(one["dueTime"] / 1000, UTC).astimezone(SHANGHAI)
    assert due.time() == time(23, 59, 59)
    (whose,) = one["executorIds"]
    plan_id = _plan_in(one["detailUrl"]["appUrl"])
    whose = whose.removeprefix("union-")
    return Seen(whose, plan_id, one["subject"], due.date(), done=one["done"])
