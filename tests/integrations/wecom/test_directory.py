from typing import Any

import httpx
import pytest

from field_ops.host.errors import HostRefused, HostUnavailable
from field_ops.host.platform import HostDepartment, HostMember
from integrations.wecom.client import WecomClient
from integrations.wecom.directory import WecomDirectory

FULL = {
    "userid": "LiLei",
    "name": "李雷",
    "department": [5, 2],
    "is_leader_in_dept": [0, 1],
    "direct_leader": ["wang"],
    "position": "销售代表",
    "mobile": "13800000000",
    "email": "",
    "biz_mail": "lilei@example.com",
    "main_department": 5,
    "status": 1,
}


def directory_with(answer: dict[str, Any]) -> WecomDirectory:
    def far_end(request: httpx.Request) -> httpx.Response:
        token = {"access_token": "t"} if "gettoken" in request.url.path else {}
        return httpx.Response(200, json={"errcode": 0, **token, **answer})

    http = httpx.AsyncClient(transport=httpx.MockTransport(far_end))
    return WecomDirectory(WecomClient(http, "https://qyapi.test", corp_id="ww1", secret="s"))


async def test_a_member_with_everything():
    assert await directory_with(FULL).member("LiLei") == HostMember(
        host_user_id="LiLei",
        name="李雷",
        department_ids=("5", "2"),
        leads=("2",),
        main_department_id="5",
        direct_leader_id="wang",
        phone="13800000000",
        email="lilei@example.com",
        title="销售代表",
    )


async def test_what_the_host_does_not_say_is_none():
    member = await directory_with({"userid": "lilei"}).member("lilei")
    assert member == HostMember(host_user_id="lilei", name="lilei", department_ids=())


@pytest.mark.parametrize(("status", "active"), [(1, True), (2, False), (4, True), (5, False)])
async def test_only_disabled_and_departed_members_are_inactive(status, active):
    page = await directory_with({"userlist": [{**FULL, "status": status}]}).members_of("5")
    (member,) = page.members
    assert member.active is active


async def test_departments_are_told_in_one_answer():
    rows = [
        {"id": 9, "name": "三组", "parentid": 5, "order": 3, "department_leader": ["wang"]},
        {"id": 5, "name": "销售部", "parentid": 2},
        {"id": 2, "name": "公司", "parentid": 1},
    ]
    answer = await directory_with({"department": rows}).departments()
    assert [(d.host_department_id, d.parent_id) for d in answer.departments] == [
        ("9", "5"),
        ("5", "2"),
        ("2", "1"),
    ]
    assert answer.departments[0] == HostDepartment("9", "三组", "5", order=3, leader_ids=("wang",))
    assert answer.ask_next == ()


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"department": None},
    ],
    ids=["nothing", "null"],
)
async def test_an_incomplete_tree_is_no_tree(answer):
    with pytest.raises(HostUnavailable):
        await directory_with(answer).departments()


async def test_an_answer_without_its_list_is_not_an_empty_department():
    with pytest.raises(HostUnavailable):
        await directory_with({}).members_of("5")


async def test_a_member_out_of_sight_is_not_said_to_have_left(host, simulator):
    simulator.faults.add("refused", path="user/get")
    with pytest.raises(HostRefused):
        await host.directory.member("lilei")


async def test_somebody_who_left_is_none(host, simulator):
    simulator.company.people["lilei"].active = False
    assert await host.directory.member("lilei") is None


async def test_an_app_that_may_not_see_phones_says_none(host, simulator):
    simulator.office.shows_private_fields = False
    (boss,) = (await host.directory.members_of("1")).members
    assert (boss.phone, boss.email, boss.title) == (None, None, "总经理")
