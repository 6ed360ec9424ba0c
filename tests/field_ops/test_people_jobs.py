"""What the worker does about people by itself, besides the nightly comparison."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from field_ops.db import Database
from field_ops.jobs.people import hand_over, look_at_people, read_everybody_again, read_what_changed
from field_ops.jobs.tidying import tidy
from field_ops.people.hints import note
from field_ops.people.models import Member, SyncReading, SyncRun
from tests.field_ops.test_worker import Office, office

__all__ = ["office"]


async def runs(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(select(SyncRun.state)))


async def kinds(database: Database) -> list[object]:
    async with database.reading() as session:
        return [report["kind"] for report in await session.scalars(select(SyncRun.report))]


async def test_a_company_that_is_read_quickly_is_looked_at_every_hour(office: Office) -> None:
    await look_at_people(office.tools())
    assert "departments" in office.host.directory.asked
    assert len(await runs(office.database)) == 1


async def test_one_that_takes_longer_waits_for_the_night(office: Office) -> None:
    slow = replace(office.host.limits, per_app_second=0.01)  # three departments: six minutes
    office.host.limits = slow
    await look_at_people(office.tools())
    assert office.host.directory.asked == []


@pytest.mark.parametrize(("age", "left"), [(timedelta(days=89), 1), (timedelta(days=91), 0)])
async def test_old_readings_are_forgotten(office: Office, age: timedelta, left: int) -> None:
    await look_at_people(office.tools())
    async with office.database.writing() as session:
        session.add(
            SyncReading(
                tenant_id=office.tenant_id,
                id="r" * 26,
                connection_id="c" * 26,
                began_at=office.clock(),
                touched_at=None,
            )
        )
    office.clock.forward(seconds=age.total_seconds())
    await tidy(office.tools())
    assert len(await runs(office.database)) == left
    async with office.database.reading() as session:
        assert (await session.scalars(select(SyncReading))).all() == []


async def test_who_leaves_is_noticed_by_the_worker(office: Office) -> None:
    async with office.database.writing() as session:
        gone = await session.get_one(Member, (office.tenant_id, office.lilei_id))
        gone.state, gone.departed_at = "departed", office.clock()
    await hand_over(office.tools())
    await hand_over(office.tools())


async def test_a_reading_of_everybody_keeps_nobody_waiting(office: Office) -> None:
    connection_id = next(iter(office.platforms.hosts))
    async with office.database.writing() as session:
        for kind, one in (("member", "lilei"), ("department", "*")):
            await note(session, office.tenant_id, connection_id, kind, one, office.clock())
    await read_what_changed(office.tools())
    assert "lilei" in office.host.directory.asked
    assert "full" not in await kinds(office.database)
    await read_everybody_again(office.tools())
    assert "full" in await kinds(office.database)
