"""What `waiqin host check wecom` says about WeCom's own settings."""

import pytest

from field_ops.connections.check import check
from tests.integrations.wecom.conftest import connected

HOME = "http://waiqin.test"


@pytest.fixture(autouse=True)
async def an_open_door(host, door, clock):
    door.reader = host.callbacks


async def found(host, clock, public_url=HOME):
    findings = await check(host, public_url, clock.now(), "main")
    return {finding.part: finding for finding in findings}


@pytest.fixture
def host(simulator, http, clock):
    simulator.company.app.trusted_hosts = ["waiqin.test"]
    return connected(simulator, http, clock)


async def test_a_good_connection_has_nothing_to_mend_but_https(host, clock):
    findings = await found(host, clock)
    assert [part for part, finding in findings.items() if not finding.ok] == ["address"]
    assert {"app", "callback", "robot"} <= findings.keys()


@pytest.mark.parametrize(
    ("more", "en"),
    [({}, "No Bot ID"), ({"bot_id": "aib", "bot_secret": "s"}, "uses the long connection")],
)
async def test_how_the_bot_is_reached_is_told(simulator, http, clock, host, more, en):
    other = connected(simulator, http, clock, **more)
    assert en in (await found(other, clock))["bot"].says.en


async def test_an_address_that_is_not_trusted_is_told(host, simulator, clock):
    simulator.switches.trusted_ips = ["203.0.113.7"]
    says = (await found(host, clock))["departments"].says
    assert "127.0.0.1" in says.zh
    assert "企业可信IP" in says.en


@pytest.mark.parametrize(
    ("changed", "part", "zh"),
    [
        ({"secret": "wrong"}, "departments", "Secret）不对"),
        ({"corp_id": "wwOther"}, "departments", "企业ID"),
        ({"agent_id": "7"}, "app", "AgentId"),
    ],
)
async def test_a_wrong_setting_is_named(simulator, http, clock, host, changed, part, zh):
    other = connected(simulator, http, clock, **changed)
    assert zh in (await found(other, clock))[part].says.zh


async def test_a_disabled_app_is_told(host, simulator, clock):
    simulator.switches.app_is_disabled = True
    assert "停用" in (await found(host, clock))["app"].says.zh


async def test_contacts_that_may_not_be_read_are_told(host, simulator, clock):
    simulator.faults.add("refused", path="user/list")
    assert "可见范围" in (await found(host, clock))["members"].says.zh


async def test_another_trusted_domain_is_told(host, simulator, clock):
    simulator.company.app.trusted_hosts = ["crm.example"]
    says = (await found(host, clock))["app"].says
    assert "请在「网页授权及JS-SDK」里填写 waiqin.test" in says.zh


async def test_a_callback_address_that_does_not_answer_is_told(host, door, clock):
    door.statuses = [502, 200]
    findings = await found(host, clock)
    assert "HTTP 502" in findings["callback"].says.zh
    assert not findings["robot"].ok


async def test_a_server_with_other_keys_is_told(simulator, http, clock, host):
    other = connected(simulator, http, clock, callback_token="AnotherToken")
    findings = await found(other, clock)
    assert (findings["callback"].ok, findings["robot"].ok) == (False, False)
