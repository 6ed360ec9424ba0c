"""What a page knows about itself: the entry, the signed-in member, the page's signature."""

import pytest

from field_ops.host.errors import HostUnavailable


async def test_the_entry_says_how_to_sign_in(office, company):
    query = {"host": "wecom", "connection": "default"}
    said = (await office.web.get("/api/v1/entry", params=query)).json()
    assert said["mode"] == "redirect"
    assert said["sign_in_url"] == "https://crm.example/hosts/wecom/default/sign-in"
    assert said["web_sign_in"] is True
    company.redirects = company.on_web = False
    said = (await office.web.get("/api/v1/entry", params=query)).json()
    assert (said["mode"], said["sign_in_url"], said["client_id"]) == ("bridge", "", "client-1")
    assert said["web_sign_in"] is False


async def test_the_entry_names_the_web_sign_in_of_a_host_with_a_bridge(office, company):
    company.redirects = False
    query = {"host": "wecom", "connection": "default"}
    said = (await office.web.get("/api/v1/entry", params=query)).json()
    assert (said["mode"], said["web_sign_in"]) == ("bridge", True)
    assert said["sign_in_url"] == "https://crm.example/hosts/wecom/default/sign-in"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"host": "wecom", "connection": "nowhere"}, 404),
        ({"host": "feishu", "connection": "default"}, 404),
        ({"host": "wecom"}, 422),
    ],
)
async def test_an_entry_that_is_not_there_is_refused(office, query, status):
    assert (await office.web.get("/api/v1/entry", params=query)).status_code == status


async def test_nothing_secret_is_in_the_entry(office):
    answer = await office.web.get("/api/v1/entry?host=wecom&connection=default")
    assert "s3cret" not in answer.text


async def test_a_write_without_the_pages_token_is_refused(office):
    said = (await office.sign_in("lilei")).json()
    refused = await office.web.patch("/api/v1/me", json={"language": "en"})
    assert (refused.status_code, refused.json()["code"]) == (403, "page_outdated")
    headers = {"x-csrf-token": said["csrf_token"]}
    changed = await office.web.patch("/api/v1/me", json={"language": "en"}, headers=headers)
    assert changed.json()["language"] == "en"


async def test_the_token_of_another_session_is_refused(office):
    other = (await office.sign_in("wang")).json()["csrf_token"]
    await office.sign_in("lilei")
    headers = {"x-csrf-token": other}
    answer = await office.web.patch("/api/v1/me", json={"language": "en"}, headers=headers)
    assert answer.status_code == 403


async def test_signing_out_ends_the_session_wherever_its_cookie_is(office):
    said = (await office.sign_in("lilei")).json()
    stolen = dict(office.web.cookies)
    headers = {"x-csrf-token": said["csrf_token"]}
    answer = await office.web.delete("/api/v1/sessions/current", headers=headers)
    assert answer.json() == {"signed_out": True}
    assert "waiqin_session" not in office.web.cookies
    office.web.cookies.update(stolen)
    assert (await office.web.get("/api/v1/me")).status_code == 401


async def test_a_page_of_ours_is_signed(office):
    await office.sign_in("lilei")
    url = "https://crm.example/h5/?a=1"
    answer = await office.web.get("/api/v1/page-signature", params={"url": url})
    assert answer.json()["config"] == {"signature": f"of {url}"}


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/h5/", "https://crm.example.evil/h5/", "https://crm.example@evil/h5/"],
)
async def test_a_page_elsewhere_is_not_signed(office, url):
    await office.sign_in("lilei")
    answer = await office.web.get("/api/v1/page-signature", params={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "page_elsewhere")


async def test_a_page_is_not_signed_for_somebody_who_is_not_signed_in(office):
    answer = await office.web.get("/api/v1/page-signature?url=https://crm.example/h5/")
    assert answer.status_code == 401


async def test_a_host_without_tickets_is_a_sentence(office, company):
    await office.sign_in("lilei")
    company.down = HostUnavailable("504")
    answer = await office.web.get("/api/v1/page-signature?url=https://crm.example/h5/")
    assert answer.json()["code"] == "host_not_answering"
