"""A company whose messages a relay can send to a pretend host."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.connections.models import HostConnection
from field_ops.db import Database, new_id
from field_ops.host.events import Conversation
from field_ops.host.messages import Message, Notice
from field_ops.outbox.models import OutboxMessage
from field_ops.outbox.plurals import Plural
from field_ops.outbox.post import answer, post
from field_ops.outbox.relay import PassReport, Relay
from field_ops.people.models import Member, MemberIdentity
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI
from tests.factories import Company, a_company, work_as
from tests.fakes import Clock, FakeHost, FakePlatforms, as_is


@dataclass
class PostRoom:
    """Posts for the members of `company` and passes the relay over it."""

    database: Database
    company: Company
    clock: Clock
    host: FakeHost
    hosts: dict[str, FakeHost]
    posted: list[str] = field(default_factory=list)
    plurals: dict[str, Plural] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)  # connections whose stored settings are wrong

    def relay(self, name: str = "relay-1") -> Relay:
        platforms = FakePlatforms(self.hosts, self.broken)
        return Relay(self.database, platforms, self.clock, name, Random(1), plurals=self.plurals)

    async def post(self, to: Member, *texts: str, kind: str = "answer", **how: Any) -> None:
        """Post each text as a notice of its own."""
        for text in texts:
            await self.post_message(to, Notice(text), kind=kind, **how)

    async def post_message(self, to: Member, message: Message, **how: Any) -> None:
        self.posted.append(new_id())
        async with self.database.writing() as session:
            work = work_as(session, to, self.clock())
            await post(work, to=to.id, message=as_is(message), once=self.posted[-1], **how)

    async def answer(self, to: Member, *texts: str, talk: Conversation) -> None:
        """Answer with each text in this conversation."""
        for text in texts:
            async with self.database.writing() as session:
                work = work_as(session, to, self.clock())
                actor = replace(work.actor, connection_id=self.company.connection.id)
                once = new_id()
                await answer(replace(work, actor=actor), talk, "lilei", Notice(text), once=once)

    async def passes(self, count: int = 20, relay: Relay | None = None) -> PassReport:
        """`count` passes, summed up."""
        relay, total = relay or self.relay(), PassReport()
        for _ in range(count):
            total.counts += (await relay.pass_once()).counts
        return total

    def heard_by(self, member: Member) -> list[str]:
        users = {"李雷": "lilei", "韩梅梅": "hanmeimei", "王主管": "wang"}
        return [m.text for m in self.host.heard_by(users[member.name]) if isinstance(m, Notice)]

    async def rows(self) -> list[OutboxMessage]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def connection(self, connection_id: str) -> HostConnection:
        async with self.database.reading() as session:
            found = select(HostConnection).where(HostConnection.id == connection_id)
            return (await session.scalars(found)).one()

    async def second_host(self, member: Member, host_user_id: str) -> FakeHost:
        """A DingTalk connection where only `member` is, and he is not on the first one any more."""
        company, host = self.company, FakeHost("dingtalk")
        connection = HostConnection(
            tenant_id=company.tenant.id,
            id=new_id(),
            host="dingtalk",
            name="ding",
            corp_id="ding",
            credentials=b"",
            created_at=self.clock(),
        )
        async with self.database.writing() as session:
            session.add(connection)
            identity = (
                await session.scalars(
                    select(MemberIdentity).where(MemberIdentity.member_id == member.id)
                )
            ).one()
            await session.delete(identity)
            session.add(
                MemberIdentity(
                    tenant_id=company.tenant.id,
                    connection_id=connection.id,
                    host_user_id=host_user_id,
                    member_id=member.id,
                )
            )
        self.hosts[connection.id] = host
        return host


@pytest.fixture
async def post_room(database: Database) -> PostRoom:
    async with database.writing() as session:
        company = await a_company(session)
    host = FakeHost()
    return PostRoom(database, company, Clock(), host, {company.connection.id: host})


def system_work(room: PostRoom, session: AsyncSession) -> Work:
    """The company itself at work, now."""
    actor = Actor(room.company.tenant.id, None, via="cli")
    return Work(session, actor, room.clock(), SHANGHAI)
