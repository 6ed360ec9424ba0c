"""A lead decides about more time by one press."""

from field_ops.pool import actions, extensions
from field_ops.pool.facts import clocks_of
from field_ops.pool.rules import PoolRules, RecycleRule
from tests.bot.conftest import Chat
from tests.factories import a_customer, work_as


async def test_one_press_grants_more_time_and_the_card_says_so(chat: Chat) -> None:
    company, session = chat.company, chat.session
    rules = PoolRules(recycle=RecycleRule(is_on=True))
    admin = work_as(session, company.admin, chat.now)
    await actions.configure(admin, "default", name="公海", position=0, rules=rules, members=())
    lilei = work_as(session, company.lilei, chat.now)
    shop = await a_customer(lilei, "华联超市")
    company.lilei.direct_leader_id = company.wang.id
    before = await clocks_of(lilei, [shop])
    await extensions.ask_for_extension(lilei, shop.id, "客户下周才回来")
    assert await clocks_of(lilei, [shop]) == {}  # an open request holds it
    await chat.presses("王主管", "同意延期", card_id="card-1", code="code-1")
    (change,) = [row for row in await chat.rows() if row.revises == "card-1"]
    assert change.message["text"].startswith("已同意延期 · 王主管")
    after = await clocks_of(lilei, [shop])
    assert after[shop.id].deadline > before[shop.id].deadline
    (told,) = [row for row in await chat.rows() if row.kind == "extension_decided"]
    assert told.member_id == company.lilei.id
