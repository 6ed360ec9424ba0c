"""What is said and what comes back, on both databases."""

from sqlalchemy import select

from field_ops.follow_ups.models import FollowUp
from field_ops.host.messages import Card, Notice
from field_ops.plans.actions import make_plan
from field_ops.visits.actions import check_in
from field_ops.visits.verdict import Fix, Presence
from tests.bot.conftest import GROUP, Chat
from tests.factories import WUHAN, a_customer, work_as

AT_THE_DOOR = Presence(Fix(*WUHAN, "GCJ02", accuracy_m=20))
HOSTILE = "<script>alert(1)</script>" + "超" * 150 + "🏪“'\"]]>"


async def test_help_lists_what_can_be_said(chat: Chat) -> None:
    await chat.says("李雷", "帮助")
    card = await chat.last_card()
    assert [line.split(" —— ")[0] for line in card.text.splitlines()] == [
        "今天", "查 华联", "签到", "记录 华联 谈了续约",
        "跟进 华联 电话 5 分钟，老板要九折，下周三答复", "帮助", "English",
    ]  # fmt: skip


async def test_one_customer_is_shown_as_a_card(chat: Chat) -> None:
    work = work_as(chat.session, chat.company.lilei)
    hualian = await a_customer(work, "华联超市", level="A", phone="02788886666")
    await a_customer(work, "红星")
    await chat.says("李雷", "查 hlcs")
    card = await chat.last_card()
    assert card.title == "华联超市"
    assert [button.url for button in card.buttons] == [
        f"#/check-in/{hualian.id}", f"#/customers/{hualian.id}",
    ]  # fmt: skip


async def test_a_name_that_fits_two_customers_is_offered_as_a_choice(chat: Chat) -> None:
    work = work_as(chat.session, chat.company.lilei)
    await a_customer(work, "华联超市")
    await a_customer(work, "华联商厦")
    await chat.says("李雷", "查 华联")
    assert {choice.text for choice in (await chat.last_card()).choices} == {"华联超市", "华联商厦"}
    await chat.presses("李雷", "华联商厦")
    assert (await chat.last_card()).title == "华联商厦"


async def test_an_exact_name_is_not_asked_again(chat: Chat) -> None:
    work = work_as(chat.session, chat.company.lilei)
    await a_customer(work, "华联超市")
    await a_customer(work, "华联超市中山路店")
    await chat.says("李雷", "查 华联超市")
    assert (await chat.last_card()).title == "华联超市"


async def test_a_bare_name_is_looked_up(chat: Chat) -> None:
    await a_customer(work_as(chat.session, chat.company.lilei), "新华书店")
    await chat.says("李雷", "新华书店")
    assert (await chat.last_card()).title == "新华书店"


async def test_nobody_sees_another_ones_customer(chat: Chat) -> None:
    await a_customer(work_as(chat.session, chat.company.hanmeimei), "华联超市")
    await chat.says("李雷", "查 华联")
    answer = await chat.last()
    assert isinstance(answer, Notice) and "没有找到「华联」" in answer.text


async def test_in_a_group_the_facts_go_to_the_person(chat: Chat) -> None:
    await a_customer(work_as(chat.session, chat.company.lilei), "华联超市", phone="02788886666")
    await chat.says("李雷", "查 华联", GROUP)
    private, public = await chat.answers()
    assert isinstance(private, Card) and private.title == "华联超市"
    assert public == Notice("@李雷 内容已私信给您。")


async def test_today_is_the_plan_in_order(chat: Chat) -> None:
    work = work_as(chat.session, chat.company.lilei)
    for position, name in enumerate(("华联超市", "红星")):
        customer = await a_customer(work, name, level="B")
        await make_plan(work, customer.id, work.today, position=position)
    await chat.says("李雷", "今天")
    card = await chat.last_card()
    assert card.title == "3月10日 周二 · 今日拜访 2 家"
    assert card.text == "1. 华联超市（B）\n2. 红星（B）"


async def test_check_in_is_a_link_to_the_page(chat: Chat) -> None:
    work = work_as(chat.session, chat.company.lilei)
    hualian = await a_customer(work, "华联超市")
    await chat.says("李雷", "到了华联")
    assert (await chat.last_card()).buttons[0].url == f"#/check-in/{hualian.id}"


