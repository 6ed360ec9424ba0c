"""Somebody meets a customer masked and asks its owner to let him in: once, and it is answered."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest
from sqlalchemy import select

from field_ops.access import find_visible
from field_ops.customers.actions import assign, create
from field_ops.customers.errors import SomeoneElsesCustomer
from field_ops.customers.models import Customer
from field_ops.customers.queries import may_edit
from field_ops.customers.schemas import CustomerIn
from field_ops.db import Database
from field_ops.errors import NotAllowed, NotFound, Refusal
from field_ops.history.models import AuditEntry
from field_ops.outbox.models import OutboxMessage
from field_ops.people.models import Member
from field_ops.sharing import requests
from field_ops.sharing.errors import (
    AskedAlready,
    DeclinedLately,
    NobodyToAsk,
    RequestOver,
    SeesItAlready,
)
from field_ops.sharing.schemas import Answer
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as

NEW = CustomerIn(name="武汉华联超市", phone="13800138000")
REASON = "他们新店由我跟进"


@pytest.fixture
async def company(database: Database) -> Company:
    async with database.writing() as session:
        return await a_company(session)


@pytest.fixture
async def shop_id(database: Database, company: Company) -> str:
    """李雷's, whom 韩梅梅 met masked when she wanted to create it."""
    async with database.writing() as session:
        shop = await create(work_as(session, company.lilei), NEW)
    async with database.writing() as session:
        work = work_as(session, company.hanmeimei)
        try:
            async with session.begin_nested():
                await create(work, NEW)
        except SomeoneElsesCustomer as refused:
            assert refused.afterwards is not None and refused.facts["customer_id"] == shop.id
            await refused.afterwards(work)
    return shop.id


async def asked(
    database: Database, member: Member, shop_id: str, after: timedelta = timedelta()
) -> str:
    async with database.writing() as session:
        work = work_as(session, member, TUESDAY_MORNING + after)
        return (await requests.ask(work, shop_id, REASON)).id


async def answered(
    database: Database,
    member: Member,
    request_id: str,
    said: Answer,
    after: timedelta = timedelta(),
) -> None:
    async with database.writing() as session:
        work = work_as(session, member, TUESDAY_MORNING + after)
        await requests.answer(work, request_id, said)


async def told(database: Database, member: Member) -> list[str]:
    """The kinds of what was left for him."""
    async with database.reading() as session:
        rows = await session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.member_id == member.id)
            .order_by(OutboxMessage.id)
        )
        return [row.kind for row in rows]


async def test_what_waits_is_listed_for_who_may_answer_and_for_nobody_else(
    database: Database, company: Company, shop_id: str
) -> None:
    request_id = await asked(database, company.hanmeimei, shop_id)
    async with database.reading() as session:
        for who, sees in ((company.lilei, True), (company.wang, True), (company.hanmeimei, False)):
            found = await requests.waiting_for_me(work_as(session, who))
            waits = [(one.id, asker, shop) for one, asker, shop in found]
            assert waits == [(request_id, "韩梅梅", NEW.name)] * sees, who.name
        late = work_as(session, company.lilei, TUESDAY_MORNING + requests.LIVES)
        assert await requests.waiting_for_me(late) == []
    await answered(database, company.lilei, request_id, "decline")
    async with database.reading() as session:
        assert await requests.waiting_for_me(work_as(session, company.lilei)) == []


async def test_the_owner_is_asked_by_a_card_and_his_yes_opens_the_customer(
    database: Database, company: Company, shop_id: str
) -> None:
    request_id = await asked(database, company.hanmeimei, shop_id)
    async with database.reading() as session:
        card = await session.scalar(
            select(OutboxMessage).where(OutboxMessage.kind == "collaboration")
        )
        assert card is not None and card.member_id == company.lilei.id
        assert card.message["title"] == "韩梅梅 申请协作「武汉华联超市」"
        assert card.message["fields"] == [["部门", "华东一组"], ["原因", REASON]]
        assert [button[0] for button in card.message["buttons"]] == [
            "同意查看", "同意修改", "谢绝", "看客户",
        ]  # fmt: skip
        ((waits, name, _),) = await requests.waiting(work_as(session, company.lilei), shop_id)
        assert (waits.id, name) == (request_id, "韩梅梅")
    await answered(database, company.lilei, request_id, "edit")
    async with database.reading() as session:
        work = work_as(session, company.hanmeimei)
        shop = await find_visible(work, Customer, shop_id)
        assert await may_edit(work, shop)
        assert list(await requests.waiting(work_as(session, company.lilei), shop_id)) == []
        actions = await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
        assert list(actions)[-3:] == [
            "customer.collaboration_asked", "customer.shared", "customer.collaboration_answered",
        ]  # fmt: skip
    assert await told(database, company.hanmeimei) == ["shared"]
    with pytest.raises(SeesItAlready):
        await asked(database, company.hanmeimei, shop_id)


