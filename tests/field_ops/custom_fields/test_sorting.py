"""A list in the order of an own field, against a sort in memory, page by page."""

import base64
import random
from decimal import Decimal
from typing import Any

import orjson
import pytest
from sqlalchemy import insert

from field_ops.custom_fields.fields import fields_for
from field_ops.custom_fields.models import CUSTOMER, FieldValue
from field_ops.custom_fields.values import rows_of
from field_ops.runtime import Runtime
from tests.factories import Company, a_customer, work_as
from tests.field_ops.custom_fields.conftest import a_field, define, options
from tests.pages import Page

SIZES = ("small", "medium", "large")  # not in the order of the alphabet
OFFERED: dict[str, tuple[Any, ...]] = {
    "area": ("-3", "0", "9", "12.5", "100"),
    "size": SIZES,
    "signed_on": ("2025-12-31", "2026-01-01", "2026-06-30"),
    "nickname": ("alpha", "Beta", "ＡＢＣ", "贝塔"),
    "paid": ({"amount": "9.00", "currency": "CNY"}, {"amount": "80.50", "currency": "CNY"}),
}


def key_of(name: str, value: Any) -> Any:
    """By what a person would sort it."""
    match name:
        case "area":
            return Decimal(value)
        case "size":
            return SIZES.index(value)
        case "paid":
            return Decimal(value["amount"])
        case "nickname":
            return value.translate(str.maketrans("ＡＢＣ", "ABC")).lower()
    return value


def in_order(rows: dict[str, dict[str, Any]], name: str, *, falls: bool) -> list[str]:
    """Ids; those without a value last, in the order in which they were made."""
    filled = [one for one in rows if name in rows[one]]
    filled.sort(key=lambda one: (key_of(name, rows[one][name]), one), reverse=falls)
    return filled + sorted(one for one in rows if name not in rows[one])


async def pages(page: Page, sort: str, limit: int, **query: Any) -> list[str]:
    ids: list[str] = []
    cursor = ""
    while True:
        answer = await page.get(
            "/customers/all", fields="name", sort=sort, limit=limit, cursor=cursor, **query
        )
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["gone"] == [] and len(found["rows"]) <= limit
        ids += [row["id"] for row in found["rows"]]
        cursor = found["cursor"]
        if not found["more"]:
            assert cursor == ""
            return ids


@pytest.fixture
async def rows(runtime: Runtime, company: Company, admin: Page) -> dict[str, dict[str, Any]]:
    await define(
        admin,
        a_field("area", "number"),
        a_field("size", "choice", options=options(*SIZES)),
        a_field("signed_on", "date"),
        a_field("nickname"),
        a_field("paid", "money"),
        a_field("remark", "long_text"),
        a_field("secret", "number", access={"rep": {"owned": "HIDDEN", "pool": "HIDDEN"}}),
        a_field("shown", "number", access={"rep": {"pool": "MASKED"}}),
    )
    dice, kept = random.Random(7), {}
    async with runtime.database.writing() as session:
        work = work_as(session, company.lilei)
        fields = await fields_for(work, CUSTOMER)
        for number in range(40):
            row = {
                name: dice.choice(values) for name, values in OFFERED.items() if dice.random() < 0.7
            }
            shop = await a_customer(work, f"店{number:02d}", at=None, custom=row, level="A")
            kept[shop.id] = row
            if values := list(rows_of(work, fields, shop.id, row)):
                await session.execute(insert(FieldValue), values)
    return kept


@pytest.mark.parametrize("name", list(OFFERED))
@pytest.mark.parametrize("falls", [False, True])
async def test_every_page_continues_the_one_before(
    admin: Page, rows: dict[str, dict[str, Any]], name: str, falls: bool
) -> None:
    sort = f"-{name}" if falls else name
    for limit in (1, 7, 40):
        assert await pages(admin, sort, limit) == in_order(rows, name, falls=falls), limit
    large = {one: row for one, row in rows.items() if row.get("size") == "large"}
    filters = orjson.dumps([{"field": "size", "op": "is", "value": "large"}]).decode()
    found = await pages(admin, sort, 3, custom=filters, level="A")
    assert found == in_order(large, name, falls=falls)


async def test_an_order_tells_nothing_of_what_is_hidden(
    runtime: Runtime, company: Company, admin: Page, lilei: Page, rows: dict[str, dict[str, Any]]
) -> None:
    for sort in ("secret", "remark", "nowhere"):
        refused = await lilei.get("/customers/all", sort=sort)
        assert (refused.status_code, refused.json()["code"]) == (422, "filter_wrong"), sort
    async with runtime.database.writing() as session:
        work = work_as(session, company.lilei)
        fields = await fields_for(work, CUSTOMER)
        made = []
        for value, owner_id in (("2", company.lilei.id), ("1", None), ("3", None)):
            shop = await a_customer(work, f"看{value}", at=None, owner_id=owner_id, level="B")
            shop.custom = {"shown": value}
            await session.execute(
                insert(FieldValue), list(rows_of(work, fields, shop.id, shop.custom))
            )
            made.append(shop.id)
    two, one, three = made
    assert await pages(admin, "-shown", 2, level="B") == [three, two, one]
    assert await pages(lilei, "-shown", 2, level="B") == [two, one, three]


async def test_a_cursor_of_another_order_is_refused(
    admin: Page, rows: dict[str, dict[str, Any]]
) -> None:
    first = (await admin.get("/customers/all", sort="area", limit=5)).json()["cursor"]
    made_up = [["area", ["x"], "a"], ["area", [1, 2], "a"], ["area", [True], "a"], ["area", [1], 7],
               ["area", [1 << 63], "a"], ["nickname", [1], "a"], "area", 7]  # fmt: skip
    cursors = [base64.urlsafe_b64encode(orjson.dumps(one)).decode().rstrip("=") for one in made_up]
    for sort, cursor in [("-area", first), ("size", first), *(("area", one) for one in cursors)]:
        refused = await admin.get("/customers/all", sort=sort, cursor=cursor)
        assert (refused.status_code, refused.json()["code"]) == (422, "cursor_unreadable"), cursor
