"""What is entered comes back as it was, for every type, on both databases; the rest is refused."""

import random
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from field_ops.custom_fields.models import FieldValue
from field_ops.custom_fields.types import KINDS
from field_ops.history.models import AuditEntry
from field_ops.runtime import Runtime
from tests.factories import Company, a_customer, a_member, work_as
from tests.field_ops.custom_fields.conftest import a_field, a_shop, change, define, options
from tests.pages import Page, a_page

BRANDS = ("nike", "puma", "asics")
RULES: dict[str, dict[str, Any]] = {
    "choice": {"options": options(*BRANDS)},
    "choices": {"options": options(*BRANDS)},
    "money": {"currencies": ["CNY", "USD"]},
}


def some_text(dice: random.Random, most: int = 20) -> str:
    signs = "华联超市 ABCxyz019,;'\"%_\\/<>&{}😀é　"
    return "a" + "".join(dice.choices(signs, k=dice.randint(0, most))).strip()


def a_value(dice: random.Random, type_: str, ids: dict[str, str]) -> tuple[Any, Any]:
    """(what is sent, what must come back), each told independently of the code."""
    match type_:
        case "text" | "long_text":
            text = some_text(dice).strip()
            return f" {text} ", text
        case "number":
            units, decimals = dice.randint(-(10**9), 10**9), dice.randint(0, 6)
            exact = Decimal(units).scaleb(-decimals)
            plain = format(exact, "f")
            return plain, plain.rstrip("0").rstrip(".") if "." in plain else plain
        case "integer":
            number = dice.randint(-(10**11), 10**11)
            return dice.choice([number, str(number)]), number
        case "money":
            cents, currency = dice.randint(-(10**13), 10**13), dice.choice(["CNY", "USD"])
            amount = f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
            sent: Any = {"amount": amount, "currency": currency}
            return sent, {"amount": amount, "currency": currency}
        case "score":
            stars = dice.randint(0, 5)
            return stars, stars
        case "date":
            day = date(1900, 1, 1) + timedelta(days=dice.randint(0, 99_999))
            return day.isoformat(), day.isoformat()
        case "moment":
            zone = timezone(timedelta(hours=dice.randint(-11, 12)))
            moment = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=dice.randint(0, 10**8))
            return moment.astimezone(zone).isoformat(), f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        case "yes_no":
            answer = dice.random() < 0.5
            return answer, answer
        case "choice":
            brand = dice.choice(BRANDS)
            return brand, brand
        case "choices":
            brands = dice.sample(BRANDS, dice.randint(1, 3))
            return brands, [one for one in BRANDS if one in brands]
        case "phone":
            phone = f"027-8555{dice.randint(0, 9999):04d}"
            return phone, phone
        case "email":
            mail = f"a{dice.randint(0, 99)}@shop.example"
            return mail, mail
        case "url":
            url = f"https://shop.example/{dice.randint(0, 99)}?q=华联"
            return url, url
        case "barcode":
            code = f"69{dice.randint(0, 10**11):011d}"
            return code, code
        case "region":
            path = ["湖北省", "武汉市", "江岸区", "一元街道"][: dice.randint(1, 4)]
            return path, path
        case "member" | "department" | "customer":
            return ids[type_], ids[type_]
    raise AssertionError(f"no values for {type_}: a new type needs some here")


@pytest.mark.parametrize("seed", range(3))
async def test_values_of_every_type_come_back_as_they_were(
    runtime: Runtime, company: Company, admin: Page, lilei: Page, seed: int
) -> None:
    await define(admin, *(a_field(one, one, **RULES.get(one, {})) for one in KINDS))
    async with runtime.database.writing() as session:
        other = await a_customer(work_as(session, company.lilei), "新华书店")
    ids = {"member": company.wang.id, "department": company.east.id, "customer": other.id}
    dice, shop = random.Random(seed), await a_shop(lilei)
    for _ in range(3):
        pairs = {one: a_value(dice, one, ids) for one in KINDS}
        answer = await change(lilei, shop, **{key: sent for key, (sent, _) in pairs.items()})
        assert answer.status_code == 200, answer.text
        shop = answer.json()
        assert shop["custom"] == {key: kept for key, (_, kept) in pairs.items()}
        read = (await lilei.get(f"/customers/{shop['id']}")).json()
        assert read["custom"] == shop["custom"]
    assert shop["custom_names"] == {
        company.wang.id: "王主管", company.east.id: "华东区", other.id: "新华书店",
    }  # fmt: skip
    emptied = await change(lilei, shop, **dict.fromkeys(pairs))
    assert emptied.json()["custom"] == {}
    async with runtime.database.reading() as session:
        assert (await session.scalars(select(FieldValue))).all() == []


