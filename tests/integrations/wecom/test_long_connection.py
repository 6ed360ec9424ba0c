"""The smart bot's long connection, over a real WebSocket to the pretend WeCom."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from random import Random

import pytest

from field_ops.host.errors import CredentialsRejected, HostBusy, HostRefused, HostUnavailable
from field_ops.host.events import (
    AppOpened,
    CardPressed,
    Conversation,
    HostEvent,
    TextReceived,
    Unsupported,
)
from field_ops.host.messages import Article, Card, Notice
from field_ops.host.platform import HostPlatform, Recipient
from integrations.wecom.long_connection import WecomLongConnection
from integrations.wecom.simulator import WecomSimulator
from integrations.wecom.simulator.bot import ALONE, Talk
from tests.integrations.wecom.conftest import connected, served, until
from tests.integrations.wecom.test_bot_answers import GROUP, SAY, heard
from tests.integrations.wecom.test_messenger import ODD
from tests.scenarios.a_server import free_port

PAGE = "https://waiqin.example/h5/#/customers/1"


class Holder:
    """The process that holds the connection: what it took in, and how its `run` ended."""

    def __init__(self, connection: WecomLongConnection) -> None:
        self.connection = connection
        self.events: list[HostEvent] = []
        self.refuses: list[Exception] = []  # what the database raises at the next deliveries
        self.news = asyncio.Condition()
        self.running = asyncio.create_task(connection.run(self.deliver))

    async def deliver(self, events: Sequence[HostEvent]) -> None:
        if self.refuses:
            raise self.refuses.pop(0)
        async with self.news:
            self.events += events
            self.news.notify_all()

    async def has(self, count: int) -> list[HostEvent]:
        """All events, once there are so many."""
        async with asyncio.timeout(60), self.news:
            await self.news.wait_for(lambda: len(self.events) >= count)
        return self.events

    async def stop(self) -> None:
        self.running.cancel()
        await asyncio.wait((self.running,))


@pytest.fixture
async def address(simulator: WecomSimulator) -> AsyncIterator[str]:
    simulator.bot.by_connection = True
    async with served(simulator.app) as port:
        yield f"ws://127.0.0.1:{port}/openws"


def a_connection(simulator, address, clock, **changed) -> WecomLongConnection:
    wanted = {
        "url": address,
        "bot_id": simulator.bot.id,
        "secret": simulator.bot.secret,
        "now": clock.now,
        "dice": Random(1),
        **changed,
    }
    return WecomLongConnection(**wanted)


@pytest.fixture
async def hold() -> AsyncIterator[Callable[[WecomLongConnection], Awaitable[Holder]]]:
    """Starts holders, and stops them in the end."""
    holders: list[Holder] = []

    async def start(connection: WecomLongConnection) -> Holder:
        holders.append(Holder(connection))
        await until(connection.is_up)
        return holders[-1]

    yield start
    for holder in holders:
        await holder.stop()


@pytest.fixture
def host(simulator, http, clock, address) -> HostPlatform:
    bot = simulator.bot
    more = {"bot_id": bot.id, "bot_secret": bot.secret}
    return connected(simulator, http, clock, bot_url=address, **more)


@pytest.fixture
def other(simulator, http, clock, address) -> HostPlatform:
    """The same connection in another process."""
    bot = simulator.bot
    more = {"bot_id": bot.id, "bot_secret": bot.secret}
    return connected(simulator, http, clock, bot_url=address, **more)


@pytest.fixture
async def holder(host, hold) -> Holder:
    return await hold(host.long_connection)


async def asked(simulator, holder, group=GROUP) -> Recipient:
    before = len(holder.events)
    assert await simulator.say_to_bot("lilei", "@外勤 查 华联", group) == 200
    return Recipient("lilei", (await holder.has(before + 1))[-1].conversation)


async def test_what_is_said_arrives_and_is_answered_where_it_was_said(host, simulator, holder):
    to = await asked(simulator, holder)
    (event,) = holder.events
    assert isinstance(event, TextReceived)
    assert (event.text, event.host_user_id, event.conversation.kind) == (
        "查 华联",
        "lilei",
        "group",
    )
    await host.messenger.send(to, Notice("人民路"), once="a")
    for member in simulator.company.people:
        assert [line.text for line in heard(simulator, member, GROUP)] == ["人民路"]


async def test_further_answers_go_to_the_same_place(host, simulator, holder):
    to = await asked(simulator, holder)
    await host.messenger.send(to, Notice("一"), once="a-1")
    await host.messenger.send(to, Article("二", "正文"), once="a-2")
    await host.messenger.send(to, Card("三", url=PAGE), once="a-3")
    lines = heard(simulator, "lilei", GROUP)
    assert [line.title + line.text for line in lines] == ["一", "**二**\n正文", "三"]
    sent = [frame["cmd"] for frame in simulator.bot_socket.frames if "body" in frame]
    assert sent == ["aibot_subscribe", "aibot_respond_msg", "aibot_send_msg", "aibot_send_msg"]


@pytest.mark.parametrize("message", ODD, ids=range(len(ODD)))
async def test_whatever_we_say_is_taken_and_arrives(host, simulator, holder, message):
    to = await asked(simulator, holder, group="")
    await host.messenger.send(to, message, once="odd-1")
    await host.messenger.send(to, message, once="odd-2")
    assert len(heard(simulator, "lilei", ALONE)) == 2


async def test_a_pressed_card_and_other_events_arrive(host, simulator, holder):
    to = await asked(simulator, holder, group="")
    await host.messenger.send(to, Card("华联", buttons=(SAY,)), once="c-1")
    (line,) = heard(simulator, "lilei", ALONE)
    await simulator.press(line.id, SAY.says, "lilei")
    await simulator.tell_bot_event(Talk("lilei"), "enter_chat")
    await simulator.tell_bot(Talk("lilei"), "image", {"url": "https://wework.qpic.cn/x"})
    _, pressed, entered, picture = await holder.has(4)
    assert isinstance(pressed, CardPressed)
    assert (pressed.says, pressed.card_id) == (SAY.says, "c-1")
    assert (type(entered), type(picture)) == (AppOpened, Unsupported)


async def test_a_pressed_card_changes_for_everybody_in_the_group(host, simulator, holder):
    to = await asked(simulator, holder)
    await host.messenger.send(to, Card("华联", buttons=(SAY,)), once="c-1")
    await simulator.press(heard(simulator, "lilei", GROUP)[0].id, SAY.says, "lilei")
    pressed = (await holder.has(2))[-1]
    assert isinstance(pressed, CardPressed)
    done = Card("已处理 · 李雷 09:00", url=PAGE)
    await host.messenger.revise(pressed.revise_with, "c-1", done)
    for member in ("lilei", "wang"):
        (line,) = heard(simulator, member, GROUP)
        assert (line.title, line.buttons) == ("已处理 · 李雷 09:00", [])


async def test_a_press_by_a_connection_that_is_over_changes_nothing(host, simulator, holder):
    with pytest.raises(HostRefused):
        await host.messenger.revise("frame:of-yesterday", "c-1", Card("已处理", url=PAGE))


async def test_a_repeated_event_keeps_its_id(simulator, holder):
    simulator.faults.duplicate_events = 3
    await simulator.say_to_bot("lilei", "帮助")
    assert len({event.event_id for event in await holder.has(3)}) == 1


async def test_a_message_after_a_day_is_answered_unasked(host, simulator, holder, clock):
    to = await asked(simulator, holder)
    clock.ahead_s = 24 * 3600
    await host.messenger.send(to, Notice("迟到"), once="a")
    assert [line.text for line in heard(simulator, "lilei", GROUP)] == ["迟到"]


async def test_whom_the_bot_may_not_write_to_is_answered_by_the_app(host, simulator, holder):
    talk = Conversation("single", "wang", reply_to="frame:made-up")
    await host.messenger.send(Recipient("wang", talk), Notice("早上好"), once="a")
    assert [line.text for line in heard(simulator, "wang", "")] == ["早上好"]


async def test_a_lost_answer_is_not_said_twice(host, simulator, holder):
    to = await asked(simulator, holder)
    simulator.faults.add("lost_answer", path="aibot_respond_msg")
    with pytest.raises(HostUnavailable) as failure:
        await host.messenger.send(to, Notice("人民路"), once="a")
    assert failure.value.maybe_done
    await host.messenger.send(to, Notice("人民路"), once="a")
    assert [line.text for line in heard(simulator, "lilei", GROUP)] == ["人民路"]


async def test_above_thirty_a_minute_it_is_busy(host, simulator, holder):
    to = await asked(simulator, holder)
    for n in range(30):
        await host.messenger.send(to, Notice(str(n)), once=f"a-{n}")
    with pytest.raises(HostBusy) as failure:
        await host.messenger.send(to, Notice("30"), once="a-30")
    assert failure.value.retry_after_s == 60


async def test_a_process_that_does_not_hold_it_lets_the_holder_answer(
    host, other, simulator, holder, clock
):
    to = await asked(simulator, holder)
    with pytest.raises(HostBusy) as failure:
        await other.messenger.send(to, Notice("人民路"), once="a")
    assert failure.value.retry_after_s == 2
    clock.ahead_s = 301
    await other.messenger.send(to, Notice("人民路"), once="a")
    assert [line.text for line in heard(simulator, "lilei", "")] == ["【群聊】人民路"]


async def test_what_the_app_says_needs_no_connection(other, simulator):
    await other.messenger.send(Recipient("lilei"), Notice("早上好"), once="a")
    assert [line.text for line in heard(simulator, "lilei", "")] == ["早上好"]


async def test_a_newer_connection_ends_the_older_one_for_good(host, other, simulator, hold):
    first = await hold(host.long_connection)
    await simulator.say_to_bot("lilei", "一")
    second = await hold(other.long_connection)
    async with asyncio.timeout(60):
        await first.running
    assert not first.connection.is_up()
    await simulator.say_to_bot("lilei", "二")
    assert [event.text for event in await second.has(1)] == ["二"]
    assert [event.text for event in first.events] == ["一"]
    assert simulator.bot_socket.subscriptions == 2


async def test_a_broken_connection_is_opened_again(simulator, holder):
    await simulator.bot_socket.hang_up()
    await until(lambda: simulator.bot_socket.subscriptions == 2)
    await until(holder.connection.is_up)
    await simulator.say_to_bot("lilei", "帮助")
    assert len(await holder.has(1)) == 1


async def test_a_silent_connection_is_opened_again(simulator, address, clock, hold):
    quick = a_connection(simulator, address, clock, ping_every_s=0.05, silent_for_s=0.2)
    await hold(quick)
    simulator.switches.bot_server_is_silent = True
    await until(lambda: not quick.is_up())
    simulator.switches.bot_server_is_silent = False
    await until(quick.is_up)
    assert simulator.bot_socket.subscriptions == 2


async def test_an_idle_connection_that_answers_pings_is_kept(simulator, address, clock, hold):
    quick = a_connection(simulator, address, clock, ping_every_s=0.02, silent_for_s=5)
    await hold(quick)
    pings = lambda: sum(frame["cmd"] == "ping" for frame in simulator.bot_socket.frames)  # noqa: E731
    await until(lambda: pings() >= 5)
    assert simulator.bot_socket.subscriptions == 1


@pytest.mark.parametrize("idle_s", [0, 2])
async def test_our_pings_keep_a_connection_that_the_server_would_end_when_idle(
    simulator, address, clock, hold, idle_s
):
    """Nobody says whether the server ends an idle connection, and after how long."""
    simulator.switches.bot_idle_s = idle_s
    quick = a_connection(simulator, address, clock, ping_every_s=0.1, silent_for_s=30)
    await hold(quick)
    await asyncio.sleep(2 * idle_s)
    assert (quick.is_up(), simulator.bot_socket.subscriptions) == (True, 1)


async def test_a_server_less_patient_than_our_pings_costs_a_new_connection(
    simulator, address, clock, hold
):
    simulator.switches.bot_idle_s = 0.2
    slow = a_connection(simulator, address, clock, ping_every_s=30, silent_for_s=75)
    holder = await hold(slow)
    await until(lambda: simulator.bot_socket.subscriptions >= 3)
    simulator.switches.bot_idle_s = 0
    await until(lambda: simulator.bot_socket.subscriptions >= 4)
    await until(slow.is_up)
    await simulator.say_to_bot("lilei", "帮助")
    assert [event.text for event in await holder.has(1)] == ["帮助"]


@pytest.mark.parametrize("wrong", ["secret", "mode"])
async def test_a_bot_that_is_refused_is_a_matter_for_the_settings(simulator, address, clock, wrong):
    changed = {"secret": "not-the-secret"} if wrong == "secret" else {}
    simulator.bot.by_connection = wrong == "secret"
    connection = a_connection(simulator, address, clock, **changed)
    with pytest.raises(CredentialsRejected) as failure:
        async with asyncio.timeout(60):
            await connection.run(nobody)
    assert "not-the-secret" not in str(failure.value)


async def test_a_server_that_is_away_is_tried_again_until_it_is_there(simulator, clock):
    simulator.bot.by_connection = True
    port = free_port()
    connection = a_connection(simulator, f"ws://127.0.0.1:{port}/openws", clock)
    running = asyncio.create_task(connection.run(nobody))
    await until(lambda: connection.attempts > 1)
    async with served(simulator.app, port):
        await until(connection.is_up)
    running.cancel()


async def test_what_could_not_be_kept_is_handed_over_until_it_is(simulator, address, clock, hold):
    holder = await hold(a_connection(simulator, address, clock, try_again_s=0.01))
    holder.refuses = [ZeroDivisionError("the database is away"), OSError("still away")]
    await simulator.say_to_bot("lilei", "一")
    await simulator.say_to_bot("lilei", "二")
    assert [event.text for event in await holder.has(2)] == ["一", "二"]
    assert holder.refuses == []
    assert simulator.bot_socket.subscriptions == 1


async def test_what_waited_when_it_was_stopped_is_handed_over_at_the_next_run(simulator, holder):
    holder.refuses = [OSError("away")] * 99
    await simulator.say_to_bot("lilei", "帮助")
    await until(lambda: len(holder.refuses) < 99)
    await holder.stop()
    holder.refuses = []
    holder.running = asyncio.create_task(holder.connection.run(holder.deliver))
    assert [event.text for event in await holder.has(1)] == ["帮助"]


async def test_frames_that_nobody_understands_change_nothing(simulator, holder):
    socket = simulator.bot_socket
    for frame in (
        "{",
        "[]",
        '{"cmd":"aibot_msg_callback"}',
        '{"cmd":"aibot_msg_callback","headers":7,"body":{"msgtype":"text"}}',
        '{"cmd":"aibot_new_thing","headers":{"req_id":"1"},"body":{}}',
        '{"headers":{"req_id":"nobody-waits"},"errcode":0}',
    ):
        await socket.send_raw(frame)
    await simulator.say_to_bot("lilei", "帮助")
    assert [event.text for event in await holder.has(1)] == ["帮助"]
    assert socket.subscriptions == 1


async def nobody(events: Sequence[HostEvent]) -> None:
    raise AssertionError(events)


async def test_a_bot_without_its_secret_has_no_connection(simulator, http, clock):
    assert connected(simulator, http, clock, bot_id="aib").long_connection is None


@pytest.mark.parametrize("deed", ["lines_cut", "lines_half_open", "lines_ending"])
async def test_a_connection_that_ends_in_any_way_is_replaced(simulator, address, clock, hold, deed):
    quick = a_connection(simulator, address, clock, ping_every_s=0.05, silent_for_s=0.3)
    await hold(quick)
    simulator.faults.add(deed)
    await simulator.faults.tick()
    await until(lambda: simulator.bot_socket.subscriptions == 2 or not quick.is_up())
    if deed != "lines_ending":  # then another process has the bot, and we wait for our turn
        await until(quick.is_up)
        assert simulator.bot_socket.subscriptions == 2


class Dice(Random):
    """Notes how often a wait was thrown for."""

    thrown = 0

    def uniform(self, a: float, b: float) -> float:
        self.thrown += 1
        return 0.0


@pytest.mark.parametrize(("good_after_s", "waits"), [(0.0, 0), (3600.0, 1)])
async def test_after_a_line_that_lived_long_the_next_is_opened_at_once(
    simulator, address, clock, hold, good_after_s, waits
):
    dice = Dice()
    connection = a_connection(simulator, address, clock, dice=dice, good_after_s=good_after_s)
    await hold(connection)
    await simulator.bot_socket.hang_up()
    await until(lambda: connection.attempts == 2 and connection.is_up())
    assert dice.thrown == waits
