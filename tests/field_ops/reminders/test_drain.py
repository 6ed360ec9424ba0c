"""Due reminders become messages, each once."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from field_ops.db import Database
from field_ops.host.messages import Notice, Wording
from field_ops.outbox.models import OutboxMessage
from field_ops.reminders.actions import remind
from field_ops.reminders.claims import LEASE, claim
from field_ops.reminders.drain import Drain
from field_ops.reminders.models import Reminder
from field_ops.reminders.rules import Due, Rule
from field_ops.work import Work
from tests.factories import Company, a_company, work_as
from tests.fakes import Clock, as_is

IN_AN_HOUR = timedelta(hours=1)


@dataclass
class Desk:
    """Promises of one company and the workers that keep them."""

    database: Database
    company: Company
    clock: Clock = field(default_factory=Clock)
    moot: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    async def say(self, work: Work, due: Sequence[Due]) -> Mapping[str, Wording]:
        """The rule under test: says the subject, and meets a bug where it is told to."""
        if self.broken & {one.subject_id for one in due}:
            raise KeyError("customer")
        return {
            one.id: as_is(Notice(one.subject_id)) for one in due if one.subject_id not in self.moot
        }

    async def promises(self, *subjects: str, after: timedelta = IN_AN_HOUR) -> None:
        async with self.database.writing() as session:
            work = work_as(session, self.company.wang, self.clock())
            members = [(subject, self.company.lilei.id) for subject in subjects]
            await remind(work, "test", work.now + after, members)

    def drain(self, worker: str = "worker-1") -> Drain:
        return Drain(self.database, [Rule("test", self.say)], self.clock, worker, Random(1))

    async def drains(self, count: int = 1, worker: str = "worker-1") -> Counter[str]:
        drain, total = self.drain(worker), Counter[str]()
        for _ in range(count):
            total += await drain.pass_once()
        return total

    async def said(self) -> list[str]:
        async with self.database.reading() as session:
            rows = await session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
            return [row.message["text"] for row in rows]

    async def states(self) -> dict[str, str]:
        async with self.database.reading() as session:
            rows = await session.execute(select(Reminder.subject_id, Reminder.state))
            return {row.subject_id: row.state for row in rows}


@pytest.fixture
async def desk(database: Database) -> Desk:
    async with database.writing() as session:
        return Desk(database, await a_company(session))


async def test_nothing_is_said_before_its_time(desk: Desk) -> None:
    await desk.promises("a")
    desk.clock.forward(minutes=59)
    assert (await desk.drains(), await desk.said()) == (Counter(), [])
    desk.clock.forward(minutes=1)
    assert (await desk.drains(), await desk.said()) == (Counter(done=1), ["a"])


async def test_the_same_promise_twice_is_one(desk: Desk) -> None:
    await desk.promises("a")
    await desk.promises("a")
    desk.clock.forward(hours=1)
    await desk.drains(3)
    assert await desk.said() == ["a"]


async def test_what_was_said_is_not_said_again_when_promised_again(desk: Desk) -> None:
    await desk.promises("a", after=timedelta())
    await desk.drains()
    await desk.promises("a", after=timedelta())
    await desk.drains()
    assert await desk.said() == ["a"]


async def test_two_workers_say_each_thing_once(desk: Desk) -> None:
    subjects = [f"s{n:03}" for n in range(120)]
    await desk.promises(*subjects)
    desk.clock.forward(hours=1)
    reports = await asyncio.gather(*(desk.drains(3, f"w{n}") for n in range(3)))
    assert sum(reports, Counter())["done"] == 120
    assert sorted(await desk.said()) == subjects


async def test_a_dead_worker_reminders_are_taken_up_when_its_lease_ends(desk: Desk) -> None:
    await desk.promises("a", "b")
    desk.clock.forward(hours=1)
    async with desk.database.writing() as session:
        await claim(session, [desk.company.tenant.id], "dead", desk.clock(), 10, 1)
    assert await desk.drains() == Counter()
    desk.clock.forward(seconds=LEASE.total_seconds())
    assert await desk.drains() == Counter(done=2)


async def test_a_worker_that_lost_its_lease_says_nothing(desk: Desk) -> None:
    await desk.promises("a")
    desk.clock.forward(hours=1)

    async def slow(work: Work, due: Sequence[Due]) -> Mapping[str, Wording]:
        # While this one looks up its facts the lease goes to another worker.
        for one in due:
            row = await work.session.get_one(Reminder, (one.tenant_id, one.id))
            row.worker = "another"
        await work.session.flush()
        return {one.id: as_is(Notice("too late")) for one in due}

    drain = Drain(desk.database, [Rule("test", slow)], desk.clock, "worker-1", Random(1))
    assert (await drain.pass_once(), await desk.said()) == (Counter(lost=1), [])


async def test_more_than_twelve_hours_late_is_missed_and_not_sent(desk: Desk) -> None:
    await desk.promises("late")
    await desk.promises("in time", after=timedelta(hours=2))
    desk.clock.forward(hours=13, seconds=1)
    assert await desk.drains() == Counter(done=1, missed=1)
    assert (await desk.said(), await desk.states()) == (
        ["in time"],
        {"late": "missed", "in time": "done"},
    )


async def test_what_has_nothing_to_say_any_more_is_cancelled(desk: Desk) -> None:
    desk.moot.add("a")
    await desk.promises("a", "b")
    desk.clock.forward(hours=1)
    assert await desk.drains() == Counter(done=1, cancelled=1)
    assert await desk.states() == {"a": "cancelled", "b": "done"}


async def test_a_bug_in_one_reminder_does_not_stop_the_others(desk: Desk) -> None:
    desk.broken.add("b")
    await desk.promises("a", "b", "c")
    desk.clock.forward(hours=1)
    assert await desk.drains() == Counter(done=2, failed=1)
    assert sorted(await desk.said()) == ["a", "c"]


async def test_a_mended_bug_lets_the_reminder_out_once(desk: Desk) -> None:
    desk.broken.add("b")
    await desk.promises("b")
    desk.clock.forward(hours=1)
    await desk.drains(2)
    desk.broken.clear()
    desk.clock.forward(minutes=2)
    assert (await desk.drains(2), await desk.said()) == (Counter(done=1), ["b"])


async def test_a_bug_that_stays_is_given_up(desk: Desk) -> None:
    desk.broken.add("b")
    await desk.promises("b")
    desk.clock.forward(hours=1)
    drain = desk.drain()
    for _ in range(8):
        await drain.pass_once()
        desk.clock.forward(minutes=40)
    assert await desk.states() == {"b": "given_up"}


async def test_every_company_has_its_turn(desk: Desk) -> None:
    await desk.promises(*(f"s{n}" for n in range(50)))
    async with desk.database.writing() as session:
        small = Desk(desk.database, await a_company(session, "小公司", connection="small"))
    await small.promises("small")
    desk.clock.forward(hours=1)
    await desk.drain().pass_once(limit=10)
    assert "small" in await desk.said()
