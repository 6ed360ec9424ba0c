"""The services of a host: off until somebody switches them on, and paused alone when refused."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from field_ops.connections import services
from field_ops.connections.actions import add, remove, switch_service
from field_ops.connections.errors import ConnectionUnknown, ServiceNotThere, ServiceUnknown
from field_ops.history.models import AuditEntry
from field_ops.host.errors import PermissionMissing
from field_ops.host.services import SERVICES, Colleague
from field_ops.texts import Text

from .conftest import KEYS

FORBIDDEN = PermissionMissing("api forbidden", code="48002")


class WallCalendar:
    """A service that can only be asked."""

    wants = Text("需要日历权限。", "Wants the permission for calendars.")

    async def look(self, somebody: Colleague) -> None:
        raise FORBIDDEN


@pytest.fixture
async def connected(desk):
    """A connection of a host that has a calendar and nothing else."""
    desk.wecom.services = {"calendar": WallCalendar()}
    async with desk.work() as work:
        await add(work, KEYS, desk.wanted())
    return desk


async def found(desk):
    desk.platforms.forget()
    platform, connection = await desk.platforms.platform_named("wecom", "default")
    return platform, connection


async def switch(desk, service, on, company="甲"):
    platform, _ = await found(desk)
    async with desk.work(company) as work:
        await switch_service(work, platform, "default", service, on=on)


async def states(desk):
    async with desk.database.reading() as session:
        listed = await services.states(session, *await found(desk))
    return {one.name: one for one in listed}


async def test_everything_is_off_until_somebody_switches_it_on(connected):
    before = await states(connected)
    assert {name: one.state for name, one in before.items()} == {
        "calendar": "off",
        **dict.fromkeys(("todo", "urgent", "attendance", "external_contacts"), "none"),
    }
    await switch(connected, "calendar", True)
    await switch(connected, "calendar", True)
    _, connection = await found(connected)
    assert services.is_on(connection, "calendar") and not services.is_on(connection, "todo")
    assert (await states(connected))["calendar"].state == "on"
    await switch(connected, "calendar", False)
    assert (await states(connected))["calendar"].state == "off"
    async with connected.database.reading() as session:
        entries = await session.scalars(
            select(AuditEntry.change)
            .where(AuditEntry.action == "connection.service_switched")
            .order_by(AuditEntry.id)
        )
        assert entries.all() == [{"calendar": [False, True]}, {"calendar": [True, False]}]


async def test_what_a_host_does_not_have_cannot_be_switched_on(connected):
    with pytest.raises(ServiceNotThere, match="todo"):
        await switch(connected, "todo", True)
    with pytest.raises(ServiceUnknown, match="external_contacts"):
        await switch(connected, "horoscope", True)
    await switch(connected, "todo", False)  # that it is off is the truth


async def test_nobody_switches_a_service_of_another_company(connected):
    with pytest.raises(ConnectionUnknown):
        await switch(connected, "calendar", True, company="乙")


async def test_a_refusal_pauses_the_service_for_an_hour_and_not_the_connection(connected):
    await switch(connected, "calendar", True)
    _, connection = await found(connected)
    now = connected.clock()
    for at in (now, now + timedelta(hours=1)):
        async with connected.database.writing() as session:
            await services.pause(session, connection, "calendar", FORBIDDEN, at)
    async with connected.database.reading() as session:
        for minutes, may in ((61, False), (119, False), (120, True)):
            at = now + timedelta(minutes=minutes)
            assert await services.may_try(session, connection, "calendar", at) is may
        assert not await services.may_try(session, connection, "todo", now)
    told = (await states(connected))["calendar"]
    assert (told.state, told.pause.since, told.pause.code) == ("paused", now, "48002")
    assert not (await found(connected))[1].paused

    await switch(connected, "calendar", True)  # "try it now"
    assert (await states(connected))["calendar"].state == "on"


async def test_a_connection_that_comes_back_has_its_services_off(connected):
    await switch(connected, "calendar", True)
    async with connected.work() as work:
        await remove(work, "wecom", "default")
        await add(work, KEYS, connected.wanted())
    assert (await states(connected))["calendar"].state == "off"


def test_every_service_says_what_it_does():
    assert set(services.DOES) == set(SERVICES)
