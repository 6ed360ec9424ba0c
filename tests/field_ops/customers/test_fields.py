"""What of a field somebody sees: the same on the page, in lists, in refusals, and in the chat."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from field_ops.customers import actions
from field_ops.customers.messages import customer_card
from field_ops.customers.models import Customer, MaskedSight
from field_ops.customers.queries import detail
from field_ops.customers.schemas import CustomerIn
from field_ops.db import Database
from field_ops.runtime import Runtime
from tests.conftest import TUESDAY_MORNING
from tests.factories import WUHAN, Company, a_company, a_customer, work_as
from tests.pages import Page, a_page, an_app

PHONE, CONTACTS = "13800138000", "13900139000"
BEGINS = "138********"


@pytest.fixture
async def runtime(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Runtime]:
    async with an_app(database_url, tmp_path, lambda: TUESDAY_MORNING) as opened:
        yield opened


@pytest.fixture
async def company(runtime: Runtime) -> Company:
    async with runtime.database.writing() as session:
        return await a_company(session)


@pytest.fixture
async def lilei(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.lilei) as page:
        yield page


@pytest.fixture
async def wang(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.wang) as page:
        yield page


@pytest.fixture
async def admin(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.admin) as page:
        yield page


async def a_shop(page: Page, **fields: Any) -> dict[str, Any]:
    shop = {
        "name": "武汉华联超市",
        "phone": PHONE,
        "email": "hualian@shop.example",
        "location": {"lat": WUHAN[0], "lng": WUHAN[1], "datum": "GCJ02"},
        "contacts": [{"name": "王经理", "phone": CONTACTS}],
    }
    answer = await page.send("POST", "/customers", {**shop, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def to_the_pool(company: Company, admin: Page, shop: dict[str, Any]) -> None:
    given = await admin.send("PUT", f"/customers/{shop['id']}/owner", {"member_id": None})
    assert given.json() == {"owner": None}


async def test_in_the_pool_a_phone_is_masked_wherever_it_is_shown(
    runtime: Runtime, company: Company, lilei: Page, admin: Page
) -> None:
    shop = await a_shop(lilei)
    await to_the_pool(company, admin, shop)
    page = await lilei.get(f"/customers/{shop['id']}")  # he made it, so he sees it
    assert page.json()["phone"] == BEGINS
    assert page.json()["contacts"][0]["phone"] == "139********"
    assert page.json()["guarded"] == {"phone": "masked", "email": "masked"}
    assert (await lilei.get("/customers", q="8000")).json()["rows"] == []
    found = await lilei.get("/customers", q="hlcs")
    assert [row["phone"] for row in found.json()["rows"]] == [BEGINS]
    around = await lilei.get("/customers/nearby", lat=WUHAN[0], lng=WUHAN[1])
    for said in (page.text, found.text, around.text):
        assert PHONE not in said and CONTACTS not in said and "hualian@" not in said
    async with runtime.database.reading() as session:
        work = work_as(session, company.lilei)
        card = customer_card(work, await detail(work, shop["id"]), "zh")
        assert not {PHONE, f"王经理 {CONTACTS}"} & {field.value for field in card.fields}
    assert (await admin.get(f"/customers/{shop['id']}")).json()["phone"] == PHONE


async def test_a_masked_field_is_not_changed_and_comes_back_unchanged(
    company: Company, lilei: Page, admin: Page
) -> None:
    shop = await a_shop(lilei)
    await to_the_pool(company, admin, shop)
    here = f"/customers/{shop['id']}"
    shown = (await lilei.get(here)).json()
    form = {"revision": shown["revision"], "phone": shown["phone"], "note": "下周再去"}
    changed = await lilei.send("PATCH", here, form)
    assert (changed.status_code, changed.json()["note"]) == (200, "下周再去"), changed.text
    form = {"revision": changed.json()["revision"], "phone": "13700137000"}
    refused = await lilei.send("PATCH", here, form)
    assert (refused.status_code, refused.json()["code"]) == (403, "field_not_yours")
    new = await lilei.send("POST", f"{here}/contacts", {"name": "新人", "phone": "13700137000"})
    assert new.json()["code"] == "field_not_yours"
    assert (await admin.get(here)).json()["phone"] == PHONE


async def test_who_opens_anothers_phone_is_noted_and_the_owner_can_see_it(
    company: Company, lilei: Page, wang: Page, admin: Page
) -> None:
    shop = await a_shop(lilei)
    here = f"/customers/{shop['id']}"
    assert (await lilei.get(here)).json()["phone"] == PHONE
    assert (await lilei.get(f"{here}/openings")).json() == {"openings": []}
    (row,) = (await wang.get("/customers", q="hlcs")).json()["rows"]
    assert row["phone"] == BEGINS  # a list opens nothing
    assert (await wang.get(here)).json()["phone"] == PHONE
    (opening,) = (await lilei.get(f"{here}/openings")).json()["openings"]
    assert (opening["member"]["name"], opening["via"]) == ("王主管", "h5")
    assert (await wang.get(f"{here}/openings")).status_code == 403
    assert len((await admin.get(f"{here}/openings")).json()["openings"]) == 1


@pytest.mark.parametrize(("level", "shown"), [("HIDDEN", ""), ("MASKED", "138********")])
async def test_what_is_not_read_is_not_found_by_guessing(
    runtime: Runtime, company: Company, lilei: Page, admin: Page, level: str, shown: str
) -> None:
    """Phones of the customer and of its contacts, with a slip too; the address, which the answer
    would say."""
    await a_shop(lilei, address="武汉市中山路1218号")
    guessed = ("8000", "00138000", "9000", "13800139000", "13800138001", "中山路")
    role = {
        "code": "desk",
        "title": "外包内勤",
        "permissions": ["customers.view"],
        "scopes": {"customers": {"scope": "ALL"}},
        "fields": {
            "phone": {"owned": level, "pool": level},
            "address": {"owned": level},
            "note": {"owned": "READ"},
        },
    }
    assert (await admin.send("POST", "/roles", role)).status_code == 201
    member = company.hanmeimei.id
    await admin.send("PUT", f"/members/{member}/roles/desk")
    await admin.send("DELETE", f"/members/{member}/roles/rep")
    async with a_page(runtime, company, company.hanmeimei) as han:
        for typed in guessed:
            assert (await lilei.get("/customers", q=typed)).json()["rows"], typed
            assert (await han.get("/customers", q=typed)).json()["rows"] == [], typed
        (row,) = (await han.get("/customers", q="hlcs")).json()["rows"]
        assert row["phone"] == shown
        opened = (await han.get(f"/customers/{row['id']}")).json()
        contact_phone = "139********" if shown else ""
        assert (opened["phone"], opened["contacts"][0]["phone"]) == (shown, contact_phone)
        assert opened["guarded"]["note"] == "read"
    openings = await lilei.get(f"/customers/{row['id']}/openings")
    assert openings.json() == {"openings": []}


async def test_a_refused_save_counts_among_the_masked_customers_of_the_day(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    """What is taken back with the refusal is not what he was told."""
    async with runtime.database.writing() as session:
        work = work_as(session, company.hanmeimei)
        for name, phone in (("武汉华联超市", PHONE), ("海明电子商务", CONTACTS)):
            new = CustomerIn(name=name, phone=phone, city="武汉")
            await actions.create(work, new)
    told: dict[str, dict[str, Any]] = {
        "someone_elses_customer": {"name": "别的店", "phone": PHONE},
        "looks_like_another": {"name": "海名电子商务", "phone": "13700137000", "city": "武汉"},
    }
    for code, new_shop in told.items():
        for key in ("", "one-key", "one-key"):
            refused = await lilei.send("POST", "/customers", new_shop, key=f"{code}{key}"[:60])
            assert refused.json()["code"] == code, refused.text
    async with runtime.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(MaskedSight)) == 2
        assert await session.scalar(select(func.count()).select_from(Customer)) == 2


async def test_a_refusal_says_no_phone_that_the_asker_does_not_see(
    runtime: Runtime, company: Company, lilei: Page, admin: Page
) -> None:
    """A name is changed, and what is claimed anew is a phone that he never saw."""
    await a_shop(lilei, name="新店")
    async with runtime.database.writing() as session:
        work = work_as(session, company.lilei)
        old = await a_customer(work, "老店", phone=PHONE, owner_id=None)
    form = {"revision": old.revision, "name": "更老的店"}
    refused = await lilei.send("PATCH", f"/customers/{old.id}", form)
    assert refused.json()["code"] == "same_phone", refused.text
    assert "138001" not in refused.text


async def test_who_compares_two_records_to_merge_them_has_opened_their_phones(
    company: Company, lilei: Page, wang: Page
) -> None:
    shop = await a_shop(lilei)
    twin = await a_shop(lilei, name="红星家具", phone="13700137000", contacts=[], is_another=True)
    here = f"/customers/{shop['id']}"
    compared = await wang.get(f"{here}/merge", loser_id=twin["id"])
    assert PHONE in compared.text
    for one in (shop, twin):
        (opening,) = (await lilei.get(f"/customers/{one['id']}/openings")).json()["openings"]
        assert opening["member"]["name"] == "王主管"


async def test_a_list_for_copies_opens_no_phones_of_others_to_a_person(
    company: Company, lilei: Page, wang: Page, admin: Page
) -> None:
    shop = await a_shop(lilei)
    (row,) = (await lilei.get("/customers/all")).json()["rows"]
    assert (row["phone"], row["contacts"][0]["phone"]) == (PHONE, CONTACTS)
    (row,) = (await wang.get("/customers/all")).json()["rows"]
    assert (row["phone"], row["contacts"][0]["phone"]) == (BEGINS, "139********")
    share = f"/customers/{shop['id']}/collaborators/{company.wang.id}"
    assert (await lilei.send("PUT", share, {"access": "read"})).status_code == 200
    (row,) = (await wang.get("/customers/all")).json()["rows"]
    assert row["phone"] == PHONE
