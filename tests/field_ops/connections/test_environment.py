"""The environment supplies one connection for each host."""

import asyncio

import pytest
from sqlalchemy import func, select

from field_ops.connections.actions import remove
from field_ops.connections.environment import connect_from_environment
from field_ops.connections.errors import CredentialsMissing
from field_ops.connections.models import HostConnection
from field_ops.settings import Settings
from field_ops.tenants.models import Tenant

from .conftest import KEYS

WECOM = {"corp_id": "corp-1", "agent_id": "1000002", "secret": "s3cret"}


async def start(desk, **hosts):
    kinds = (desk.wecom.kind, desk.dingtalk.kind)
    settings = Settings.model_validate(hosts)
    await connect_from_environment(desk.database, KEYS, kinds, settings, desk.clock())
    desk.platforms.forget()


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


async def test_two_processes_that_start_together_agree(desk):
    await asyncio.gather(*[start(desk, wecom=WECOM) for _ in range(3)])
    async with desk.database.reading() as session:
        for table in (HostConnection, Tenant):
            assert await session.scalar(select(func.count()).select_from(table)) == 1


async def test_nothing_given_is_nothing_done(desk):
    await start(desk)
    async with desk.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Tenant)) == 0
