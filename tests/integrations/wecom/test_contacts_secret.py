"""The secret of 通讯录同步 beside the app's: what each may do, and how we use it."""

import pytest

from field_ops.connections.check import check
from field_ops.host.errors import CredentialsRejected
from field_ops.host.messages import Notice
from field_ops.host.platform import Recipient
from tests.integrations.wecom.conftest import connected


@pytest.fixture
def host(simulator, http, clock):
    return connected(simulator, http, clock, contacts_secret=simulator.contacts_secret)


async def test_people_are_read_with_it_and_messages_sent_without_it(host, simulator):
    page = await host.directory.members_of("5")
    assert {member.host_user_id for member in page.members} == {"wang", "lilei", "hanmeimei"}
    await host.messenger.send(Recipient("lilei"), Notice("早上好"), once="n-1")
    assert len(simulator.world.heard_by("wecom", "lilei")) == 1
    assert len(simulator.app.about("gettoken")) == 2


async def test_a_new_one_may_read_ids_only_and_the_check_says_so(host, simulator, clock):
    simulator.switches.contacts_secret_is_new = True
    with pytest.raises(CredentialsRejected) as failure:
        await host.directory.members_of("5")
    assert failure.value.code == "48009"
    findings = await check(host, "https://waiqin.example", clock.now())
    assert "请清空它，改用应用自己的 Secret" in findings[0].says.zh


async def test_each_secret_has_its_calls(phone, simulator):
    by_contacts = await phone.token(corpsecret=simulator.contacts_secret)
    mine = {"access_token": by_contacts["access_token"]}
    simulator.switches.contacts_secret_is_new = True
    assert (await phone.get("department/simplelist", **mine))["errcode"] == 0
    assert (await phone.get("department/list", **mine))["errcode"] == 48009
    assert (await phone.get("get_jsapi_ticket", **mine))["errcode"] == 48002
    assert (await phone.post("user/list_id", {}))["errcode"] == 48002


async def test_all_ids_are_told_page_by_page(phone, simulator):
    token = (await phone.token(corpsecret=simulator.contacts_secret))["access_token"]
    address = "http://wecom.test/qyapi/cgi-bin/user/list_id"
    found, cursor = [], ""
    while True:
        body = {"limit": 2, "cursor": cursor}
        said = (await phone.http.post(address, params={"access_token": token}, json=body)).json()
        found += [(row["userid"], row["department"]) for row in said["dept_user"]]
        cursor = said["next_cursor"]
        if not cursor:
            break
    assert sorted(found) == [
        ("boss", 1), ("boss", 2), ("hanmeimei", 2), ("hanmeimei", 5), ("lilei", 5), ("wang", 5),
    ]  # fmt: skip
    body = {"limit": 10_001}
    answer = await phone.http.post(address, params={"access_token": token}, json=body)
    assert answer.json()["errcode"] == 40058
