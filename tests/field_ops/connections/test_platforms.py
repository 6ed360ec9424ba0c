"""Rows into live platforms, one for each connection."""

import asyncio

import pytest

from field_ops.connections.actions import WantedConnection, add, change, remove
from field_ops.connections.platforms import Platforms
from field_ops.connections.refs import is_sandbox
from field_ops.host.errors import CredentialsRejected
from field_ops.keys import Keys

from .conftest import GIVEN, KEYS


async def connect(desk, name="default", **credentials):
    async with desk.work() as work:
        return (await add(work, KEYS, desk.wanted(name, **credentials))).id


async def test_a_connection_is_found_by_its_address_and_by_its_id(desk):
    connection_id = await connect(desk)
    platform, ref = await desk.platforms.platform_named("wecom", "default")
    assert (ref.id, ref.host, ref.name, ref.company) == (connection_id, "wecom", "default", "甲")
    assert await desk.platforms.platform_of(connection_id) is platform


async def test_many_callers_share_one_platform(desk):
    await connect(desk)
    await asyncio.gather(*[desk.platforms.platform_named("wecom", "default") for _ in range(20)])
    assert len(desk.wecom.connected) == 1


@pytest.mark.parametrize(("host", "name"), [("wecom", "other"), ("dingtalk", "default")])
async def test_an_unknown_address_is_nobody(desk, host, name):
    await connect(desk)
    assert await desk.platforms.platform_named(host, name) is None


async def test_a_changed_row_is_noticed_within_seconds(desk):
    connection_id = await connect(desk)
    before = await desk.platforms.platform_of(connection_id)
    async with desk.work() as work:
        await change(work, KEYS, desk.wanted(secret="better"))
    assert await desk.platforms.platform_of(connection_id) is before
    desk.clock.forward(seconds=3)
    assert await desk.platforms.platform_of(connection_id) is not before
    assert desk.wecom.connected[-1][0]["secret"] == "better"


async def test_an_unchanged_row_keeps_its_platform_and_its_token(desk):
    connection_id = await connect(desk)
    before = await desk.platforms.platform_of(connection_id)
    desk.clock.forward(hours=1)
    assert await desk.platforms.platform_of(connection_id) is before


async def test_a_removed_connection_is_gone_and_a_paused_one_is_not(desk):
    connection_id = await connect(desk)
    async with desk.work() as work:
        row = await change(work, KEYS, desk.wanted(secret="other"))
        row.paused_at = work.now
    assert (await desk.platforms.find(connection_id))[1].paused
    async with desk.work() as work:
        await remove(work, "wecom", "default")
    desk.platforms.forget()
    assert await desk.platforms.platform_of(connection_id) is None
    assert await desk.platforms.live() == []


async def test_another_secret_key_is_said_to_be_the_trouble(desk):
    connection_id = await connect(desk)
    kinds = [desk.wecom.kind]
    other = Platforms(desk.database, Keys("quite another secret"), kinds, None, desk.clock)
    with pytest.raises(CredentialsRejected, match="WAIQIN_SECRET_KEY"):
        await other.platform_of(connection_id)


async def test_a_rows_own_addresses_come_before_the_usual_ones(desk):
    usual = {"wecom": "https://usual.example", "dingtalk_api": "https://ding.example"}
    desk.platforms = desk.new_platforms(base_urls=usual)
    own = {"wecom": "http://127.0.0.1:8100/wecom"}
    async with desk.work() as work:
        wanted = WantedConnection(desk.wecom.kind, "demo", GIVEN, own)
        await add(work, KEYS, wanted)
        await add(work, KEYS, desk.wanted())
    _, demo = await desk.platforms.platform_named("wecom", "demo")
    _, real = await desk.platforms.platform_named("wecom", "default")
    assert [base_urls["wecom"] for _, base_urls in desk.wecom.connected] == [
        own["wecom"],
        usual["wecom"],
    ]
    assert (demo.sandbox, real.sandbox) == (True, False)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://qyapi.weixin.qq.com", False),
        ("https://relay.example/wecom", False),
        ("https://crm.example/sandbox/wecom", True),
        ("http://localhost:8100/wecom", True),
        ("http://[::1]:8100/dingtalk", True),
        ("https://sandbox.example", False),
    ],
)
def test_the_sandbox_is_known_by_its_address(url, expected):
    assert is_sandbox({"wecom": url}) is expected
