"""The relay with a real database and a pretend host."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from field_ops.host.errors import (
    CredentialsRejected,
    HostBusy,
    HostRefused,
    HostUnavailable,
)
from field_ops.host.events import Conversation
from field_ops.host.messages import Notice
from field_ops.host.platform import HostLimits
from field_ops.outbox import queries
from field_ops.outbox.claims import LEASE, claim
from field_ops.outbox.records import Records
from field_ops.outbox.relay import Relay
from tests.conftest import SHANGHAI
from tests.fakes import FakePlatforms
from tests.field_ops.outbox.post_room import PostRoom, system_work

DOWN = HostUnavailable("connection refused")


async def test_messages_to_one_person_arrive_in_the_order_of_posting(post_room: PostRoom) -> None:
    texts = [f"第 {n} 条" for n in range(6)]
    await post_room.post(post_room.company.lilei, *texts)
    await post_room.passes()
    assert post_room.heard_by(post_room.company.lilei) == texts


async def test_a_pass_takes_one_message_of_each_person(post_room: PostRoom) -> None:
    company = post_room.company
    await post_room.post(company.lilei, "一", "二")
    await post_room.post(company.hanmeimei, "一")
    report = await post_room.relay().pass_once()
    assert (report["sent"], await post_room.states()) == (2, ["sent", "queued", "sent"])


async def test_what_waits_while_the_host_is_down_goes_out_in_order_later(
    post_room: PostRoom,
) -> None:
    company, relay = post_room.company, post_room.relay()
    await post_room.post(company.lilei, "一", "二", "三")
    await post_room.post(company.wang, "甲", "乙")
    post_room.host.go_down(DOWN)
    await post_room.passes(3, relay)
    post_room.clock.forward(hours=2)
    await post_room.passes(3, relay)
    assert await post_room.states() == ["queued"] * 5

    post_room.host.come_back()
    post_room.clock.forward(hours=1)
    await post_room.passes(9, relay)
    heard = post_room.heard_by(company.lilei), post_room.heard_by(company.wang)
    assert heard == (["一", "二", "三"], ["甲", "乙"])


async def test_the_back_off_is_one_then_five_then_thirty_minutes(post_room: PostRoom) -> None:
    await post_room.post(post_room.company.lilei, "一")
    relay, waits = post_room.relay(), []
    post_room.host.go_down(DOWN)
    for _ in range(4):
        await relay.pass_once()
        row = (await post_room.rows())[0]
        assert row.retry_at is not None
        waits.append(int((row.retry_at - post_room.clock()).total_seconds() // 60))
        post_room.clock.now = row.retry_at
    assert [waits[0], waits[1], waits[2] >= 30, waits[3] >= 30] == [1, 5, True, True]


async def test_a_busy_host_is_left_alone_as_long_as_it_says(post_room: PostRoom) -> None:
    await post_room.post(post_room.company.lilei, "一")
    post_room.host.fail_next(HostBusy("too fast", retry_after_s=90))
    await post_room.passes(2)
    post_room.clock.forward(seconds=89)
    await post_room.passes(2)
    assert post_room.heard_by(post_room.company.lilei) == []
    post_room.clock.forward(seconds=1)
    await post_room.passes(2)
    assert post_room.heard_by(post_room.company.lilei) == ["一"]


async def test_a_refused_message_is_kept_and_stops_nobody(post_room: PostRoom) -> None:
    await post_room.post(post_room.company.lilei, "一", "二")
    post_room.host.fail_next(HostRefused("not in the visible range", code="invaliduser"))
    await post_room.passes(3)
    rows = await post_room.rows()
    assert [row.state for row in rows] == ["refused", "sent"]
    assert rows[0].error == "invaliduser not in the visible range"


async def test_a_lost_answer_is_unknown_and_not_told_twice(post_room: PostRoom) -> None:
    await post_room.post(post_room.company.lilei, "一")
    post_room.host.lose_next_answer(HostUnavailable("timed out", maybe_done=True))
    await post_room.passes(2)
    assert await post_room.states() == ["unknown"]
    post_room.clock.forward(minutes=2)
    await post_room.passes(2)
    assert await post_room.states() == ["sent"]
    assert post_room.heard_by(post_room.company.lilei) == ["一"]


async def test_a_credential_failure_pauses_that_connection_only(post_room: PostRoom) -> None:
    company = post_room.company
    dingtalk = await post_room.second_host(company.hanmeimei, "hmm")
    await post_room.post(company.lilei, "一")
    await post_room.post(company.hanmeimei, "甲")
    post_room.host.go_down(CredentialsRejected("invalid secret", code="40001"))
    await post_room.passes(3)
    paused = await post_room.connection(company.connection.id)
    assert (paused.paused_reason, await post_room.states()) == (
        "40001 invalid secret",
        ["queued", "sent"],
    )
    assert (post_room.host.messenger.calls, len(dingtalk.heard_by("hmm"))) == (1, 1)


async def test_stored_settings_that_cannot_be_right_pause_the_connection(
    post_room: PostRoom,
) -> None:
    company = post_room.company
    post_room.broken.add(company.connection.id)
    await post_room.post(company.lilei, "一")
    await post_room.passes(2)
    paused = await post_room.connection(company.connection.id)
    row = (await post_room.rows())[0]
    assert (paused.paused_reason, row.state, row.attempts) == (
        "the agent id is not a number",
        "queued",
        0,
    )


async def test_a_host_that_is_not_installed_makes_its_messages_wait(post_room: PostRoom) -> None:
    company = post_room.company
    host = post_room.hosts.pop(company.connection.id)
    await post_room.post(company.lilei, "一")
    await post_room.passes(2)
    post_room.hosts[company.connection.id] = host
    post_room.clock.forward(minutes=5)
    await post_room.passes(2)
    assert post_room.heard_by(company.lilei) == ["一"]


async def test_mended_credentials_let_everything_out(post_room: PostRoom) -> None:
    company = post_room.company
    await post_room.post(company.lilei, "一", "二")
    post_room.host.fail_next(CredentialsRejected("invalid secret"))
    await post_room.passes(3)
    async with post_room.database.writing() as session:
        mended = await session.merge(await post_room.connection(company.connection.id))
        mended.paused_at, mended.paused_reason = None, ""
    post_room.clock.forward(minutes=1)
    await post_room.passes(3)
    assert post_room.heard_by(company.lilei) == ["一", "二"]


async def test_a_bug_in_a_messenger_stops_one_message_and_is_given_up(
    post_room: PostRoom,
) -> None:
    company, relay = post_room.company, post_room.relay()
    await post_room.post(company.lilei, "一")
    await post_room.post(company.wang, "甲")
    post_room.host.messenger.fails_for["lilei"] = KeyError("msgid")
    for _ in range(8):
        await relay.pass_once()
        post_room.clock.forward(minutes=40)
    rows = await post_room.rows()
    assert [row.state for row in rows] == ["given_up", "sent"]
    assert rows[0].error == "KeyError: 'msgid'"


async def test_a_row_that_cannot_be_read_stops_one_message(post_room: PostRoom) -> None:
    company = post_room.company
    await post_room.post(company.lilei, "一")
    await post_room.post(company.wang, "甲")
    async with post_room.database.writing() as session:
        row = await session.merge((await post_room.rows())[0])
        row.message = {"kind": "card"}
    report = await post_room.relay().pass_once()
    assert (report["bug"], report["sent"]) == (1, 1)


async def test_a_host_that_is_down_is_not_asked_by_everybody(post_room: PostRoom) -> None:
    company, relay = post_room.company, post_room.relay()
    for member in (company.lilei, company.hanmeimei, company.wang):
        await post_room.post(member, "一")
    post_room.host.go_down(DOWN)
    await relay.pass_once()
    await post_room.post(company.admin, "一")
    await relay.pass_once()
    assert post_room.host.messenger.calls == 3
    post_room.clock.forward(seconds=31)
    await relay.pass_once()
    assert post_room.host.messenger.calls == 4


async def test_two_relays_at_once_never_double(post_room: PostRoom) -> None:
    company = post_room.company
    post_room.host.messenger.slow_s = 0.001
    for n in range(12):
        for member in (company.lilei, company.hanmeimei, company.wang):
            await post_room.post(member, str(n))
    await asyncio.gather(*(post_room.passes(40, post_room.relay(f"r{n}")) for n in range(3)))
    assert post_room.host.messenger.calls == 36
    assert post_room.heard_by(company.wang) == [str(n) for n in range(12)]


async def test_the_lease_of_a_dead_relay_ends(post_room: PostRoom) -> None:
    await post_room.post(post_room.company.lilei, "一")
    async with post_room.database.writing() as session:
        row = await session.merge((await post_room.rows())[0])
        row.state, row.relay, row.attempts = "sending", "dead", 1
        row.lease_until = post_room.clock() + LEASE
    await post_room.passes(2)
    assert post_room.heard_by(post_room.company.lilei) == []
    post_room.clock.forward(seconds=LEASE.total_seconds())
    await post_room.passes(2)
    assert post_room.heard_by(post_room.company.lilei) == ["一"]


async def test_a_push_at_night_waits_and_an_answer_overtakes_it(post_room: PostRoom) -> None:
    lilei = post_room.company.lilei
    post_room.clock.now = datetime(2026, 3, 13, 22, 0, tzinfo=SHANGHAI).astimezone(UTC)
    await post_room.post(lilei, "明日计划", kind="day_plan")
    await post_room.post(lilei, "您的查询")
    await post_room.post(lilei, "客户受伤", kind="day_plan", urgent=True)
    await post_room.passes(4)
    assert post_room.heard_by(lilei) == ["您的查询", "【紧急】客户受伤"]
    held = (await post_room.rows())[0]
    assert held.due_at == datetime(2026, 3, 16, 8, 0, tzinfo=SHANGHAI)
    post_room.clock.now = held.due_at
    await post_room.passes(4)
    assert post_room.heard_by(lilei) == ["您的查询", "【紧急】客户受伤", "明日计划"]


async def test_a_member_gets_eight_pushes_a_day(post_room: PostRoom) -> None:
    lilei = post_room.company.lilei
    texts = [str(n) for n in range(11)]
    await post_room.post(lilei, *texts, kind="day_plan")
    await post_room.passes(15)
    assert post_room.heard_by(lilei) == texts[:8]
    post_room.clock.forward(days=1)
    await post_room.passes(5)
    assert post_room.heard_by(lilei) == texts


async def test_the_host_figure_by_the_minute_makes_the_rest_wait(post_room: PostRoom) -> None:
    lilei = post_room.company.lilei
    post_room.host.limits = HostLimits(
        per_member_minute=2, per_member_hour=100, per_app_second=1000
    )
    await post_room.post(lilei, "一", "二", "三")
    await post_room.passes(5)
    assert post_room.heard_by(lilei) == ["一", "二"]
    post_room.clock.forward(seconds=60)
    await post_room.passes(2)
    assert post_room.heard_by(lilei) == ["一", "二", "三"]


async def test_answers_by_the_questions_own_address_are_no_pushes(post_room: PostRoom) -> None:
    lilei, messenger = post_room.company.lilei, post_room.host.messenger
    post_room.host.limits = HostLimits(
        per_member_minute=2, per_member_hour=100, per_app_second=1000
    )
    until = post_room.clock() + timedelta(minutes=90)
    talk = Conversation("single", "lilei", reply_to="https://host/session", reply_until=until)
    messenger.gives_ids = False  # as a host does for an answer by such an address
    await post_room.answer(lilei, *"一二三四", talk=talk)
    await post_room.passes(5)
    await post_room.post(lilei, "五", "六", "七")
    await post_room.answer(lilei, "八", talk=talk)
    await post_room.passes(5)
    assert set(post_room.heard_by(lilei)) == set("一二三四五六八"), "七 waits alone"
    post_room.clock.forward(seconds=60)
    await post_room.passes(3)
    assert post_room.heard_by(lilei)[-1] == "七"


async def test_what_needs_a_long_connection_is_first_left_to_its_holder(
    post_room: PostRoom,
) -> None:
    lilei, connection = post_room.company.lilei, post_room.company.connection.id
    talk = Conversation("group", "g", reply_to="frame:1", by_connection=True)
    await post_room.answer(lilei, "一", talk=talk)
    holder = Relay(
        post_room.database, FakePlatforms(post_room.hosts), post_room.clock, "holder",
        Random(1), lambda: [connection],
    )  # fmt: skip
    assert (await post_room.passes(2)).claimed == 0
    assert (await holder.pass_once())["sent"] == 1
    await post_room.answer(lilei, "二", talk=talk)
    post_room.clock.forward(seconds=5)
    assert (await post_room.passes(2))["sent"] == 1


async def test_a_repeated_text_gets_its_time_where_the_host_drops_it(post_room: PostRoom) -> None:
    lilei = post_room.company.lilei
    post_room.host.limits = HostLimits(
        per_member_minute=99, per_member_hour=99, per_app_second=99, identical_text_daily=True
    )
    await post_room.post(lilei, "没有找到", "没有找到", "找到了")
    await post_room.passes(4)
    assert post_room.heard_by(lilei) == ["没有找到", "没有找到（09:30:00）", "找到了"]


async def test_a_message_for_later_waits_for_its_time(post_room: PostRoom) -> None:
    later = datetime(2026, 3, 10, 15, 0, tzinfo=SHANGHAI)
    await post_room.post_message(
        post_room.company.lilei, Notice("三点"), kind="answer", due_at=later
    )
    await post_room.passes(2)
    assert post_room.host.messenger.calls == 0
    post_room.clock.now = later.astimezone(UTC)
    await post_room.passes(2)
    assert post_room.heard_by(post_room.company.lilei) == ["三点"]


async def test_a_host_that_hangs_is_cut_off_before_the_lease_ends(post_room: PostRoom) -> None:
    await post_room.post(post_room.company.lilei, "一")
    post_room.host.fail_next(TimeoutError())
    report = await post_room.passes(1)
    assert report["unknown"] == 1


async def test_the_loop_sends_and_stops_when_it_is_told(post_room: PostRoom) -> None:
    stop = asyncio.Event()
    post_room.host.messenger.after_send = stop.set
    await post_room.post(post_room.company.lilei, "一")
    async with asyncio.timeout(60):
        await post_room.relay().run(stop)
    assert await post_room.states() == ["sent"]


async def test_an_administrator_sees_what_is_stuck_and_sends_it_again(
    post_room: PostRoom,
) -> None:
    await post_room.post(post_room.company.lilei, "一", "二")
    post_room.host.fail_next(HostRefused("no"))
    await post_room.passes(3)
    async with post_room.database.writing() as session:
        work = system_work(post_room, session)
        stuck = await queries.messages(work, queries.STUCK)
        assert ([one.error for one in stuck], await queries.summary(work)) == (
            ["no"],
            {"refused": 1, "sent": 1},
        )
        assert await queries.retry(work) == 1
    await post_room.passes(2)
    assert post_room.heard_by(post_room.company.lilei) == ["二", "一"]


async def test_one_company_cannot_retry_the_messages_of_another(post_room: PostRoom) -> None:
    await post_room.post(post_room.company.lilei, "一")
    post_room.host.fail_next(HostRefused("no"))
    await post_room.passes(1)
    async with post_room.database.writing() as session:
        post_room.company.tenant.id += 1
        assert await queries.retry(system_work(post_room, session)) == 0


@pytest.mark.parametrize(("minutes", "waited_s"), [(0, 0.0), (10, 600.0)])
async def test_the_oldest_message_tells_how_long_it_waits(
    post_room: PostRoom, minutes: int, waited_s: float
) -> None:
    await post_room.post(post_room.company.lilei, "一")
    post_room.clock.forward(minutes=minutes)
    async with post_room.database.reading() as session:
        assert await queries.oldest_waiting_s(session, post_room.clock()) == waited_s
        assert await queries.waiting_by_state(session) == {"queued": 1}


async def test_who_asks_does_not_wait_behind_reminders(post_room: PostRoom) -> None:
    lilei = post_room.company.lilei
    await post_room.post(lilei, "签退提醒", "又一个提醒", kind="check_out_missing")
    await post_room.answer(lilei, "一", "二", talk=Conversation(id="c1"))
    relay = post_room.relay()
    assert (await relay.pass_once(answers=True))["sent"] == 1
    assert (await relay.pass_once(answers=True))["sent"] == 1
    assert (await relay.pass_once(answers=True)).claimed == 0
    assert post_room.heard_by(lilei) == ["一", "二"]
    await post_room.passes(3)
    assert post_room.heard_by(lilei) == ["一", "二", "签退提醒", "又一个提醒"]


async def test_what_ends_together_is_recorded_one_by_one_when_one_cannot_be(
    post_room: PostRoom,
) -> None:
    """Whatever a database refuses of one, the others are recorded all the same."""
    people = (post_room.company.lilei, post_room.company.hanmeimei, post_room.company.wang)
    for number, member in enumerate(people):
        await post_room.post(member, f"第 {number} 条")
    async with post_room.database.writing() as session:
        claimed = await claim(
            session, [post_room.company.tenant.id], "relay-1", post_room.clock(), 10, 0
        )
    records = Records(post_room.database, "relay-1")
    told = [{"state": "sent"}, {"state": "sent", "sent_at": "never"}, {"state": "sent"}]
    kept = await asyncio.gather(
        *(records.write(one, values) for one, values in zip(claimed, told, strict=True)),
        return_exceptions=True,
    )
    assert [isinstance(one, Exception) for one in kept] == [False, True, False]
    assert await post_room.states() == ["sent", "sending", "sent"]
