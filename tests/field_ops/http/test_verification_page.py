"""`/v/…`: what a stranger learns from the code on a photo, and what he does not."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select, update

from field_ops.db import Database
from field_ops.history import heads
from field_ops.history.models import EvidenceLink
from field_ops.runtime import Runtime
from field_ops.visits.models import Photo, Visit
from tests.factories import WUHAN, Company, a_company, a_customer, work_as
from tests.fakes import Clock
from tests.pages import Page, a_page, an_app

FIX = {"lat": WUHAN[0], "lng": WUHAN[1], "datum": "GCJ02", "accuracy_m": 20}
GOOD, BAD = "有存证，未被改动", "存证已被改动"
SECRETS = ("华联超市", "中山路", "李雷", "30.59", "114.31", "华东")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def runtime(
    database: Database, database_url: str, tmp_path: Path, clock: Clock
) -> AsyncIterator[Runtime]:
    async with an_app(database_url, tmp_path, clock) as opened:
        yield opened


@dataclass
class Held:
    """A photo that was taken, and what its watermark's code says."""

    visit_id: str
    photo_id: str
    shown_at: str
    path: str


async def a_photo(
    runtime: Runtime, company: Company, lilei: Page, colour: str = "teal", name: str = "华联超市"
) -> Held:
    async with runtime.database.writing() as session:
        shop = await a_customer(work_as(session, company.lilei), name, address="中山路 1 号")
    visit = (await lilei.send("POST", "/visits", {"customer_id": shop.id, "fix": FIX})).json()
    picture = io.BytesIO()
    Image.new("RGB", (1280, 960), colour).save(picture, "JPEG")
    photo = (await lilei.send("POST", f"/visits/{visit['id']}/photos", picture.getvalue())).json()
    shown = await lilei.client.get(photo["url"])
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(shown.content)))
    path = code.text.removeprefix("http://waiqin.test")
    return Held(visit["id"], photo["id"], photo["url"], path)


async def stranger_sees(
    runtime: Runtime, company: Company, path: str, language: str = "zh-CN"
) -> httpx.Response:
    async with a_page(runtime, company, None) as stranger:
        return await stranger.client.get(path, headers={"Accept-Language": language})


@pytest.fixture
async def held(runtime: Runtime, company: Company, lilei: Page) -> Held:
    return await a_photo(runtime, company, lilei)


