"""Stream mode over real sockets: our line to the pretend DingTalk, and what happens to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

import httpx
import pytest

from field_ops.host.errors import CredentialsRejected
from field_ops.host.events import (
    DepartmentsChanged,
    MembersChanged,
    MembersLeft,
    TextReceived,
)
from integrations.dingtalk.client import DingtalkClient
from integrations.dingtalk.simulator import DingtalkSimulator
from integrations.dingtalk.simulator.pushes import ROBOT
from integrations.dingtalk.stream import DingtalkStream
from integrations.dingtalk.stream_line import Pauses
from tests.integrations.dingtalk.serving import Books, Cable, until

QUICK = Pauses(
    heartbeat_s=0.2, leave_s=1, open_within_s=2, first_retry_s=0.02, longest_retry_s=0.05
)


@dataclass
class Scene:
    """Our end of Stream mode, running, with `books` behind it."""

    simulator: DingtalkSimulator
    stream: DingtalkStream
    books: Books
    running: "asyncio.Task[None]"

    @property
    def lines(self):
        return self.simulator.lines.open


@pytest.fixture
async def connected(live):
    async with in_stream(live) as scene:
        yield scene


@asynccontextmanager
async def in_stream(
    live, pauses: Pauses = QUICK, *, secret: str = "", most_waiting: int = 2_000
) -> AsyncIterator[Scene]:
    async with httpx.AsyncClient(trust_env=False) as http:
        app = live.company.app
        client = DingtalkClient(
            http,
            client_id=app.client_id,
            client_secret=secret or app.secret,
            api_base_url=live.base_url,
            oapi_base_url=live.base_url,
        )
        stream = DingtalkStream(
            client,
            corp_id=live.company.corp_id,
            pauses=pauses,
            most_waiting=most_waiting,
            dice=Random(1),
        )
        books = Books()
        running = asyncio.create_task(stream.run(books.deliver))
        try:
            await until(lambda: stream.is_up() or running.done())
            yield Scene(live, stream, books, running)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    assert not stream.is_up()


async def test_what_somebody_writes_arrives_and_is_acknowledged(connected):
    assert await connected.simulator.say("lilei", " 查 华联 👋 ") == 200
    (event,) = connected.books.events
    assert isinstance(event, TextReceived)
    assert (event.host_user_id, event.text) == ("lilei", "查 华联 👋")
    assert connected.lines[0].acks[-1].data == {"response": None}


async def test_changes_in_the_company_arrive(connected):
    await connected.simulator.member_changed("lilei")
    await connected.simulator.department_changed(5)
    await connected.simulator.member_left("hanmeimei")
    changed, department, left = connected.books.events
    assert isinstance(changed, MembersChanged) and changed.host_user_ids == ("lilei",)
    assert isinstance(department, DepartmentsChanged)
    assert department.host_department_ids == ("5",)
    assert isinstance(left, MembersLeft) and left.host_user_ids == ("hanmeimei",)
    assert connected.lines[0].acks[-1].data["status"] == "SUCCESS"


async def test_an_event_is_the_same_by_either_way(connected, host, door):
    """A company that changes the way in the console hears some things twice."""
    door.reader = host.callbacks
    connected.simulator.switches.message_id_stays = True
    connected.simulator.faults.duplicate_events = 2
    message = connected.simulator.say("lilei", "今日拜访")
    connected.books.open.clear()
    pushed = asyncio.create_task(message)
    await until(lambda: connected.books.deliveries)
    connected.simulator.switches.push_by = "http"
    connected.books.open.set()
    await pushed
    (by_stream,), (by_http,) = connected.books.events, door.events
    assert (by_stream.event_id, by_stream.text) == (by_http.event_id, by_http.text)


async def test_an_organisation_event_is_the_same_by_either_way(connected, host, door):
    door.reader = host.callbacks
    switches = connected.simulator.switches
    switches.event_ack_within_s = 0.05
    connected.books.open.clear()
    pushed = asyncio.create_task(connected.simulator.member_changed("lilei"))
    await until(lambda: connected.books.deliveries)
    switches.push_by = "http"
    assert await pushed == 200
    connected.books.open.set()
    await until(lambda: connected.books.events)
    assert connected.books.events == door.events


async def test_it_is_acknowledged_only_after_it_was_delivered(connected):
    connected.books.open.clear()
    saying = asyncio.create_task(connected.simulator.say("lilei", "帮助"))
    await until(lambda: connected.books.deliveries)
    assert connected.lines[0].acks == []
    connected.books.open.set()
    assert await saying == 200


async def test_what_cannot_be_written_down_is_asked_for_again(connected):
    connected.books.refusals = 2
    assert await connected.simulator.member_changed("lilei") == 200
    assert [ack.data["status"] for ack in connected.lines[0].acks] == ["LATER", "LATER", "SUCCESS"]
    assert len(connected.books.events) == 1


async def test_a_message_that_cannot_be_written_down_is_answered_with_500(connected):
    connected.books.refusals = 1
    assert await connected.simulator.say("lilei", "帮助") == 500
    assert await connected.simulator.say("lilei", "帮助") == 200


@pytest.mark.parametrize("message_id_stays", [True, False])
async def test_a_late_answer_brings_the_message_again_under_the_same_id(live, message_id_stays):
    live.switches.message_id_stays = message_id_stays
    live.switches.event_ack_within_s = 0.05
    live.switches.callback_again_after_s = 0.05
    async with in_stream(live) as scene:
        scene.books.open.clear()
        assert await live.say("lilei", "帮助") == 0
        await asyncio.sleep(0)
        scene.books.open.set()
        await until(lambda: len(scene.lines[0].acks) == 2)
        assert len({event.event_id for event in scene.books.events}) == 1
        assert len(scene.books.events) == (1 if message_id_stays else 2)


async def test_many_at_once_are_taken_in_together_and_in_order(connected):
    connected.books.open.clear()
    first = asyncio.create_task(connected.simulator.say("lilei", "第 0 句"))
    await until(lambda: connected.books.deliveries)
    rest = [
        asyncio.create_task(connected.simulator.say("lilei", f"第 {n} 句")) for n in range(1, 30)
    ]
    await asyncio.sleep(0.1)
    connected.books.open.set()
    assert set(await asyncio.gather(first, *rest)) == {200}
    assert [event.text for event in connected.books.events] == [f"第 {n} 句" for n in range(30)]
    assert connected.books.deliveries < 30


async def test_more_than_can_wait_is_asked_to_come_later(live):
    live.switches.event_waits_s = (0.2, 5)
    async with in_stream(live, most_waiting=1) as scene:
        scene.books.open.clear()
        first = asyncio.create_task(live.member_changed("lilei"))
        await until(lambda: scene.books.deliveries)
        more = [asyncio.create_task(live.member_changed("lilei")) for _ in range(3)]
        await until(lambda: len(scene.lines[0].acks) >= 2)
        assert {ack.data["status"] for ack in scene.lines[0].acks} == {"LATER"}
        scene.books.open.set()
        assert await asyncio.gather(first, *more) == [200] * 4
        assert len({event.event_id for event in scene.books.events}) == 4


async def test_pings_are_answered(live):
    live.switches.ping_every_s = 0.02
    async with in_stream(live) as scene:
        await until(lambda: scene.lines[0].pings >= 3)
        assert await live.say("lilei", "帮助") == 200


async def test_a_line_that_is_to_end_is_replaced_before_it_ends(connected):
    live, old = connected.simulator, connected.lines[0]
    live.switches.silence_before_close_s = 0.5
    ending = asyncio.create_task(live.lines.announce_end(old))
    await until(lambda: len(connected.lines) == 2)
    assert not old.over.is_set()
    assert await live.say("lilei", "没有丢") == 200
    await ending
    await until(lambda: len(connected.lines) == 1)
    assert connected.lines[0] is not old
    assert connected.stream.is_up()
    assert [event.text for event in connected.books.events] == ["没有丢"]


async def test_what_is_still_being_delivered_when_a_line_ends_is_not_lost(connected):
    live, old = connected.simulator, connected.lines[0]
    connected.books.open.clear()
    saying = asyncio.create_task(live.say("lilei", "最后一句"))
    await until(lambda: connected.books.deliveries)
    ending = asyncio.create_task(live.lines.announce_end(old))
    await until(lambda: len(connected.lines) == 2)
    connected.books.open.set()
    assert await saying == 200  # acknowledged on the old line, which is still there
    await live.lines.cut(old)
    await ending


async def test_nothing_is_lost_however_often_lines_end(connected):
    """Events that nobody could take come again after a moment, as the real ones do."""
    live = connected.simulator
    live.switches.event_waits_s = (0.1, 0.5)
    live.switches.silence_before_close_s = 0.05
    pushed, endings = [], []
    for n in range(60):
        pushed.append(asyncio.create_task(live.member_changed("lilei")))
        if n % 12 == 6:
            for line in live.lines.subscribed("EVENT", "*"):
                endings.append(asyncio.create_task(live.lines.announce_end(line)))
        await asyncio.sleep(0.01)
    assert await asyncio.gather(*pushed) == [200] * 60
    assert live.failed_events == []
    assert len({event.event_id for event in connected.books.events}) == 60
    assert live.lines.tickets > 1
    await asyncio.gather(*endings)


async def test_a_line_that_is_cut_comes_back_with_a_new_ticket(connected):
    live = connected.simulator
    for _ in range(3):
        await live.lines.cut(connected.lines[0])
        await until(lambda: len(connected.lines) == 1)
    assert live.lines.tickets == 4
    assert await live.say("lilei", "帮助") == 200


async def test_a_host_that_is_down_is_tried_until_it_is_back(connected):
    live = connected.simulator
    live.faults.down = True
    await live.lines.cut(connected.lines[0])
    await until(lambda: not connected.stream.is_up())
    live.faults.down = False
    await until(connected.stream.is_up)
    assert await live.say("lilei", "帮助") == 200


async def test_a_silent_line_is_replaced(live):
    """The gateway forgot the line, while the socket still answers its pings."""
    quick = Pauses(silence_s=0.3, leave_s=0.1, first_retry_s=0.01, longest_retry_s=0.02)
    async with in_stream(live, quick) as scene:
        old = scene.lines[0]
        old.stalled = True
        await until(lambda: scene.lines and old not in scene.lines)
        await until(scene.stream.is_up)
        assert await live.say("lilei", "帮助") == 200


async def test_a_half_open_line_is_replaced(live):
    """Both ends believe in it, and nothing is carried: pongs are missing."""
    cable = Cable()
    async with cable.to(live.base_url) as detour:
        live.base_url = detour
        async with in_stream(live) as scene:
            old = scene.lines[0]
            cable.is_cut = True
            await until(lambda: len(scene.lines) == 2 or old not in scene.lines)
            await until(scene.stream.is_up)
            await live.lines.cut(old)
            assert await live.say("lilei", "帮助") == 200


async def test_a_refused_app_is_a_matter_for_the_settings(live):
    async with in_stream(live, secret="wrong") as scene:
        with pytest.raises(CredentialsRejected):
            await scene.running


async def test_an_app_that_is_refused_later_says_so_too(connected):
    connected.simulator.company.app.secret = "changed in the console"
    await connected.simulator.lines.cut(connected.lines[0])
    with pytest.raises(CredentialsRejected):
        await connected.running


async def test_noise_is_survived(connected):
    line = connected.lines[0]
    for noise in ("", "{", "[]", "{}", '{"type":"EVENT","data":"["}', '{"type":"EVENT","data":7}'):
        await line.websocket.send_text(noise)
    await line.websocket.send_bytes(b"\x00\xff")
    await line.send("CALLBACK", "/v1.0/graph/api/invoke", "{}", {}, "unknown-topic")
    await line.send("CALLBACK", ROBOT, "{}", {}, "without-an-id")
    await until(lambda: {"unknown-topic", "without-an-id"} <= {a.message_id for a in line.acks})
    codes = {ack.message_id: ack.code for ack in line.acks}
    assert (codes["unknown-topic"], codes["without-an-id"]) == (404, 400)
    assert await connected.simulator.say("lilei", "帮助") == 200


async def test_an_event_of_another_company_is_taken_and_not_used(connected):
    line = connected.lines[0]
    headers = {"eventType": "user_add_org", "eventId": "e1", "eventCorpId": "dingother"}
    await line.send("EVENT", "*", '{"userId":["x"]}', headers, "m1")
    await until(lambda: line.acks)
    assert line.acks[0].is_yes
    assert [type(event).__name__ for event in connected.books.events] == ["Unsupported"]


async def test_two_of_us_share_what_comes(live):
    """Each push goes to one line only, so nothing is heard twice."""
    async with in_stream(live) as one, in_stream(live) as other:
        for n in range(20):
            assert await live.say("lilei", f"第 {n} 句") == 200
        assert len(one.books.events) + len(other.books.events) == 20
        assert one.books.events and other.books.events