WRONG: dict[str, tuple[str, dict[str, Any], Any]] = {
    "a text that is too long": ("text", {}, "长" * 201),
    "a text over its own limit": ("text", {"max_length": 3}, "四个字了"),
    "a text under its own limit": ("text", {"min_length": 3}, "两字"),
    "a text of another form": ("text", {"pattern": r"[A-Z]{2}\d{6}"}, "AB12345"),
    "a text that only begins well": ("text", {"pattern": r"\d{2}"}, "123"),
    "a number as words": ("number", {}, "十二"),
    "no number": ("number", {}, "NaN"),
    "an endless number": ("number", {}, "1e999"),
    "a huge number": ("number", {}, "1000000000000"),
    "too many decimals": ("number", {"decimals": 1}, "1.25"),
    "a number below the least": ("number", {"min": "0"}, "-0.01"),
    "a number above the most": ("number", {"max": "10"}, "10.01"),
    "half an integer": ("integer", {}, "1.5"),
    "a yes in place of a number": ("number", {}, True),
    "a tenth of a cent": ("money", {}, "1.001"),
    "another currency": ("money", {}, {"amount": "1", "currency": "USD"}),
    "an amount of nothing": ("money", {}, {"currency": "CNY"}),
    "six stars": ("score", {}, 6),
    "a day of no calendar": ("date", {}, "2026-02-30"),
    "a day too early": ("date", {"min": "2026-01-01"}, "2025-12-31"),
    "a moment without a zone": ("moment", {}, "2026-03-10T09:30:00"),
    "a yes in words": ("yes_no", {}, "yes"),
    "another option": ("choice", RULES["choice"], "adidas"),
    "an option twice": ("choices", RULES["choices"], ["nike", "nike"]),
    "too many options": ("choices", {**RULES["choices"], "most_chosen": 1}, ["nike", "puma"]),
    "no phone": ("phone", {}, "call me"),
    "no address": ("email", {}, "a@b"),
    "a script as address": ("url", {}, "javascript:alert(1)"),
    "five parts of a region": ("region", {}, ["a", "b", "c", "d", "e"]),
    "nobody": ("member", {}, "0" * 26),
    "no id": ("customer", {}, "../etc/passwd"),
}