async def test_the_code_of_a_watermark_leads_to_its_proof(
    runtime: Runtime, company: Company, held: Held
) -> None:
    answer = await stranger_sees(runtime, company, held.path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for said in (GOOD, "海明商贸", "2026-03-10 09:30:00", "存证链的第 2 环", "V-20260310-0001"):
        assert said in answer.text
    assert [secret for secret in SECRETS if secret in answer.text] == []
    assert "/h5/" not in answer.text


async def test_the_page_has_no_script_and_may_load_nothing(
    runtime: Runtime, company: Company, held: Held
) -> None:
    answer = await stranger_sees(runtime, company, held.path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    assert "script" not in policy and "<script" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_it_speaks_english_to_who_reads_english(
    runtime: Runtime, company: Company, held: Held
) -> None:
    answer = await stranger_sees(runtime, company, held.path, "en-GB,en;q=0.9")
    assert "This photo&#x27;s hash is link 2 of the evidence chain and verifies." in answer.text
    assert 'lang="en"' in answer.text


async def test_who_may_see_the_visit_is_led_to_it_and_a_colleague_is_not(
    runtime: Runtime, company: Company, held: Held
) -> None:
    for member, led in ((company.lilei, True), (company.wang, True), (company.hanmeimei, False)):
        async with a_page(runtime, company, member) as page:
            answer = await page.client.get(held.path)
        link = f"/h5/?host=wecom&amp;connection=default#/visits/{held.visit_id}"
        assert (link in answer.text) is led
        assert GOOD in answer.text


async def test_a_session_of_another_company_sees_what_a_stranger_sees(
    runtime: Runtime, company: Company, held: Held
) -> None:
    async with runtime.database.writing() as session:
        other = await a_company(session, "红星商贸", connection="other")
    async with a_page(runtime, other, other.admin) as page:
        answer = await page.client.get(held.path)
    assert answer.text == (await stranger_sees(runtime, company, held.path)).text


async def test_two_companies_with_the_same_visit_number_are_told_apart(
    runtime: Runtime, company: Company, held: Held
) -> None:
    async with runtime.database.writing() as session:
        other = await a_company(session, "红星商贸", connection="other")
    async with a_page(runtime, other, other.lilei) as rep:
        theirs = await a_photo(runtime, other, rep, "orange", "新华书店")
    async with runtime.database.reading() as session:
        numbers = set(await session.scalars(select(Visit.number)))
    assert numbers == {"V-20260310-0001"}
    assert "红星商贸" in (await stranger_sees(runtime, company, theirs.path)).text
    _, _, token, code = held.path.split("/")
    swapped = theirs.path.replace(theirs.path.split("/")[3], code)
    assert (await stranger_sees(runtime, company, swapped)).status_code == 404
    assert token != theirs.path.split("/")[2]


WRONG = (
    "/v/1-20260310-0001/00000000",  # a visit that may be there, another code
    "/v/1-20260310-0099/00000000",  # no such visit
    "/v/999999999-20260310-0001/00000000",  # no such company
    "/v/99999999999-20260310-0001/00000000",  # more than a database counts
    "/v/V-20260310-0001/00000000",
    "/v/1-20260310-0001/0000000",
    "/v/1-20260310-0001/%27%20OR%201=1",
    "/v/%3Cscript%3E/00000000",
    "/v/１-20260310-0001/00000000",
)


async def test_wrong_codes_and_unknown_visits_are_answered_alike(
    runtime: Runtime, company: Company, held: Held
) -> None:
    answers = [await stranger_sees(runtime, company, path) for path in WRONG]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert "没有与此编号和核验码相符的照片" in answers[0].text
    assert "海明商贸" not in answers[0].text


async def test_a_code_in_small_letters_is_the_same_code(
    runtime: Runtime, company: Company, held: Held
) -> None:
    small = f"/v/{held.path.removeprefix('/v/').lower()}"
    assert GOOD in (await stranger_sees(runtime, company, small)).text


async def test_few_wrong_codes_are_answered_and_right_ones_are_not_counted(
    runtime: Runtime, company: Company, held: Held, clock: Clock
) -> None:
    async with a_page(runtime, company, None) as stranger:
        wrong = held.path[:-8] + "00000000"
        for path in (held.path,) * 12 + (wrong,) * 10:
            assert (await stranger.client.get(path)).status_code in (200, 404)
        refused = await stranger.client.get(held.path)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert "秒后再试" in refused.text
        clock.forward(seconds=61)
        assert (await stranger.client.get(held.path)).status_code == 200


async def test_one_address_may_not_keep_the_server_busy_with_a_right_code(
    runtime: Runtime, company: Company, held: Held
) -> None:
    async with a_page(runtime, company, None) as stranger:
        answers = [(await stranger.client.get(held.path)).status_code for _ in range(61)]
    assert (set(answers[:60]), answers[60]) == ({200}, 429)


async def test_the_day_is_named_once_it_is_sealed(
    runtime: Runtime, company: Company, held: Held, clock: Clock
) -> None:
    assert "次日零点后封存" in (await stranger_sees(runtime, company, held.path)).text
    clock.forward(days=1)
    async with runtime.database.writing() as session:
        await heads.write_heads(work_as(session, company.admin, clock()))
    assert "2026-03-10 全天的存证已封存" in (await stranger_sees(runtime, company, held.path)).text


@pytest.mark.parametrize(
    "table, values",
    [
        (Photo, {"sha256": "0" * 64}),
        (Photo, {"size_bytes": 7}),
        (Visit, {"number": "V-20260310-0002"}),
        (EvidenceLink, {"payload": "{}"}),
        (EvidenceLink, {"kind": "flag"}),
        (EvidenceLink, {"hash": "0" * 64}),
    ],
    ids=lambda value: str(value),
)
async def test_a_changed_record_is_said_to_prove_nothing(
    runtime: Runtime, company: Company, held: Held, table: type, values: dict[str, object]
) -> None:
    async with runtime.database.writing() as session:
        await session.execute(update(table).values(**values))
    path = held.path.replace("-0001", "-0002") if "number" in values else held.path
    answer = await stranger_sees(runtime, company, path)
    assert (answer.status_code, GOOD in answer.text, BAD in answer.text) == (200, False, True)
    assert [secret for secret in SECRETS if secret in answer.text] == []


async def test_a_day_that_was_rewritten_to_fit_is_seen_by_its_head(
    runtime: Runtime, company: Company, held: Held, clock: Clock
) -> None:
    clock.forward(days=1)
    async with runtime.database.writing() as session:
        work = work_as(session, company.admin, clock())
        await heads.write_heads(work)
        first = (await session.scalars(select(EvidenceLink).order_by(EvidenceLink.number))).first()
        assert first is not None
        first.at = first.at - timedelta(hours=1)
    answer = await stranger_sees(runtime, company, held.path)
    assert BAD in answer.text


def the_master(runtime: Runtime) -> Path:
    (master,) = (runtime.settings.data_dir / "files").glob("*/photos/*/*.jpg")
    return master


async def test_a_picture_that_was_exchanged_on_the_disk_is_noticed_and_not_shown(
    runtime: Runtime, company: Company, lilei: Page, held: Held
) -> None:
    master = the_master(runtime)
    Image.new("RGB", (1280, 960), "red").save(master, "JPEG")
    assert BAD in (await stranger_sees(runtime, company, held.path)).text
    for drawn in (runtime.settings.data_dir / "files").glob("*/watermarked/*"):
        drawn.unlink()
    assert (await lilei.client.get(held.shown_at)).status_code == 404


async def test_a_picture_that_is_no_longer_kept_leaves_its_hash(
    runtime: Runtime, company: Company, held: Held
) -> None:
    the_master(runtime).unlink()
    answer = await stranger_sees(runtime, company, held.path)
    assert GOOD in answer.text and "原图已超过保存期限" in answer.text


async def test_without_a_public_address_there_is_a_code_and_no_qr(
    runtime: Runtime, company: Company, lilei: Page, held: Held
) -> None:
    settings = runtime.settings.model_copy(update={"public_url": ""})
    async with a_page(replace(runtime, settings=settings), company, company.lilei) as page:
        shown = await page.client.get(held.shown_at)
    assert shown.status_code == 200
    assert zxingcpp.read_barcodes(Image.open(io.BytesIO(shown.content))) == []
