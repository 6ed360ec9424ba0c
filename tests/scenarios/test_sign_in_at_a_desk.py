"""In a browser outside of the hosts' apps: there and back by the host's page for browsers."""

import httpx
import pytest

from tests.scenarios.stage import CONNECTION, HOME, Phone, Stage


@pytest.fixture
def desk(stage: Stage, host: str) -> Phone:
    return stage.phone(host, "nobody")


async def at_the_hosts_page(desk: Phone) -> httpx.URL:
    """Where the button of the sign-in page leads."""
    entry = (await desk.page.get("/entry", host=desk.host, connection=CONNECTION)).json()
    assert entry["web_sign_in"] is True
    asked = {"in_app": "0", "next": "/h5/#/customers"}
    answer = await desk.page.client.get(entry["sign_in_url"], params=asked)
    return httpx.URL(answer.headers["location"])


async def back_from_there(desk: Phone, **more: str) -> httpx.URL:
    """Where the browser ends when the host has sent it back to us."""
    url = (await at_the_hosts_page(desk)).copy_merge_params(more)
    sent_back = (await desk.page.client.get(url)).headers["location"]
    assert sent_back.startswith(f"{HOME}/hosts/{desk.host}/{CONNECTION}/signed-in?")
    return httpx.URL((await desk.page.client.get(sent_back)).headers["location"])


async def test_who_scans_the_code_is_signed_in_on_the_page_he_wanted(desk: Phone) -> None:
    page = await back_from_there(desk, sandbox_user="lilei")
    assert str(page) == "/h5/#/customers"
    assert (await desk.page.get("/me")).json()["name"] == "李雷"


async def test_somebody_outside_of_the_company_is_told_so(desk: Phone) -> None:
    page = await back_from_there(desk, sandbox_user="stranger")
    assert page.params["problem"] == "member_unknown"
    assert (await desk.page.get("/me")).status_code == 401


async def test_the_host_asks_who_it_is(desk: Phone) -> None:
    page = await desk.page.client.get(await at_the_hosts_page(desk))
    assert page.status_code == 200
    assert "sandbox_user=lilei" in page.text
