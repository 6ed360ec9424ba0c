"""Columns of the own fields of contacts: of each of the three that a row may name."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from field_ops.custom_fields import actions as fields
from field_ops.custom_fields.models import CONTACT, FieldValue
from field_ops.custom_fields.spec import FieldSpec
from field_ops.customers.actions.contacts import edit_contact
from field_ops.customers.models import Contact, Customer, CustomerText
from field_ops.customers.schemas import ContactChange
from field_ops.db import Database
from field_ops.exchange.at_once import Desk, Wishes
from field_ops.exchange.customer_cells import Style, header, own_columns, rows_after
from field_ops.exchange.error_file import reasons_of
from field_ops.history.models import AuditEntry
from tests.factories import Company
from tests.field_ops.exchange.desk import a_desk, a_sheet
from tests.field_ops.exchange.test_own_columns import EVERY, a_book, a_page_makes

FORMULA = {"type": "formula", "label": {"zh": "折算"}, "formula": "area * tills", "decimals": 1}


@pytest.fixture
def desk(database: Database, company: Company, tmp_path: Path) -> Desk:
    return a_desk(database, tmp_path, company.admin, company.tenant.id)


async def define(desk: Desk, **specs: dict[str, Any]) -> None:
    async with desk.writing() as work:
        for key, spec in specs.items():
            await fields.define(work, CONTACT, key, FieldSpec.model_validate(spec))


def text(label: str, **rules: Any) -> dict[str, Any]:
    return {"type": "text", "label": {"zh": label}, **rules}


async def people(desk: Desk) -> dict[str, dict[str, Any]]:
    async with desk.database.reading() as session:
        return {one.name: one.custom for one in await session.scalars(select(Contact))}


async def everything(desk: Desk) -> list[Any]:
    """All that is kept of contacts, and what customers are found by because of them."""
    async with desk.database.reading() as session:
        contacts = await session.execute(
            select(Contact.id, Contact.name, Contact.title, Contact.phone, Contact.custom)
        )
        values = await session.execute(
            select(FieldValue.record_id, FieldValue.field, FieldValue.text, FieldValue.number)
        )
        texts = await session.execute(
            select(CustomerText.customer_id, CustomerText.texts).where(
                CustomerText.source == "contact"
            )
        )
        return [
            sorted(map(tuple, contacts)),
            sorted(map(repr, map(tuple, values))),
            sorted(map(tuple, texts)),
        ]


async def test_a_cell_of_every_type_is_kept_for_the_contact_that_it_is_of(
    desk: Desk, company: Company, tmp_path: Path
) -> None:
    specs = {
        key: {"type": type_, "label": {"zh": label}, **rules}
        for key, (type_, label, rules, _, _) in EVERY.items()
    }
    await define(desk, **specs, yield_=FORMULA)
    other = await a_page_makes(desk, "红星商店", "13900000009")
    header_ = ["名称", "电话", "联系人2", *(f"联系人2·{one[1]}" for one in EVERY.values())]
    row = ["华联超市", "13900000001", "钱采购", *(one[3] for one in EVERY.values())]
    report = await desk.take_in(a_book(tmp_path / "人.xlsx", header_, row), Wishes())
    assert report.counts == {"created": 1}, [reasons_of(one, "zh") for one in report.errors]
    ids = {"wang": company.wang.id, "team": company.team.id, "hongxing": other.id}
    expected = {
        key: ids.get(value, value) if isinstance(value, str) else value
        for key, (_, _, _, _, value) in EVERY.items()
    }
    expected["yearly"] = {"amount": "1200.00", "currency": "USD"}
    expected["rooms"] = ["wet", "dry"]
    assert (await people(desk))["钱采购"] == {**expected, "yield_": "361.5"}


async def test_an_import_fills_in_changes_and_refuses_as_a_page_does(
    desk: Desk, tmp_path: Path
) -> None:
    await define(
        desk,
        likes=text("爱好", searchable=True),
        code=text("工号", required=True, pattern=r"\d{3}"),
    )
    wrong = (
        "名称,电话,联系人,联系人·工号,联系人2,联系人2·爱好\n华联超市,13900000001,张三,12,李四,茶\n"
    )
    report = await desk.take_in(a_sheet(tmp_path, wrong), Wishes())
    (row,) = report.errors
    assert len(row.reasons) == 2  # 张三 has a wrong code, and 李四 none
    assert all("工号" in reason.zh for reason in row.reasons)
    right = "名称,电话,联系人,联系人·工号,联系人·爱好\n华联超市,13900000001,张三,123,钓鱼\n"
    report = await desk.take_in(a_sheet(tmp_path, right), Wishes())
    assert report.counts == {"created": 1}
    assert await people(desk) == {"张三": {"code": "123", "likes": "钓鱼"}}
    async with desk.database.reading() as session:
        entries = await session.scalars(
            select(AuditEntry).where(AuditEntry.action == "contact.added")
        )
        (entry,) = entries
        assert entry.change["custom.likes"] == [None, "钓鱼"]
        assert entry.change["import"] == [None, report.batch.id]
        found = await session.scalars(
            select(CustomerText.texts).where(CustomerText.source == "contact")
        )
        assert found.all() == ["钓鱼"]
    same = await desk.take_in(a_sheet(tmp_path, right, "再次.csv"), Wishes(mode="update"))
    assert same.counts == {"same": 1}


async def test_an_update_of_contacts_is_taken_back_but_for_what_somebody_changed_since(
    desk: Desk, tmp_path: Path
) -> None:
    await define(
        desk,
        likes=text("爱好", searchable=True),
        points={"type": "number", "label": {"zh": "积分"}},
        twice={"type": "formula", "label": {"zh": "双倍"}, "formula": "points * 2"},
    )
    there = await a_page_makes(
        desk, "华联超市", "13900000001",
        contacts=[{"name": "张三", "custom": {"likes": "茶", "points": "4"}}, {"name": "王五"}],
    )  # fmt: skip
    before = await everything(desk)
    sheet = (
        "名称,联系人,联系人·爱好,联系人·积分,联系人2,联系人2·爱好,联系人3,联系人3·积分\n"
        "华联超市,张三,,5,李四,咖啡,王五,7\n"
    )
    report = await desk.take_in(a_sheet(tmp_path, sheet), Wishes(mode="update"))
    assert report.counts == {"updated": 1}, [reasons_of(one, "zh") for one in report.errors]
    assert await people(desk) == {
        "张三": {"likes": "茶", "points": "5", "twice": "10"},
        "李四": {"likes": "咖啡"},
        "王五": {"points": "7", "twice": "14"},
    }
    await desk.undo(report.batch.id)
    assert await everything(desk) == before

    report = await desk.take_in(a_sheet(tmp_path, sheet, "又.csv"), Wishes(mode="update"))
    async with desk.database.reading() as session:
        ids = {one.name: one.id for one in await session.scalars(select(Contact))}
    async with desk.writing() as work:
        await edit_contact(work, there.id, ids["王五"], ContactChange(custom={"points": "8"}))
        await edit_contact(work, there.id, ids["李四"], ContactChange(custom={"points": "1"}))
    undone = await desk.undo(report.batch.id)
    assert undone.counts["restored"] == 1
    assert await people(desk) == {
        "张三": {"likes": "茶", "points": "4", "twice": "8"},
        "李四": {"likes": "咖啡", "points": "1", "twice": "2"},
        "王五": {"points": "8", "twice": "16"},
    }


async def test_what_an_import_created_leaves_no_values_behind(desk: Desk, tmp_path: Path) -> None:
    await define(desk, likes=text("爱好", searchable=True))
    sheet = "名称,电话,联系人,联系人·爱好\n华联超市,13900000001,张三,钓鱼\n"
    report = await desk.take_in(a_sheet(tmp_path, sheet), Wishes())
    await desk.undo(report.batch.id)
    assert await everything(desk) == [[], [], []]


async def test_an_export_has_the_fields_of_the_main_contact_and_an_import_reads_it_again(
    desk: Desk, tmp_path: Path
) -> None:
    await define(
        desk, likes=text("爱好"), line={"type": "phone", "label": {"zh": "专线"}},
    )  # fmt: skip
    await a_page_makes(
        desk, "华联超市", "13900000001",
        contacts=[{"name": "张三", "custom": {"likes": "钓鱼", "line": "027-85551234"}}],
    )  # fmt: skip
    async with desk.writing() as work:
        own = await own_columns(work)
        open_, hidden = (Style("zh", masks_phones=one) for one in (False, True))
        titles = header(open_, own)
        _, (row,) = await rows_after(work, "", [], open_, own, 10)
        _, (masked,) = await rows_after(work, "", [], hidden, own, 10)
    assert titles[-2:] == ["联系人·爱好", "联系人·专线"]
    assert row[-2:] == ["钓鱼", "027-85551234"]
    assert masked[-1] != row[-1]
    async with desk.writing() as work:
        (shop,) = await work.session.scalars(select(Customer))
        (who,) = await work.session.scalars(select(Contact))
        await edit_contact(work, shop.id, who.id, ContactChange(custom={"likes": None}))
    again = a_book(tmp_path / "again.xlsx", titles, list(row))
    report = await desk.take_in(again, Wishes(mode="update"))
    assert report.counts == {"updated": 1}, [reasons_of(one, "zh") for one in report.errors]
    assert await people(desk) == {"张三": {"likes": "钓鱼", "line": "027-85551234"}}
