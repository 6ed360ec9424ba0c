"""Hints alone keep our people like the host's: nobody reads everybody, the journal shows it.

Random changes from a seed, told twice and out of order; where some are not told at all, the night
finds them.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from random import Random

import pytest

from field_ops.db import Database
from field_ops.host.events import DepartmentsChanged
from integrations.sandbox.big_company import a_big_company
from integrations.sandbox.journal import Journal
from integrations.sandbox.world import Company
from integrations.sandbox.world import Department as Place
from tests.conftest import TUESDAY_MORNING

from .conftest import Mirror, a_connection
from .fake_company import FakeCompany
from .pretend_hosts import played
from .test_hints import hear
from .test_like_the_host import Life, is_like_the_host

ROUNDS = 7
CHANGES = 5  # in each round
PEOPLE, DEPARTMENTS = 200, 60


class LifeOfDepartments(Life):
    """More of what happens to departments, told with a hint at one of them and at nobody in it.

    What opened in this round stays: whoever was sent there and away again, nobody told us of.
    """

    fresh: frozenset[int] = frozenset()

    def something(self):
        others = (self.opens_with_people, self.closes_with_people, self.branch_closes)
        return self.chance.choice(others)() if self.chance.random() < 0.3 else super().something()

    def opens_with_people(self):
        kind, one = self.department_opens()
        self.fresh |= {int(one)}
        for _ in range(3):
            self.sends(self.somebody(), int(one))
        return kind, one

    def closes_with_people(self):
        leaves = [d for d in self.company.departments.values() if not self.below(d.id)]
        return self.closes(self.chance.choice(leaves))

    def branch_closes(self):
        small = [d for d in self.company.departments.values() if 1 <= len(self.below(d.id)) <= 3]
        small = [d for d in small if all(not self.below(one.id) for one in self.below(d.id))]
        return self.closes(self.chance.choice(small)) if small else None

    def closes(self, top: Place):
        gone = {top.id, *(one.id for one in self.below(top.id))}
        if not top.parent_id or gone & self.fresh:
            return None
        for person in self.company.people.values():
            person.leads = [one for one in person.leads if one not in gone]
            if gone & {*person.department_ids}:
                self.sends(person, top.parent_id)
        for one in gone:
            del self.company.departments[one]
        return DepartmentsChanged, str(top.id)

    def sends(self, person, where: int) -> None:
        person.department_ids, person.main_department_id, person.leads = [where], where, []

    def below(self, department_id: int) -> list[Place]:
        return [one for one in self.company.departments.values() if one.parent_id == department_id]


@dataclass
class Host:
    company: Company
    journal: Journal

    def asked(self) -> int:
        """Calls since the last time; none of them asks for everybody."""
        entries = list(self.journal.entries)
        self.journal.entries.clear()
        for one in entries:
            assert "auth/scopes" not in one.path
            assert not (one.path.endswith("department/list") and "&id=" not in one.query)
        return len(entries)


@pytest.fixture(params=["wecom", "dingtalk"])
async def host(request, database: Database) -> AsyncIterator[tuple[Host, Mirror]]:
    company = a_big_company(request.param, PEOPLE, DEPARTMENTS, seed=3)
    async with played(company, TUESDAY_MORNING) as (simulator, platform):
        mirror = Mirror(database, FakeCompany(), await a_connection(database))
        mirror.platform = platform
        yield Host(company, simulator.app), mirror


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_after_each_batch_of_hints_we_are_like_the_host(host, seed):
    (host, mirror), chance = host, Random(seed)
    life = LifeOfDepartments(host.company, chance)
    await mirror.sync()
    host.journal.entries.clear()
    for turn in range(ROUNDS):
        life.may_leave, life.fresh = 2, frozenset()
        told = [hint for hint in (life.something() for _ in range(CHANGES)) if hint]
        lost = turn % 3 == 2
        told = told[: len(told) // 2] if lost else [*told, *told[:2]]
        chance.shuffle(told)
        for kind, one in told:
            key = "host_department_ids" if kind is DepartmentsChanged else "host_user_ids"
            happened = kind(event_id="e", happened_at=mirror.now)
            await hear(mirror, replace(happened, **{key: (one,)}))
        report = await mirror.sync_hints()
        if lost:  # whatever this did: the night comes
            assert (await mirror.sync()).state == "done"
            host.journal.entries.clear()
        else:
            assert report.kind in ("members", "departments"), report.reason
            assert host.asked() < DEPARTMENTS
        await is_like_the_host(mirror, host.company)
        assert await mirror.sync_hints() is None
    assert not any((await mirror.sync()).counts.values())
