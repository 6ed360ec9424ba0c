"""Page → host → here → page."""

from datetime import timedelta

import httpx
import pytest

from field_ops.host.errors import HostUnavailable
from tests.field_ops.people.fake_company import FOREIGNER


def problem_of(answer: httpx.Response) -> str:
    """The problem with which a redirect leads back to the sign-in page."""
    url = httpx.URL(answer.headers["location"])
    assert (answer.status_code, url.path, url.fragment) == (302, "/h5/", "/sign-in")
    return url.params["problem"]


async def test_signing_in_leads_to_the_page_that_was_wanted(office, company):
    state = await office.leave_for_host("/h5/?tab=1#/customers/%E5%8D%8E")
    answer = await office.return_from_host(company.code_for("lilei"), state)
    assert answer.headers["location"] == "/h5/?tab=1#/customers/%E5%8D%8E"
    assert (await office.web.get("/api/v1/me")).json()["name"] == "李雷"


async def test_the_host_is_told_where_to_return_to(office):
    answer = await office.web.get("/hosts/wecom/default/sign-in")
    asked = httpx.URL(answer.headers["location"]).params
    assert asked["redirect_uri"] == "https://crm.example/hosts/wecom/default/signed-in"
    assert asked["state"].isalnum()


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(office, company):
    answer = await office.web.get("/hosts/wecom/default/sign-in")
    state = httpx.URL(answer.headers["location"]).params["state"]
    answers = [answer, await office.return_from_host(company.code_for("lilei"), state)]
    cookies = [line.lower() for one in answers for line in one.headers.get_list("set-cookie")]
    (pending,) = [line for line in cookies if "max-age=600;" in line]
    (session,) = [line for line in cookies if line.startswith("waiqin_session=")]
    for line in (pending, session):
        assert all(flag in line for flag in ("httponly", "secure", "samesite=lax"))
    assert "path=/hosts/wecom/default/" in pending
    assert [one.headers["referrer-policy"] for one in answers] == ["no-referrer"] * 2


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/h5/",
        "//evil.example/h5/",
        "/\\evil.example",
        "/h5\\..\\evil",
        "/h5/\\evil.example",
        "/h5/../hosts/wecom",
        "/h5",
        "/api/v1/me",
        "javascript:alert(1)",
        "/h5/\r\nset-cookie: a=b",
        "/h5/" + "a" * 2000,
        "",
    ],
)
async def test_only_our_own_pages_are_returned_to(office, company, wanted):
    state = await office.leave_for_host(wanted)
    answer = await office.return_from_host(company.code_for("lilei"), state)
    assert answer.headers["location"] == "/h5/?host=wecom&connection=default#/today"


async def test_a_forged_state_is_refused_unasked(office, company):
    await office.leave_for_host()
    company.asked.clear()
    answer = await office.return_from_host(company.code_for("lilei"), "0" * 32)
    assert (problem_of(answer), company.asked) == ("sign_in_interrupted", [])


async def test_a_sign_in_that_this_browser_did_not_begin_is_refused(office, company):
    state = await office.leave_for_host()
    office.web.cookies.clear()
    answer = await office.return_from_host(company.code_for("lilei"), state)
    assert problem_of(answer) == "sign_in_interrupted"


async def test_a_forged_cookie_is_refused(office, company):
    state = await office.leave_for_host()
    value = office.web.cookies["waiqin_sign_in"].strip('"')
    office.web.cookies.clear()
    office.web.cookies.set("waiqin_sign_in", "x" + value[1:])
    answer = await office.return_from_host(company.code_for("lilei"), state)
    assert problem_of(answer) == "sign_in_interrupted"


async def test_a_sign_in_of_another_connection_is_refused(office, company):
    await office.connect(name="second", company="乙")
    state = await office.leave_for_host()
    cookie = office.web.cookies["waiqin_sign_in"]
    office.web.cookies.set("waiqin_sign_in", cookie, path="/hosts/wecom/second/")
    answer = await office.web.get(
        "/hosts/wecom/second/signed-in", params={"code": company.code_for("lilei"), "state": state}
    )
    assert problem_of(answer) == "sign_in_interrupted"


async def test_a_sign_in_that_took_ten_minutes_begins_again(office, company):
    state = await office.leave_for_host()
    office.now += timedelta(minutes=10)
    answer = await office.return_from_host(company.code_for("lilei"), state)
    assert problem_of(answer) == "sign_in_interrupted"


async def test_a_code_that_comes_twice_signs_in_once(office, company):
    state = await office.leave_for_host()
    code = company.code_for("lilei")
    await office.return_from_host(code, state)
    company.code_for("lilei", code)  # a host that would accept it again
    state = await office.leave_for_host()
    assert problem_of(await office.return_from_host(code, state)) == "sign_in_code_spent"


async def test_a_host_that_is_down_leads_back_to_the_sign_in_page(office, company):
    state = await office.leave_for_host()
    company.down = HostUnavailable("504")
    answer = await office.return_from_host("code", state)
    assert problem_of(answer) == "host_not_answering"
    assert "waiqin_session" not in office.web.cookies


async def test_a_connection_that_is_not_there_leads_to_a_sentence(office):
    answer = await office.web.get("/hosts/wecom/nowhere/sign-in")
    assert problem_of(answer) == "connection_unknown"


async def test_a_host_that_gives_codes_to_the_page_sends_nobody_away(office, company):
    company.redirects = False
    answer = await office.web.get("/hosts/wecom/default/sign-in")
    assert answer.headers["location"] == "/h5/?host=wecom&connection=default#/sign-in"


async def at_a_desk(office) -> httpx.URL:
    """Press sign-in in a browser outside of the host's app; gives where that leads."""
    answer = await office.web.get("/hosts/wecom/default/sign-in", params={"in_app": "0"})
    return httpx.URL(answer.headers["location"])


@pytest.mark.parametrize("name", ["code", "authCode"])
async def test_a_desk_signs_in_by_the_hosts_page_for_browsers(office, company, name):
    company.redirects = False  # inside its app this host gives the code to the page
    page = await at_a_desk(office)
    assert page.path == "/login"
    answer = await office.web.get(
        "/hosts/wecom/default/signed-in",
        params={name: company.code_for("lilei"), "state": page.params["state"]},
    )
    assert answer.headers["location"] == "/h5/?host=wecom&connection=default#/today"
    assert company.asked[-1] == "who on the web"
    assert (await office.web.get("/api/v1/me")).json()["name"] == "李雷"


async def test_a_host_without_a_page_for_browsers_sends_nobody_away(office, company):
    company.on_web = False
    assert (await at_a_desk(office)).fragment == "/sign-in"


async def test_who_breaks_off_at_the_host_may_begin_again(office, company):
    page = await at_a_desk(office)
    company.asked.clear()
    answer = await office.web.get(
        "/hosts/wecom/default/signed-in",
        params={"error": "access_denied", "state": page.params["state"]},
    )
    assert (problem_of(answer), company.asked) == ("sign_in_interrupted", [])


async def test_somebody_of_another_company_is_told_to_ask_for_leave(office, company):
    page = await at_a_desk(office)
    answer = await office.return_from_host(company.code_for(FOREIGNER), page.params["state"])
    assert problem_of(answer) == "member_unknown"
