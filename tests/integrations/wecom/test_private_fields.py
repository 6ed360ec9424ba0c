"""What a member shows of himself alone: by a ticket that only his consent gives."""

import httpx
import pytest

from tests.integrations.wecom.conftest import BASE

PAGE = BASE.removesuffix("cgi-bin/") + "connect/oauth2/authorize"


async def signed_in(phone, simulator, **how: str) -> dict[str, str]:
    query = {
        "appid": simulator.company.corp_id,
        "redirect_uri": "https://waiqin.example/in",
        "response_type": "code",
        "state": "s",
        "sandbox_user": "lilei",
        **how,
    }
    back = await phone.http.get(PAGE, params=query)
    code = httpx.URL(back.headers["location"]).params["code"]
    return await phone.get("auth/getuserinfo", code=code)


@pytest.mark.parametrize(
    "how",
    [{"scope": "snsapi_base", "agentid": "1000002"}, {"scope": "snsapi_privateinfo"}],
)
async def test_without_consent_there_is_no_ticket(phone, simulator, how):
    said = await signed_in(phone, simulator, **how)
    assert (said["userid"], "user_ticket" in said) == ("lilei", False)


async def test_a_ticket_shows_them_for_half_an_hour(phone, simulator, clock):
    simulator.company.people["lilei"].phone = "13800000001"
    how = {"scope": "snsapi_privateinfo", "agentid": "1000002"}
    ticket = (await signed_in(phone, simulator, **how))["user_ticket"]
    said = await phone.post("auth/getuserdetail", {"user_ticket": ticket})
    assert (said["userid"], said["mobile"], said["gender"]) == ("lilei", "13800000001", "0")
    clock.ahead_s = 1801
    assert (await phone.post("auth/getuserdetail", {"user_ticket": ticket}))["errcode"] == 84014
    assert (await phone.post("auth/getuserdetail", {"user_ticket": "x"}))["errcode"] == 84015
