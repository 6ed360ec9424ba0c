"""What the worker does about people by itself, besides the nightly comparison."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from field_ops.connections.models import HostConnection
from field_ops.db import Database
from field_ops.jobs import (
    hand_over,
    look_at_people,
    read_all_of_the_large,
    read_what_changed,
    tidy,
)
from field_ops.people.hints import note
from field_ops.people.models import Member, SyncReading, SyncRun
from tests.factories import a_department
from tests.fakes import GENEROUS
from tests.field_ops.test_worker import Office, office

__all__ = ["office"]


async def runs(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(select(SyncRun.state)))


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


async def test_a_large_company_reads_its_departments_apart(office: Office) -> None:
    connection_id = next(iter(office.platforms.hosts))
    async with office.database.writing() as session:
        connection = await session.get_one(HostConnection, (office.tenant_id, connection_id))
        for number in range(300):
            a_department(session, connection, f"部门{number}")
        for kind, one in (("member", "lilei"), ("department", "1")):
            await note(session, office.tenant_id, connection_id, kind, one, office.clock())
    office.host.limits = replace(office.host.limits, per_app_second=6)  # more than a minute
    await read_what_changed(office.tools())
    assert office.host.directory.asked == ["lilei"]
    office.host.limits = GENEROUS
    await read_all_of_the_large(office.tools())
    assert office.host.directory.asked == ["lilei"]  # it is read quickly: that is the other's
    await read_what_changed(office.tools())
    assert "departments" in office.host.directory.asked
