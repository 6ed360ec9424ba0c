"""What is said and pressed at the console, what goes wrong on purpose, and who comes and goes."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from integrations.sandbox.company import GROUP
from integrations.sandbox.console_api import line_events
from integrations.sandbox.journal import Journal
from integrations.sandbox.world import World

from .conftest import ToldHost

HOSTILE = "「华联」\"'<script>alert(1)</script>]]>&amp;\n👨‍👩‍👧‍👦"


def a_card(world: World, host: str = "wecom", user_id: str = "lilei") -> int:
    buttons = [{"text": "最近拜访", "url": "", "key": "最近 华联"}]
    wire = {"secret": "response-code"}
    line = world.hear(host, user_id, kind="card", text="", title="华联", buttons=buttons, wire=wire)
    return line.id


async def test_the_holder_of_the_phone_speaks(console: httpx.AsyncClient, wecom: ToldHost) -> None:
    answer = await console.post("say", json={"text": "查 华联"})
    assert answer.json() == {"status": 200}
    assert wecom.done == [("say", "lilei", "查 华联", "")]


async def test_the_bot_is_mentioned_in_a_group(
    console: httpx.AsyncClient, dingtalk: ToldHost
) -> None:
    await console.post("phone", json={"host": "dingtalk", "user_id": "hanmeimei"})
    await console.post("say", json={"text": "今天", "group": GROUP})
    assert dingtalk.done == [("say", "hanmeimei", "今天", GROUP)]


async def test_an_unknown_group_is_refused(console: httpx.AsyncClient, wecom: ToldHost) -> None:
    answer = await console.post("say", json={"text": "今天", "group": "group-of-others"})
    assert answer.status_code == 404
    assert wecom.done == []


async def test_what_the_app_answered_is_told(console: httpx.AsyncClient, wecom: ToldHost) -> None:
    wecom.status = 504
    assert (await console.post("say", json={"text": "今天"})).json() == {"status": 504}


async def test_a_button_is_pressed_by_who_received_the_card(
    console: httpx.AsyncClient, world: World, wecom: ToldHost
) -> None:
    line_id = a_card(world)
    await console.post("press", json={"line_id": line_id, "key": "最近 华联"})
    assert wecom.done == [("press", line_id, "最近 华联", "lilei")]


@pytest.mark.parametrize(
    ("user_id", "key"), [("hanmeimei", "最近 华联"), ("lilei", "a key that is not there")]
)
async def test_a_button_that_is_not_on_his_phone_cannot_be_pressed(
    console: httpx.AsyncClient, world: World, wecom: ToldHost, user_id: str, key: str
) -> None:
    line_id = a_card(world, user_id=user_id)
    answer = await console.post("press", json={"line_id": line_id, "key": key})
    assert answer.status_code == 404
    assert wecom.done == []


async def test_the_app_is_opened_and_a_code_is_for_the_present_person(
    console: httpx.AsyncClient, dingtalk: ToldHost
) -> None:
    await console.post("phone", json={"host": "dingtalk", "user_id": "wang"})
    await console.post("open-app", json={})
    code = (await console.post("code", json={})).json()
    assert dingtalk.done == [("open_app", "wang")]
    assert code == {"code": "code of wang", "corp_id": dingtalk.company.corp_id}


async def test_the_lines_of_one_person_are_listed_as_they_are(
    console: httpx.AsyncClient, world: World
) -> None:
    world.hear("wecom", "lilei", kind="text", text=HOSTILE)
    world.hear("wecom", "wang", kind="text", text="别人的")
    world.hear("dingtalk", "lilei", kind="text", text="另一个平台的")
    mine = (await console.get("lines", params={"host": "wecom", "user_id": "lilei"})).json()
    assert [line["text"] for line in mine] == [HOSTILE]
    assert len((await console.get("lines")).json()) == 3


async def test_a_line_does_not_tell_the_wire(console: httpx.AsyncClient, world: World) -> None:
    a_card(world)
    assert "response-code" not in (await console.get("lines")).text


async def test_lines_arrive_as_events_while_they_happen(world: World) -> None:
    events = line_events(world, pulse_s=5)
    assert await anext(events) == b"retry: 1000\n\n"
    world.hear("wecom", "lilei", kind="text", text=HOSTILE)
    assert (await _next_line(events))["text"] == HOSTILE
    await events.aclose()


async def test_a_quiet_stream_is_kept_open(world: World) -> None:
    events = line_events(world, pulse_s=0.01)
    await anext(events)
    assert (await anext(events)).startswith(b":")
    await events.aclose()


async def test_faults_are_switched_on_and_cleared(
    console: httpx.AsyncClient, wecom: ToldHost, dingtalk: ToldHost
) -> None:
    await console.post("faults", json={"host": "wecom", "down": True, "duplicate_events": 3})
    told = await console.post(
        "faults", json={"host": "wecom", "kind": "busy", "path": "send", "times": 2}
    )
    assert told.json() == {
        "down": True,
        "duplicate_events": 3,
        "waiting": [{"kind": "busy", "path": "send", "times": 2}],
        "late": 0,
        "schedule": None,
    }
    assert not dingtalk.faults.down
    cleared = (await console.post("faults", json={"host": "wecom", "clear": True})).json()
    assert (cleared["down"], cleared["duplicate_events"], cleared["waiting"]) == (False, 1, [])
    assert await wecom.faults.next("/cgi-bin/message/send") == ""


async def test_a_fault_that_no_host_has_is_refused(console: httpx.AsyncClient) -> None:
    refused = await console.post("faults", json={"host": "wecom", "kind": "earthquake"})
    assert refused.status_code == 422
    assert "lines_cut" in refused.json()["detail"]


async def test_a_deed_is_done_when_it_is_asked_for(
    console: httpx.AsyncClient, wecom: ToldHost
) -> None:
    done: list[str] = []

    async def do(deed: str) -> None:
        done.append(deed)

    wecom.faults.do = do
    told = await console.post("faults", json={"host": "wecom", "kind": "lines_cut"})
    assert (done, told.json()["waiting"]) == (["lines_cut"], [])


async def test_a_plan_is_started_shown_and_stopped(
    console: httpx.AsyncClient, wecom: ToldHost, dingtalk: ToldHost
) -> None:
    plan = {
        "seed": 7,
        "faults": [{"kind": "busy", "host": "wecom", "for_s": 60}, {"kind": "slow", "at_s": 3600}],
    }
    shown = (await console.post("schedule", json={"plan": plan})).json()
    assert [len(shown[host]["schedule"]["plan"]) for host in ("wecom", "dingtalk")] == [2, 1]
    assert await wecom.faults.next("/send") == "busy"
    assert await dingtalk.faults.next("/send") == ""
    hosts = (await console.get("state")).json()["hosts"]
    assert hosts[0]["faults"]["schedule"]["happened"] == {"busy": 1}
    await console.post("schedule", json={"host": "wecom"})
    assert (wecom.faults.schedule, dingtalk.faults.schedule is None) == (None, False)
    await console.post("schedule", json={"plan": {"seed": 3, "chaos": True}})
    assert wecom.faults.schedule is not None
    await console.post("schedule", json={})
    assert (wecom.faults.schedule, dingtalk.faults.schedule) == (None, None)


async def test_what_is_no_plan_is_refused(console: httpx.AsyncClient, wecom: ToldHost) -> None:
    wrong = {"faults": [{"kind": "busy", "at_s": "soon"}]}
    refused = await console.post("schedule", json={"plan": wrong})
    assert (refused.status_code, refused.json()["detail"]) == (422, "at_s: not 'soon'")
    assert wecom.faults.schedule is None


async def test_the_console_reads_what_a_host_was_asked(
    console: httpx.AsyncClient, wecom: ToldHost
) -> None:
    assert (await console.get("requests?host=wecom")).json() == []
    wecom.app = journal = Journal(wecom.app, lambda: 7.0)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=journal)) as http:
        for path in ("ping", "message/send?access_token=T0K3N", "message/send"):
            await http.get(f"http://host.test/{path}")
    shown = (await console.get("requests?host=wecom&path=send")).json()
    assert [(each["path"], each["query"]) for each in shown] == [
        ("/message/send", ""),
        ("/message/send", "access_token=***"),
    ]


async def test_tokens_are_revoked(console: httpx.AsyncClient, dingtalk: ToldHost) -> None:
    await console.post("faults", json={"host": "dingtalk", "revoke_tokens": True})
    assert dingtalk.done == [("revoke_tokens",)]


async def test_a_member_is_moved_and_leads_no_longer_what_he_left(
    console: httpx.AsyncClient, wecom: ToldHost
) -> None:
    move = {"host": "wecom", "user_id": "wang", "department_id": 4}
    person = (await console.post("people/move", json=move)).json()["person"]
    assert (person["department"], person["role"], person["lead_user_id"]) == (
        "华东二组",
        "rep",
        "zhao",
    )
    assert wecom.done == [("member_changed", "wang")]


@pytest.mark.parametrize(
    "move",
    [
        {"host": "wecom", "user_id": "lilei", "department_id": 99},
        {"host": "wecom", "user_id": "nobody", "department_id": 4},
        {"host": "feishu", "user_id": "lilei", "department_id": 4},
    ],
)
async def test_an_impossible_move_moves_nobody(
    console: httpx.AsyncClient, wecom: ToldHost, move: dict[str, object]
) -> None:
    assert (await console.post("people/move", json=move)).status_code == 404
    assert wecom.company.people["lilei"].department_ids == [3]
    assert wecom.done == []


async def test_a_member_leaves(console: httpx.AsyncClient, wecom: ToldHost) -> None:
    await console.post("people/leave", json={"host": "wecom", "user_id": "hanmeimei"})
    people = (await console.get("state")).json()["hosts"][0]["people"]
    assert [p["user_id"] for p in people if not p["active"]] == ["hanmeimei"]
    assert wecom.done == [("member_left", "hanmeimei")]


async def _next_line(events: AsyncIterator[bytes]) -> dict[str, object]:
    name, data = (await anext(events)).decode().strip().split("\n", 1)
    assert name == "event: line"
    line: dict[str, object] = json.loads(data.removeprefix("data: "))
    return line


async def test_unknown_addresses_of_the_console_are_not_there(sandbox: Starlette) -> None:
    transport = httpx.ASGITransport(app=sandbox)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as http:
        assert (await http.get("/console/api/secrets")).status_code == 404
        assert (await http.get("/console/../company.py")).status_code == 404
