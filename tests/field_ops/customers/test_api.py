"""Customers through the API: the same requests that the pages send."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from field_ops.db import Database
from field_ops.runtime import Runtime
from tests.conftest import TUESDAY_MORNING
from tests.factories import WUHAN, Company, a_company
from tests.pages import Page, a_page, an_app

PLACE = {"lat": WUHAN[0], "lng": WUHAN[1], "datum": "GCJ02"}
SHOP = {"name": "武汉华联超市", "phone": "13800138000", "location": PLACE, "level": "A"}


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


async def created(page: Page, **fields: Any) -> dict[str, Any]:
    answer = await page.send("POST", "/customers", {**SHOP, **fields})
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_a_new_customer_is_shown_looked_up_and_nearby(lilei: Page) -> None:
    shop = await created(lilei, contacts=[{"name": "王经理", "phone": "13900139000"}])
    assert (shop["number"], shop["owner"]["name"]) == ("C-000001", "李雷")
    assert shop["location"]["status"] == "proposed"
    assert shop["may"] == {"edit": True, "confirm_location": False, "assign": False}
    assert (await lilei.get(f"/customers/{shop['id']}")).json() == shop

    for typed, on in (("hlcs", "pinyin"), ("8000", "phone"), ("王经理", "contact"), ("", "")):
        found = (await lilei.get("/customers", q=typed, lat=WUHAN[0], lng=WUHAN[1])).json()
        (row,) = found["rows"]
        assert (row["id"], row["matched_on"], found["more"]) == (shop["id"], on, False)
        assert (row["distance_m"], row["is_mine"], row["owner_name"]) == (0, True, "李雷")
        assert (row["place"]["gcj_lat"], row["place"]["gcj_lng"]) == WUHAN
    around = (await lilei.get("/customers/nearby", lat=WUHAN[0], lng=WUHAN[1])).json()
    assert [row["id"] for row in around["rows"]] == [shop["id"]]


async def test_a_colleagues_customer_is_not_there_and_the_leads_is(
    runtime: Runtime, company: Company, lilei: Page, wang: Page
) -> None:
    shop = await created(lilei)
    async with a_page(runtime, company, company.hanmeimei) as han:
        assert (await han.get("/customers", q="hlcs")).json()["rows"] == []
        assert (await han.get(f"/customers/{shop['id']}")).status_code == 404
        around = await han.get("/customers/nearby", lat=WUHAN[0], lng=WUHAN[1])
        assert around.json()["rows"] == []
        twice = await han.send("POST", "/customers", SHOP)
        assert twice.status_code == 409
    (row,) = (await wang.get("/customers", q="hlcs")).json()["rows"]
    assert (row["is_mine"], row["owner_name"]) == (False, "李雷")


async def test_an_edit_of_what_somebody_else_changed_is_refused(lilei: Page) -> None:
    shop = await created(lilei)
    path = f"/customers/{shop['id']}"
    change = {"revision": shop["revision"], "name": "武汉红星超市"}
    edited = (await lilei.send("PATCH", path, change)).json()
    assert (edited["name"], edited["revision"]) == ("武汉红星超市", shop["revision"] + 1)
    late = await lilei.send("PATCH", path, {**change, "name": "别的"})
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    names = [row["name"] for row in (await lilei.get("/customers", q="hx")).json()["rows"]]
    assert names == ["武汉红星超市"]


async def test_contacts_come_and_go(lilei: Page) -> None:
    path = f"/customers/{(await created(lilei))['id']}/contacts"
    added = await lilei.send("POST", path, {"name": "张会计", "role": "finance"})
    (contact,) = added.json()["contacts"]
    assert (added.status_code, contact["role"]) == (201, "finance")
    mended = await lilei.send("PATCH", f"{path}/{contact['id']}", {"name": "章会计"})
    assert mended.json()["contacts"][0]["name"] == "章会计"
    gone = await lilei.send("DELETE", f"{path}/{contact['id']}")
    assert gone.json()["contacts"] == []


async def test_a_rep_proposes_a_place_and_the_lead_confirms_it(lilei: Page, wang: Page) -> None:
    shop = await created(lilei, location=None)
    path = f"/customers/{shop['id']}/location"
    proposal = (await lilei.send("POST", path, PLACE)).json()["location"]
    assert (proposal["status"], proposal["proposed_by_name"]) == ("proposed", "李雷")
    body = {"location_id": proposal["id"]}
    assert (await lilei.send("POST", f"{path}/confirmation", body)).status_code == 403
    confirmed = (await wang.send("POST", f"{path}/confirmation", body)).json()["location"]
    assert (confirmed["status"], confirmed["confirmed_by_name"]) == ("confirmed", "王主管")


async def test_a_customer_that_is_given_away_is_out_of_sight(
    company: Company, lilei: Page, wang: Page
) -> None:
    shop = await created(lilei)
    path = f"/customers/{shop['id']}/owner"
    body = {"member_id": company.hanmeimei.id}
    assert (await lilei.send("PUT", path, body)).status_code == 403
    given = await wang.send("PUT", path, body)
    assert given.json() == {"owner": {"id": company.hanmeimei.id, "name": "韩梅梅"}}
    assert (await lilei.get("/customers", q="hlcs")).json()["rows"] == []
    assert (await lilei.get(f"/customers/{shop['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "华联", "phone": "123"}, "phone_unreadable"),
        ({"name": "华联"}, "phone_or_location_missing"),
    ],
)
async def test_what_cannot_be_a_customer_is_refused_with_a_sentence(
    lilei: Page, body: dict[str, str], code: str
) -> None:
    answer = await lilei.send("POST", "/customers", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["detail"]


async def test_nobody_looks_up_without_signing_in(runtime: Runtime, company: Company) -> None:
    async with a_page(runtime, company, None) as page:
        assert (await page.get("/customers", q="hlcs")).status_code == 401


async def test_a_repeated_request_creates_one_customer(lilei: Page) -> None:
    first = await lilei.send("POST", "/customers", SHOP, key="one-and-the-same")
    again = await lilei.send("POST", "/customers", SHOP, key="one-and-the-same")
    assert (again.status_code, again.json()) == (201, first.json())
    assert len((await lilei.get("/customers")).json()["rows"]) == 1
