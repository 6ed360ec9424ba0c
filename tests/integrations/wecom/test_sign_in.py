from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from field_ops.host.errors import SignInCodeRejected
from integrations.wecom import connect

CREDENTIALS = {
    "corp_id": "wwSandboxCorp0001",
    "agent_id": "1000002",
    "secret": "s",
    "callback_token": "t",
    "callback_aes_key": "x" * 43,
}
BACK = "https://waiqin.example/api/v1/sign-in?host=wecom&to=%23%2Fvisits"


async def test_the_real_sign_in_page_is_on_its_own_host():
    async with httpx.AsyncClient() as http:
        url = connect(CREDENTIALS, http, {}).sign_in.authorise_url(BACK, "abc123")
    address = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}{address.path}" == (
        "https://open.weixin.qq.com/connect/oauth2/authorize"
    )
    assert address.fragment == "wechat_redirect"
    assert query == {
        "appid": "wwSandboxCorp0001",
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "abc123",
        "agentid": "1000002",
    }


async def opened(http: httpx.AsyncClient, url: str, **more: str) -> httpx.Response:
    """As the phone opens it: without the hash."""
    return await http.get(httpx.URL(url.split("#")[0]).copy_merge_params(more))


async def test_a_member_comes_back_with_a_code_that_says_who_he_is(host, http):
    answer = await opened(http, host.sign_in.authorise_url(BACK, "abc"), sandbox_user="lilei")
    back = httpx.URL(answer.headers["location"])
    assert (answer.status_code, back.host, back.path) == (302, "waiqin.example", "/api/v1/sign-in")
    assert (back.params["host"], back.params["to"], back.params["state"]) == (
        "wecom",
        "#/visits",
        "abc",
    )
    assert (await host.sign_in.who(back.params["code"])).host_user_id == "lilei"


async def test_the_phone_remembers_whose_it_is(host, http):
    url = host.sign_in.authorise_url(BACK, "abc")
    await opened(http, url, sandbox_user="wang")
    back = httpx.URL((await opened(http, url)).headers["location"])
    assert (await host.sign_in.who(back.params["code"])).host_user_id == "wang"


async def test_a_phone_of_nobody_asks_whose_it_is(host, http, simulator):
    simulator.company.people["lilei"].name = "<script>李雷"
    page = await opened(http, host.sign_in.authorise_url(BACK, "abc"))
    assert page.status_code == 200
    assert "&lt;script&gt;李雷" in page.text
    assert "<script>" not in page.text
    assert "sandbox_user=lilei" in page.text


FOREIGN = [
    "https://bad.example/",
    "https://sub.waiqin.example/",
    "https://waiqin.example:8443/",
    "javascript:alert(1)",
    "",
]


@pytest.mark.parametrize("redirect_uri", FOREIGN)
async def test_only_the_apps_own_pages_get_a_code(host, http, redirect_uri):
    url = host.sign_in.authorise_url(redirect_uri, "abc")
    answer = await opened(http, url, sandbox_user="lilei")
    assert answer.status_code == 400
    assert "50001" in answer.text


async def test_a_code_ends_after_five_minutes(host, simulator, clock):
    code = simulator.sign_in_code("lilei")
    clock.ahead_s = 301
    with pytest.raises(SignInCodeRejected):
        await host.sign_in.who(code)


async def test_somebody_who_left_is_not_a_member(host, simulator):
    code = simulator.sign_in_code("lilei")
    simulator.company.people["lilei"].active = False
    with pytest.raises(SignInCodeRejected):
        await host.sign_in.who(code)


@pytest.mark.parametrize("code", ["", "x" * 513])
async def test_what_cannot_be_a_code_is_not_even_asked(host, simulator, code):
    simulator.faults.down = True
    with pytest.raises(SignInCodeRejected):
        await host.sign_in.who(code)
