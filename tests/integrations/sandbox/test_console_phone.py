"""Whose phone it is, where it lies, and what it tells an app."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from integrations.sandbox.app import create_sandbox
from integrations.sandbox.stage import Noted
from integrations.sandbox.world import World

from .conftest import NOON, ORIGIN, PLACES, ToldHost


async def test_the_phone_first_lies_in_the_hand_of_a_rep_at_the_first_place(
    console: httpx.AsyncClient,
) -> None:
    phone = (await console.get("state")).json()["phone"]
    assert (phone["host"], phone["user_id"], phone["place"]) == ("wecom", "lilei", "华联")


async def test_the_state_names_everybody_with_department_role_and_lead(
    console: httpx.AsyncClient,
) -> None:
    company = (await console.get("state")).json()["hosts"][0]
    people = {person["user_id"]: person for person in company["people"]}
    assert company["company"] == "晨光商贸"
    assert people["wang"]["role"] == "lead"
    assert people["lilei"]["lead_user_id"] == "wang"
    assert people["wang"]["lead_user_id"] == "boss"
    assert people["lilei"]["department"] == "华东一组"


async def test_the_state_tells_no_secret_of_the_app(
    console: httpx.AsyncClient, wecom: ToldHost
) -> None:
    said = (await console.get("state")).text
    app = wecom.company.app
    assert not [s for s in (app.secret, app.callback_token, app.callback_aes_key) if s in said]


async def test_the_phone_changes_hands_and_wecom_knows_who_holds_it(
    console: httpx.AsyncClient,
) -> None:
    await console.post("phone", json={"user_id": "wang"})
    phone = (await console.get("state")).json()["phone"]
    assert phone["user_id"] == "wang"
    assert console.cookies["waiqin_sandbox_wecom_user"] == "wang"


async def test_the_other_host_begins_with_a_rep(console: httpx.AsyncClient) -> None:
    await console.post("phone", json={"user_id": "wang"})
    phone = (await console.post("phone", json={"host": "dingtalk"})).json()
    assert (phone["host"], phone["user_id"]) == ("dingtalk", "lilei")


async def test_two_browsers_hold_two_phones(console: httpx.AsyncClient, sandbox: Starlette) -> None:
    await console.post("phone", json={"user_id": "wang"})
    transport = httpx.ASGITransport(app=sandbox)
    async with httpx.AsyncClient(transport=transport, base_url=console.base_url) as other:
        assert (await other.get("state")).json()["phone"]["user_id"] == "lilei"


async def test_who_stands_at_a_place_is_told_its_name(console: httpx.AsyncClient) -> None:
    phone = (await console.post("phone", json={"place": "红星"})).json()
    assert (phone["lat"], phone["lng"], phone["place"]) == (31.2404, 121.4837, "红星")
    phone = (await console.post("phone", json={"lat": 31.2304, "lng": 121.4737})).json()
    assert phone["place"] == "华联"
    phone = (await console.post("phone", json={"lat": 31.25, "lng": 121.5})).json()
    assert phone["place"] == ""


async def test_each_host_has_a_city_of_its_own(
    world: World, wecom: ToldHost, dingtalk: ToldHost
) -> None:
    elsewhere = {"name": "新华书店", "lat": 30.59, "lng": 114.3}
    sandbox = create_sandbox(
        world,
        {"wecom": wecom, "dingtalk": dingtalk},
        clock=lambda: NOON,
        places={"wecom": PLACES, "dingtalk": [elsewhere]},
    )
    transport = httpx.ASGITransport(app=sandbox)
    async with httpx.AsyncClient(transport=transport, base_url=f"{ORIGIN}/console/api/") as http:
        hosts = (await http.get("state")).json()["hosts"]
        phone = (await http.post("phone", json={"host": "dingtalk"})).json()
    assert [[place["name"] for place in host["places"]] for host in hosts] == [
        ["华联", "红星"],
        ["新华书店"],
    ]
    assert (phone["place"], phone["lat"]) == ("新华书店", 30.59)


async def test_the_holders_agenda_is_told(console: httpx.AsyncClient, wecom: ToldHost) -> None:
    wecom.noted = {"lilei": [Noted(kind="todo", title="拜访 华联", begins=NOON, ends=NOON)]}
    await console.post("phone", json={"host": "wecom", "user_id": "lilei"})
    (noted,) = (await console.get("noted")).json()
    assert (noted["kind"], noted["title"], noted["begins"]) == ("todo", "拜访 华联", NOON)
    await console.post("phone", json={"user_id": "wang"})
    assert (await console.get("noted")).json() == []


async def test_what_the_phone_reports_can_be_set(console: httpx.AsyncClient) -> None:
    wanted = {
        "accuracy_m": 320.0,
        "provider": "cell",
        "is_mock": True,
        "position": "denied",
        "online": False,
        "language": "en",
    }
    phone = (await console.post("phone", json=wanted)).json()
    assert {name: phone[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"user_id": "nobody"}, 404),
        ({"host": "feishu"}, 404),
        ({"place": "nowhere"}, 404),
        ({"user_id": "wang", "place": "nowhere"}, 404),
        ({"lat": 91}, 422),
        ({"accuracy_m": 0}, 422),
        ({"provider": "magic"}, 422),
        ({"unknown": 1}, 422),
    ],
)
async def test_an_impossible_change_is_refused_and_changes_nothing(
    console: httpx.AsyncClient, change: dict[str, object], status: int
) -> None:
    before = (await console.get("state")).json()["phone"]
    answer = await console.post("phone", json=change)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert (await console.get("state")).json()["phone"] == before


async def test_a_phone_of_somebody_who_left_cannot_speak(
    console: httpx.AsyncClient, wecom: ToldHost
) -> None:
    await console.post("phone", json={"user_id": "lilei"})
    await console.post("people/leave", json={"host": "wecom", "user_id": "lilei"})
    answer = await console.post("say", json={"text": "在吗"})
    assert answer.status_code == 404
    assert wecom.done == [("member_left", "lilei")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": ORIGIN, "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
@pytest.mark.parametrize("path", ["phone", "code", "open-app"])
async def test_pages_of_other_sites_press_no_buttons(
    console: httpx.AsyncClient, path: str, headers: dict[str, str], status: int
) -> None:
    answer = await console.post(path, json={}, headers=headers)
    assert answer.status_code == status


async def test_a_body_without_end_is_refused(console: httpx.AsyncClient) -> None:
    answer = await console.post("say", content=b" " * 70_000)
    assert answer.status_code == 413


async def test_the_page_brings_its_files_and_a_strict_policy(sandbox: Starlette) -> None:
    transport = httpx.ASGITransport(app=sandbox)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        page = await http.get("/console/")
        script = await http.get("/console/console.js")
    policy = page.headers["content-security-policy"]
    assert "我是谁" not in page.text  # texts come from one table, in both languages
    assert '<script type="module" src="console.js">' in page.text
    assert "unsafe" not in policy
    assert "frame-src 'self' https://h5.example" in policy
    assert script.status_code == 200


async def test_the_sandbox_works_at_the_root_and_below_a_prefix(sandbox: Starlette) -> None:
    transport = httpx.ASGITransport(app=Starlette(routes=[Mount("/sandbox", app=sandbox)]))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        assert (await http.get("/sandbox/wecom/ping")).text == "wecom"
        assert (await http.get("/sandbox/dingtalk/ping")).text == "dingtalk"
        page = await http.get("/sandbox/", follow_redirects=True)
        assert page.url.path == "/sandbox/console/"
        await http.get("/sandbox/console/api/state")
        cookie = next(c for c in http.cookies.jar if c.name == "waiqin_sandbox_phone")
    assert cookie.path == "/sandbox/console"
