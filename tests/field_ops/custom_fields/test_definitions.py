"""Defining fields through the API: who may, what is refused, and that nothing is lost."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from field_ops.access.roles import BUILT_IN
from field_ops.app import create_app
from field_ops.history.models import AuditEntry
from field_ops.runtime import Runtime, open_runtime
from field_ops.settings import Settings
from tests.factories import Company, a_member
from tests.field_ops.custom_fields.conftest import a_field, a_shop, change, define, options
from tests.pages import Page, a_page


async def test_a_field_is_there_at_once_in_every_process(
    runtime: Runtime, company: Company, lilei: Page, admin: Page
) -> None:
    settings = Settings(
        database_url=runtime.settings.database_url,
        data_dir=runtime.settings.data_dir,
        secret_key=runtime.settings.secret_key,
        public_url="http://waiqin.test",
        sqlite_synchronous="NORMAL",
    )
    async with (
        open_runtime(settings, clock=runtime.clock) as other,
        a_page(other, company, company.lilei, create_app(other)) as elsewhere,
    ):
        assert (await elsewhere.get("/fields/customer")).json() == {"fields": []}
        await define(admin, a_field("area", "number", "门店面积", unit="㎡"))
        (field,) = (await elsewhere.get("/fields/customer")).json()["fields"]
        assert (field["key"], field["spec"]["unit"]) == ("area", "㎡")
        assert field["levels"] == {"owned": "EDIT", "pool": "EDIT"}
        shop = await a_shop(elsewhere, custom={"area": "120.50"})
    assert (await lilei.get(f"/customers/{shop['id']}")).json()["custom"] == {"area": "120.5"}


@pytest.mark.parametrize("role", [role.code for role in BUILT_IN])
async def test_only_who_configures_customers_defines_fields(
    runtime: Runtime, company: Company, role: str
) -> None:
    async with runtime.database.writing() as session:
        member = a_member(session, company.connection, "某人", company.team, role=role)
    may = role in ("admin", "sales_ops")
    async with a_page(runtime, company, member) as page:
        made = await page.send("POST", "/fields/customer", a_field("area", "number"))
        assert made.status_code == (201 if may else 403), made.text
        assert (await page.get("/fields/customer/all")).status_code == (200 if may else 403)
        ordered = await page.send(
            "PUT", "/fields/customer", {"version": made.json().get("version", ""), "keys": ["area"]}
        )
        assert ordered.status_code == (200 if may else 403)
        body = {**a_field("area", "number", "面积"), "revision": 1}
        del body["key"]
        changed = await page.send("PUT", "/fields/customer/area", body)
        assert changed.status_code == (200 if may else 403), changed.text
        gone = {"revision": 2, "archived": True}
        archived = await page.send("POST", "/fields/customer/area/archive", gone)
        assert archived.status_code == (200 if may else 403)


async def test_of_two_admins_who_edit_at_once_the_later_is_told(admin: Page) -> None:
    await define(admin, a_field("area", "number"))
    body = {"type": "number", "label": {"zh": "面积"}, "revision": 1}
    assert (await admin.send("PUT", "/fields/customer/area", body)).status_code == 200
    late = await admin.send("PUT", "/fields/customer/area", {**body, "unit": "㎡"})
    assert (late.status_code, late.json()["code"]) == (409, "field_changed_meanwhile")
    (field,) = (await admin.get("/fields/customer/all")).json()["fields"]
    assert (field["spec"]["label"]["zh"], field["spec"]["unit"]) == ("面积", "")


async def test_fields_are_ordered_unless_another_admin_was_faster(admin: Page, lilei: Page) -> None:
    whole = await define(admin, a_field("one"), a_field("two"), a_field("three"))
    order = {"version": whole["version"], "keys": ["three", "one", "two"]}
    assert (await admin.send("PUT", "/fields/customer", order)).status_code == 200
    again = await admin.send("PUT", "/fields/customer", order)
    assert again.json()["code"] == "fields_changed_meanwhile"
    shown = (await lilei.get("/fields/customer")).json()["fields"]
    assert [one["key"] for one in shown] == ["three", "one", "two"]


async def test_an_archived_field_is_gone_and_comes_back_with_its_values(
    admin: Page, lilei: Page
) -> None:
    await define(admin, a_field("area", "number"))
    shop = await a_shop(lilei, custom={"area": 80})
    here, path = f"/customers/{shop['id']}", "/fields/customer/area/archive"
    assert (await admin.send("POST", path, {"revision": 1, "archived": True})).status_code == 200
    assert (await lilei.get("/fields/customer")).json()["fields"] == []
    assert (await lilei.get(here)).json()["custom"] == {}
    refused = await change(lilei, shop, area=90)
    assert (refused.status_code, refused.json()["code"]) == (422, "no_such_field")
    assert (await admin.send("POST", path, {"revision": 2, "archived": False})).status_code == 200
    assert (await lilei.get(here)).json()["custom"] == {"area": "80"}


async def test_a_retired_option_stays_readable_and_cannot_be_chosen_anew(
    admin: Page, lilei: Page
) -> None:
    await define(admin, a_field("brand", "choice", options=options("nike", "puma")))
    shop = await a_shop(lilei, custom={"brand": "puma"})
    body = a_field("brand", "choice", options=options("nike", "puma", retired=("puma",)))
    del body["key"]
    assert (
        await admin.send("PUT", "/fields/customer/brand", {**body, "revision": 1})
    ).status_code == 200
    assert (await lilei.get(f"/customers/{shop['id']}")).json()["custom"] == {"brand": "puma"}
    kept = await change(lilei, shop, brand="puma")
    assert kept.status_code == 200, kept.text
    shop = (await change(lilei, shop, brand="nike")).json()
    refused = await change(lilei, shop, brand="puma")
    assert (refused.status_code, refused.json()["code"]) == (422, "field_value_wrong")
    fewer = {**body, "options": options("nike"), "revision": 2}
    lost = await admin.send("PUT", "/fields/customer/brand", fewer)
    assert (lost.status_code, lost.json()["code"]) == (409, "option_removed")


async def test_what_admins_do_to_fields_is_in_the_audit_log(
    runtime: Runtime, company: Company, admin: Page
) -> None:
    await define(admin, a_field("area", "number"))
    body = {"type": "number", "label": {"zh": "面积"}, "revision": 1}
    await admin.send("PUT", "/fields/customer/area", body)
    async with runtime.database.reading() as session:
        rows = (
            await session.scalars(
                select(AuditEntry).where(AuditEntry.subject == "field").order_by(AuditEntry.id)
            )
        ).all()
    assert [(row.action, row.subject_id) for row in rows] == [
        ("field.defined", "customer.area"),
        ("field.changed", "customer.area"),
    ]
    assert {row.member_id for row in rows} == {company.admin.id}
    before, after = rows[1].change["spec"]
    assert (before["label"]["zh"], after["label"]["zh"]) == ("字段area", "面积")


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "a key in capitals": (a_field("Area"), "fields_invalid"),
    "a reserved key": (a_field("and"), "field_key_reserved"),
    "the key of a built-in field": (a_field("level"), "field_key_reserved"),
    "a taken key": (a_field("taken"), "field_key_taken"),
    "a pattern that takes for ever": (a_field("x", pattern="(a+)+$"), "field_rule_wrong"),
    "many parts of open length": (a_field("x", pattern="a*a*a*a*b"), "field_rule_wrong"),
    "a pattern that is none": (a_field("x", pattern="[z-a]"), "field_rule_wrong"),
    "a huge repetition": (a_field("x", pattern="a{9999}"), "field_rule_wrong"),
    "a rule of another type": (a_field("x", "yes_no", min="1"), "field_rule_wrong"),
    "bounds that cross": (a_field("x", "number", min="9", max="1"), "field_rule_wrong"),
    "a bound that is no number": (a_field("x", "number", min="NaN"), "field_rule_wrong"),
    "a bound that is endless": (a_field("x", "number", max="9" * 32), "field_rule_wrong"),
    "a date of no calendar": (a_field("x", "date", min="2026-02-30"), "field_rule_wrong"),
    "a choice of nothing": (a_field("x", "choice"), "field_rule_wrong"),
    "an option twice": (
        a_field("x", "choice", options=options("a") + options("a")),
        "field_rule_wrong",
    ),
    "retired options only": (
        a_field("x", "choice", options=options("a", retired=("a",))),
        "field_rule_wrong",
    ),
    "a default that is none": (a_field("x", "integer", default="1.5"), "field_rule_wrong"),
    "a condition on itself": (
        a_field("x", show_if=[{"field": "x", "any_of": ["1"]}]),
        "field_rule_wrong",
    ),
    "a condition on nothing": (
        a_field("x", show_if=[{"field": "nowhere", "any_of": ["1"]}]),
        "field_rule_wrong",
    ),
    "a role that is not there": (
        a_field("x", access={"emperor": {"owned": "HIDDEN"}}),
        "field_rule_wrong",
    ),
    "a formula that is none": (a_field("x", "formula", formula="1 +"), "formula_wrong"),
    "a formula that would run code": (
        a_field("x", "formula", formula="__import__('os').system('id')"),
        "formula_wrong",
    ),
    "a formula of itself": (a_field("x", "formula", formula="x + 1"), "formulas_in_circle"),
    "a formula that is too deep": (
        a_field("x", "formula", formula="(" * 400 + "1" + ")" * 400),
        "formula_wrong",
    ),
    "a formula without end": (a_field("x", "formula", formula="1" + "+1" * 499), "formula_wrong"),
    "a word that is not known": (a_field("x", surprise=1), "fields_invalid"),
    "a label with a NUL": (a_field("x", label="a\0b"), "body_unreadable"),
}


@pytest.mark.parametrize(("body", "code"), HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_definition_is_refused_with_a_sentence(
    admin: Page, body: dict[str, Any], code: str
) -> None:
    await define(admin, a_field("taken"))
    refused = await admin.send("POST", "/fields/customer", body)
    assert (refused.status_code in (400, 409, 422), refused.json()["code"]) == (True, code)
    assert len((await admin.get("/fields/customer/all")).json()["fields"]) == 1


async def test_what_a_formula_or_condition_needs_is_not_archived(admin: Page) -> None:
    await define(
        admin,
        a_field("yearly", "money"),
        a_field("kind", "choice", options=options("chain", "single")),
        a_field("monthly", "formula", "月均", formula="yearly / 12"),
        a_field("branches", "integer", "门店数", show_if=[{"field": "kind", "any_of": ["chain"]}]),
    )
    for key, user in (("yearly", "月均"), ("kind", "门店数")):
        gone = {"revision": 1, "archived": True}
        refused: httpx.Response = await admin.send("POST", f"/fields/customer/{key}/archive", gone)
        assert (refused.status_code, refused.json()["code"]) == (409, "field_in_use")
        assert user in refused.json()["detail"]


async def test_formulas_in_a_circle_are_refused(admin: Page) -> None:
    await define(
        admin,
        a_field("base", "number"),
        a_field("one", "formula", formula="base + 1"),
        a_field("two", "formula", formula="one * 2"),
    )
    body = {"type": "formula", "label": {"zh": "一"}, "formula": "two - 1", "revision": 1}
    refused = await admin.send("PUT", "/fields/customer/one", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "formulas_in_circle")
    assert "one" in refused.json()["detail"] and "two" in refused.json()["detail"]
