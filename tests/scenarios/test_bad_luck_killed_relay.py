"""A relay is killed with SIGKILL in the middle of its work."""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from field_ops.db import Database
from field_ops.host.messages import Notice
from field_ops.outbox.claims import LEASE
from field_ops.outbox.models import OutboxMessage
from field_ops.outbox.post import post
from field_ops.outbox.relay import Relay
from tests.factories import Company, a_company, work_as
from tests.fakes import Clock, as_is
from tests.scenarios.doomed import host_with, kill_in_the_middle

MESSAGES_EACH = 8


@pytest.fixture
async def company(database: Database) -> Company:
    """Three people with eight messages each on their way."""
    async with database.writing() as session:
        company = await a_company(session)
        for number in range(MESSAGES_EACH):
            for member in (company.lilei, company.hanmeimei, company.wang):
                await post(
                    work_as(session, member),
                    to=member.id,
                    message=as_is(Notice(str(number))),
                    kind="answer",
                    once=f"{member.id}-{number}",
                )
    return company


@pytest.mark.parametrize("heard_before", [1, 10])
async def test_nothing_is_lost_and_nothing_said_twice(
    database: Database, database_url: str, company: Company, tmp_path: Path, heard_before: int
) -> None:
    journal, clock = tmp_path / "heard", Clock()
    kill_in_the_middle("relay", database_url, journal, heard_before)
    at_death = len(journal.read_text().split())

    clock.forward(seconds=LEASE.total_seconds())
    platforms = host_with(journal, company.connection.id)
    relay = Relay(database, platforms, clock, "successor", Random(1))
    for _ in range(MESSAGES_EACH + 1):
        await relay.pass_once()

    async with database.reading() as session:
        rows = (await session.scalars(select(OutboxMessage))).all()
    heard = journal.read_text().split()
    assert sorted(heard) == sorted(row.id for row in rows)
    assert {row.state for row in rows} == {"sent"}
    assert at_death < len(rows)
    # What was under way at that moment is asked about once more, and nothing else.
    calls = platforms.hosts[company.connection.id].messenger.calls
    assert calls <= len(rows) - at_death + 3


async def test_each_person_still_hears_everything_in_order(
    database: Database, database_url: str, company: Company, tmp_path: Path
) -> None:
    journal, clock = tmp_path / "heard", Clock()
    kill_in_the_middle("relay", database_url, journal, 5)
    clock.forward(seconds=LEASE.total_seconds())
    platforms = host_with(journal, company.connection.id)
    relay = Relay(database, platforms, clock, "successor", Random(1))
    for _ in range(MESSAGES_EACH + 1):
        await relay.pass_once()
    async with database.reading() as session:
        query = select(OutboxMessage.id).where(OutboxMessage.host_user_id == "lilei")
        lilei = set(await session.scalars(query))
    heard = [once for once in journal.read_text().split() if once in lilei]
    assert heard == sorted(lilei)
