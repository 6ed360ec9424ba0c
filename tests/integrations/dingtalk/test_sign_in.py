"""The two ways in: a code of the bridge, and DingTalk's own page for browsers."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from field_ops.host.errors import (
    CredentialsRejected,
    HostUnavailable,
    NotAColleague,
    SignInCodeRejected,
)
from field_ops.host.platform import HostPlatform
from integrations.dingtalk import connect
from integrations.dingtalk.simulator import DingtalkSimulator

BACK = "https://waiqin.example/hosts/dingtalk/default/signed-in"


async def test_inside_dingtalk_nobody_is_sent_away(host: HostPlatform) -> None:
    assert host.sign_in.authorise_url(BACK, "abc123", in_app=True) == ""


async def test_a_desk_is_sent_to_dingtalks_own_page(
    credentials: dict[str, str], http: httpx.AsyncClient
) -> None:
    url = connect(credentials, http, {}).sign_in.authorise_url(BACK, "abc123", in_app=False)
    address = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}{address.path}" == (
        "https://login.dingtalk.com/oauth2/auth"
    )
    assert query == {
        "redirect_uri": BACK,
        "response_type": "code",
        "client_id": credentials["client_id"],
        "scope": "openid",
        "state": "abc123",
        "prompt": "consent",
    }


async def opened(http: httpx.AsyncClient, host: HostPlatform, **more: str) -> httpx.Response:
    url = httpx.URL(host.sign_in.authorise_url(BACK, "abc", in_app=False))
    return await http.get(url.copy_merge_params(more))


async def scanned(http: httpx.AsyncClient, host: HostPlatform, user_id: str) -> str:
    """The code with which DingTalk sends the browser back after this member has scanned."""
    answer = await opened(http, host, sandbox_user=user_id)
    back = httpx.URL(answer.headers["location"])
    assert (str(back.copy_with(query=None)), back.params["state"]) == (BACK, "abc")
    return back.params["authCode"]


async def test_who_scans_is_who_comes_back(host: HostPlatform, http: httpx.AsyncClient) -> None:
    user = await host.sign_in.who(await scanned(http, host, "lilei"), in_app=False)
    assert (user.host_user_id, user.union_id) == ("lilei", "lileiUnionIdiEiE")


async def test_the_page_asks_who_scans(
    host: HostPlatform, http: httpx.AsyncClient, simulator: DingtalkSimulator
) -> None:
    simulator.company.people["lilei"].name = "<script>李雷"
    page = await opened(http, host)
    assert page.status_code == 200
    assert "sandbox_user=lilei" in page.text
    assert "<script>" not in page.text


async def test_a_code_is_good_once(host: HostPlatform, http: httpx.AsyncClient) -> None:
    code = await scanned(http, host, "lilei")
    await host.sign_in.who(code, in_app=False)
    with pytest.raises(SignInCodeRejected):
        await host.sign_in.who(code, in_app=False)


async def test_the_codes_of_the_two_ways_are_not_exchangeable(
    host: HostPlatform, http: httpx.AsyncClient, simulator: DingtalkSimulator
) -> None:
    with pytest.raises(SignInCodeRejected):
        await host.sign_in.who(await scanned(http, host, "lilei"), in_app=True)
    with pytest.raises(SignInCodeRejected):
        await host.sign_in.who(simulator.sign_in_code("lilei"), in_app=False)


@pytest.mark.parametrize("who", ["stranger", "lilei"])
async def test_somebody_of_another_company_is_told_apart(
    host: HostPlatform, http: httpx.AsyncClient, simulator: DingtalkSimulator, who: str
) -> None:
    simulator.company.people["lilei"].active = False
    with pytest.raises(NotAColleague):
        await host.sign_in.who(await scanned(http, host, who), in_app=False)


async def test_an_outage_is_not_a_bad_code(
    host: HostPlatform, http: httpx.AsyncClient, simulator: DingtalkSimulator
) -> None:
    code = await scanned(http, host, "lilei")
    simulator.faults.add("down", times=9)
    with pytest.raises(HostUnavailable):
        await host.sign_in.who(code, in_app=False)


async def test_a_wrong_secret_is_a_matter_for_the_settings(
    credentials: dict[str, str], base_urls: dict[str, str], http: httpx.AsyncClient
) -> None:
    host = connect({**credentials, "client_secret": "wrong"}, http, base_urls)
    with pytest.raises(CredentialsRejected):
        await host.sign_in.who(await scanned(http, host, "lilei"), in_app=False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "dingother"},
        {"redirect_uri": "https://evil.example/"},
        {"prompt": ""},
        {"response_type": "token"},
        {"scope": "everything"},
    ],
)
async def test_the_page_is_for_this_app_alone(
    host: HostPlatform, http: httpx.AsyncClient, wrong: dict[str, str]
) -> None:
    assert (await opened(http, host, sandbox_user="lilei", **wrong)).status_code == 400
