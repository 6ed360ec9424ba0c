"""The HTTP edge: sign-in, CSRF, one answer per key, and rubbish refused with a sentence."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from field_ops.http.models import AnsweredRequest
from field_ops.people.models import Member, Session
from field_ops.runtime import Runtime
from field_ops.visits.models import Visit
from tests.factories import WUHAN, Company, a_customer, work_as
from tests.pages import Page, a_page

FIX = {"lat": WUHAN[0], "lng": WUHAN[1], "datum": "GCJ02", "accuracy_m": 20}


async def a_shop(runtime: Runtime, company: Company, name: str = "华联超市") -> str:
    async with runtime.database.writing() as session:
        return (await a_customer(work_as(session, company.lilei), name)).id


async def count(runtime: Runtime, table: type) -> int:
    async with runtime.database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_without_a_session_there_is_no_answer(runtime: Runtime, company: Company) -> None:
    async with a_page(runtime, company, None) as page:
        answer = await page.get("/today")
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_forged_cookie_is_no_session(runtime: Runtime, company: Company) -> None:
    async with a_page(runtime, company, company.lilei) as page:
        good = page.client.cookies["waiqin_session"]
        page.client.cookies.set("waiqin_session", good[:-2] + "xx")
        assert (await page.get("/today")).status_code == 401


@pytest.mark.parametrize("values", [{"state": "departed"}, {"state": "suspended"}])
async def test_who_left_is_out_at_once(
    runtime: Runtime, company: Company, lilei: Page, values: dict[str, str]
) -> None:
    assert (await lilei.get("/today")).status_code == 200
    async with runtime.database.writing() as session:
        await session.execute(update(Member).where(Member.id == company.lilei.id).values(**values))
    assert (await lilei.get("/today")).status_code == 401


async def test_an_old_session_is_over(runtime: Runtime, lilei: Page) -> None:
    async with runtime.database.writing() as session:
        await session.execute(update(Session).values(expires_at=runtime.clock() - timedelta(1)))
    assert (await lilei.get("/today")).status_code == 401


async def test_a_write_without_the_csrf_token_is_refused(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    shop = await a_shop(runtime, company)
    lilei.headers.clear()
    answer = await lilei.send("POST", "/visits", {"customer_id": shop, "fix": FIX})
    assert (answer.status_code, answer.json()["code"]) == (403, "page_outdated")
    assert await count(runtime, Visit) == 0


async def test_the_same_key_gives_the_same_answer(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    shop = await a_shop(runtime, company)
    body = {"customer_id": shop, "fix": FIX}
    answers = [await lilei.send("POST", "/visits", body, key="k1") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await count(runtime, Visit) == 1


async def test_ten_at_once_with_one_key_are_one_visit(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    shop = await a_shop(runtime, company)
    body = {"customer_id": shop, "fix": FIX}
    answers = await asyncio.gather(
        *(lilei.send("POST", "/visits", body, key="k1") for _ in range(10))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await count(runtime, Visit) == 1


async def test_two_phones_at_once_open_one_visit(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    shops = [await a_shop(runtime, company, name) for name in ("华联超市", "红星")]
    answers = await asyncio.gather(
        *(lilei.send("POST", "/visits", {"customer_id": shop, "fix": FIX}) for shop in shops)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "visit_still_open"
    assert refused.json()["facts"]["visit_id"]


async def test_a_refusal_is_kept_under_its_key(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    shops = [await a_shop(runtime, company, name) for name in ("华联超市", "红星")]
    opened = await lilei.send("POST", "/visits", {"customer_id": shops[0], "fix": FIX})
    second = {"customer_id": shops[1], "fix": FIX}
    first_answer = await lilei.send("POST", "/visits", second, key="k2")
    await lilei.send("POST", f"/visits/{opened.json()['id']}/check-out", {"fix": FIX})
    again = await lilei.send("POST", "/visits", second, key="k2")
    assert (again.status_code, again.text) == (409, first_answer.text)
    fresh = await lilei.send("POST", "/visits", second, key="k3")
    assert fresh.status_code == 201


async def test_a_key_belongs_to_one_request(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    shops = [await a_shop(runtime, company, name) for name in ("华联超市", "红星")]
    await lilei.send("POST", "/visits", {"customer_id": shops[0], "fix": FIX}, key="k1")
    other = await lilei.send("POST", "/visits", {"customer_id": shops[1], "fix": FIX}, key="k1")
    assert other.json()["code"] == "key_used_for_another"


async def test_an_invalid_body_names_every_field_and_no_value(lilei: Page) -> None:
    body = {"customer_id": "x" * 30, "fix": {**FIX, "lat": 95}, "phone": "13800138000"}
    answer = await lilei.send("POST", "/visits", body)
    assert answer.status_code == 422
    fields = sorted(problem["field"] for problem in answer.json()["facts"]["fields"])
    assert fields == ["customer_id", "fix.lat", "phone"]
    assert "13800138000" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"customer_id": "x", "fix": {"lat": NaN}}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"null",
        b'"text"',
    ],
    ids=["empty", "cut", "not utf-8", "nan", "deep list", "deep object", "null", "text"],
)
async def test_rubbish_is_refused_with_a_sentence(
    runtime: Runtime, lilei: Page, body: bytes
) -> None:
    answer = await lilei.send("POST", "/visits", body)
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]
    assert await count(runtime, AnsweredRequest) == 0


async def test_an_oversized_body_is_refused(lilei: Page) -> None:
    answer = await lilei.send("POST", "/visits", b"x" * (1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_the_sentence_is_in_the_language_of_the_page(lilei: Page) -> None:
    chinese = await lilei.get("/visits/nowhere")
    english = await lilei.client.get(
        "/api/v1/visits/nowhere", headers={"accept-language": "en-GB,en"}
    )
    assert "没有找到" in chinese.json()["detail"]
    assert "Not found" in english.json()["detail"]


async def test_an_unknown_door_is_a_problem_too(lilei: Page) -> None:
    answer = await lilei.get("/nothing/here")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_every_answer_carries_its_id_and_the_headers(lilei: Page) -> None:
    answer = await lilei.get("/today")
    assert len(answer.headers["x-request-id"]) == 16
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_process_tells_about_itself(lilei: Page) -> None:
    assert (await lilei.client.get("/healthz")).json() == {"status": "ok"}
    ready = await lilei.client.get("/readyz")
    assert ready.json() == {"database": True, "migrations": True, "worker": False}
    await lilei.get("/today")
    metrics = (await lilei.client.get("/metrics")).text
    assert 'waiqin_http_requests_total{method="GET",route="/api/v1/today",status="200"}' in metrics
