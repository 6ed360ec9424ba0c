"""Fields of contacts: filled in, seen, found, moved, merged and remembered as of customers."""

import random
from typing import Any

import pytest
from sqlalchemy import select

from field_ops.custom_fields.models import FieldValue
from field_ops.custom_fields.types import KINDS
from field_ops.customers import computing
from field_ops.customers.models import Customer
from field_ops.runtime import Runtime
from tests.factories import Company, a_customer, work_as
from tests.field_ops.custom_fields.conftest import a_field, a_shop, options
from tests.field_ops.custom_fields.test_values import RULES, WRONG, a_value
from tests.pages import Page

HIDDEN = {"rep": {"owned": "HIDDEN", "pool": "HIDDEN"}}


async def define(admin: Page, *fields: dict[str, Any]) -> None:
    for field in fields:
        answer = await admin.send("POST", "/fields/contact", field)
        assert answer.status_code == 201, answer.text


async def add(
    page: Page, shop: dict[str, Any], name: str = "张三", **custom: Any
) -> dict[str, Any]:
    answer = await page.send(
        "POST", f"/customers/{shop['id']}/contacts", {"name": name, "custom": custom}
    )
    assert answer.status_code == 201, answer.text
    return called(answer.json(), name)


def called(shop: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in shop["contacts"] if one["name"] == name]
    person: dict[str, Any] = found
    return person


async def change(page: Page, shop: dict[str, Any], who: dict[str, Any], **custom: Any) -> Any:
    return await page.send(
        "PATCH", f"/customers/{shop['id']}/contacts/{who['id']}", {"custom": custom}
    )


async def seen(page: Page, shop: dict[str, Any], name: str = "张三") -> dict[str, Any]:
    return called((await page.get(f"/customers/{shop['id']}")).json(), name)


@pytest.mark.parametrize("seed", range(2))
async def test_values_of_every_type_come_back_as_they_were(
    runtime: Runtime, company: Company, admin: Page, lilei: Page, seed: int
) -> None:
    await define(admin, *(a_field(one, one, **RULES.get(one, {})) for one in KINDS))
    async with runtime.database.writing() as session:
        other = await a_customer(work_as(session, company.lilei), "新华书店")
    ids = {"member": company.wang.id, "department": company.east.id, "customer": other.id}
    dice, shop = random.Random(seed), await a_shop(lilei)
    pairs = {one: a_value(dice, one, ids) for one in KINDS}
    kept = {key: to for key, (_, to) in pairs.items()}
    person = await add(lilei, shop, **{key: sent for key, (sent, _) in pairs.items()})
    assert person["custom"] == kept
    whole = (await lilei.get(f"/customers/{shop['id']}")).json()
    assert called(whole, "张三")["custom"] == kept
    assert whole["custom_names"] == {
        company.wang.id: "王主管", company.east.id: "华东区", other.id: "新华书店",
    }  # fmt: skip
    emptied = await change(lilei, shop, person, **dict.fromkeys(pairs))
    assert called(emptied.json(), "张三")["custom"] == {}
    async with runtime.database.reading() as session:
        assert (await session.scalars(select(FieldValue))).all() == []


