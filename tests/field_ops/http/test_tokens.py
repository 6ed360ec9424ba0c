"""A program of another system uses the API by its token: no further than it was given."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from field_ops.api_tokens import actions
from field_ops.api_tokens.schemas import ApiTokenIn
from field_ops.app import create_app, operations
from field_ops.customers.models import Customer
from field_ops.db import Database
from field_ops.history.models import AuditEntry
from field_ops.http.models import ApiToken
from field_ops.runtime import Runtime
from tests.factories import Company, a_customer, a_department, a_member, work_as
from tests.fakes import Clock
from tests.pages import a_page, an_app

READ = ["customers.read"]
BOTH = ["customers.read", "customers.write"]
ALL = [*BOTH, "customers.assign", "places.write"]


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
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://waiqin.test/api/v1"
    ) as opened:
        yield opened


async def a_token(runtime: Runtime, company: Company, scopes: list[str], **given: Any) -> str:
    async with runtime.database.writing() as session:
        work = work_as(session, company.admin, runtime.clock())
        wanted = ApiTokenIn.model_validate({"name": "ERP", "scopes": scopes, **given})
        _, token = await actions.make(work, wanted)
        return token


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def shops(runtime: Runtime, company: Company, count: int) -> None:
    async with runtime.database.writing() as session:
        work = work_as(session, company.lilei, runtime.clock())
        for number in range(count):
            await a_customer(work, f"华联超市{number}", phone=f"1380013800{number}", at=None)


async def test_a_program_reads_every_customer_once_page_by_page(
    runtime: Runtime, company: Company, client: httpx.AsyncClient, clock: Clock
) -> None:
    await shops(runtime, company, 5)  # all changed in the same moment
    headers, cursor, names = bearer(await a_token(runtime, company, READ)), "", []
    while True:
        query = {"cursor": cursor, "limit": 2, "fields": "name"}
        page = (await client.get("/customers/all", params=query, headers=headers)).json()
        assert all(set(row) == {"id", "name"} for row in page["rows"])
        names += [row["name"] for row in page["rows"]]
        cursor = page["cursor"]
        if not page["more"]:
            break
    assert sorted(names) == [f"华联超市{number}" for number in range(5)]
    clock.forward(minutes=1)
    async with runtime.database.writing() as session:
        await a_customer(work_as(session, company.lilei, clock()), "新华书店", at=None)
    later = await client.get("/customers/all", params={"cursor": cursor}, headers=headers)
    assert [row["name"] for row in later.json()["rows"]] == ["新华书店"]


@pytest.mark.parametrize(
    ("fields", "shown"),
    [({}, "138********"), ({"phone": "edit"}, "13800138000"), ({"phone": "hidden"}, "")],
)
async def test_of_a_pool_a_program_sees_what_the_pool_shows_unless_it_was_given_more(
    runtime: Runtime,
    company: Company,
    client: httpx.AsyncClient,
    fields: dict[str, str],
    shown: str,
) -> None:
    async with runtime.database.writing() as session:
        work = work_as(session, company.lilei, runtime.clock())
        free = await a_customer(work, "华联", phone="13800138000", owner_id=None)
        await a_customer(work, "红星", phone="13900139000")
    headers = bearer(await a_token(runtime, company, BOTH, fields=fields))
    rows = (await client.get("/customers/all", headers=headers)).json()["rows"]
    phones = {row["name"]: row["phone"] for row in rows}
    assert phones == {"华联": shown, "红星": "" if fields == {"phone": "hidden"} else "13900139000"}
    change = {"revision": free.revision, "phone": "13700137000"}
    written = await client.patch(f"/customers/{free.id}", json=change, headers=headers)
    assert written.status_code == (200 if fields == {"phone": "edit"} else 403)


async def test_filters_narrow_what_a_program_reads(
    runtime: Runtime, company: Company, client: httpx.AsyncClient, clock: Clock
) -> None:
    await shops(runtime, company, 1)
    clock.forward(hours=1)
    async with runtime.database.writing() as session:
        await a_customer(work_as(session, company.lilei, clock()), "红星", level="A", at=None)
    headers = bearer(await a_token(runtime, company, READ))
    for query in ({"level": "A"}, {"updated_since": clock().isoformat()}):
        found = await client.get("/customers/all", params=query, headers=headers)
        assert [row["name"] for row in found.json()["rows"]] == ["红星"], query


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"cursor": "rubbish"}, "cursor_unreadable"),
        ({"cursor": "5p-l"}, "cursor_unreadable"),
        ({"fields": "name,secret"}, "field_unknown"),
        ({"limit": "501"}, "fields_invalid"),
        ({"updated_since": "2026-03-01T00:00:00"}, "fields_invalid"),
    ],
)
async def test_a_wrong_question_is_refused_with_a_sentence(
    runtime: Runtime,
    company: Company,
    client: httpx.AsyncClient,
    query: dict[str, str],
    code: str,
) -> None:
    headers = bearer(await a_token(runtime, company, READ))
    answer = await client.get("/customers/all", params=query, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_program_sees_the_departments_it_was_given_and_no_more(
    runtime: Runtime, company: Company, client: httpx.AsyncClient
) -> None:
    await shops(runtime, company, 1)
    async with runtime.database.writing() as session:
        north = a_department(session, company.connection, "华北区")
        zhang = a_member(session, company.connection, "张三", north)
        await session.flush()
        hidden = await a_customer(work_as(session, zhang), "红星", at=None)
    headers = bearer(await a_token(runtime, company, BOTH, departments=[company.east.id]))
    page = (await client.get("/customers/all", headers=headers)).json()
    assert [row["name"] for row in page["rows"]] == ["华联超市0"]
    assert (await client.get(f"/customers/{hidden.id}", headers=headers)).status_code == 404
    change = {"revision": 1, "note": "mine now"}
    edited = await client.patch(f"/customers/{hidden.id}", json=change, headers=headers)
    assert edited.status_code == 404


async def test_a_program_creates_and_edits_and_its_name_is_in_the_audit_log(
    runtime: Runtime, company: Company, client: httpx.AsyncClient
) -> None:
    headers = bearer(await a_token(runtime, company, BOTH)) | {"idempotency-key": "erp-1"}
    new = {"name": "新华书店", "phone": "13800138000"}
    made = await client.post("/customers", json=new, headers=headers)
    again = await client.post("/customers", json=new, headers=headers)
    assert (made.status_code, again.content) == (201, made.content)
    shop = made.json()
    assert shop["owner"] is None
    change = {"revision": shop["revision"], "note": "ERP 10086"}
    headers["idempotency-key"] = "erp-2"
    edited = await client.patch(f"/customers/{shop['id']}", json=change, headers=headers)
    assert edited.json()["note"] == "ERP 10086", edited.text
    async with runtime.database.reading() as session:
        token = (await session.scalars(select(ApiToken))).one()
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.subject == "customer"))
        assert {(row.via, row.member_id) for row in rows} == {("api", token.id)}
        assert token.last_used_at is not None


async def test_who_may_only_read_writes_nothing(
    runtime: Runtime, company: Company, client: httpx.AsyncClient
) -> None:
    headers = bearer(await a_token(runtime, company, READ))
    new = {"name": "新华书店", "phone": "13800138000"}
    refused = await client.post("/customers", json=new, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "token_not_for_this")
    async with runtime.database.reading() as session:
        assert (await session.scalars(select(Customer))).all() == []


async def test_every_other_door_is_closed_to_programs(
    runtime: Runtime, company: Company, client: httpx.AsyncClient, clock: Clock
) -> None:
    headers = bearer(await a_token(runtime, company, BOTH))
    opened = []
    for op in operations():
        clock.forward(seconds=1)
        path = op.path.removeprefix("/api/v1").replace("{", "").replace("}", "")
        answer = await client.request(op.method, path, json={}, headers=headers)
        assert answer.status_code < 500, (op.name, answer.text)
        if answer.status_code not in (401, 403, 422) and not op.scope and op.session:
            opened.append((op.name, answer.status_code))
    assert opened == []


@pytest.mark.parametrize("spoil", ["secret", "id", "tenant", "rubbish", "empty"])
async def test_a_token_that_is_not_ours_opens_nothing(
    runtime: Runtime, company: Company, client: httpx.AsyncClient, spoil: str
) -> None:
    prefix, tenant, token_id, secret = (await a_token(runtime, company, READ)).split("_")
    forged = {
        "secret": f"{prefix}_{tenant}_{token_id}_{'0' * len(secret)}",
        "id": f"{prefix}_{tenant}_{'0' * 26}_{secret}",
        "tenant": f"{prefix}_{int(tenant) + 1}_{token_id}_{secret}",
        "rubbish": "wq_²_x",
        "empty": "",
    }[spoil]
    answer = await client.get(
        "/customers/all", headers={"authorization": f"Bearer {forged}".encode()}
    )
    assert answer.status_code == 401


async def test_a_token_ends_and_can_be_revoked(
    runtime: Runtime, company: Company, client: httpx.AsyncClient, clock: Clock
) -> None:
    short = bearer(await a_token(runtime, company, READ, days=1))
    assert (await client.get("/customers/all", headers=short)).status_code == 200
    clock.forward(days=1)
    assert (await client.get("/customers/all", headers=short)).status_code == 401
    async with a_page(runtime, company, company.admin) as admin:
        made = (await admin.send("POST", "/api-tokens", {"name": "BI", "scopes": READ})).json()
        headers = bearer(made["token"])
        assert (await client.get("/customers/all", headers=headers)).status_code == 200
        (row, _) = (await admin.get("/api-tokens")).json()["rows"]
        assert row["name"] == "BI" and "token" not in row and "secret_hash" not in row
        await admin.send("DELETE", f"/api-tokens/{made['id']}")
    assert (await client.get("/customers/all", headers=headers)).status_code == 401


async def test_only_administrators_make_tokens(runtime: Runtime, company: Company) -> None:
    async with a_page(runtime, company, company.wang) as wang:
        made = await wang.send("POST", "/api-tokens", {"name": "BI", "scopes": READ})
        assert made.status_code == 403


async def test_a_program_asks_at_most_600_times_within_a_minute(
    runtime: Runtime, company: Company, client: httpx.AsyncClient, clock: Clock
) -> None:
    headers = bearer(await a_token(runtime, company, READ))
    answered = 0
    for _ in range(60):
        for _ in range(12):
            answer = await client.get("/customers/all?limit=1&fields=id", headers=headers)
            answered += answer.status_code == 200
        clock.now += timedelta(seconds=1)
    assert 540 <= answered <= 600
    async with a_page(runtime, company, company.lilei) as lilei:  # nobody else waits
        assert (await lilei.get("/customers")).status_code == 200