async def test_a_decline_is_told_and_may_be_asked_again_after_a_week(
    database: Database, company: Company, shop_id: str
) -> None:
    request_id = await asked(database, company.hanmeimei, shop_id)
    with pytest.raises(AskedAlready):
        await asked(database, company.hanmeimei, shop_id)
    await answered(database, company.lilei, request_id, "decline")
    assert await told(database, company.hanmeimei) == ["collaboration_answered"]
    with pytest.raises(RequestOver):
        await answered(database, company.lilei, request_id, "read")
    with pytest.raises(DeclinedLately) as refused:
        await asked(database, company.hanmeimei, shop_id, timedelta(days=6))
    assert "武汉华联超市" not in refused.value.say()  # he may not know it
    await asked(database, company.hanmeimei, shop_id, timedelta(days=8))


async def test_who_never_met_it_may_not_ask_and_nobody_else_may_answer(
    database: Database, company: Company, shop_id: str
) -> None:
    async with database.writing() as session:
        other = await a_customer(work_as(session, company.lilei), "红星家具")
    with pytest.raises(NotFound):
        await asked(database, company.hanmeimei, other.id)
    request_id = await asked(database, company.hanmeimei, shop_id)
    for member, refusal in ((company.hanmeimei, NotFound), (company.admin, None)):
        try:
            await answered(database, member, request_id, "read")
        except Refusal as refused:
            assert refusal is not None and isinstance(refused, (refusal, NotAllowed))
    async with database.reading() as session:
        assert await find_visible(work_as(session, company.hanmeimei), Customer, shop_id)


async def test_a_customer_that_nobody_has_is_not_asked_for(
    database: Database, company: Company, shop_id: str
) -> None:
    async with database.writing() as session:
        await assign(work_as(session, company.wang), shop_id, None)
    with pytest.raises(NobodyToAsk, match=r"武汉\*\*\*超市"):
        await asked(database, company.hanmeimei, shop_id)


async def test_nobody_answers_and_after_three_days_it_is_over(
    database: Database, company: Company, shop_id: str
) -> None:
    request_id = await asked(database, company.hanmeimei, shop_id)
    late = timedelta(hours=72)
    with pytest.raises(RequestOver):
        await answered(database, company.lilei, request_id, "read", late)
    for expected in (1, 0):
        async with database.writing() as session:
            work = work_as(session, company.admin, TUESDAY_MORNING + late).as_system()
            assert await requests.end_unanswered(work) == expected
    assert await told(database, company.hanmeimei) == ["collaboration_answered"]
    await asked(database, company.hanmeimei, shop_id, late)


async def test_of_two_answers_and_two_questions_at_once_one_counts(
    database: Database, company: Company, shop_id: str
) -> None:
    async def outcome(done: Awaitable[object]) -> str:
        try:
            await done
        except (AskedAlready, RequestOver):
            return "refused"
        return "done"

    twice = [asked(database, company.hanmeimei, shop_id) for _ in range(2)]
    assert sorted(await asyncio.gather(*map(outcome, twice))) == ["done", "refused"]
    async with database.reading() as session:
        ((request, _, _),) = await requests.waiting(work_as(session, company.lilei), shop_id)
    answers: list[tuple[Member, Answer]] = [(company.lilei, "read"), (company.wang, "decline")]
    both = [answered(database, who, request.id, said) for who, said in answers]
    assert sorted(await asyncio.gather(*map(outcome, both))) == ["done", "refused"]
