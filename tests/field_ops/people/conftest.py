"""A connection whose host is played by a `FakeCompany`, and the organisation as we have it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from field_ops.connections.models import HostConnection
from field_ops.connections.refs import ConnectionRef
from field_ops.db import Database, new_id
from field_ops.host.platform import HostPlatform
from field_ops.people.models import Department, Member, MemberIdentity, Membership, SyncRun
from field_ops.people.report import SyncReport
from field_ops.people.reread import sync_hints, sync_named
from field_ops.people.sync import full_sync
from field_ops.tenants.models import UNNAMED_COMPANY, Tenant
from tests.conftest import SHANGHAI, TUESDAY_MORNING

from .fake_company import FakeCompany, a_platform


class Mirror:
    """Syncs a `FakeCompany` into the database and tells what is there afterwards."""

    def __init__(self, database: Database, company: FakeCompany, connection: ConnectionRef) -> None:
        self.database = database
        self.company = company
        self.connection = connection
        self.platform = a_platform(company)
        self.now = TUESDAY_MORNING
        self.waited: list[float] = []

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)

    def platform_of(self, company: FakeCompany, per_app_second: int = 2000) -> HostPlatform:
        platform = a_platform(company)
        limits = replace(platform.limits, per_app_second=per_app_second)
        return replace(platform, limits=limits)

    async def sync(self, *, force: bool = False, afresh: bool = False) -> SyncReport:
        return await full_sync(
            self.database,
            self.platform,
            self.connection,
            self.clock,
            force=force,
            afresh=afresh,
            sleep=self.sleep,
        )

    async def sync_hints(self, *, named_only: bool = False) -> SyncReport | None:
        read = sync_named if named_only else sync_hints
        return await read(
            self.database, self.platform, self.connection, self.clock, sleep=self.sleep
        )

    async def people(self) -> dict[str, Member]:
        """Members by host user id."""
        async with self.database.reading() as session:
            rows = await session.execute(
                select(MemberIdentity.host_user_id, Member).join(
                    Member, Member.id == MemberIdentity.member_id
                )
            )
            return dict(rows.all())

    async def departments(self) -> dict[str, Department]:
        """Departments by host id."""
        async with self.database.reading() as session:
            found = await session.scalars(select(Department))
            return {department.host_department_id: department for department in found}

    async def places(self) -> dict[str, dict[str, bool]]:
        """Host user id → host department id → leads it."""
        async with self.database.reading() as session:
            rows = await session.execute(
                select(
                    MemberIdentity.host_user_id,
                    Department.host_department_id,
                    Membership.is_leader,
                )
                .join(Membership, Membership.member_id == MemberIdentity.member_id)
                .join(Department, Department.id == Membership.department_id)
            )
            places: dict[str, dict[str, bool]] = {}
            for who, where, leads in rows:
                places.setdefault(who, {})[where] = leads
            return places

    async def everything(self) -> list[tuple[object, ...]]:
        """Every row of the organisation but the runs, to see that nothing was touched."""
        rows: list[tuple[object, ...]] = []
        async with self.database.reading() as session:
            for table in (Tenant, Department, Member, MemberIdentity, Membership):
                found = await session.execute(select(*table.__table__.columns))
                rows += sorted(((table.__tablename__, *row) for row in found), key=repr)
        return rows

    async def runs(self) -> list[SyncRun]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(SyncRun).order_by(SyncRun.id)))


@pytest.fixture
def company() -> FakeCompany:
    return FakeCompany()


@pytest.fixture
async def mirror(database: Database, company: FakeCompany) -> AsyncIterator[Mirror]:
    yield Mirror(database, company, await a_connection(database))


async def a_connection(database: Database, name: str = "default") -> ConnectionRef:
    """A new company with one WeCom connection and nobody in it yet."""
    async with database.writing() as session:
        tenant = Tenant(name=UNNAMED_COMPANY, zone=SHANGHAI.key, created_at=TUESDAY_MORNING)
        session.add(tenant)
        await session.flush()
        row = HostConnection(
            tenant_id=tenant.id,
            id=new_id(),
            host="wecom",
            name=name,
            corp_id="corp",
            credentials=b"",
            created_at=TUESDAY_MORNING,
        )
        session.add(row)
    return ConnectionRef(row.tenant_id, row.id, row.host, row.name, SHANGHAI)
