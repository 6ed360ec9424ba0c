import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from field_ops.host.platform import HostPlatform
from integrations.dingtalk import connect
from integrations.dingtalk.simulator import DingtalkSimulator
from tests.integrations.dingtalk.conftest import TEMPLATE, credentials_of
from tests.integrations.dingtalk.serving import until
from tests.integrations.host_contract import Door, HostContract


class TestDingtalkIsAHost(HostContract):
    """Against the pretend DingTalk, with HTTP push and cards as ActionCards."""


class TestDingtalkByStreamIsAHost(HostContract):
    """With Stream mode and interactive cards, over real sockets."""

    # Nothing can be forged on a line that we open.
    test_a_forged_callback_is_refused = None

    @pytest.fixture
    def simulator(self, live: DingtalkSimulator) -> DingtalkSimulator:
        return live

    @pytest.fixture
    async def host(self, live: DingtalkSimulator, door: Door) -> AsyncIterator[HostPlatform]:
        given = {**credentials_of(live), "stream": "true", "card_template_id": TEMPLATE}
        urls = dict.fromkeys(("dingtalk_api", "dingtalk_oapi"), live.base_url)

        async def deliver(events):
            door.events += events

        async with httpx.AsyncClient(trust_env=False) as http:
            host = connect(given, http, urls)
            assert host.long_connection is not None
            line = asyncio.create_task(host.long_connection.run(deliver))
            await until(host.long_connection.is_up)
            yield host
            line.cancel()
            await asyncio.gather(line, return_exceptions=True)


class TestDingtalkTakesTurnsBetweenItsServers:
    """The two servers of DingTalk may be at two addresses."""

    @pytest.fixture
    def base_urls(self) -> dict[str, str]:
        return {
            "dingtalk_api": "http://api.test/dingtalk",
            "dingtalk_oapi": "http://oapi.test/dingtalk/",
        }

    async def test_both_are_used_with_one_token(self, host: HostPlatform, simulator):
        user = await host.sign_in.who(simulator.sign_in_code("lilei"))
        page = await host.page_signer.sign("https://waiqin.example/h5/", datetime.now(UTC))
        assert (user.name, page.config["corpId"]) == ("李雷", simulator.company.corp_id)
