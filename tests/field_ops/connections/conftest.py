"""Connections of two fake hosts, built from rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from field_ops.connections.actions import WantedConnection, ensure_tenant
from field_ops.connections.platforms import Platforms
from field_ops.db import Database
from field_ops.keys import Keys
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI
from tests.fakes import Clock
from tests.field_ops.people.fake_company import FakeCompany, FakeKind

KEYS = Keys("a secret of this test, long enough")
GIVEN = {"corp_id": "corp-1", "secret": "s3cret"}


class Desk:
    """Where an IT admin connects hosts."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock()
        self.wecom = FakeKind(FakeCompany(), "wecom")
        self.dingtalk = FakeKind(FakeCompany(), "dingtalk")
        self.platforms = self.new_platforms()

    def new_platforms(self, **more: object) -> Platforms:
        kinds = (self.wecom.kind, self.dingtalk.kind)
        return Platforms(self.database, KEYS, kinds, None, self.clock, **more)

    @asynccontextmanager
    async def work(self, company: str = "甲") -> AsyncIterator[Work]:
        async with self.database.writing() as session:
            tenant = await ensure_tenant(session, company, SHANGHAI.key, self.clock())
            actor = Actor(tenant.id, None, via="cli")
            yield Work(session, actor, self.clock(), SHANGHAI)

    def wanted(self, name: str = "default", **credentials: str) -> WantedConnection:
        return WantedConnection(self.wecom.kind, name, {**GIVEN, **credentials})


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)
