"""The environment supplies one connection for each host."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import delete, func, select

from field_ops.connections.actions import add, remove
from field_ops.connections.environment import connect_from_environment
from field_ops.connections.errors import ConnectionExists, CredentialsMissing
from field_ops.connections.models import HostConnection
from field_ops.db import Database
from field_ops.settings import Settings
from field_ops.tenants.models import Tenant

from .conftest import KEYS

WECOM = {"corp_id": "corp-1", "agent_id": "1000002", "secret": "s3cret"}


async def start(desk, **hosts):
    kinds = (desk.wecom.kind, desk.dingtalk.kind)
    settings = Settings.model_validate(hosts)
    await connect_from_environment(desk.database, KEYS, kinds, settings, desk.clock())
    desk.platforms.forget()


async def counted(desk):
    async with desk.database.reading() as session:
        return {
            table: await session.scalar(select(func.count()).select_from(table))
            for table in (HostConnection, Tenant)
        }


async def test_each_host_that_is_given_is_connected_as_default(desk):
    await start(desk, wecom=WECOM)
    assert await desk.platforms.platform_named("wecom", "default") is not None
    assert await desk.platforms.platform_named("dingtalk", "default") is None
    assert desk.wecom.connected[0][0] == WECOM


async def test_a_second_start_changes_nothing(desk):
    await start(desk, wecom=WECOM)
    before, _ = await desk.platforms.platform_named("wecom", "default")
    await start(desk, wecom=WECOM)
    assert (await desk.platforms.platform_named("wecom", "default"))[0] is before


async def test_a_new_secret_in_the_environment_is_taken_over(desk):
    await start(desk, wecom=WECOM)
    await start(desk, wecom={**WECOM, "secret": "better"})
    await desk.platforms.platform_named("wecom", "default")
    assert desk.wecom.connected[-1][0]["secret"] == "better"


async def test_half_of_the_settings_are_refused_by_name(desk):
    with pytest.raises(CredentialsMissing, match="corp_id"):
        await start(desk, wecom={"secret": "s3cret"})


async def test_a_removed_default_returns_with_the_next_start(desk):
    await start(desk, wecom=WECOM)
    async with desk.work("我的企业") as work:
        await remove(work, "wecom", "default")
    await start(desk, wecom=WECOM)
    assert await desk.platforms.platform_named("wecom", "default") is not None


async def test_two_processes_that_start_together_agree(desk, database_url):
    """Many times over, because who is first is a matter of milliseconds."""
    processes = [Database(database_url, pool_size=1) for _ in range(4)]
    kinds = (desk.wecom.kind, desk.dingtalk.kind)
    settings = Settings.model_validate({"wecom": WECOM})
    for _ in range(10):
        starts = (
            connect_from_environment(process, KEYS, kinds, settings, desk.clock())
            for process in processes
        )
        await asyncio.gather(*starts)
        assert await counted(desk) == {HostConnection: 1, Tenant: 1}
        async with desk.database.writing() as session:
            for table in (HostConnection, Tenant):
                await session.execute(delete(table))
    for process in processes:
        await process.close()


async def test_whoever_adds_a_connection_meanwhile_is_seen(desk):
    """An administrator types `waiqin host add` while the first process starts."""

    async def add_one() -> None:
        with suppress(ConnectionExists):
            async with desk.work("我的企业") as work:
                await add(work, KEYS, desk.wanted())

    for _ in range(10):
        await asyncio.gather(start(desk, wecom=WECOM), add_one(), start(desk, wecom=WECOM))
        assert await counted(desk) == {HostConnection: 1, Tenant: 1}
        async with desk.database.writing() as session:
            for table in (HostConnection, Tenant):
                await session.execute(delete(table))


async def test_nothing_given_is_nothing_done(desk):
    await start(desk)
    async with desk.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Tenant)) == 0
