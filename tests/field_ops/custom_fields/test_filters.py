"""Filters over own fields and tags, against a slow oracle that looks at each customer."""

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
from tests.field_ops.custom_fields.conftest import a_field, a_shop, change, define, options
from tests.pages import Page

BRANDS = ("nike", "puma", "asics")
TEXTS = ("Alpha 店", "alpha", "ＡＢＣ", "beta_%", "贝塔")
DAYS = ("2025-12-31", "2026-01-01", "2026-06-30")
Row = dict[str, Any]


async def found(page: Page, conditions: Any, **more: Any) -> list[str]:
    query = {"custom": orjson.dumps(conditions).decode(), **more}
    answer = await page.get("/customers/all", fields="name", limit=500, **query)
    assert answer.status_code == 200, answer.text
    return sorted(row["name"] for row in answer.json()["rows"])


def folded(text: str) -> str:
    return text.translate(str.maketrans("ＡＢＣ", "ABC")).lower()


def holds(row: Row, field: str, op: str, value: Any) -> bool:
    """The rule once more, over the values as they were entered."""
    kept = row.get(field)
    if op in ("filled", "empty"):
        return (kept is not None) == (op == "filled")
    if op == "none_of":
        return not holds(row, field, "any_of", value)
    if kept is None:
        return False
    if field == "area":
        there, asked = Decimal(kept), Decimal(value)
        return {"is": there == asked, "gte": there >= asked, "lte": there <= asked}[op]
    if field == "brands":
        if op == "is":
            return value in kept
        return (any if op == "any_of" else all)(one in kept for one in value)
    if field == "signed_on":
        return {"is": kept == value, "gte": kept >= value, "lte": kept <= value}[op]
    if field == "is_chain":
        return bool(kept == value)
    there = folded(kept)
    if op == "any_of":
        return there in [folded(one) for one in value]
    asked = folded(value)
    return {
        "is": there == asked, "contains": asked in there, "begins": there.startswith(asked),
    }[op]  # fmt: skip


def a_row(dice: random.Random) -> Row:
    row: Row = {
        "area": dice.choice(["0", "12.5", "100", "100.000001", "-3"]),
        "brands": dice.sample(BRANDS, dice.randint(1, 3)),
        "signed_on": dice.choice(DAYS),
        "is_chain": dice.random() < 0.5,
        "nickname": dice.choice(TEXTS),
    }
    return {key: value for key, value in row.items() if dice.random() < 0.7}


def a_condition(dice: random.Random) -> tuple[str, str, Any]:
    return dice.choice(
        [
            ("area", dice.choice(["is", "gte", "lte"]), dice.choice(["0", "12.5", "100"])),
            ("brands", "is", dice.choice(BRANDS)),
            (
                "brands",
                dice.choice(["any_of", "all_of", "none_of"]),
                dice.sample(BRANDS, dice.randint(1, 2)),
            ),
            ("signed_on", dice.choice(["is", "gte", "lte"]), dice.choice(DAYS)),
            ("is_chain", "is", dice.random() < 0.5),
            (
                "nickname",
                dice.choice(["is", "contains", "begins"]),
                dice.choice(["ALPHA", "_%", "ab"]),
            ),
            ("nickname", dice.choice(["any_of", "none_of"]), dice.sample(TEXTS, 2)),
            (
                dice.choice(["area", "brands", "signed_on", "is_chain", "nickname"]),
                dice.choice(["filled", "empty"]),
                None,
            ),
        ]
    )


@pytest.mark.parametrize("seed", range(2))
async def test_filters_find_what_the_oracle_finds(
    runtime: Runtime, company: Company, admin: Page, seed: int
) -> None:
    await define(
        admin,
        a_field("area", "number"),
        a_field("brands", "choices", options=options(*BRANDS)),
        a_field("signed_on", "date"),
        a_field("is_chain", "yes_no"),
        a_field("nickname"),
    )
    dice, rows = random.Random(seed), {}
    async with runtime.database.writing() as session:
        work = work_as(session, company.lilei)
        fields = await fields_for(work, CUSTOMER)
        for number in range(30):
            row = a_row(dice)
            level = dice.choice("ABC")
            shop = await a_customer(work, f"店{number:02d}", at=None, custom=row, level=level)
            rows[shop.name] = {**row, "level": level}
            if values := list(rows_of(work, fields, shop.id, row)):
                await session.execute(insert(FieldValue), values)
    for _ in range(40):
        asked = [a_condition(dice) for _ in range(dice.randint(1, 3))]
        level = dice.choice([None, "A"])
        expected = sorted(
            name
            for name, row in rows.items()
            if all(holds(row, *one) for one in asked) and level in (None, row["level"])
        )
        conditions = [{"field": key, "op": op, "value": value} for key, op, value in asked]
        more = {"level": level} if level else {}
        assert await found(admin, conditions, **more) == expected, (seed, asked, level)


@pytest.mark.parametrize(
    "written",
    [
        "{",
        "[1]",
        '[{"field": "nowhere", "op": "is", "value": "1"}]',
        '[{"field": "area", "op": "contains", "value": "1"}]',
        '[{"field": "area", "op": "is", "value": "many"}]',
        '[{"field": "area", "op": "is"}]',
        '[{"field": "brand", "op": "any_of", "value": []}]',
        '[{"field": "brand", "op": "any_of", "value": [["a"]]}]',
        '[{"field": "secret", "op": "is", "value": "1"}]',
        '[{"field": "area", "op": "burn"}]',
    ],
)
async def test_a_filter_that_cannot_be_is_refused(admin: Page, lilei: Page, written: str) -> None:
    hidden = {"rep": {"owned": "HIDDEN", "pool": "HIDDEN"}}
    await define(
        admin,
        a_field("area", "number"),
        a_field("brand", "choice", options=options(*BRANDS)),
        a_field("secret", access=hidden),
    )
    refused = await lilei.get("/customers/all", custom=written)
    assert (refused.status_code, refused.json()["code"]) == (422, "filter_wrong"), refused.text


async def test_what_is_masked_in_the_pool_is_not_found_there_by_guessing(
    admin: Page, lilei: Page
) -> None:
    await define(admin, a_field("wechat", access={"rep": {"pool": "MASKED"}}))
    shop = await a_shop(lilei, custom={"wechat": "zhang"})
    guess = [{"field": "wechat", "op": "is", "value": "zhang"}]
    assert await found(lilei, guess) == [shop["name"]]
    await admin.send("PUT", f"/customers/{shop['id']}/owner", {"member_id": None})
    assert await found(lilei, guess) == []
    assert await found(admin, guess) == [shop["name"]]


async def test_a_changed_value_is_found_by_what_it_is_now(admin: Page, lilei: Page) -> None:
    await define(admin, a_field("area", "number"))
    shop = await a_shop(lilei, custom={"area": "10"})
    shop = (await change(lilei, shop, area="20")).json()
    for asked, expected in (("10", []), ("20", [shop["name"]])):
        assert await found(lilei, [{"field": "area", "op": "is", "value": asked}]) == expected
