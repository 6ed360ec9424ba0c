"""A worker is killed with SIGKILL while it turns reminders into messages."""

from pathlib import Path
from random import Random

import pytest

from field_ops.db import Database
from field_ops.host.messages import Notice
from field_ops.outbox.relay import Relay
from field_ops.reminders.actions import remind
from field_ops.reminders.claims import LEASE
from field_ops.reminders.drain import Drain
from tests.factories import Company, a_company, work_as
from tests.fakes import Clock
from tests.scenarios.doomed import RULE, host_with, kill_in_the_middle, says_its_subject

SUBJECTS = [f"visit-{number:02}" for number in range(24)]


@pytest.fixture
async def company(database: Database) -> Company:
    """24 reminders that are due."""
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.wang)
        await remind(work, RULE, work.now, [(subject, company.lilei.id) for subject in SUBJECTS])
    return company


@pytest.mark.parametrize("looked_at", [1, 13])
async def test_each_reminder_is_heard_once(
    database: Database, database_url: str, company: Company, tmp_path: Path, looked_at: int
) -> None:
    progress, journal, clock = tmp_path / "progress", tmp_path / "heard", Clock()
    kill_in_the_middle("reminders", database_url, progress, looked_at)
    assert len(progress.read_text().split()) < len(SUBJECTS)

    clock.forward(seconds=LEASE.total_seconds())
    rule = says_its_subject(progress)
    await Drain(database, [rule], clock, "successor", Random(1)).pass_once()
    journal.touch()
    platforms = host_with(journal, company.connection.id)
    relay = Relay(database, platforms, clock, "relay", Random(1))
    for _ in SUBJECTS:
        await relay.pass_once()

    heard = platforms.hosts[company.connection.id].heard_by("lilei")
    assert sorted(m.text for m in heard if isinstance(m, Notice)) == SUBJECTS
