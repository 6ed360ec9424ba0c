"""A code becomes a session, once, for a colleague of this company who is active."""

import asyncio

import httpx
import pytest
from sqlalchemy import select

from field_ops.host.errors import CredentialsRejected, HostBusy, HostUnavailable
from field_ops.people.models import Session, SyncHint, UsedSignInCode


async def test_a_code_of_the_page_opens_a_session(office, company):
    answer = await office.post_code(company.code_for("lilei"))
    said = answer.json()
    assert (answer.status_code, said["name"], said["department"]) == (201, "李雷", "华东一组")
    assert said["roles"] == ["rep"]
    assert (await office.web.get("/api/v1/me")).json() == said


async def test_who_leads_a_department_is_a_lead(office):
    assert (await office.sign_in("wang")).json()["roles"] == ["lead", "rep"]


async def test_a_code_is_stored_only_as_its_hash(office, company):
    await office.post_code(company.code_for("lilei", "the-code"))
    async with office.database.reading() as session:
        (spent,) = await session.scalars(select(UsedSignInCode.code_hash))
    assert (len(spent), "the-code" in spent) == (64, False)


async def test_a_code_used_twice_is_refused_unasked(office, company):
    await office.post_code(company.code_for("lilei"))
    company.code_for("lilei")
    company.asked.clear()
    answer = await office.post_code("code-1")
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_code_spent")
    assert company.asked == []


async def test_of_two_requests_with_one_code_one_comes_in(office, company):
    class AcceptsTwice(dict):
        def pop(self, key):
            return self[key]

    company.codes = AcceptsTwice({"twice": "lilei"})
    answers = await asyncio.gather(office.post_code("twice"), office.post_code("twice"))
    assert sorted(answer.status_code for answer in answers) == [201, 403]


@pytest.mark.parametrize("code", ["expired", "of-another-company", "<script>", "码" * 200])
async def test_a_code_that_the_host_does_not_take_is_refused_with_a_sentence(office, code):
    answer = await office.post_code(code)
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_code_spent")
    assert "重新进入应用" in answer.json()["detail"]


async def test_somebody_who_joined_since_the_last_sync_may_come_in(office, company):
    company.person("new", "新同事", "5")
    said = (await office.sign_in("new")).json()
    assert (said["name"], said["department"]) == ("新同事", "华东一组")


async def test_a_new_colleague_of_a_new_department_leaves_a_hint_for_the_worker(office, company):
    company.department("8", "新部门", "1")
    company.person("new", "新同事", "8")
    assert (await office.sign_in("new")).json()["department"] == ""
    async with office.database.reading() as session:
        assert list(await session.scalars(select(SyncHint.host_id))) == ["8"]


async def test_a_stranger_is_not_let_in(office, company):
    answer = await office.post_code(company.code_for("stranger"))
    assert (answer.status_code, answer.json()["code"]) == (403, "member_unknown")


async def test_who_is_outside_the_visible_range_is_not_let_in(office, company):
    company.person("far", "远方", "5")
    company.invisible.add("far")
    answer = await office.post_code(company.code_for("far"))
    assert answer.json()["code"] == "member_unknown"


async def test_a_leaver_is_not_let_in(office, company):
    company.leave("lilei")
    await office.sync()
    answer = await office.post_code(company.code_for("lilei"))
    assert (answer.status_code, answer.json()["code"]) == (403, "member_not_active")


async def test_somebody_suspended_is_not_let_in(office, company):
    company.change("lilei", active=False)
    await office.sync()
    answer = await office.post_code(company.code_for("lilei"))
    assert answer.json()["code"] == "member_not_active"


async def test_a_session_ends_when_its_member_leaves(office, company):
    await office.sign_in("lilei")
    company.leave("lilei")
    await office.sync()
    assert (await office.web.get("/api/v1/me")).status_code == 401


@pytest.mark.parametrize(
    "failure", [HostUnavailable("504"), HostBusy("45009"), CredentialsRejected("40001")]
)
async def test_a_host_that_does_not_answer_is_a_sentence(office, company, failure):
    company.down = failure
    answer = await office.post_code("code")
    assert (answer.status_code, answer.json()["code"]) == (503, "host_not_answering")
    assert "企业微信" in answer.json()["detail"]


async def test_a_code_cannot_be_spent_through_another_company(office, company):
    await office.connect(name="second", company="乙")
    await office.sync(name="second")
    first = (await office.sign_in("lilei")).json()
    other = await office.post_code(company.code_for("lilei", "other"), connection="second")
    assert other.json()["company"] == "乙"
    assert other.json()["member_id"] != first["member_id"]


async def test_an_unknown_connection_is_not_found(office):
    answer = await office.post_code("code", connection="nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "connection_unknown")


async def test_a_form_of_another_site_cannot_sign_anybody_in(office, company):
    body = b'{"host":"wecom","connection":"default","code":"code-1"}'
    company.code_for("lilei")
    headers = {"content-type": "text/plain"}
    answer = await office.web.post("/api/v1/sessions", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "json_expected")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "body_unreadable"),
        (b"{}", 422, "fields_invalid"),
        (b'{"host":"wecom","connection":"default","code":""}', 422, "fields_invalid"),
        (b" " * (1024 * 1024 + 1), 413, "too_large"),
    ],
)
async def test_what_cannot_be_read_is_refused(office, content, status, code):
    headers = {"content-type": "application/json"}
    answer = await office.web.post("/api/v1/sessions", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_who_guesses_is_made_to_wait(office):
    answers = [await office.post_code(f"guess-{number}") for number in range(31)]
    assert [answer.status_code for answer in answers] == [403] * 30 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


async def test_a_whole_office_behind_one_address_may_come_in(office, company):
    codes = [company.code_for("lilei", f"code-{number}") for number in range(35)]
    answers = [await office.post_code(code) for code in codes]
    assert {answer.status_code for answer in answers} == {201}


async def test_the_session_cookie_names_ids_and_nothing_else(office):
    await office.sign_in("lilei")
    async with office.database.reading() as session:
        (row,) = await session.scalars(select(Session))
    name = office.web.cookies["waiqin_session"].rpartition(".")[0]
    assert name == f"{row.tenant_id}.{row.id}"


@pytest.mark.parametrize(
    "cookie", ["", "1", "1.abc", "1.abc.def", "x.y.z", "1.{id}.AAAAAAAAAAAAAAAAAAAAAAAA", "².a.b"]
)
async def test_a_forged_session_is_nobody(office, cookie):
    await office.sign_in("lilei")
    async with office.database.reading() as session:
        (row,) = await session.scalars(select(Session))
    office.web.cookies.clear()
    sent = httpx.Headers([(b"cookie", f"waiqin_session={cookie.format(id=row.id)}".encode())])
    assert (await office.web.get("/api/v1/me", headers=sent)).status_code == 401
