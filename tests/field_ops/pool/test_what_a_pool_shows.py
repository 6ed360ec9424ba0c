"""What of a customer is seen before a claim: as its pool says, by every door that shows it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from field_ops.access.fields import eyes_of
from field_ops.customers.actions.contacts import edit_contact
from field_ops.customers.messages import customer_card
from field_ops.customers.models import Contact, Customer
from field_ops.customers.queries import detail
from field_ops.customers.schemas import ContactChange
from field_ops.db import Database, new_id
from field_ops.exchange.customer_cells import Style, own_columns, rows_after
from field_ops.follow_ups.actions import record
from field_ops.follow_ups.models import FollowUp
from field_ops.follow_ups.schemas import FollowUpIn
from field_ops.history import audit
from field_ops.people.queries import actor_again
from field_ops.runtime import Runtime
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import WUHAN, Company, a_company, a_customer, work_as
from tests.pages import Page, a_page, an_app

PHONE, HIS_PHONE, ADDRESS, NOTE = "13800138000", "13900139000", "中山路 128 号", "老板姓陈"
SHOWN = {
    "masked": (PHONE[:3] + "*" * 8, HIS_PHONE[:3] + "*" * 8),
    "hidden": ("", ""),
    "open": (PHONE, HIS_PHONE),
}


@pytest.fixture
async def runtime(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Runtime]:
    async with an_app(database_url, tmp_path, lambda: TUESDAY_MORNING) as opened:
        yield opened


@pytest.fixture
async def company(runtime: Runtime) -> Company:
    async with runtime.database.writing() as session:
        return await a_company(session)


async def a_pool(admin: Page, company: Company, phone: str, hidden: list[str]) -> str:
    rules = {"claim": {"phone": phone}, "hidden": hidden}
    members = [{"kind": "member", "id": company.lilei.id}]
    made = await admin.send("POST", "/pools", {"name": "南", "rules": rules, "members": members})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def a_shop(runtime: Runtime, company: Company, pool_id: str) -> Customer:
    """In the pool, and made by 李雷, so that he sees it by the other doors as well."""
    async with runtime.database.writing() as session:
        work = work_as(session, company.lilei)
        fields: dict[str, Any] = {"phone": PHONE, "address": ADDRESS, "note": NOTE}
        shop = await a_customer(work, owner_id=None, pool_id=pool_id, at=WUHAN, **fields)
        contact = Contact(
            tenant_id=work.tenant_id, id=new_id(), customer_id=shop.id, name="王经理",
            phone=HIS_PHONE, is_main=True, created_at=work.now,
        )  # fmt: skip
        session.add(contact)
        said = FollowUpIn(channel="note", summary="下周再来", contact_id=contact.id)
        await record(work, shop.id, said)
        admin = work_as(session, company.admin)
        await edit_contact(admin, shop.id, contact.id, ContactChange(title="店长"))
        return shop


async def everything_said(runtime: Runtime, company: Company, page: Page, shop: Customer) -> str:
    """Every answer in which 李雷 meets the customer, by the API, the chat and an export."""
    answers = [
        await page.get("/pools/customers"),
        await page.send("POST", f"/pools/customers/{shop.id}/view"),
        await page.get(f"/customers/{shop.id}"),
        await page.get("/customers", q="hlcs"),
        await page.get("/customers/nearby", lat=WUHAN[0], lng=WUHAN[1]),
        await page.get("/customers/all"),
        await page.get(f"/customers/{shop.id}/timeline", kinds="contact"),
        await page.get(f"/customers/{shop.id}/former-contacts"),
    ]
    assert all(one.status_code == 200 for one in answers)
    timeline = (await page.get(f"/customers/{shop.id}/timeline", kinds="follow_up")).json()
    (told,) = timeline["entries"]
    answers.append(await page.get(f"/follow-ups/{told['follow_up']['id']}"))
    assert answers[-1].status_code == 200, answers[-1].text
    said = [str(timeline), *(one.text for one in answers)]
    async with runtime.database.reading() as session:
        door = Actor(company.tenant.id, None)
        found = await actor_again(session, door, company.lilei.id)
        assert found is not None
        work = Work(session, found[0], TUESDAY_MORNING, SHANGHAI)
        said.append(str(customer_card(work, await detail(work, shop.id), "zh")))
        everybody = Work(session, door, TUESDAY_MORNING, SHANGHAI)
        style = Style("zh", masks_phones=False)
        _, rows = await rows_after(everybody, "", [], style, await own_columns(everybody), 10)
        assert len(rows) == 1 and eyes_of(everybody).text("phone", shop, PHONE) == PHONE
    return "\n".join(said)


@pytest.mark.parametrize("phone", list(SHOWN))
async def test_phones_are_shown_as_the_pool_says_through_every_door(
    runtime: Runtime, company: Company, phone: str
) -> None:
    async with a_page(runtime, company, company.admin) as admin:
        pool_id = await a_pool(admin, company, phone, [])
        shop = await a_shop(runtime, company, pool_id)
        async with a_page(runtime, company, company.lilei) as lilei:
            page = (await lilei.get(f"/customers/{shop.id}")).json()
            seen = (await lilei.send("POST", f"/pools/customers/{shop.id}/view")).json()
            for one in (page, seen):
                assert (one["phone"], one["contacts"][0]["phone"]) == SHOWN[phone]
            said = await everything_said(runtime, company, lilei, shop)
            assert (PHONE in said or HIS_PHONE in said) == (phone == "open")
        whole = (await admin.get(f"/customers/{shop.id}")).json()
        looked = (await admin.send("POST", f"/pools/customers/{shop.id}/view")).json()
        assert (whole["phone"], looked["phone"]) == (PHONE, PHONE)  # who runs pools sees it all


async def test_what_a_pool_hides_is_hidden_and_not_found_by_guessing(
    runtime: Runtime, company: Company
) -> None:
    async with a_page(runtime, company, company.admin) as admin:
        pool_id = await a_pool(admin, company, "hidden", ["address", "note", "contacts"])
    shop = await a_shop(runtime, company, pool_id)
    async with a_page(runtime, company, company.lilei) as lilei:
        said = await everything_said(runtime, company, lilei, shop)
        assert not any(one in said for one in (PHONE, HIS_PHONE, ADDRESS, NOTE, "王经理"))
        for guess in ("8000", "王经理", "wjl"):
            assert (await lilei.get("/customers", q=guess)).json()["rows"] == []
        taken = await lilei.send("POST", f"/pools/customers/{shop.id}/claim")
        assert taken.status_code == 200, taken.text
        page = (await lilei.get(f"/customers/{shop.id}")).json()
        assert (page["phone"], page["address"], page["note"]) == (PHONE, ADDRESS, NOTE)
        assert [one["name"] for one in page["contacts"]] == ["王经理"]
        past = (await lilei.get(f"/customers/{shop.id}/timeline", kinds="contact")).json()
        whose, title = past["entries"][0]["changes"]
        assert (whose["field"], whose["after"], title["after"]) == ("contact", "王经理", "店长")


async def test_who_does_not_see_a_contact_neither_moves_him_nor_notes_anything(
    runtime: Runtime, company: Company
) -> None:
    async with a_page(runtime, company, company.admin) as admin:
        pool_id = await a_pool(admin, company, "hidden", ["contacts"])
        shop = await a_shop(runtime, company, pool_id)
        contact = (await admin.get(f"/customers/{shop.id}")).json()["contacts"][0]["id"]
        his = f"/customers/{shop.id}/contacts/{contact}"
        assert (await admin.send("PUT", f"{his}/consent", {"given": True})).status_code == 200
    async with runtime.database.writing() as session:
        other = await a_customer(work_as(session, company.lilei), "红星", at=None)
    async with a_page(runtime, company, company.lilei) as lilei:
        away = {"to_customer_id": other.id}
        assert (await lilei.send("POST", f"{his}/move", away)).status_code == 404
        assert (await lilei.send("PUT", f"{his}/person", {"style": "driver"})).status_code == 404
        assert (await lilei.send("PUT", f"{his}/consent", {"given": False})).status_code == 404
        assert (await lilei.get(f"/customers/{shop.id}/chat-contacts")).json()["consents"] == []
        spoken = {"channel": "call", "duration_s": 60, "contact_id": contact}
        refused = await lilei.send("POST", f"/customers/{shop.id}/follow-ups", spoken)
        assert refused.json()["code"] == "contact_not_here"
        said = {"channel": "note", "summary": "谈了续约"}
        told = await lilei.send("POST", f"/customers/{shop.id}/follow-ups", said)
    async with runtime.database.writing() as session:
        # As if he had named the contact before the pool hid him.
        trace = {"contact_id": (None, contact)}
        work = work_as(session, company.lilei)
        audit.record(work, "follow_up.edited", "follow_up", told.json()["id"], trace)
        row = await session.get_one(FollowUp, (company.tenant.id, told.json()["id"]))
        row.edited_at = work.now
    async with a_page(runtime, company, company.lilei) as lilei:
        shown = (await lilei.get(f"/follow-ups/{told.json()['id']}")).json()
        assert [one["change"] for one in shown["edits"]] == [{}]


async def test_who_sees_a_phone_only_masked_notes_nothing_of_the_person(
    runtime: Runtime, company: Company
) -> None:
    async with a_page(runtime, company, company.admin) as admin:
        pool_id = await a_pool(admin, company, "masked", [])
        shop = await a_shop(runtime, company, pool_id)
        contact = (await admin.get(f"/customers/{shop.id}")).json()["contacts"][0]["id"]
        his = f"/customers/{shop.id}/contacts/{contact}"
        assert (await admin.send("PUT", f"{his}/consent", {"given": True})).status_code == 200
    async with a_page(runtime, company, company.lilei) as lilei:
        assert (await lilei.get(f"{his}/person")).json()["may_note"] is False
        assert (await lilei.send("PUT", f"{his}/person", {"style": "driver"})).status_code == 403
