"""A day through the API: the same requests that the pages send."""

import io

import pytest
from PIL import Image

from field_ops.plans.actions import make_plan
from field_ops.runtime import Runtime
from tests.factories import WUHAN, Company, a_customer, work_as
from tests.pages import Page, a_page

FIX = {"lat": WUHAN[0], "lng": WUHAN[1], "datum": "GCJ02", "accuracy_m": 20}
FAR = {**FIX, "lat": WUHAN[0] + 0.05}


async def a_planned_shop(runtime: Runtime, company: Company, name: str = "华联超市") -> str:
    async with runtime.database.writing() as session:
        work = work_as(session, company.lilei)
        customer = await a_customer(work, name, level="A", address="中山路 1 号")
        await make_plan(work, customer.id, work.today)
        return customer.id


def a_photo(colour: str = "teal", size: tuple[int, int] = (3000, 2000)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


async def test_a_day_from_the_plan_to_the_log(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    shop = await a_planned_shop(runtime, company)
    (stop,) = (await lilei.get("/today")).json()["stops"]
    assert (stop["customer"]["name"], stop["state"]) == ("华联超市", "scheduled")

    body = {"customer_id": shop, "plan_id": stop["plan_id"], "fix": FIX}
    visit = (await lilei.send("POST", "/visits", body)).json()
    assert (visit["check_in"]["verdict"], visit["is_open"]) == ("VERIFIED", True)
    assert (await lilei.get("/today")).json()["open_visit"]["id"] == visit["id"]

    closed = await lilei.send("POST", f"/visits/{visit['id']}/check-out", {"fix": FIX})
    assert closed.json()["pair_colour"] == "green"
    log = {"result": "progress", "summary": "谈了续约，对方要九折", "next_action": "送样品",
           "next_action_on": "2026-03-18"}  # fmt: skip
    logged = (await lilei.send("PUT", f"/visits/{visit['id']}/log", log)).json()
    assert (logged["log_result"], logged["next_action"]) == ("progress", "送样品")
    assert logged["next_action_due_at"] == "2026-03-18T01:00:00Z"
    rows = (await lilei.get("/visits")).json()["rows"]
    assert [row["customer_name"] for row in rows] == ["华联超市"]


async def test_the_lead_sees_it_and_a_colleague_does_not(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    shop = await a_planned_shop(runtime, company)
    visit = (await lilei.send("POST", "/visits", {"customer_id": shop, "fix": FIX})).json()
    async with a_page(runtime, company, company.wang) as wang:
        assert (await wang.get(f"/visits/{visit['id']}")).json()["is_mine"] is False
    async with a_page(runtime, company, company.hanmeimei) as han:
        assert (await han.get(f"/visits/{visit['id']}")).status_code == 404


@pytest.mark.parametrize(
    "fix, verdict, reason_needed",
    [
        (FIX, "VERIFIED", False),
        (FAR, "OUT_OF_RANGE", True),
        ({**FIX, "accuracy_m": 800}, "NO_FIX", False),
    ],
    ids=["at the door", "far away", "no fix"],
)
async def test_the_verdict_before_the_press(
    runtime: Runtime,
    company: Company,
    lilei: Page,
    fix: dict[str, float],
    verdict: str,
    reason_needed: bool,
) -> None:
    shop = await a_planned_shop(runtime, company)
    answer = (await lilei.get("/verdict", customer_id=shop, **fix)).json()
    assert (answer["verdict"], answer["reason_needed"]) == (verdict, reason_needed)
    assert answer["sentence"]


async def test_a_photo_is_kept_small_and_shown_with_its_watermark(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    shop = await a_planned_shop(runtime, company)
    visit = (await lilei.send("POST", "/visits", {"customer_id": shop, "fix": FIX})).json()
    raw, path = a_photo(), f"/visits/{visit['id']}/photos"
    photo = (await lilei.send("POST", path, raw)).json()
    assert (photo["width"], photo["height"]) == (1600, 1067)
    twice = (await lilei.send("POST", path, raw)).json()
    assert twice["id"] == photo["id"], "the same picture twice is one photo"

    shown = await lilei.client.get(photo["url"])
    assert shown.headers["content-type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(shown.content)).convert("L")
    foot = picture.crop((0, 1067 - 60, 1600, 1067))
    assert foot.getextrema()[1] > 200, "white letters stand on the dark band"


async def test_a_link_to_a_photo_cannot_be_made_up(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    shop = await a_planned_shop(runtime, company)
    visit = (await lilei.send("POST", "/visits", {"customer_id": shop, "fix": FIX})).json()
    photo = (await lilei.send("POST", f"/visits/{visit['id']}/photos", a_photo())).json()
    for forged in (photo["url"][:-3] + "abc", photo["url"].replace("ends=1", "ends=9")):
        assert (await lilei.client.get(forged)).status_code == 404


@pytest.mark.parametrize(
    "raw",
    [b"", b"GIF89a" + b"\0" * 50, b"<svg/>", a_photo()[:500], b"%PDF-1.7"],
    ids=["empty", "gif", "svg", "cut", "pdf"],
)
async def test_what_is_not_a_picture_is_refused(
    runtime: Runtime, company: Company, lilei: Page, raw: bytes
) -> None:
    shop = await a_planned_shop(runtime, company)
    visit = (await lilei.send("POST", "/visits", {"customer_id": shop, "fix": FIX})).json()
    answer = await lilei.send("POST", f"/visits/{visit['id']}/photos", raw)
    assert (answer.status_code, answer.json()["code"]) == (422, "photo_unreadable")


async def test_the_same_photo_at_another_customer_is_noticed(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    first = await a_planned_shop(runtime, company)
    second = await a_planned_shop(runtime, company, "红星")
    raw = a_photo("orange", (400, 300))
    one = (await lilei.send("POST", "/visits", {"customer_id": first, "fix": FIX})).json()
    await lilei.send("POST", f"/visits/{one['id']}/photos", raw)
    await lilei.send("POST", f"/visits/{one['id']}/check-out", {"fix": FIX})
    two = (await lilei.send("POST", "/visits", {"customer_id": second, "fix": FIX})).json()
    await lilei.send("POST", f"/visits/{two['id']}/photos", raw)
    flags = (await lilei.get(f"/visits/{two['id']}")).json()["flags"]
    assert [(flag["flag"], flag["facts"]) for flag in flags] == [
        ("DUP_PHOTO", {"other": one["number"]})
    ]
