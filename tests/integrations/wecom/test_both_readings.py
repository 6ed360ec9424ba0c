"""Where WeCom's documentation leaves something open, the adapter lives with either answer."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from field_ops.host.errors import HostBusy
from field_ops.host.events import ExternalContactChanged, TextReceived, Unsupported, to_payload
from field_ops.host.messages import Notice
from field_ops.host.platform import Recipient
from integrations.wecom.simulator.posts import Posts
from integrations.wecom.simulator.switches import Switches
from tests.integrations.host_contract import A_CARD
from tests.integrations.wecom.test_bot_answers import GROUP
from tests.integrations.wecom.test_external_contacts import an_acquaintance

HERE = (30.592850, 114.305540)
PRIVATE = {"mobile", "email", "biz_mail"}
WHATEVER = {"position", "is_leader_in_dept", "direct_leader", "order", "main_department", "status"}
EACH = pytest.mark.parametrize("reading", [False, True])


@pytest.fixture(autouse=True)
def _an_open_door(host, door):
    door.reader = host.callbacks


@EACH
async def test_our_answer_to_a_push_is_one_in_either_reading(simulator, door, reading):
    """Nothing is told twice because of what stands in it."""
    simulator.switches.only_empty_is_an_answer = reading
    await simulator.say("lilei", "帮助")
    await simulator.say("lilei", "帮助", GROUP)
    await simulator.member_changed("lilei")
    assert len(door.raw) == len(door.events) == 3


@EACH
async def test_the_word_success_is_an_answer_in_one_reading_only(reading):
    tries = []

    def app(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        return httpx.Response(200, text="success")

    http = httpx.AsyncClient(transport=httpx.MockTransport(app))
    posts = Posts(http, Switches(only_empty_is_an_answer=reading))
    await posts.post("http://waiqin.test/callback", lambda: ({}, b""), "text/xml", 3)
    assert len(tries) == (3 if reading else 1)


@EACH
async def test_where_somebody_is_by_the_hosts_word_is_never_taken_in(simulator, door, reading):
    """In whichever datum it is: positions come from our own page only, which knows the datum."""
    simulator.switches.positions_in_wgs84 = reading
    assert await simulator.shares.position("lilei", *HERE) == 200
    assert await simulator.shares.place("lilei", *HERE, label="华联超市") == 200
    assert [event.kind for event in door.heard(Unsupported)] == ["location", "location"]
    assert not [event for event in door.events if "30.59" in str(to_payload(event))]


@EACH
async def test_a_file_for_the_app_is_a_message_or_nothing(simulator, door, reading):
    simulator.switches.files_are_told = reading
    assert await simulator.shares.file("lilei", "报价.xlsx") == (200 if reading else 0)
    assert await simulator.say("lilei", "帮助") == 200
    assert [event.kind for event in door.heard(Unsupported)] == (["file"] if reading else [])
    assert [event.text for event in door.heard(TextReceived)] == ["帮助"]


@EACH
async def test_invalid_users_of_a_changed_card_are_a_list_or_a_text(host, simulator, reading):
    simulator.switches.invalid_users_as_text = reading
    receipt = await host.messenger.send(Recipient("lilei"), A_CARD, once="a")
    await host.messenger.revise(receipt.revise_with, "a", A_CARD)
    (line,) = simulator.world.heard_by("wecom", "lilei")
    assert line.title == A_CARD.title


@pytest.mark.parametrize("blank", [False, True])
@pytest.mark.parametrize("withheld", [PRIVATE, WHATEVER, PRIVATE | WHATEVER])
async def test_members_are_there_whatever_the_app_may_not_see(host, simulator, withheld, blank):
    """By the date of the app and of the company WeCom leaves out more or less."""
    wang = simulator.company.people["wang"]
    wang.phone, wang.email = "13800000002", "wang@example.com"
    whole = await host.directory.member("wang")
    assert (whole.phone, whole.leads, whole.title) == ("13800000002", ("5",), "主管")
    simulator.switches.withheld, simulator.switches.withheld_is_blank = withheld, blank
    seen = await host.directory.member("wang")
    assert (seen.host_user_id, seen.name, seen.active) == ("wang", "王主管", True)
    assert seen.department_ids == ("5",)
    if withheld & PRIVATE:
        assert (seen.phone, seen.email) == (None, None)
    if withheld & WHATEVER:
        assert (seen.leads, seen.direct_leader_id, seen.main_department_id) == ((), "", "")
        assert seen.title == ("" if blank else None)
    page = await host.directory.members_of("5")
    assert seen in page.members and len(page.members) == 3


@pytest.mark.parametrize("blank", [False, True])
async def test_departments_are_there_without_their_leaders(host, simulator, blank):
    simulator.switches.withheld = {"department_leader", "order"}
    simulator.switches.withheld_is_blank = blank
    tree = await host.directory.departments()
    assert [(one.host_department_id, one.leader_ids) for one in tree.departments] == [
        ("1", ()), ("2", ()), ("5", ()),
    ]  # fmt: skip


@EACH
async def test_a_new_customer_comes_with_a_code_for_a_greeting_or_without(simulator, door, reading):
    simulator.switches.welcome_code_is_told = reading
    simulator.company.outsiders.may = {"lilei"}
    await simulator.customers.add(an_acquaintance())
    (event,) = door.heard(ExternalContactChanged)
    assert (event.host_user_id, event.change) == ("lilei", "added")


@pytest.mark.parametrize("event", ["", "checkin", "user_checkin_record"])
async def test_punches_are_read_whether_or_not_an_event_tells_of_them(
    host, simulator, door, clock, event
):
    simulator.switches.event_of_punches = event
    await simulator.shares.punch("lilei", *HERE, place="华联超市")
    now = clock.now() + timedelta(seconds=1)
    (record,) = await host.attendance.records(["lilei"], now - timedelta(hours=1), now)
    assert record.place == "华联超市"
    assert [told.kind for told in door.heard(Unsupported)] == ([event] if event else [])


@pytest.mark.parametrize("status", ["1", "4", "6", "10", "17", ""])
async def test_approvals_of_any_state_change_nothing_here(simulator, door, status):
    step = "<SpRecord><SpStatus>1</SpStatus></SpRecord>"
    inside = f"<ApprovalInfo><SpNo>1</SpNo><SpStatus>{status}</SpStatus>{step * 2}</ApprovalInfo>"
    assert await simulator.send_event("sys_approval_change", inside) == 200
    assert [event.kind for event in door.events] == ["sys_approval_change"]


async def test_calls_of_one_path_in_a_minute_are_counted(host, simulator, clock):
    simulator.switches.calls_a_minute = 3
    for _ in range(3):
        await host.directory.member("lilei")
    with pytest.raises(HostBusy) as failure:
        await host.directory.member("lilei")
    assert (failure.value.code, failure.value.retry_after_s) == ("45009", 60)
    await host.directory.departments()  # another path
    clock.ahead_s += 60
    assert (await host.directory.member("lilei")).name == "李雷"


async def test_calls_of_one_path_in_an_hour_are_counted(host, simulator, clock):
    simulator.switches.calls_an_hour = 3
    for _ in range(3):
        await host.directory.member("lilei")
        clock.ahead_s += 61
    with pytest.raises(HostBusy):
        await host.directory.member("lilei")
    clock.ahead_s += 3600
    assert await host.directory.member("lilei")


async def test_messages_and_sign_ins_do_not_count(host, simulator):
    simulator.switches.calls_a_minute = 2
    for n in range(5):
        await host.messenger.send(Recipient("lilei"), Notice(f"第 {n} 条"), once=f"m{n}")
        await host.sign_in.who(simulator.sign_in_code("lilei"))
    assert len(simulator.world.heard_by("wecom", "lilei")) == 5


async def test_many_pages_need_two_tickets(host, other, simulator):
    """One of the company and one of the app, of which an app is given 100 an hour."""
    simulator.switches.tickets_an_hour = 1
    now = datetime.now(UTC)
    pages = (host.page_signer.sign(f"https://waiqin.example/h5/?n={n}", now) for n in range(50))
    assert len({page.config["signature"] for page in await asyncio.gather(*pages)}) == 50
    assert len(simulator.app.about("ticket")) == 2
    with pytest.raises(HostBusy):
        await other.page_signer.sign("https://waiqin.example/h5/", now)
