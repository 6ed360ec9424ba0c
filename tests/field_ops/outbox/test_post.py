"""Posting a message for a member."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from field_ops.connections.models import HostConnection
from field_ops.db import Database, new_id
from field_ops.host.events import Conversation
from field_ops.host.messages import Notice
from field_ops.outbox.models import OutboxMessage
from field_ops.outbox.post import answer, conversation_of, conversation_payload, post
from field_ops.people.models import MemberIdentity
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import Company, a_company, work_as
from tests.fakes import as_is

HELLO = as_is(Notice("早上好"))


async def the_rows(work: Work) -> list[OutboxMessage]:
    return list(await work.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def second_connection(work: Work, company: Company, host_user_id: str) -> HostConnection:
    """李雷 is on DingTalk too."""
    connection = HostConnection(
        tenant_id=work.tenant_id,
        id=new_id(),
        host="dingtalk",
        name="default",
        corp_id="ding",
        credentials=b"",
        created_at=TUESDAY_MORNING + timedelta(days=1),
    )
    identity = MemberIdentity(
        tenant_id=work.tenant_id,
        connection_id=connection.id,
        host_user_id=host_user_id,
        member_id=company.lilei.id,
    )
    work.session.add_all((connection, identity))
    return connection


async def test_a_second_post_of_the_same_is_nothing(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        first = await post(work, to=company.lilei.id, message=HELLO, kind="day_plan", once="a")
        second = await post(work, to=company.lilei.id, message=HELLO, kind="day_plan", once="a")
        assert (first, second, len(await the_rows(work))) == (True, False, 1)


async def test_the_actor_own_connection_is_preferred(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        dingtalk = second_connection(work, company, "lilei-ding")
        await session.flush()
        there = Actor(work.tenant_id, company.lilei.id, connection_id=dingtalk.id)
        here = Work(session, there, work.now, work.zone)
        await post(here, to=company.lilei.id, message=HELLO, kind="answer", once="a")
        await post(here, to=company.wang.id, message=HELLO, kind="answer", once="b")
        rows = await the_rows(work)
        assert [row.host_user_id for row in rows] == ["lilei-ding", "wang"]


async def test_without_one_the_first_connection_that_is_not_removed_is_used(
    database: Database,
) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        second_connection(work, company, "lilei-ding")
        company.connection.removed_at = TUESDAY_MORNING
        await session.flush()
        await post(work, to=company.lilei.id, message=HELLO, kind="answer", once="a")
        assert [row.host_user_id for row in await the_rows(work)] == ["lilei-ding"]


async def test_nothing_is_written_for_somebody_who_left_or_is_on_no_host(
    database: Database,
) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        company.wang.state = "departed"
        await session.flush()
        told = [
            await post(work, to=member, message=HELLO, kind="day_plan", once=member)
            for member in (company.wang.id, "nobody")
        ]
        assert (told, await the_rows(work)) == ([False, False], [])


async def test_a_rolled_back_verb_leaves_no_message(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
    async with database.reading() as session:
        work = work_as(session, company.lilei)
        await post(work, to=company.lilei.id, message=HELLO, kind="answer", once="a")
        await session.rollback()
    async with database.reading() as session:
        assert await the_rows(work_as(session, company.lilei)) == []


async def test_a_stranger_is_answered_where_he_wrote(database: Database) -> None:
    talk = Conversation(
        kind="group",
        id="g1",
        reply_to="https://host.example/reply",
        reply_until=datetime(2026, 3, 10, 3, 0, tzinfo=UTC),
    )
    async with database.writing() as session:
        company = await a_company(session)
        actor = Actor(company.tenant.id, None, via="bot", connection_id=company.connection.id)
        work = Work(session, actor, TUESDAY_MORNING, SHANGHAI)
        await answer(work, talk, "stranger", Notice("早上好"), once="event-1")
        row = (await the_rows(work))[0]
        assert row.conversation is not None
        assert (conversation_of(row.conversation), row.host_user_id) == (talk, "stranger")


def test_a_conversation_survives_its_storage() -> None:
    assert conversation_of(conversation_payload(Conversation())) == Conversation()
