"""Each event once, and nothing that a host delivered is lost."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import event as happenings
from sqlalchemy import select

from field_ops.connections.refs import ConnectionRef
from field_ops.db import Database
from field_ops.host.events import Conversation, HostEvent, TextReceived, Unsupported
from field_ops.host.messages import Notice
from field_ops.inbox.models import InboxEvent
from field_ops.inbox.receive import Intake
from field_ops.inbox.retry import kept, replay, retry_failed
from field_ops.inbox.rows import key_of
from field_ops.outbox.models import OutboxMessage
from field_ops.outbox.post import answer
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI
from tests.factories import a_company
from tests.fakes import Clock


def said(event_id: str, text: str = "帮助", at: datetime | None = None) -> TextReceived:
    return TextReceived(
        event_id=event_id,
        happened_at=at or Clock().now,
        host_user_id="lilei",
        text=text,
        conversation=Conversation(id="c1"),
    )


@dataclass
class Bot:
    """Answers every sentence with itself. `broken` makes it fail after it has written."""

    broken: Exception | None = None
    breaks_on: str = ""
    heard: list[str] = field(default_factory=list)

    async def handle(self, work: Work, event: HostEvent) -> None:
        assert isinstance(event, TextReceived)
        assert (work.actor.is_system, work.actor.via) == (True, "bot")
        self.heard.append(event.event_id)
        await answer(
            work, event.conversation, event.host_user_id, Notice(event.text), once=key_of(event)
        )
        if self.broken is not None and self.breaks_on in event.text:
            raise self.broken


@dataclass
class Door:
    """A connection at which events arrive."""

    database: Database
    ref: ConnectionRef
    bot: Bot = field(default_factory=Bot)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.intake = Intake(self.database, self.handle, self.clock)

    async def handle(self, work: Work, event: HostEvent) -> None:
        await self.bot.handle(work, event)

    async def gets(self, *events: HostEvent) -> dict[str, str]:
        return await self.intake.take(self.ref, events)

    async def retries(self) -> dict[str, str]:
        return await retry_failed(self.database, self.bot.handle, self.clock, Random(1))

    async def answers(self) -> list[str]:
        async with self.database.reading() as session:
            found = await session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
            return [row.message["text"] for row in found]

    async def rows(self) -> list[InboxEvent]:
        async with self.database.reading() as session:
            found = select(InboxEvent).order_by(InboxEvent.event_id)
            return list(await session.scalars(found))


@pytest.fixture
async def door(database: Database) -> Door:
    async with database.writing() as session:
        company = await a_company(session)
    connection = company.connection
    ref = ConnectionRef(
        company.tenant.id, connection.id, connection.host, connection.name, SHANGHAI
    )
    return Door(database, ref)


async def test_a_repeated_event_is_handled_once(door: Door) -> None:
    outcomes = [await door.gets(said("e1")) for _ in range(3)]
    assert outcomes == [{"e1": "done"}, {"e1": "repeated"}, {"e1": "repeated"}]
    assert (await door.answers(), door.bot.heard) == (["帮助"], ["e1"])


async def test_the_same_event_at_the_same_time_is_handled_once(door: Door) -> None:
    outcomes = await asyncio.gather(*(door.gets(said("e1")) for _ in range(5)))
    assert sorted(one["e1"] for one in outcomes) == ["done"] + ["repeated"] * 4
    assert await door.answers() == ["帮助"]


async def test_the_same_id_through_another_connection_is_another_event(door: Door) -> None:
    async with door.database.writing() as session:
        other = await a_company(session, "别家公司", connection="other")
    theirs = ConnectionRef(other.tenant.id, other.connection.id, "wecom", "other", SHANGHAI)
    await door.gets(said("e1"))
    assert await Door(door.database, theirs, door.bot).gets(said("e1")) == {"e1": "done"}


async def test_a_handled_event_keeps_no_words(door: Door) -> None:
    await door.gets(said("e1", "张总的手机号是多少"))
    row = (await door.rows())[0]
    assert (row.state, row.payload, row.kind) == ("done", None, "TextReceived")


async def test_an_event_that_we_do_not_use_is_counted_and_not_stored(door: Door) -> None:
    event = Unsupported(event_id="e1", happened_at=door.clock(), kind="subscribe")
    assert await door.gets(event) == {"e1": "unsupported"}
    assert await door.rows() == []


async def test_a_bug_rolls_the_effect_back_and_keeps_the_event(door: Door) -> None:
    door.bot.broken = KeyError("customer")
    assert await door.gets(said("e1", "查 华联")) == {"e1": "failed"}
    row = (await door.rows())[0]
    assert (row.state, row.error, await door.answers()) == ("failed", "KeyError: 'customer'", [])
    assert row.payload is not None
    assert row.payload["text"] == "查 华联"


async def test_one_bug_in_a_batch_leaves_the_others_alone(door: Door) -> None:
    door.bot.broken, door.bot.breaks_on = RuntimeError("no"), "坏"
    outcomes = await door.gets(said("e1", "一"), said("e2", "坏"), said("e3", "三"))
    assert outcomes == {"e1": "done", "e2": "failed", "e3": "done"}
    assert await door.answers() == ["一", "三"]


async def test_an_event_twice_in_one_batch_is_handled_once(door: Door) -> None:
    assert await door.gets(said("e1"), said("e1")) == {"e1": "done"}
    assert await door.answers() == ["帮助"]


async def test_a_kept_event_is_handled_after_a_minute(door: Door) -> None:
    door.bot.broken = KeyError("customer")
    await door.gets(said("e1", "查 华联"))
    door.bot.broken = None
    assert await door.retries() == {}
    door.clock.forward(seconds=61)
    assert await door.retries() == {"e1": "done"}
    assert (await door.answers(), await door.retries()) == (["查 华联"], {})


async def test_a_kept_event_that_the_host_repeats_waits_for_its_retry(door: Door) -> None:
    door.bot.broken = KeyError("customer")
    await door.gets(said("e1"))
    assert await door.gets(said("e1")) == {"e1": "repeated"}
    assert [row.state for row in await door.rows()] == ["failed"]


async def test_retries_wait_longer_each_time_and_end(door: Door) -> None:
    door.bot.broken = KeyError("customer")
    await door.gets(said("e1"))
    waits: list[float] = []
    while (again_at := (await door.rows())[0].next_attempt_at) is not None:
        waits.append((again_at - door.clock()) / timedelta(minutes=1))
        door.clock.now = again_at
        await door.retries()
    assert waits == [pytest.approx(minutes, rel=0.1) for minutes in (1, 5.25, 31.5, 126)]
    assert (await door.rows())[0].state == "given_up"


async def test_two_workers_retry_an_event_once(door: Door) -> None:
    door.bot.broken = KeyError("customer")
    await door.gets(said("e1"))
    door.bot.broken = None
    door.clock.forward(minutes=2)
    outcomes = await asyncio.gather(*(door.retries() for _ in range(4)))
    assert [one for one in outcomes if one] == [{"e1": "done"}]
    assert await door.answers() == ["帮助"]


async def test_a_person_replays_what_was_given_up(door: Door) -> None:
    door.bot.broken = KeyError("customer")
    await door.gets(said("e1"), said("e2"))
    door.bot.broken = None
    async with door.database.reading() as session:
        work = Work(session, Actor(door.ref.tenant_id, None, via="cli"), door.clock(), SHANGHAI)
        assert [one.event_id for one in await kept(work)] == ["e1", "e2"]
    tenant_id, dice = door.ref.tenant_id, Random(1)
    outcomes = await replay(door.database, tenant_id, ["e2"], door.bot.handle, door.clock, dice)
    assert (outcomes, await door.answers()) == ({"e2": "done"}, ["帮助"])


async def test_one_company_cannot_replay_the_events_of_another(door: Door) -> None:
    door.bot.broken = KeyError("customer")
    await door.gets(said("e1"))
    theirs = door.ref.tenant_id + 1
    outcomes = await replay(door.database, theirs, [], door.bot.handle, door.clock, Random(1))
    assert outcomes == {}


@pytest.mark.parametrize("strange", ["e" * 5000, "e\x001", "\ud83d", 'e"\\1', "e\n1", "编号😀"])
async def test_a_strange_id_is_still_one_event(door: Door, strange: str) -> None:
    assert [*(await door.gets(said(strange))).values()] == ["done"]
    assert [*(await door.gets(said(strange))).values()] == ["repeated"]


async def test_events_that_come_together_are_each_taken_in_once(door: Door) -> None:
    dice = Random(7)
    ids = [f"e{dice.randrange(40)}" for _ in range(200)]
    outcomes = await asyncio.gather(*(door.gets(said(one, f"问 {one}")) for one in ids))
    told = [outcome for one in outcomes for outcome in one.values()]
    assert told.count("done") == len(set(ids))
    assert told.count("repeated") == len(ids) - len(set(ids))
    assert sorted(await door.answers()) == sorted(f"问 {one}" for one in set(ids))


async def test_a_bug_in_one_of_many_costs_the_others_nothing(door: Door) -> None:
    door.bot = Bot(broken=ZeroDivisionError(), breaks_on="坏")
    texts = ["坏" if number % 7 == 3 else f"问 {number}" for number in range(30)]
    outcomes = await asyncio.gather(
        *(door.gets(said(f"e{number}", text)) for number, text in enumerate(texts))
    )
    told = [outcome for one in outcomes for outcome in one.values()]
    assert told == ["failed" if text == "坏" else "done" for text in texts]
    assert sorted(await door.answers()) == sorted(text for text in texts if text != "坏")
    assert [row.event_id for row in await door.rows() if row.state == "failed"] == [
        f"e{number}" for number, text in sorted(enumerate(texts), key=lambda pair: f"e{pair[0]}")
        if text == "坏"
    ]  # fmt: skip


async def test_who_asked_and_went_away_leaves_the_event_taken_in(door: Door) -> None:
    asking = [asyncio.create_task(door.gets(said(f"e{number}"))) for number in range(10)]
    await asyncio.sleep(0)
    for task in asking[::2]:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    await door.gets(said("last"))
    assert {row.event_id for row in await door.rows() if row.state == "done"} == {
        *(f"e{number}" for number in range(10)),
        "last",
    }


async def test_who_waited_long_for_the_writer_is_not_taken_in_alone(door: Door) -> None:
    for number in range(3):  # somebody else is long at it: that says nothing about our events
        async with door.database.writing():
            waits = asyncio.create_task(door.gets(said(f"early-{number}")))
            await asyncio.sleep(0.3)
        await waits
    commits = list[None]()
    happenings.listen(door.database.engine.sync_engine, "commit", lambda _: commits.append(None))
    await asyncio.gather(*(door.gets(said(f"late-{number}")) for number in range(24)))
    assert len(commits) <= 3
    assert len(await door.answers()) == 27
