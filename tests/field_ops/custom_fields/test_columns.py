"""Values as cells of a spreadsheet: what is written is read again, and so is what people write."""

from typing import Any

import pytest

from field_ops.custom_fields.columns import cell_of, columns_of, ids_by_name, value_from_text
from field_ops.custom_fields.errors import FieldValueWrong
from field_ops.custom_fields.models import CUSTOMER
from field_ops.custom_fields.sight import own_eyes
from field_ops.runtime import Runtime
from tests.factories import Company, work_as
from tests.field_ops.custom_fields.conftest import a_field, a_shop, define, options
from tests.pages import Page

FIELDS = (
    a_field("area", "number", "门店面积", unit="㎡"),
    a_field("yearly", "money", "年采购额", currencies=["CNY", "USD"]),
    a_field("signed_on", "date", "签约日期"),
    a_field("asked_at", "moment", "询价时间"),
    a_field("is_chain", "yes_no", "连锁"),
    a_field("brands", "choices", "品牌", options=options("nike", "puma")),
    a_field("place", "region", "地区"),
    a_field("buddy", "member", "协助人"),
)


@pytest.mark.parametrize(
    ("key", "written", "meant"),
    [
        ("area", "１２０.5㎡", "120.5"),
        ("area", "1,200", "1200"),
        ("yearly", "¥1,200.5", {"amount": "1200.50", "currency": "CNY"}),
        ("yearly", "99 usd", {"amount": "99.00", "currency": "USD"}),
        ("signed_on", "2026年3月9日", "2026-03-09"),
        ("signed_on", "2026/3/9", "2026-03-09"),
        ("signed_on", "2026-03-09 00:00:00", "2026-03-09"),
        ("asked_at", "2026-03-10 9:30", "2026-03-10T01:30:00Z"),
        ("asked_at", "2026/3/10 09：30：00", "2026-03-10T01:30:00Z"),
        ("asked_at", "2026-03-10T01:30:00Z", "2026-03-10T01:30:00Z"),
        ("is_chain", "是", True),
        ("is_chain", "NO", False),
        ("brands", "选项puma，选项nike", ["nike", "puma"]),
        ("brands", "puma", ["puma"]),
        ("place", "湖北省 武汉市/江岸区", ["湖北省", "武汉市", "江岸区"]),
    ],
)
async def test_cells_mean_what_people_meant(
    runtime: Runtime, company: Company, admin: Page, key: str, written: str, meant: Any
) -> None:
    await define(admin, *FIELDS)
    async with runtime.database.reading() as session:
        work = work_as(session, company.lilei)
        field = (await own_eyes(work, CUSTOMER)).fields.by_key[key]
        assert value_from_text(field, written, {}, work.zone) == meant
        cell = cell_of(field, meant, "zh", {})
        assert value_from_text(field, cell, {}, work.zone) == meant


async def test_a_wrong_cell_names_its_column_and_a_name_must_be_one(
    runtime: Runtime, company: Company, admin: Page
) -> None:
    await define(admin, *FIELDS)
    async with runtime.database.reading() as session:
        work = work_as(session, company.lilei)
        fields = (await own_eyes(work, CUSTOMER)).fields.by_key
        named = await ids_by_name(work, "member", ["王主管", "没有这人"])
        assert value_from_text(fields["buddy"], "王主管 ", named, work.zone) == company.wang.id
        for key, text in (("brands", "彪马"), ("buddy", "没有这人"), ("asked_at", "2026-03-10")):
            with pytest.raises(FieldValueWrong) as refused:
                value_from_text(fields[key], text, named, work.zone)
            assert refused.value.say("zh").startswith(f"「{fields[key].label.zh}」")


async def test_columns_are_those_that_somebody_sees(
    runtime: Runtime, company: Company, admin: Page
) -> None:
    hidden = {"rep": {"owned": "HIDDEN"}}
    await define(admin, a_field("area", "number"), a_field("margin", "number", access=hidden))
    async with runtime.database.reading() as session:
        seen = [
            [one.field.key for one in columns_of(await own_eyes(work_as(session, who), CUSTOMER))]
            for who in (company.lilei, company.admin)
        ]
    assert seen == [["area"], ["area", "margin"]]


async def test_exports_have_the_columns_of_own_fields_and_tags(admin: Page, lilei: Page) -> None:
    await define(
        admin, *(one for one in FIELDS if one["key"] in ("area", "yearly", "signed_on", "is_chain"))
    )
    group = await admin.send("POST", "/tags/groups", {"name": "特点"})
    body = {"group_id": group.json()["groups"][0]["id"], "name": "学校周边"}
    tag = (await admin.send("POST", "/tags", body)).json()["id"]
    await a_shop(lilei, tags=[tag], custom={"area": "12.5", "is_chain": True, "yearly": "3"})
    asked = await admin.send("POST", "/exports", {"format": "csv"})
    assert asked.status_code == 201, asked.text
    answer = await admin.client.get(asked.json()["url"])
    lines = answer.content.decode("utf-8-sig").splitlines()
    header = next(line for line in lines if "客户编号" in line)
    assert header.endswith("标签,门店面积,年采购额,签约日期,连锁")
    assert any(line.endswith("学校周边,12.5,3.00,,是") for line in lines)
