"""Values as cells of a spreadsheet: what is written is read again, and so is what people write."""

from typing import Any

import pytest

from field_ops.custom_fields.columns import cell_of, columns_of, values_from_texts
from field_ops.custom_fields.errors import FieldValueWrong
from field_ops.custom_fields.models import CUSTOMER
from field_ops.custom_fields.sight import own_eyes
from field_ops.runtime import Runtime
from field_ops.work import Work
from tests.factories import Company, work_as
from tests.field_ops.custom_fields.conftest import a_field, a_shop, define, options
from tests.pages import Page

FIELDS = (
    a_field("area", "number", "门店面积", unit="㎡"),
    a_field("yearly", "money", "年采购额", currencies=["CNY", "USD"]),
    a_field("signed_on", "date", "签约日期"),
    a_field("is_chain", "yes_no", "连锁"),
    a_field("brands", "choices", "品牌", options=options("nike", "puma")),
    a_field("place", "region", "地区"),
    a_field("buddy", "member", "协助人"),
)


async def nobody(_work: Work, _name: str) -> list[str]:
    return []


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
        eyes = await own_eyes(work, CUSTOMER)
        assert await values_from_texts(work, eyes, {key: written}, nobody) == {key: meant}
        cell = cell_of(eyes.fields.by_key[key], meant, "zh", {})
        assert await values_from_texts(work, eyes, {key: cell}, nobody) == {key: meant}


async def test_a_wrong_cell_names_its_column_and_a_name_must_be_one(
    runtime: Runtime, company: Company, admin: Page
) -> None:
    await define(admin, *FIELDS)
    async with runtime.database.reading() as session:
        work = work_as(session, company.lilei)
        eyes = await own_eyes(work, CUSTOMER)
        named = await values_from_texts(work, eyes, {"buddy": "王主管", "area": " "}, nobody)
        assert named == {"buddy": company.wang.id}
        for texts, label in (({"brands": "彪马"}, "品牌"), ({"buddy": "没有这人"}, "协助人")):
            with pytest.raises(FieldValueWrong) as refused:
                await values_from_texts(work, eyes, texts, nobody)
            assert refused.value.say("zh").startswith(f"「{label}」")


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
    await define(admin, *FIELDS[:4])
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
