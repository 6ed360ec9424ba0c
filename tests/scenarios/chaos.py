"""A company in turmoil on a host that has a bad day, told by a seed.

People join, move, rise, leave; departments are made, renamed, moved, closed. The host tells of it
twice, late, in another order or not at all, and its API is down, busy or forgets tokens. Meanwhile
messages are left for everybody. In the end the faults stop, and the books must be right.

    python -m tests.scenarios.chaos 1-10 2000 5000 --host wecom --database postgresql
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from random import Random

import click
from sqlalchemy import func, select

from field_ops import logs
from field_ops.migrations import upgrade
from field_ops.outbox.models import OutboxMessage
from field_ops.people.models import MemberIdentity
from field_ops.people.reread import sync_hints
from field_ops.people.sync import full_sync
from integrations.sandbox import world
from integrations.sandbox.faults import Faults
from integrations.sandbox.schedule import Planned, chaos
from tests import postgres
from tests.scenarios.books import our_people, our_tree, same, true_people, true_tree
from tests.scenarios.stage import CONNECTION, HOSTS, Stage, open_stage

PEOPLE, DEPARTMENTS = 60, 12  # at least; a day of 2 000 changes is one of 500 people
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
EVERYWHERE = (
    "busy", "busy_minute", "busy_everywhere", "system_busy", "down", "token_expired",
    "token_unknown", "tokens_revoked", "texts_for_numbers", "push_forged",
)  # fmt: skip
# DingTalk's robots have no duplicate check: after a lost answer we send again, and say so.
FAULTS = {"wecom": (*EVERYWHERE, "lost_answer", "gateway_timeout"), "dingtalk": EVERYWHERE}
A_YEAR_S = 365 * 24 * 3600
LONGEST_WAIT_S = 33 * 60  # between two tries
TELLING = [
    Planned("push_lost", for_s=A_YEAR_S, chance=0.1),
    Planned("push_late", for_s=A_YEAR_S, chance=0.15, delay_s=40),
    Planned("push_twice", for_s=A_YEAR_S, chance=0.15),
]
MOST_LEVELS = 15  # of departments: no company nests deeper, and the hosts do not let it
WAITING = ("queued", "sending", "unknown")
Push = Callable[[], Awaitable[int]]


@dataclass
class Turmoil:
    """One host of the stage, changed by `dice`. `left_for`: the texts, in the order of posting."""

    stage: Stage
    host: str
    dice: Random
    left_for: dict[str, list[str]] = field(default_factory=dict)
    met: Counter[str] = field(default_factory=Counter)
    gone: set[str] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    serial: int = 1000

    @property
    def faults(self) -> Faults:
        return self.stage.simulators[self.host].faults

    @property
    def company(self) -> world.Company:
        return self.stage.world.companies[self.host]

    async def begin(self, people: int, departments: int) -> None:
        """More people than the small company has, known to us."""
        for _ in range(departments):
            self.add_department()
        for _ in range(people):
            self.join()
        await self.night()

    async def run(self, changes: int, messages: int) -> None:
        self.day()
        todo = ["change"] * changes + ["message"] * messages
        self.dice.shuffle(todo)
        for number, what in enumerate(todo):
            if what == "change":
                await self.something_changes()
            else:
                await self.leave_a_message(number)
            if number % 20 == 19:
                await self.a_while()
            if number % 500 == 499:
                await self.night()
                self.day()

    async def something_changes(self) -> None:
        changes: list[Callable[[], Push | None]] = [
            self.move, self.move, self.rename, self.rise, self.join, self.leave,
            self.add_department, self.rename_department, self.move_department,
            self.close_department,
        ]  # fmt: skip
        change = self.dice.choice(changes)
        push = change()
        if push is None:
            return
        self.done[change.__name__] += 1
        await push()

    def join(self) -> Push:
        self.serial += 1
        user_id = f"user{self.serial}"
        name = self.dice.choice(SURNAMES) + self.dice.choice(GIVEN) + self.dice.choice(GIVEN)
        places = self.some_departments()
        self.company.people[user_id] = world.Person(
            user_id, name, places, title=self.dice.choice(["业务员", "销售主管", ""]),
            union_id=f"union-{user_id}", main_department_id=places[0],
        )  # fmt: skip
        return self.tells_of(user_id)

    def move(self) -> Push:
        person = self.somebody()
        person.department_ids = self.some_departments()
        person.main_department_id = person.department_ids[0]
        person.leads = [one for one in person.leads if one in person.department_ids]
        return self.tells_of(person.user_id)

    def rename(self) -> Push:
        person = self.somebody()
        person.name = person.name[0] + self.dice.choice(GIVEN) + self.dice.choice(GIVEN)
        return self.tells_of(person.user_id)

    def rise(self) -> Push:
        person = self.somebody()
        person.leads = [] if person.leads else [self.dice.choice(person.department_ids)]
        return self.tells_of(person.user_id)

    def leave(self) -> Push:
        user_id = self.somebody().user_id
        self.gone.add(user_id)
        self.company.people[user_id].active = False
        left = self.stage.simulators[self.host].member_left
        return lambda: left(user_id)

    def add_department(self) -> Push:
        self.serial += 1
        parent = self.dice.choice([one for one in self.company.departments if self.fits(1, one)])
        name = f"第{self.serial}组"
        self.company.departments[self.serial] = world.Department(self.serial, name, parent)
        return self.tells_of_department(self.serial)

    def rename_department(self) -> Push:
        department = self.dice.choice([*self.company.departments.values()])
        department.name = f"{department.name[:10]}{self.dice.choice('东南西北')}"
        return self.tells_of_department(department.id)

    def move_department(self) -> Push | None:
        department = self.dice.choice([*self.company.departments.values()])
        below = self.below(department.id)
        height = max(map(self.depth, below)) - self.depth(department.id) + 1
        above = [
            one for one in self.company.departments if one not in below and self.fits(height, one)
        ]
        if department.parent_id == 0 or not above:
            return None
        department.parent_id = self.dice.choice(above)
        return self.tells_of_department(department.id)

    def close_department(self) -> Push | None:
        empty = [
            one for one in self.company.departments
            if one != 1 and not self.company.children_of(one) and not self.company.members_of(one)
        ]  # fmt: skip
        if not empty:
            return None
        closed = self.dice.choice(empty)
        del self.company.departments[closed]
        return self.tells_of_department(closed)

    def below(self, department_id: int) -> set[int]:
        found = {department_id}
        for child in self.company.children_of(department_id):
            found |= self.below(child.id)
        return found

    def depth(self, department_id: int) -> int:
        """1 for the company itself."""
        parent = self.company.departments[department_id].parent_id
        return 1 if parent not in self.company.departments else 1 + self.depth(parent)

    def fits(self, height: int, above: int) -> bool:
        """Whether so many levels go below it."""
        return self.depth(above) + height <= MOST_LEVELS

    def somebody(self) -> world.Person:
        here = [one for one in self.company.people.values() if one.active]
        return self.dice.choice(here)

    def some_departments(self) -> list[int]:
        return self.dice.sample([*self.company.departments], self.dice.choice([1, 1, 1, 2]))

    def tells_of(self, user_id: str) -> Push:
        return lambda: self.stage.simulators[self.host].member_changed(user_id)

    def tells_of_department(self, department_id: int) -> Push:
        async def push() -> int:
            if department_id not in self.company.departments:
                return 0  # closed meanwhile: the host has nothing to tell of it
            return await self.stage.simulators[self.host].department_changed(department_id)

        return push

    async def leave_a_message(self, number: int) -> None:
        async with self.stage.database.reading() as session:
            known = list(
                await session.scalars(
                    select(MemberIdentity.host_user_id)
                    .where(
                        MemberIdentity.tenant_id == self.stage.tenants[self.host],
                        MemberIdentity.left_at.is_(None),
                    )
                    .order_by(MemberIdentity.host_user_id)
                )
            )
        to, text = self.dice.choice(known), f"第 {number} 条"
        await self.stage.tell(self.host, to, text)
        self.left_for.setdefault(to, []).append(text)

    async def a_while(self) -> None:
        """The clock goes on; worker and relay do what they can."""
        self.stage.clock.forward(seconds=self.dice.randrange(5, 60))
        await self.faults.tick()
        await self.read_what_changed()
        for _ in range(self.dice.randrange(4)):
            await self.stage.relay.pass_once()

    async def read_what_changed(self) -> None:
        """What the worker does every few seconds; where it would wait, the clock goes on."""
        found = await self.stage.platforms.platform_named(self.host, CONNECTION)
        assert found is not None
        await sync_hints(self.stage.database, *found, self.stage.clock, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.stage.clock.forward(seconds=seconds)

    async def night(self) -> None:
        """The host is well: the organisation is compared whole, and what waits goes out."""
        self.stage.clock.forward(minutes=20)
        found = await self.stage.platforms.platform_named(self.host, CONNECTION)
        assert found is not None
        self.met += self.faults.schedule.happened if self.faults.schedule else Counter()
        self.faults.stop()
        report = await full_sync(self.stage.database, *found, self.stage.clock, sleep=self.sleep)
        assert report.state == "done", (report.state, report.reason)
        self.stage.clock.forward(seconds=LONGEST_WAIT_S)
        await self.stage.deliver()

    def day(self) -> None:
        """From now on the host has troubles. Not for hours on end: WeCom forgets after four what
        it has, and then a retry is twice."""
        seed = self.dice.randrange(1000)
        troubles = chaos(seed, FAULTS[self.host], round_s=120, moment=(0.3, 0.6))
        self.faults.start([*troubles, *TELLING], seed)

    async def calm(self) -> None:
        """The faults are over: one night, and everything that waits goes out."""
        await self.night()
        self.faults.clear()
        await self.faults.tick()  # what is still late comes now
        await self.read_what_changed()
        await self.night()
        for _ in range(500):
            self.stage.clock.forward(seconds=61)
            await self.stage.deliver()
            if not await self.waiting():
                return
        raise AssertionError("messages still wait")

    async def waiting(self) -> int:
        async with self.stage.database.reading() as session:
            return (
                await session.scalar(
                    select(func.count())
                    .select_from(OutboxMessage)
                    .where(
                        OutboxMessage.tenant_id == self.stage.tenants[self.host],
                        OutboxMessage.state.in_(WAITING),
                    )
                )
                or 0
            )

    def heard(self, user_id: str) -> list[str]:
        """What reached this person, oldest first, without the time that tells equal texts apart."""
        lines = self.stage.world.heard_by(self.host, user_id)
        return [line.text.split("（")[0].strip() for line in lines if line.text.startswith("第 ")]


async def a_bad_day(stage: Stage, host: str, seed: int, changes: int, messages: int) -> Turmoil:
    """Live through it, and find the books right."""
    turmoil = Turmoil(stage, host, Random(seed))
    people = max(PEOPLE, changes // 4)
    await turmoil.begin(people, max(DEPARTMENTS, people // 8))
    await turmoil.run(changes, messages)
    await turmoil.calm()
    same(await our_tree(stage, host), true_tree(turmoil.company))
    same(await our_people(stage, host), true_people(turmoil.company))
    for user_id, texts in turmoil.left_for.items():
        heard = turmoil.heard(user_id)
        if user_id in turmoil.gone:  # what was on its way when he left is not for him any more
            same({user_id: heard}, {user_id: [text for text in texts if text in set(heard)]})
        else:
            same({user_id: heard}, {user_id: texts})
    return turmoil


@asynccontextmanager
async def _database(kind: str, folder: Path) -> AsyncIterator[str]:
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/chaos.sqlite3"
    else:
        async with postgres.scratch_database() as url:
            yield url


async def _live_through(kind: str, host: str, seed: int, changes: int, messages: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with _database(kind, Path(folder)) as url:
            await upgrade(url)
            began = time.perf_counter()
            async with open_stage(url, Path(folder) / "data") as stage:
                turmoil = await a_bad_day(stage, host, seed, changes, messages)
            took = time.perf_counter() - began
    sent = sum(len(turmoil.heard(one)) for one in turmoil.left_for)
    met = ", ".join(f"{kind} {times}" for kind, times in sorted(turmoil.met.items()))
    print(
        f"{kind} {host} seed {seed}: {turmoil.done.total()} changes, "
        f"{len(turmoil.company.people)} people were there, {sent} of {messages} "
        f"messages to {len(turmoil.left_for)} people arrived, once and in order "
        f"(the others had left); {took:.0f} s; met {met}",
        flush=True,
    )


@click.command()
@click.argument("seeds", default="1-10")
@click.argument("changes", default=2000)
@click.argument("messages", default=5000)
@click.option("--host", "hosts", multiple=True, default=HOSTS)
@click.option("--database", "kinds", multiple=True, default=("sqlite",))
def main(
    seeds: str, changes: int, messages: int, hosts: Sequence[str], kinds: Sequence[str]
) -> None:
    """Live through the bad days of SEEDS, such as 3 or 1-10, one after the other."""
    logs.set_up(level="critical")
    first, _, last = seeds.partition("-")
    for kind, host in product(kinds, hosts):
        for seed in range(int(first), int(last or first) + 1):
            asyncio.run(_live_through(kind, host, seed, changes, messages))


if __name__ == "__main__":
    main()
