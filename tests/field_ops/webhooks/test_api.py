"""An administrator keeps webhooks over the API and on the command line; nobody else does."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from field_ops.db import Database
from field_ops.runtime import Runtime
from field_ops.webhooks.courier import Courier
from tests.factories import Company, a_company, work_as
from tests.fakes import Clock
from tests.field_ops.webhooks.conftest import resolve
from tests.field_ops.webhooks.receiver import Receiver
from tests.pages import Page, a_page, an_app

NEW = {
    "name": "ERP",
    "url": "https://erp.example.com/waiqin",
    "events": ["customer.created", "customer.changed"],
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver(clock: Clock) -> Receiver:
    return Receiver(clock)


@pytest.fixture
async def runtime(
    database: Database, database_url: str, tmp_path: Path, clock: Clock, receiver: Receiver
) -> AsyncIterator[Runtime]:
    async with an_app(database_url, tmp_path, clock, receiver.transport) as opened:
        yield opened


@pytest.fixture
async def company(runtime: Runtime) -> Company:
    async with runtime.database.writing() as session:
        return await a_company(session)


@pytest.fixture
async def admin(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.admin) as page:
        yield page


@pytest.fixture
def courier(runtime: Runtime, clock: Clock) -> Courier:
    from random import Random

    return Courier(
        runtime.database, runtime.outside, runtime.keys, clock, "one", Random(1), resolve=resolve
    )


async def test_a_webhook_is_tried_watched_and_repeated(
    admin: Page, courier: Courier, receiver: Receiver
) -> None:
    made = (await admin.send("POST", "/webhooks", NEW)).json()
    receiver.secret = made["secret"]
    path = f"/webhooks/{made['id']}"
    receiver.mood = "fails"
    assert (await admin.send("POST", f"{path}/ping")).status_code == 200
    await courier.pass_once()
    (failed,) = (await admin.get(f"{path}/deliveries")).json()["rows"]
    assert (failed["event"], failed["state"], failed["status"]) == ("ping", "queued", 500)
    assert (failed["answer"], failed["error"]) == ("未处理", "对方返回 500")
    receiver.mood = "ok"
    again = await admin.send("POST", f"{path}/deliveries/{failed['number']}/replay")
    assert again.json()["attempts"] == 0
    await courier.pass_once()
    assert [event["type"] for event in receiver.taken] == ["ping"]
    (row,) = (await admin.get("/webhooks")).json()["rows"]
    assert (row["failures"], row["waiting"], row["given_up"]) == (0, 0, 0)
    assert "secret" not in row


async def test_what_is_paused_is_told_later(
    runtime: Runtime, company: Company, admin: Page, courier: Courier, receiver: Receiver
) -> None:
    made = (await admin.send("POST", "/webhooks", NEW)).json()
    receiver.secret = made["secret"]
    path = f"/webhooks/{made['id']}"
    await admin.send("POST", f"{path}/pause")
    async with runtime.database.writing() as session:
        from field_ops.customers import actions
        from field_ops.customers.schemas import CustomerIn

        new = CustomerIn(name="华联", phone="13800138000")
        await actions.create(work_as(session, company.lilei, runtime.clock()), new)
    await courier.pass_once()
    assert receiver.asked == []
    await admin.send("DELETE", f"{path}/pause")
    await courier.pass_once()
    assert [event["type"] for event in receiver.taken] == ["customer.created"]


async def test_it_is_changed_given_a_new_secret_and_removed(admin: Page) -> None:
    made = (await admin.send("POST", "/webhooks", NEW)).json()
    path = f"/webhooks/{made['id']}"
    changed = await admin.send("PATCH", path, {"fields": {"phone": "masked"}})
    assert (changed.json()["fields"], changed.json()["url"]) == ({"phone": "masked"}, NEW["url"])
    fresh = (await admin.send("POST", f"{path}/secret")).json()
    assert fresh["secret"] != made["secret"] and fresh["signs_twice_until"]
    assert (await admin.send("DELETE", path)).status_code == 200
    assert (await admin.send("DELETE", path)).status_code == 404
    assert (await admin.get("/webhooks")).json()["rows"] == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"url": "http:///x"}, "webhook_address_wrong"),
        ({"events": ["customer.eaten"]}, "fields_invalid"),
        ({"events": []}, "fields_invalid"),
        ({"departments": ["nowhere"]}, "webhook_department_unknown"),
        ({"fields": {"name": "masked"}}, "fields_invalid"),
    ],
)
async def test_a_wrong_webhook_is_refused_with_a_sentence(
    admin: Page, wrong: dict[str, object], code: str
) -> None:
    refused = await admin.send("POST", "/webhooks", NEW | wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("POST", ""),
        ("PATCH", "/{id}"),
        ("DELETE", "/{id}"),
        ("POST", "/{id}/secret"),
        ("POST", "/{id}/pause"),
        ("DELETE", "/{id}/pause"),
        ("POST", "/{id}/ping"),
        ("GET", "/{id}/deliveries"),
        ("POST", "/{id}/deliveries/1/replay"),
        ("POST", "/{id}/replays"),
    ],
)
async def test_a_lead_has_no_webhooks(
    runtime: Runtime, company: Company, admin: Page, method: str, path: str
) -> None:
    made = (await admin.send("POST", "/webhooks", NEW)).json()
    body = {"POST": NEW if not path else {}, "PATCH": {"name": "mine"}}.get(method)
    async with a_page(runtime, company, company.wang) as wang:
        answer = await wang.send(method, f"/webhooks{path}".format(id=made["id"]), body)
    assert answer.status_code == 403
