"""Only who may configure connections sees them or does anything about them."""

from typing import Any

import pytest

from tests.factories import a_company
from tests.field_ops.operations.conftest import Desk
from tests.pages import a_page

SECRET = {"credentials": {"secret": "anything"}}
VERBS: list[tuple[str, str, Any]] = [
    ("POST", "check", None),
    ("POST", "resume", None),
    ("PUT", "credentials", SECRET),
    ("POST", "sync", None),
    ("POST", "confirm-sync", {"run_id": "r1"}),
    ("POST", "retry-events", None),
    ("POST", "retry-messages", None),
    ("PUT", "services/calendar", {"on": True}),
    ("GET", "syncs/r1", None),
]


@pytest.mark.parametrize("who", ["lilei", "wang"])
@pytest.mark.parametrize(("method", "verb", "body"), VERBS)
async def test_a_rep_or_a_lead_may_do_nothing(
    desk: Desk, who: str, method: str, verb: str, body: Any
) -> None:
    member = getattr(desk.company, who)
    answer = await desk.does(verb, body, method=method, who=member)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert await desk.audited() == []


@pytest.mark.parametrize("who", ["lilei", "wang"])
async def test_nor_see_the_connections(desk: Desk, who: str) -> None:
    page = await desk.page(getattr(desk.company, who))
    answer = await page.get("/connections")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(("method", "verb", "body"), VERBS)
async def test_the_administrator_of_another_company_finds_nothing(
    desk: Desk, method: str, verb: str, body: Any
) -> None:
    async with desk.runtime.database.writing() as session:
        other = await a_company(session, "另一家", connection="other")
    answer = await desk.does(verb, body, method=method, who=other.admin)
    assert answer.status_code == 404


async def test_who_is_not_signed_in_is_told_so(desk: Desk) -> None:
    async with a_page(desk.runtime, desk.company, None, desk.web) as page:
        assert (await page.get("/connections")).status_code == 401
        address = f"/connections/{desk.company.connection.id}/check"
        assert (await page.send("POST", address)).status_code == 401


@pytest.mark.parametrize("verb", ["check", "resume", "sync", "retry-events"])
async def test_a_write_without_the_token_of_the_page_does_nothing(desk: Desk, verb: str) -> None:
    page = await desk.page()
    address = f"/connections/{desk.company.connection.id}/{verb}"
    answer = await page.send("POST", address, **{"X-CSRF-Token": "guessed"})
    assert (answer.status_code, answer.json()["code"]) == (403, "page_outdated")
    assert await desk.audited() == []