async def test_check_in_while_a_visit_is_open_leads_to_that_visit(chat: Chat) -> None:
    work = work_as(chat.session, chat.company.lilei)
    visit = await check_in(work, (await a_customer(work)).id, AT_THE_DOOR)
    await chat.says("李雷", "签到")
    assert (await chat.last_card()).buttons[0].url == f"#/visits/{visit.id}"


async def test_a_log_in_one_sentence_and_one_tap(chat: Chat) -> None:
    work = work_as(chat.session, chat.company.lilei)
    visit = await check_in(work, (await a_customer(work, "华联超市")).id, AT_THE_DOOR)
    await chat.says("李雷", "记录 华联 谈了续约,对方要9折,下周三答复")
    card = await chat.last_card()
    assert card.title == "「华联超市」的拜访记录"
    assert visit.log_submitted_at is None, "nothing is written before the tap"
    await chat.presses("李雷", "有进展")
    assert (visit.log_result, visit.log_summary) == ("progress", "谈了续约,对方要9折,下周三答复")
    await chat.presses("李雷", "有问题")
    assert "已经提交" in str(await chat.last()), "a stale button is harmless"
    assert visit.log_result == "progress"


async def test_a_log_draft_belongs_to_its_author(chat: Chat) -> None:
    work = work_as(chat.session, chat.company.lilei)
    visit = await check_in(work, (await a_customer(work, "华联超市")).id, AT_THE_DOOR)
    await chat.says("李雷", "记录 谈了续约,对方要9折")
    await chat.presses("王主管", "有进展")
    assert visit.log_submitted_at is None


async def test_a_log_without_a_visit_says_what_to_do(chat: Chat) -> None:
    await chat.says("李雷", "记录 华联 谈了续约的事情")
    assert (await chat.last_card()).buttons[0].says == "签到"


async def test_a_call_is_read_back_and_kept_by_one_tap(chat: Chat) -> None:
    shop = await a_customer(work_as(chat.session, chat.company.lilei), "华联超市")
    await chat.says("李雷", "跟进 华联 电话 5 分钟，老板要九折，下周三答复")
    card = await chat.last_card()
    assert card.title == "跟进「华联超市」"
    assert [field.value for field in card.fields] == ["电话 5 分钟", "答复 · 03-18"]
    found = select(FollowUp).where(FollowUp.customer_id == shop.id)
    assert (await chat.session.scalars(found)).all() == [], "nothing is written before the tap"
    await chat.presses("李雷", "记下")
    (kept,) = await chat.session.scalars(found)
    assert (kept.channel, kept.duration_s, kept.next_action, kept.counts) == (
        "call", 300, "答复", True,
    )  # fmt: skip
    await chat.presses("李雷", "记下")
    assert "已经提交或过期" in str(await chat.last()), "a stale button is harmless"
    assert len((await chat.session.scalars(found)).all()) == 1


async def test_a_follow_up_of_a_name_that_fits_two_is_asked_about(chat: Chat) -> None:
    work = work_as(chat.session, chat.company.lilei)
    for name in ("华联超市", "华联商厦"):
        await a_customer(work, name)
    await chat.says("李雷", "跟进 华联 微信聊了价格")
    assert {one.text for one in (await chat.last_card()).choices} == {"华联超市", "华联商厦"}
    await chat.presses("李雷", "华联商厦")
    assert (await chat.last_card()).title == "跟进「华联商厦」"


async def test_a_stranger_is_told_so(chat: Chat) -> None:
    await chat.says("nobody-we-know", "今天")
    answer = await chat.last()
    assert isinstance(answer, Notice)
    assert "管理员" in answer.text and "your administrator" in answer.text


async def test_what_is_not_understood_leads_to_the_help(chat: Chat) -> None:
    await chat.says("李雷", "明天的天气怎么样啊请告诉我谢谢")
    answer = await chat.last()
    assert isinstance(answer, Notice) and "帮助" in answer.text


async def test_a_hostile_name_is_only_text(chat: Chat) -> None:
    work = work_as(chat.session, chat.company.lilei)
    await a_customer(work, HOSTILE)
    await chat.says("李雷", "查 超超超")
    assert (await chat.last_card()).title == HOSTILE


async def test_a_repeated_answer_is_one_answer(chat: Chat) -> None:
    await chat.says("李雷", "帮助")
    again = Chat(chat.session, chat.company)
    await again.says("李雷", "帮助")
    assert len(await chat.answers()) == 1
