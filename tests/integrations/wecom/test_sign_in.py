from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from field_ops.host.errors import NotAColleague, SignInCodeRejected
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
        url = connect(CREDENTIALS, http, {}).sign_in.authorise_url(BACK, "abc123", in_app=True)
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
    answer = await opened(
        http, host.sign_in.authorise_url(BACK, "abc", in_app=True), sandbox_user="lilei"
    )
    back = httpx.URL(answer.headers["location"])
    assert (answer.status_code, back.host, back.path) == (302, "waiqin.example", "/api/v1/sign-in")
    assert (back.params["host"], back.params["to"], back.params["state"]) == (
        "wecom",
        "#/visits",
        "abc",
    )
    assert (await host.sign_in.who(back.params["code"])).host_user_id == "lilei"


async def test_the_phone_remembers_whose_it_is(host, http):
    url = host.sign_in.authorise_url(BACK, "abc", in_app=True)
    await opened(http, url, sandbox_user="wang")
    back = httpx.URL((await opened(http, url)).headers["location"])
    assert (await host.sign_in.who(back.params["code"])).host_user_id == "wang"


async def test_a_phone_of_nobody_asks_whose_it_is(host, http, simulator):
    simulator.company.people["lilei"].name = "<script>李雷"
    page = await opened(http, host.sign_in.authorise_url(BACK, "abc", in_app=True))
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
    url = host.sign_in.authorise_url(redirect_uri, "abc", in_app=True)
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
    with pytest.raises(NotAColleague):
        await host.sign_in.who(code)


@pytest.mark.parametrize("code", ["", "x" * 513])
async def test_what_cannot_be_a_code_is_not_even_asked(host, simulator, code):
    simulator.faults.down = True
    with pytest.raises(SignInCodeRejected):
        await host.sign_in.who(code)


async def test_a_desk_is_shown_a_qr_code_on_a_page_of_its_own():
    async with httpx.AsyncClient() as http:
        url = connect(CREDENTIALS, http, {}).sign_in.authorise_url(BACK, "abc123", in_app=False)
    address = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}{address.path}" == (
        "https://login.work.weixin.qq.com/wwlogin/sso/login"
    )
    assert query == {
        "login_type": "CorpApp",
        "appid": "wwSandboxCorp0001",
        "agentid": "1000002",
        "redirect_uri": BACK,
        "state": "abc123",
    }


async def test_who_scans_the_code_is_who_comes_back(host, http):
    url = host.sign_in.authorise_url(BACK, "abc", in_app=False)
    page = await opened(http, url)
    assert "sandbox_user=wang" in page.text
    back = httpx.URL((await opened(http, url, sandbox_user="wang")).headers["location"])
    assert (back.params["host"], back.params["state"]) == ("wecom", "abc")
    user = await host.sign_in.who(back.params["code"], in_app=False)
    assert user.host_user_id == "wang"


async def test_a_desk_is_asked_each_time_who_scans(host, http):
    await opened(http, host.sign_in.authorise_url(BACK, "a", in_app=True), sandbox_user="wang")
    page = await opened(http, host.sign_in.authorise_url(BACK, "b", in_app=False))
    assert page.status_code == 200


async def test_a_scan_by_somebody_of_another_company_is_told_apart(host, http):
    url = host.sign_in.authorise_url(BACK, "abc", in_app=False)
    back = httpx.URL((await opened(http, url, sandbox_user="stranger")).headers["location"])
    with pytest.raises(NotAColleague):
        await host.sign_in.who(back.params["code"], in_app=False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"login_type": "ServiceApp"},
        {"appid": "wwother"},
        {"agentid": "7"},
        {"redirect_uri": "https://evil.example/"},
    ],
)
async def test_the_qr_page_is_for_this_app_alone(host, http, wrong):
    url = host.sign_in.authorise_url(BACK, "abc", in_app=False)
    answer = await opened(http, url, sandbox_user="wang", **wrong)
    assert answer.status_code == 400
