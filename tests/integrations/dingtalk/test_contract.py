from datetime import UTC, datetime

import pytest

from field_ops.host.platform import HostPlatform
from tests.integrations.host_contract import HostContract


class TestDingtalkIsAHost(HostContract):
    """Against the pretend DingTalk."""


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