@pytest.mark.parametrize(("type_", "rules", "value"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_value_is_refused_with_its_field(
    admin: Page, lilei: Page, type_: str, rules: dict[str, Any], value: Any
) -> None:
    await define(admin, a_field("it", type_, "某字段", **rules))
    shop = await a_shop(lilei)
    refused = await change(lilei, shop, it=value)
    assert (refused.status_code, refused.json()["code"]) == (422, "field_value_wrong")
    assert refused.json()["facts"]["key"] == "it"
    assert refused.json()["detail"].startswith("「某字段」")


async def test_who_creates_fills_in_what_is_required_and_gets_what_is_usual(
    admin: Page, lilei: Page
) -> None:
    chain = [{"field": "kind", "any_of": ["chain"]}]
    await define(
        admin,
        a_field("kind", "choice", options=options("chain", "single"), default="single"),
        a_field("branches", "integer", "门店数", required=True, show_if=chain),
        a_field("source_note", "text", "怎么认识的", required=True),
    )
    place = {"lat": 30.5, "lng": 114.3, "datum": "GCJ02"}
    new = {"name": "新店", "location": place}
    refused = await lilei.send("POST", "/customers", new)
    assert (refused.json()["code"], refused.json()["facts"]["key"]) == (
        "field_value_missing", "source_note",
    )  # fmt: skip
    shop = await a_shop(lilei, custom={"source_note": "展会"})
    assert shop["custom"] == {"kind": "single", "source_note": "展会"}
    cleared = await change(lilei, shop, source_note=None)
    assert cleared.json()["code"] == "field_value_missing"
    new |= {"name": "连锁店", "custom": {"source_note": "展会", "kind": "chain"}}
    refused = await lilei.send("POST", "/customers", new)
    assert refused.json()["facts"]["field"] == "门店数"


async def test_a_field_that_became_required_lets_old_customers_be_changed(
    admin: Page, lilei: Page
) -> None:
    shop = await a_shop(lilei)
    await define(admin, a_field("note2", required=True), a_field("area", "number"))
    changed = await change(lilei, shop, area=10)
    assert changed.status_code == 200, changed.text


async def test_roles_and_the_pool_decide_what_is_seen_and_changed(
    runtime: Runtime, company: Company, admin: Page, lilei: Page
) -> None:
    pool = {"owned": "EDIT", "pool": "MASKED"}
    await define(
        admin,
        a_field("wechat", access={"rep": pool, "sales_ops": {"owned": "READ"}}),
        a_field("margin", "number", access={"rep": {"owned": "HIDDEN", "pool": "HIDDEN"}}),
    )
    shop = await a_shop(lilei, custom={"wechat": "hualian-zhang"})
    here = f"/customers/{shop['id']}"
    full = await change(admin, (await admin.get(here)).json(), margin="0.35")
    assert full.json()["custom"] == {"wechat": "hualian-zhang", "margin": "0.35"}
    mine = (await lilei.get(here)).json()
    assert (mine["custom"], mine["guarded"]) == (
        {"wechat": "hualian-zhang"}, {"custom.margin": "hidden"},
    )  # fmt: skip
    assert [one["key"] for one in (await lilei.get("/fields/customer")).json()["fields"]] == [
        "wechat"
    ]
    blind = await change(lilei, mine, margin="0.1")
    assert (blind.status_code, blind.json()["code"]) == (403, "own_field_not_yours")
    async with runtime.database.writing() as session:
        member = a_member(session, company.connection, "内勤", company.team, role="sales_ops")
    async with a_page(runtime, company, member) as ops:
        seen = (await ops.get(here)).json()
        assert seen["guarded"]["custom.wechat"] == "read"
        refused = await change(ops, seen, wechat="other")
        assert refused.json()["code"] == "own_field_not_yours"
        whole = await change(ops, seen, wechat="hualian-zhang")  # as it was shown: no change
        assert whole.json()["revision"] == seen["revision"]
    await admin.send("PUT", f"{here}/owner", {"member_id": None})
    pooled = (await lilei.get(here)).json()
    assert pooled["custom"] == {"wechat": "hua**********"}
    again = await change(lilei, pooled, wechat="hua**********")
    assert again.status_code == 200, again.text
    assert (await admin.get(here)).json()["custom"]["wechat"] == "hualian-zhang"


async def test_every_change_of_a_value_is_in_the_history_with_who_and_how(
    runtime: Runtime, company: Company, admin: Page, lilei: Page
) -> None:
    await define(
        admin,
        a_field("yearly", "money"),
        a_field("monthly", "formula", formula="round(yearly / 12, 2)"),
    )
    shop = await a_shop(lilei, custom={"yearly": "1200"})
    assert shop["custom"]["monthly"] == "100"
    await change(lilei, shop, yearly="600")
    async with runtime.database.reading() as session:
        rows = (
            await session.scalars(
                select(AuditEntry)
                .where(AuditEntry.subject_id == shop["id"])
                .order_by(AuditEntry.id)
            )
        ).all()
    assert [(row.action, row.member_id, row.via) for row in rows] == [
        ("customer.created", company.lilei.id, "h5"),
        ("customer.edited", company.lilei.id, "h5"),
    ]
    cny = {"currency": "CNY"}
    assert rows[1].change == {
        "custom.yearly": [{"amount": "1200.00", **cny}, {"amount": "600.00", **cny}],
        "custom.monthly": ["100", "50"],
    }


async def test_two_who_change_one_customer_at_once_lose_nothing(admin: Page, lilei: Page) -> None:
    await define(admin, a_field("one"), a_field("two"))
    shop = await a_shop(lilei)
    assert (await change(lilei, shop, one="甲")).status_code == 200
    late = await change(admin, shop, two="乙")
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")


async def test_programs_read_and_write_own_fields(admin: Page, lilei: Page) -> None:
    await define(admin, a_field("area", "number"))
    await a_shop(lilei, custom={"area": "12.5"})
    page = (await lilei.get("/customers/all", fields="name,custom")).json()
    assert [row["custom"] for row in page["rows"]] == [{"area": "12.5"}]


async def test_a_merge_keeps_the_newest_value_of_each_field_and_the_undo_gives_them_back(
    admin: Page, lilei: Page
) -> None:
    await define(
        admin,
        a_field("area", "number"),
        a_field("brand"),
        a_field("double", "formula", formula="area * 2"),
    )
    one = await a_shop(lilei, custom={"brand": "nike"})
    other = await a_shop(lilei, name="红星商店", custom={"area": "20"})
    merged = await admin.send("POST", f"/customers/{one['id']}/merge", {"loser_id": other["id"]})
    assert merged.status_code == 201, merged.text
    shown = (await lilei.get(f"/customers/{one['id']}")).json()["custom"]
    assert shown == {"area": "20", "brand": "nike", "double": "40"}
    undone = await admin.send("POST", f"/merges/{merged.json()['id']}/undo")
    assert undone.status_code == 200, undone.text
    for shop, custom in ((one, one["custom"]), (other, other["custom"])):
        assert (await lilei.get(f"/customers/{shop['id']}")).json()["custom"] == custom
    asked = '[{"field": "double", "op": "is", "value": "40"}]'
    found = (await admin.get("/customers/all", custom=asked, fields="name")).json()["rows"]
    assert [row["name"] for row in found] == [other["name"]]