@pytest.mark.parametrize(("type_", "rules", "value"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_value_is_refused_with_its_field(
    admin: Page, lilei: Page, type_: str, rules: dict[str, Any], value: Any
) -> None:
    await define(admin, a_field("it", type_, "某字段", **rules))
    shop = await a_shop(lilei)
    refused = await lilei.send(
        "POST", f"/customers/{shop['id']}/contacts", {"name": "张三", "custom": {"it": value}}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "field_value_wrong")
    assert refused.json()["detail"].startswith("「某字段」")


async def test_who_adds_a_contact_fills_in_what_is_required_and_gets_what_is_usual(
    admin: Page, lilei: Page
) -> None:
    decides = [{"field": "role", "any_of": ["decision_maker"]}]
    await define(
        admin,
        a_field("kind", "choice", options=options("old", "new"), default="new"),
        a_field("budget", "money", "能批多少", required=True, show_if=decides),
    )
    shop = await a_shop(lilei, contacts=[{"name": "收银小妹"}])
    assert called(shop, "收银小妹")["custom"] == {"kind": "new"}
    boss = {"name": "赵总", "role": "decision_maker"}
    refused = await lilei.send("POST", f"/customers/{shop['id']}/contacts", boss)
    assert refused.json()["code"] == "field_value_missing"
    assert refused.json()["facts"]["field"] == "能批多少"
    whole = {**boss, "custom": {"budget": "50000"}}
    added = await lilei.send("POST", f"/customers/{shop['id']}/contacts", whole)
    assert called(added.json(), "赵总")["custom"]["budget"]["amount"] == "50000.00"
    place = {"lat": 30.5, "lng": 114.3, "datum": "GCJ02"}
    new = {"name": "新店", "location": place, "contacts": [boss]}
    refused = await lilei.send("POST", "/customers", new)
    assert refused.json()["code"] == "field_value_missing"


async def test_keys_of_customers_and_of_contacts_do_not_meet(admin: Page, lilei: Page) -> None:
    both = a_field("area", "text")
    await define(admin, both, a_field("level", "text"))  # the level is a customer's own
    assert (await admin.send("POST", "/fields/customer", both)).status_code == 201
    taken = await admin.send("POST", "/fields/contact", a_field("role"))
    assert taken.json()["code"] == "field_key_reserved"
    shop = await a_shop(lilei, custom={"area": "甲"})
    await add(lilei, shop, area="乙", level="高")
    whole = (await lilei.get(f"/customers/{shop['id']}")).json()
    assert (whole["custom"], called(whole, "张三")["custom"]) == (
        {"area": "甲"}, {"area": "乙", "level": "高"},
    )  # fmt: skip


async def test_roles_and_the_pool_decide_what_is_seen_and_changed(admin: Page, lilei: Page) -> None:
    await define(
        admin,
        a_field("wechat", access={"rep": {"owned": "EDIT", "pool": "MASKED"}}),
        a_field("margin", "number", access=HIDDEN),
    )
    shop = await a_shop(lilei)
    person = await add(lilei, shop, wechat="abel1988")
    here = f"/customers/{shop['id']}"
    assert (await change(admin, shop, person, margin="0.35")).status_code == 200
    mine = (await lilei.get(here)).json()
    assert called(mine, "张三")["custom"] == {"wechat": "abel1988"}
    assert mine["guarded"] == {"contacts.custom.margin": "hidden"}
    blind = await change(lilei, shop, person, margin="0.1")
    assert (blind.status_code, blind.json()["code"]) == (403, "own_field_not_yours")
    await admin.send("PUT", f"{here}/owner", {"member_id": None})
    assert (await seen(lilei, shop))["custom"] == {"wechat": "abe*****"}
    same = await change(lilei, shop, person, wechat="abe*****")  # as it was shown: no change
    assert same.status_code == 200, same.text
    assert (await seen(admin, shop))["custom"]["wechat"] == "abel1988"


async def test_a_pool_that_hides_contacts_hides_their_fields_everywhere(
    runtime: Runtime, company: Company, admin: Page, lilei: Page
) -> None:
    await define(admin, a_field("wechat", searchable=True))
    shop = await a_shop(lilei)
    person = await add(lilei, shop, wechat="abel1988")
    asked = '[{"field": "wechat", "op": "is", "value": "abel1988"}]'

    async def found(page: Page) -> tuple[int, int, int]:
        looked = (await page.get("/customers", q="abel1988")).json()["rows"]
        listed = (await page.get("/customers/all", contact_custom=asked)).json()["rows"]
        narrowed = (await page.get("/customers", q="", contact_custom=asked)).json()["rows"]
        return len(looked), len(listed), len(narrowed)

    assert await found(lilei) == (1, 1, 1)
    looked = (await lilei.get("/customers", q="abel1988")).json()["rows"][0]
    assert (looked["matched_on"], looked["matched_text"]) == ("contact", "abel1988")
    here = f"/customers/{shop['id']}"
    await admin.send("PUT", f"{here}/owner", {"member_id": None})
    members = [{"kind": "member", "id": company.lilei.id}]
    pool = {"name": "南", "rules": {"hidden": ["contacts"]}, "members": members}
    made = await admin.send("POST", "/pools", pool)
    assert made.status_code == 201, made.text
    async with runtime.database.writing() as session:
        lies = await session.get_one(Customer, (company.lilei.tenant_id, shop["id"]))
        lies.pool_id, lies.created_by = made.json()["id"], company.lilei.id
    assert (await lilei.get(here)).json()["contacts"] == []
    assert await found(lilei) == (0, 0, 0)
    assert await found(admin) == (1, 1, 1)
    told = (await lilei.get(f"{here}/timeline", kinds="contact")).json()["entries"]
    assert [one["changes"] for one in told] == [[]]
    history = await lilei.get(f"{here}/contacts/{person['id']}/history", field="custom.wechat")
    assert history.status_code == 404
    rows = (await lilei.get("/customers/all", fields="contacts")).json()["rows"]
    assert [row["contacts"] for row in rows] == [[]]


async def test_what_somebody_is_follows_him_to_another_customer_with_its_past(
    company: Company, admin: Page, lilei: Page
) -> None:
    await define(admin, a_field("likes", "text", "爱好", searchable=True))
    shop, other = await a_shop(lilei), await a_shop(lilei, name="红星商店")
    person = await add(lilei, shop, likes="钓鱼")
    await change(admin, shop, person, likes="下棋")
    to = {"to_customer_id": other["id"], "title": "店长"}
    moved = await lilei.send("POST", f"/customers/{shop['id']}/contacts/{person['id']}/move", to)
    assert moved.status_code == 201, moved.text
    assert (await seen(lilei, other))["custom"] == {"likes": "下棋"}
    names = [row["name"] for row in (await lilei.get("/customers", q="下棋")).json()["rows"]]
    assert names == [other["name"]]
    await change(lilei, other, person, likes="爬山")
    path = f"/customers/{other['id']}/contacts/{person['id']}/history"
    told = (await lilei.get(path, field="custom.likes")).json()
    assert (told["label"], told["present"], told["level"]) == ("爱好", "爬山", "edit")
    assert [
        (one["before"], one["after"], one["by_name"], one["via"]) for one in told["changes"]
    ] == [
        ("下棋", "爬山", "李雷", "h5"),
        ("钓鱼", "下棋", company.admin.name, "h5"),
        (None, "钓鱼", "李雷", "h5"),
    ]
    entries = (await lilei.get(f"/customers/{other['id']}/timeline", kinds="contact")).json()
    (newest, *_) = entries["entries"]
    assert {one["field"]: one["label"] for one in newest["changes"]} == {
        "contact": "", "custom.likes": "爱好",
    }  # fmt: skip
    nothing = await lilei.get(path, field="custom.nothing")
    assert nothing.json()["code"] == "field_without_history"


async def test_a_merge_takes_contacts_with_their_values_and_the_undo_gives_them_back(
    admin: Page, lilei: Page
) -> None:
    await define(admin, a_field("likes", searchable=True))
    one, other = await a_shop(lilei), await a_shop(lilei, name="红星商店")
    await add(lilei, one, "甲", likes="茶")
    person = await add(lilei, other, "乙", likes="咖啡豆")
    merged = await admin.send("POST", f"/customers/{one['id']}/merge", {"loser_id": other["id"]})
    assert merged.status_code == 201, merged.text
    assert (await seen(lilei, one, "乙"))["custom"] == {"likes": "咖啡豆"}
    assert await lookup(lilei, "咖啡豆") == [one["name"]]
    await change(lilei, one, person, likes="咖啡粉")
    undone = await admin.send("POST", f"/merges/{merged.json()['id']}/undo")
    assert undone.status_code == 200, undone.text
    assert (await seen(lilei, other, "乙"))["custom"] == {"likes": "咖啡粉"}
    assert await lookup(lilei, "咖啡粉") == [other["name"]]
    path = f"/customers/{other['id']}/contacts/{person['id']}/history"
    told = (await lilei.get(path, field="custom.likes")).json()["changes"]
    assert [row["after"] for row in told] == ["咖啡粉", "咖啡豆"]


async def lookup(page: Page, q: str) -> list[str]:
    return [row["name"] for row in (await page.get("/customers", q=q)).json()["rows"]]


async def test_a_contact_that_is_removed_leaves_its_values_to_the_history_alone(
    runtime: Runtime, admin: Page, lilei: Page
) -> None:
    await define(admin, a_field("likes", searchable=True))
    shop = await a_shop(lilei)
    person = await add(lilei, shop, likes="钓鱼")
    assert await lookup(lilei, "钓鱼") == [shop["name"]]
    gone = await lilei.send("DELETE", f"/customers/{shop['id']}/contacts/{person['id']}")
    assert gone.status_code == 200, gone.text
    assert await lookup(lilei, "钓鱼") == []
    async with runtime.database.reading() as session:
        assert (await session.scalars(select(FieldValue))).all() == []
    told = (await lilei.get(f"/customers/{shop['id']}/timeline", kinds="contact")).json()
    (removed, *_) = told["entries"]
    assert [(one["field"], one["before"]) for one in removed["changes"]] == [
        ("name", "张三"), ("custom.likes", "钓鱼"),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
async def test_a_changed_formula_is_computed_for_every_contact_in_the_background(
    runtime: Runtime, company: Company, admin: Page, lilei: Page, seed: int
) -> None:
    """The oracle reckons in hundredths."""
    doubled = a_field("twice", "formula", formula="score * 2", decimals=2)
    await define(admin, a_field("score", "number", searchable=False), doubled)
    dice, shops = random.Random(seed), [await a_shop(lilei, name=f"店{n}") for n in range(3)]
    told: dict[str, int] = {}
    for n in range(9):
        told[f"人{n}"] = dice.randint(-9999, 9999)
        await add(lilei, dice.choice(shops), f"人{n}", score=f"{told[f'人{n}'] / 100:.2f}")
    everybody = await people_of(admin)
    assert {name: one["twice"] for name, one in everybody.items()} == {
        name: plain(2 * hundredths) for name, hundredths in told.items()
    }
    since = (await admin.get("/customers/all")).json()["cursor"]
    revision = next(
        one["revision"]
        for one in (await admin.get("/fields/contact/all")).json()["fields"]
        if one["key"] == "twice"
    )
    spec = {name: value for name, value in doubled.items() if name != "key"}
    changed = await admin.send(
        "PUT",
        "/fields/contact/twice",
        {**spec, "formula": "score * 2 + 1", "revision": revision},
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["computing"]
    async with runtime.database.writing() as session:
        work = work_as(session, company.admin)
        assert await computing.is_due(work)
        while await computing.step(work):
            pass
    assert not (await admin.get("/fields/contact/all")).json()["computing"]
    assert {name: one["twice"] for name, one in (await people_of(admin)).items()} == {
        name: plain(2 * hundredths + 100) for name, hundredths in told.items()
    }
    moved = (await admin.get("/customers/all", cursor=since)).json()["rows"]
    assert {row["name"] for row in moved} == {
        row["name"] for row in (await admin.get("/customers/all")).json()["rows"] if row["contacts"]
    }


def plain(hundredths: int) -> str:
    sign, whole = "-" if hundredths < 0 else "", abs(hundredths)
    return f"{sign}{whole // 100}.{whole % 100:02d}".rstrip("0").rstrip(".")


async def people_of(page: Page) -> dict[str, dict[str, Any]]:
    rows = (await page.get("/customers/all", fields="name,contacts")).json()["rows"]
    return {one["name"]: one["custom"] for row in rows for one in row["contacts"]}
