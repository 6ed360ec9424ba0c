"""What a store must have beside its name: its page asks for what is missing."""

import pytest

from field_ops.customers.models import Customer
from field_ops.runtime import Runtime
from tests.factories import Company, a_customer, work_as
from tests.field_ops.attachments.test_attachments import a_picture, add
from tests.field_ops.attachments.test_documents import A_PDF
from tests.pages import Page


@pytest.fixture
async def store(runtime: Runtime, company: Company) -> Customer:
    """Brought in by a file: without a picture, and nobody knows where it is."""
    async with runtime.database.writing() as session:
        return await a_customer(
            work_as(session, company.lilei), "红星便利店", type="store", at=None
        )


async def missing(page: Page, customer: Customer) -> list[str]:
    return list((await page.get(f"/customers/{customer.id}/storefront")).json()["missing"])


async def test_a_store_is_asked_for_its_front_and_its_place(store: Customer, lilei: Page) -> None:
    here = f"/customers/{store.id}"
    assert await missing(lilei, store) == ["photo", "place"]
    picture = (await add(lilei, store, a_picture(), **{"X-File-Name": "front.jpg"})).json()
    body = {"attachment_id": picture["id"]}
    shown = await lilei.send("PUT", f"{here}/storefront", body)
    assert (shown.status_code, shown.json()["photo"]["id"]) == (200, picture["id"])
    assert (await lilei.client.get(shown.json()["photo"]["thumbnail_url"])).status_code == 200
    assert await missing(lilei, store) == ["place"]
    place = {"lat": 30.590441, "lng": 114.310985, "datum": "GCJ02"}
    assert (await lilei.send("POST", f"{here}/location", place)).status_code == 201
    assert await missing(lilei, store) == []


async def test_the_newest_front_is_shown_and_one_that_was_taken_away_is_not(
    store: Customer, lilei: Page
) -> None:
    here = f"/customers/{store.id}/storefront"
    ids = [
        (await add(lilei, store, a_picture(), **{"X-File-Name": name})).json()["id"]
        for name in ("old.jpg", "new.jpg")
    ]
    for one in ids:
        shown = await lilei.send("PUT", here, {"attachment_id": one})
        assert shown.json()["photo"]["id"] == one
    await lilei.send("DELETE", f"/attachments/{ids[1]}")
    assert (await lilei.get(here)).json()["photo"] is None
    again = await lilei.send("PUT", here, {"attachment_id": ids[0]})
    assert again.json()["photo"]["id"] == ids[0]
    assert (await lilei.send("PUT", here, {"attachment_id": ids[1]})).status_code == 422


async def test_only_a_picture_of_its_own_shows_a_store(
    store: Customer, shop: Customer, lilei: Page, han: Page
) -> None:
    here = f"/customers/{store.id}/storefront"
    document = (await add(lilei, store, A_PDF)).json()["id"]
    others = (await add(lilei, shop, a_picture(), **{"X-File-Name": "a.jpg"})).json()["id"]
    for wrong in (document, others, "nothing"):
        refused = await lilei.send("PUT", here, {"attachment_id": wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, "no_picture_here")
    assert (await han.get(here)).status_code == 404
    assert (await han.send("PUT", here, {"attachment_id": others})).status_code == 404


async def test_what_is_no_store_needs_neither(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    async with runtime.database.writing() as session:
        office = await a_customer(work_as(session, company.lilei), "新华商贸", at=None)
    assert await missing(lilei, office) == []
