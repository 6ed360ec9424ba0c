"""What we push is in the language of whoever reads it, on each host."""

import json
import re
from datetime import datetime

from field_ops.access.grants import grant_role
from field_ops.people.models import Member
from integrations.sandbox.world import Heard
from tests.conftest import SHANGHAI
from tests.scenarios.stage import AT_THE_DOOR, Phone, Stage

CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
NEXT_MORNING = datetime(2026, 3, 11, 7, tzinfo=SHANGHAI)


async def chooses_english(phone: Phone) -> None:
    answer = await phone.page.send("PATCH", "/me", {"language": "en"})
    assert answer.json()["language"] == "en"


def chinese_in(line: Heard, *names: str) -> list[str]:
    """The Chinese characters of a message as the host got it, but for these names."""
    wire = json.dumps(line.wire, ensure_ascii=False)
    assert wire != "{}"
    for name in names:
        wire = wire.replace(name, "")
    return CHINESE.findall(wire)


async def are_reps(stage: Stage, host: str, *user_ids: str) -> None:
    """Whoever was made a rep gets a day plan, with or without a stop."""
    async with stage.database.writing() as session:
        work = stage.system(session, host)
        for user_id in user_ids:
            member_id = await stage.member_id(session, host, user_id)
            member = await session.get_one(Member, (work.tenant_id, member_id))
            await grant_role(work, member, "rep")


async def visits_a_key_account(stage: Stage, rep: Phone) -> None:
    """A stay of a minute, and a log: the lead is told of both."""
    visit = await rep.checks_in(await rep.creates("Hualian", level="A"))
    stage.clock.forward(minutes=1)
    page = f"/visits/{visit['id']}"
    assert (await rep.page.send("POST", f"{page}/check-out", {"fix": AT_THE_DOOR})).is_success
    log = {"result": "problem", "summary": "Late delivery"}
    assert (await rep.page.send("PUT", f"{page}/log", log)).is_success
    await stage.deliver()


async def test_a_lead_who_reads_chinese_is_told_in_chinese_of_a_rep_who_reads_english(
    stage: Stage, host: str, lilei: Phone
) -> None:
    await chooses_english(lilei)
    await visits_a_key_account(stage, lilei)
    abnormal, result = stage.phone(host, "wang").heard
    assert "拜访需关注" in abnormal.title and "在店 1 分钟" in abnormal.text
    assert "李雷 拜访了 Hualian（A 级）" in result.title
    assert "有问题" in json.dumps(result.wire, ensure_ascii=False)


async def test_a_lead_who_reads_english_is_told_in_english_of_a_rep_who_reads_chinese(
    stage: Stage, host: str, lilei: Phone
) -> None:
    wang = await stage.somebody(host, "wang")
    await chooses_english(wang)
    await visits_a_key_account(stage, lilei)
    abnormal, result = wang.heard
    assert "The visit took 1 min, less than 3." in abnormal.text
    assert "李雷 visited Hualian (level A)" in result.title
    assert [chinese_in(line, "李雷") for line in (abnormal, result)] == [[], []]


async def test_reminders_of_one_company_are_each_in_the_reader_s_language(
    stage: Stage, host: str, lilei: Phone
) -> None:
    hanmeimei = await stage.somebody(host, "hanmeimei")
    await chooses_english(lilei)
    for phone in (lilei, hanmeimei):
        await phone.checks_in(await phone.creates(f"Shop of {phone.user_id}"))
    stage.clock.forward(minutes=90)
    await stage.do("send_reminders")
    await stage.deliver()
    (mine,), (hers,) = lilei.heard, hanmeimei.heard
    assert "Not checked out yet: Shop of lilei" in mine.title and chinese_in(mine) == []
    assert "「Shop of hanmeimei」还没有签退" in hers.title


async def test_the_day_plan_is_in_the_reader_s_language(
    stage: Stage, host: str, lilei: Phone
) -> None:
    hanmeimei = stage.phone(host, "hanmeimei")
    await chooses_english(lilei)
    await are_reps(stage, host, "lilei", "hanmeimei")
    stage.clock.now = NEXT_MORNING
    await stage.do("promise_day_plans")
    stage.clock.forward(minutes=90)
    await stage.do("send_reminders")
    await stage.deliver()
    (mine,), (hers,) = lilei.heard, hanmeimei.heard
    assert "Wed 11 Mar · Visits today: 0" in mine.title and chinese_in(mine) == []
    assert "3月11日 周三 · 今日拜访 0 家" in hers.title
