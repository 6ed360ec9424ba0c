"""The owner presses his answer on the card that asks."""

from field_ops.customers.models import MaskedSight
from field_ops.host.messages import Notice
from field_ops.sharing import requests
from tests.bot.conftest import Chat
from tests.factories import a_customer, work_as


async def test_one_press_answers_and_the_card_says_so(chat: Chat) -> None:
    company, session = chat.company, chat.session
    shop = await a_customer(work_as(session, company.lilei), "武汉华联超市")
    session.add(
        MaskedSight(
            tenant_id=shop.tenant_id,
            member_id=company.hanmeimei.id,
            day=chat.now.date(),
            customer_id=shop.id,
        )
    )
    await session.flush()
    await requests.ask(work_as(session, company.hanmeimei, chat.now), shop.id, "新店由我跟进")
    await chat.presses("李雷", "同意查看", card_id="card-1", code="code-1")
    (change,) = [row for row in await chat.rows() if row.revises == "card-1"]
    assert change.message["text"].startswith("已同意查看 · 李雷")
    assert [button[0] for button in change.message["buttons"]] == ["看客户"]
    (told,) = [row for row in await chat.rows() if row.kind == "shared"]
    assert told.member_id == company.hanmeimei.id
    await chat.presses("李雷", "谢绝")
    last = await chat.last()
    assert isinstance(last, Notice) and last.text.startswith("这个协作申请已经处理过")
