"""Every operation of the API is asked by every role, for what is his and for what is not; who gets
through stands in a table (`doors.py`). That each has a row is asked by tests/architecture."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from field_ops.app import create_app, operations
from field_ops.customers.models import Collaborator, Contact, CustomerLocation
from field_ops.customers.relations import CustomerRelation
from field_ops.db import Database, new_id
from field_ops.exchange.models import Export
from field_ops.follow_ups.models import FollowUp
from field_ops.http.edge import Edge
from field_ops.http.idempotency import Answer
from field_ops.http.passes import Pass
from field_ops.http.routes import Operation
from field_ops.merges.models import DuplicatePair
from field_ops.people.models import Department, MadeRole, Member, MemberRole
from field_ops.runtime import Runtime
from field_ops.sharing.models import CollaborationRequest
from field_ops.visits.models import FixRecord, Visit
from field_ops.webhooks.models import Webhook
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import WUHAN, Company, a_company, a_customer, a_department, a_member, work_as
from tests.fakes import Clock
from tests.pages import Page, a_page, an_app

from .doors import DOORS, ROLES, Door

# What is granted does not depend on the database; what is in sight is compared on both.
on_one_database = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

REFUSED = (401, 403, 404)


class TakenBack(Edge):
    """The edge, whose writes are answered and then taken back, so that the next one finds all as
    it was."""

    async def writing(
        self,
        request: Request,
        raw: bytes,
        effect: Callable[[Work], Awaitable[Answer]],
        shown: Pass | None = None,
    ) -> Answer:
        if "x-really" in request.headers:
            return await Edge.writing(self, request, raw, effect, shown)
        opened = self._door(request, shown, writes=True)
        async with self.database.writing() as session:
            work = await opened(session)
            async with session.begin_nested() as taken_back:
                answer = await effect(work)
                await taken_back.rollback()
        return answer


@dataclass
class Asker:
    """Somebody of one role alone, his page, and what he has."""

    page: Page
    has: dict[str, str]

    @property
    def his_own(self) -> dict[str, str]:
        """What he brings along when he asks about what a colleague has."""
        return {name: self.has[name] for name in ("me", "deputy_id")}


@dataclass
class Office:
    app: Any
    runtime: Runtime
    company: Company
    askers: dict[str, Asker]
    colleague: dict[str, str]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def office(
    database: Database, database_url: str, tmp_path: Path, clock: Clock
) -> AsyncIterator[Office]:
    async with (
        AsyncExitStack() as stack,
        an_app(database_url, tmp_path, clock) as runtime,
    ):
        async with runtime.database.writing() as session:
            company = await a_company(session)
            definition = orjson.dumps({"title": "无", "permissions": [], "scopes": {}}).decode()
            session.add(
                MadeRole(
                    tenant_id=company.tenant.id, code="nothing", definition=definition,
                    updated_at=TUESDAY_MORNING,
                )
            )  # fmt: skip
            colleague = await belongings(session, company, company.lilei)
            people = {role: await somebody(session, company, role) for role in sorted(ROLES)}
            owned = {
                role: await belongings(session, company, member) for role, member in people.items()
            }
        app = create_app(runtime)
        edge: Edge = app.state.edge
        app.state.edge = TakenBack(*(getattr(edge, one.name) for one in fields(edge)))
        askers = {
            role: Asker(
                await stack.enter_async_context(a_page(runtime, company, member, app)), owned[role]
            )
            for role, member in people.items()
        }
        yield Office(app, runtime, company, askers, colleague)


async def somebody(session: AsyncSession, company: Company, role: str) -> Member:
    """Alone in a department of his own, with this role and no other."""
    department = a_department(session, company.connection, f"{role} 部")
    member = a_member(session, company.connection, f"{role} 某", department)
    await session.flush()
    given = await session.get_one(MemberRole, (member.tenant_id, member.id, "rep"))
    await session.delete(given)
    await session.flush()
    session.add(MemberRole(tenant_id=member.tenant_id, member_id=member.id, role=role))
    return member


async def belongings(session: AsyncSession, company: Company, member: Member) -> dict[str, str]:
    """Two customers with a contact and a proposed place, an open visit, an export; and what is
    there for everybody."""
    work = work_as(session, member)
    shop = await a_customer(work, f"华联{member.name}店", phone="13800138000", at=None)
    twin = await a_customer(work, f"红星{member.name}店", at=None)
    free = await a_customer(work, f"公海{member.name}店", owner_id=None, created_by=None)
    department = await session.get_one(Department, (work.tenant_id, member.main_department_id))
    deputy = a_member(session, company.connection, f"{member.name}的同事", department)
    contact = Contact(
        tenant_id=work.tenant_id, id=new_id(), customer_id=shop.id, name="王经理",
        phone="13900139000", created_at=work.now,
    )  # fmt: skip
    place = CustomerLocation(
        tenant_id=work.tenant_id, id=new_id(), customer_id=shop.id, lat=WUHAN[0], lng=WUHAN[1],
        original_lat=WUHAN[0], original_lng=WUHAN[1], datum="WGS84", source="map_pick",
        status="proposed", proposed_by=member.id, proposed_at=work.now,
    )  # fmt: skip
    visit = Visit(
        tenant_id=work.tenant_id, id=new_id(), number=f"V-{member.id}"[:24], owner_id=member.id,
        customer_id=shop.id, visit_type="routine", business_date=work.today,
        checked_in_at=work.now, check_in_verdict="NO_FIX",
    )  # fmt: skip
    export = Export(
        tenant_id=work.tenant_id, id=new_id(), member_id=member.id, what="customers", format="csv",
        language="zh", filters={}, masks_phones=True, state="writing", counted=1,
        asked_at=work.now,
    )  # fmt: skip
    fix = FixRecord(
        tenant_id=work.tenant_id, visit_id=visit.id, end="check_in", member_id=member.id,
        at=work.now, verdict="NO_FIX", radius_m=200,
    )  # fmt: skip
    one_id, other_id = sorted((shop.id, twin.id))
    pair = DuplicatePair(
        tenant_id=work.tenant_id, one_id=one_id, other_id=other_id, check="similar",
        similarity=0.9, found_at=work.now,
    )  # fmt: skip
    shared = Collaborator(
        tenant_id=work.tenant_id, customer_id=shop.id, member_id=company.hanmeimei.id
    )
    said = FollowUp(
        tenant_id=work.tenant_id, id=new_id(), customer_id=shop.id, member_id=member.id,
        channel="note", happened_at=work.now, created_at=work.now,
    )  # fmt: skip
    asked = CollaborationRequest(
        tenant_id=work.tenant_id, id=new_id(), customer_id=shop.id, asker_id=company.hanmeimei.id,
        asked_at=work.now, expires_at=work.now + timedelta(days=3),
    )  # fmt: skip
    related = CustomerRelation(
        tenant_id=work.tenant_id, id=new_id(), kind="group", from_id=shop.id, to_id=twin.id,
        started_at=work.now,
    )  # fmt: skip
    webhook = Webhook(
        tenant_id=work.tenant_id, id=new_id(), name="ERP", url="https://erp.example/x",
        events=["customer.changed"], departments=[], fields={}, secret=b"", position=0,
        created_at=work.now,
    )  # fmt: skip
    session.add(webhook)
    rows = (contact, place, visit, export, fix, pair, shared, said, asked, related)
    session.add_all(rows)
    await session.flush()
    return {
        "me": member.id, "owner_id": member.id,
        "deputy_id": deputy.id,
        "customer_id": shop.id, "twin_id": twin.id, "pool_customer_id": free.id,
        "contact_id": contact.id, "location_id": place.id, "visit_id": visit.id,
        "export_id": export.id, "member_id": company.hanmeimei.id, "code": "nothing",
        "connection_id": company.connection.id, "pool_id": "default", "follow_up_id": said.id,
        "request_id": asked.id, "relation_id": related.id,
        "webhook_id": webhook.id, "first_day": "2026-03-11", "of": "customer",
    }  # fmt: skip


def filled(value: Any, has: dict[str, str]) -> Any:
    """`{customer_id}` in a body, a query or a path, as the one that is meant."""
    if isinstance(value, dict):
        return {name: filled(one, has) for name, one in value.items()}
    return value.format_map(Known(has)) if isinstance(value, str) else value


class Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "nothing_there"


async def ask(page: Page, op: Operation, door: Door, has: dict[str, str]) -> int:
    """The status of what is answered."""
    if op.path.startswith("/api/v1/pools/"):
        has = {**has, "customer_id": has["pool_customer_id"]}
    path = filled(op.path.removeprefix("/api/v1"), has)
    body, query = filled(door.body, has), filled(door.query, has)
    if op.method == "GET":
        return (await page.get(path, **query)).status_code
    headers = {"x-really": "yes"} if door.is_real else {}
    return (await page.send(op.method, path, body, **headers)).status_code


@on_one_database
async def test_every_role_gets_through_the_doors_of_its_row_and_no_other(
    office: Office, clock: Clock
) -> None:
    wrong, broken = [], []
    for op in operations():
        door = DOORS[op.name]
        for role, asker in office.askers.items():
            for what, has, through in (
                ("own", asker.has, door.own),
                ("others", office.colleague | asker.his_own, door.others),
            ):
                if through is None or door.is_open:
                    continue
                clock.forward(milliseconds=100)  # nobody asks faster than he may
                status = await ask(asker.page, op, door, has)
                if status == 500:
                    broken.append((op.name, role, what, status))
                if (status not in REFUSED) != (role in through):
                    wrong.append((op.name, role, what, status))
    assert not wrong and not broken, "\n".join(map(str, wrong + broken))


@on_one_database
async def test_who_is_not_signed_in_gets_through_no_door(office: Office) -> None:
    async with a_page(office.runtime, office.company, None, office.app) as stranger:
        for op in operations():
            if op.session:
                assert await ask(stranger, op, DOORS[op.name], office.colleague) == 401, op.name
                wrong = replace(DOORS[op.name], body={"no such": "field"}, query={"page": "none"})
                assert await ask(stranger, op, wrong, office.colleague) == 401, op.name
