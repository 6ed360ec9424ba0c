"""Many members at once: nobody waits for ever, nothing is lost, the chain does not fork."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from field_ops.history import chain
from field_ops.runtime import Runtime
from field_ops.visits.actions import force_check_outs
from tests.factories import WUHAN, Company, a_customer, a_member, work_as
from tests.pages import Page, a_page

MEMBERS = 16
FIX = {"lat": WUHAN[0], "lng": WUHAN[1], "datum": "GCJ02", "accuracy_m": 20}
FAR = {**FIX, "lat": WUHAN[0] + 0.05}
LOG = {"result": "problem", "summary": "货架被竞品占了，要求换货"}

Visitor = tuple[Page, list[str]]
"""A member's page, and the ids of his customers: one with a place, one without, one by the way."""


@pytest.fixture
async def visitors(runtime: Runtime, company: Company) -> AsyncIterator[list[Visitor]]:
    async with runtime.database.writing() as session:
        members = [
            a_member(session, company.connection, f"业务员{number}", company.team)
            for number in range(MEMBERS)
        ]
        await session.flush()
        shops = [
            [
                (await a_customer(work_as(session, member), f"超市{n}-{member.name}", at=at)).id
                for n, at in enumerate((WUHAN, None, WUHAN))
            ]
            for member in members
        ]
    async with AsyncExitStack() as pages:
        yield [
            (await pages.enter_async_context(a_page(runtime, company, member)), own)
            for member, own in zip(members, shops, strict=True)
        ]


async def test_sixteen_days_at_once_are_one_chain(
    runtime: Runtime, company: Company, visitors: list[Visitor]
) -> None:
    days = await asyncio.gather(*(a_day(*visitor) for visitor in visitors))
    assert {answer.status_code for day in days for answer in day} <= {200, 201}
    numbers = sorted({answer.json()["number"] for day in days for answer in day})
    assert numbers == [f"V-20260310-{number:04d}" for number in range(1, 3 * MEMBERS + 1)]
    assert (await the_chain(runtime, company)).is_whole


async def a_day(page: Page, shops: list[str]) -> list[httpx.Response]:
    """Every order in which a member's requests lock what they need."""
    first = await page.send("POST", "/visits", {"customer_id": shops[0], "fix": FIX})
    # The next one closes the visit before, and proposes a place.
    moved = {"customer_id": shops[1], "fix": FIX, "close_open_visit": True}
    second = await page.send("POST", "/visits", moved)
    left = await page.send("POST", f"/visits/{second.json()['id']}/check-out", {"fix": FAR})
    logged = await page.send("PUT", f"/visits/{second.json()['id']}/log", LOG)
    far = {"customer_id": shops[2], "fix": FAR, "reason": "在对方仓库"}
    third = await page.send("POST", "/visits", far)
    return [first, second, left, logged, third]


async def test_ending_the_day_while_people_check_out(
    runtime: Runtime, company: Company, visitors: list[Visitor]
) -> None:
    visits = [
        (page, (await page.send("POST", "/visits", {"customer_id": shops[0], "fix": FIX})).json())
        for page, shops in visitors
    ]

    async def end_the_day() -> int:
        async with runtime.database.writing() as session:
            tomorrow = runtime.clock().replace(hour=17)
            return await force_check_outs(work_as(session, company.admin, tomorrow))

    ending = asyncio.create_task(end_the_day())
    leaving = [leave(page, visit["id"]) for page, visit in visits]
    answers = await asyncio.gather(*leaving)
    ended = await ending
    left = [answer for answer in answers if answer.status_code == 200]
    assert ended + len(left) == MEMBERS
    late = [answer.json()["code"] for answer in answers if answer.status_code != 200]
    assert set(late) <= {"visit_already_closed"}
    assert (await the_chain(runtime, company)).is_whole


async def test_two_check_outs_at_once_are_one(runtime: Runtime, visitors: list[Visitor]) -> None:
    page, shops = visitors[0]
    visit = (await page.send("POST", "/visits", {"customer_id": shops[0], "fix": FIX})).json()
    answers = await asyncio.gather(*(leave(page, visit["id"]) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_refusals_at_once_with_one_key_are_one_answer(
    runtime: Runtime, visitors: list[Visitor]
) -> None:
    page, shops = visitors[0]
    await page.send("POST", "/visits", {"customer_id": shops[0], "fix": FIX})
    body = {"customer_id": shops[2], "fix": FIX}
    answers = await asyncio.gather(*(page.send("POST", "/visits", body, key="k") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {409}
    assert len({answer.text for answer in answers}) == 1


async def leave(page: Page, visit_id: str) -> httpx.Response:
    return await page.send("POST", f"/visits/{visit_id}/check-out", {"fix": FIX})


async def the_chain(runtime: Runtime, company: Company) -> chain.ChainReport:
    async with runtime.database.reading() as session:
        return await chain.verify(work_as(session, company.admin))
