"""One in a hurry does not slow the others down, and nobody at work ever notices."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request

from field_ops.app import create_app
from field_ops.db import Database
from field_ops.http import sessions
from field_ops.http.pace import NOT_SIGNED_IN, READS, WRITES, Allowance, Buckets, address_of
from field_ops.runtime import Runtime
from tests.conftest import TUESDAY_MORNING
from tests.factories import WUHAN, Company, a_customer, work_as
from tests.pages import Page, a_page, an_app

FIX = {"lat": WUHAN[0], "lng": WUHAN[1], "datum": "GCJ02", "accuracy_m": 20}
TYPED = "wuhanhualianchaoshizhongshanlu"
NOWHERE = "/nothing/here"  # the cheapest question that the API refuses


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = TUESDAY_MORNING

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def runtime(
    database: Database, database_url: str, tmp_path: Path, clock: Clock
) -> AsyncIterator[Runtime]:
    async with an_app(database_url, tmp_path, clock) as opened:
        yield opened


@pytest.fixture
def app(runtime: Runtime) -> Starlette:
    return create_app(runtime)


@pytest.fixture
async def lilei(runtime: Runtime, company: Company, app: Starlette) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.lilei, app) as page:
        yield page


async def statuses(page: Page, times: int, path: str = NOWHERE) -> set[int]:
    return {(await page.get(path)).status_code for _ in range(times)}


def letters(word: str) -> list[str]:
    return [word[:length] for length in range(1, len(word) + 1)]


async def test_thirty_letters_typed_in_no_time_all_find(lilei: Page) -> None:
    assert len(TYPED) == 30
    answers = [await lilei.get("/customers", q=typed) for typed in letters(TYPED)]
    assert {answer.status_code for answer in answers} == {200}


async def test_a_flood_is_told_when_to_come_back(lilei: Page, clock: Clock) -> None:
    assert await statuses(lilei, READS.burst) == {404}
    refused = await lilei.get(NOWHERE)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"] == "操作太频繁，请 1 秒后再试。"
    clock.pass_s(int(refused.headers["retry-after"]))
    assert await statuses(lilei, int(READS.per_s)) == {404}
    assert await statuses(lilei, 1) == {429}


async def test_the_refusal_is_in_the_readers_language(lilei: Page) -> None:
    await statuses(lilei, READS.burst)
    lilei.client.headers["accept-language"] = "en"
    assert (await lilei.get("/today")).json()["detail"] == (
        "This is going too fast. Please wait 1 s and try again."
    )


async def test_one_members_flood_does_not_hurt_another(
    runtime: Runtime, company: Company, app: Starlette, lilei: Page
) -> None:
    assert await statuses(lilei, READS.burst + 1) == {404, 429}
    async with a_page(runtime, company, company.hanmeimei, app) as hanmeimei:
        assert await statuses(hanmeimei, 3, "/today") == {200}


async def test_reading_too_fast_does_not_stop_a_check_in(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    async with runtime.database.writing() as session:
        shop = (await a_customer(work_as(session, company.lilei), "华联超市")).id
    assert await statuses(lilei, READS.burst + 1) == {404, 429}
    assert (await lilei.send("POST", "/visits", {"customer_id": shop, "fix": FIX})).is_success


async def test_a_refused_write_is_done_later_under_its_key(
    runtime: Runtime, company: Company, lilei: Page, clock: Clock
) -> None:
    async with runtime.database.writing() as session:
        shop = (await a_customer(work_as(session, company.lilei), "华联超市")).id
    for _ in range(WRITES.burst):
        await lilei.send("POST", NOWHERE)
    body = {"customer_id": shop, "fix": FIX}
    assert (await lilei.send("POST", "/visits", body, key="k1")).status_code == 429
    clock.pass_s(1)
    assert (await lilei.send("POST", "/visits", body, key="k1")).status_code == 201


async def test_two_phones_of_one_member_share_what_he_may(
    runtime: Runtime, company: Company, app: Starlette, lilei: Page
) -> None:
    async with a_page(runtime, company, company.lilei, app) as tablet:
        assert await statuses(tablet, 1, "/me") | await statuses(lilei, 1, "/me") == {200}
        await statuses(lilei, READS.burst)
        assert await statuses(tablet, 1) == {429}


async def test_who_is_not_signed_in_counts_by_his_address(
    runtime: Runtime, company: Company, app: Starlette
) -> None:
    async with a_page(runtime, company, None, app) as stranger:
        stranger.client.cookies.set(sessions.COOKIE, "1.made.up")
        assert await statuses(stranger, NOT_SIGNED_IN.burst + 1) == {404, 429}
        assert (await stranger.client.get("/healthz")).status_code == 200
    elsewhere = httpx.ASGITransport(app, client=("203.0.113.7", 4711))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://waiqin.test") as other:
        assert (await other.get("/api/v1/me")).status_code == 401
    async with a_page(runtime, company, company.lilei, app) as colleague:
        assert await statuses(colleague, 1, "/today") == {200}


async def test_a_flood_is_counted_under_one_name(lilei: Page) -> None:
    await statuses(lilei, READS.burst + 1)
    metrics = (await lilei.client.get("/metrics")).text
    assert 'waiqin_http_requests_total{method="GET",route="too_fast",status="429"}' in metrics


def test_a_whole_day_without_a_network_is_sent_at_once() -> None:
    fifteen_visits = 15 * (1 + 1 + 1 + 3)  # check-in, check-out, log, three pictures
    writes = Buckets("writes", WRITES)
    assert {writes.take("lilei", TUESDAY_MORNING) for _ in range(fifteen_visits)} == {0}


@pytest.mark.parametrize(
    ("allowance", "after_s", "more"),
    [(Allowance(20, 5), 0, 0), (Allowance(20, 5), 0.1, 2), (Allowance(20, 5), 3600, 5)],
    ids=["nothing comes back at once", "two in a tenth of a second", "never more than the burst"],
)
def test_what_was_used_comes_back(allowance: Allowance, after_s: float, more: int) -> None:
    clock, buckets = Clock(), Buckets("reads", allowance)
    assert [buckets.take("lilei", clock()) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    clock.pass_s(after_s)
    assert [buckets.take("lilei", clock()) for _ in range(more + 1)] == [0] * more + [1]


def test_a_slow_allowance_says_how_long_to_wait() -> None:
    buckets = Buckets("reads", Allowance(per_s=0.1, burst=1))
    assert [buckets.take("lilei", TUESDAY_MORNING) for _ in range(2)] == [0, 10]


def test_a_clock_that_is_set_back_keeps_nobody_out() -> None:
    clock, buckets = Clock(), Buckets("reads", Allowance(per_s=1, burst=1))
    buckets.take("lilei", clock())
    clock.pass_s(-3600)
    assert buckets.take("lilei", clock()) == 1
    clock.pass_s(1)
    assert buckets.take("lilei", clock()) == 0


def test_a_flood_is_one_line_in_the_log() -> None:
    clock, buckets = Clock(), Buckets("reads", Allowance(per_s=20, burst=10))
    with structlog.testing.capture_logs() as lines:
        for _ in range(100):  # every fifth comes through meanwhile
            buckets.take("lilei", clock())
            clock.pass_s(0.01)
        assert [line["event"] for line in lines] == ["too_fast"]
        clock.pass_s(3600)
        for _ in range(11):
            buckets.take("lilei", clock())
    assert len(lines) == 2


def test_memory_stays_bounded_and_the_busy_are_remembered() -> None:
    buckets = Buckets("not_signed_in", Allowance(per_s=1, burst=200), remembered=100)
    waits = []
    for number in range(10_000):
        buckets.take(f"10.0.{number // 256}.{number % 256}", TUESDAY_MORNING)
        waits.append(buckets.take("in a loop", TUESDAY_MORNING))
    assert len(buckets) == 100
    assert waits == [0] * 200 + [1] * 9_800


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (("203.0.113.7", 4711), "203.0.113.7"),
        (("2001:db8:1:2:3:4:5:6", 4711), "2001:db8:1:2::"),
        (("2001:db8:1:2:ffff::1", 4711), "2001:db8:1:2::"),
        (("::ffff:203.0.113.7", 4711), "::ffff:203.0.113.7"),
        (("a socket file", 0), "a socket file"),
        (None, ""),
    ],
)
def test_an_ipv6_customer_is_one_address(client: tuple[str, int] | None, address: str) -> None:
    assert address_of(Request({"type": "http", "client": client})) == address
