"""A file of a customer: added once, downloaded by a link that ends, removed with a trace."""

import io
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from field_ops.attachments import actions
from field_ops.customers.models import Customer
from field_ops.history.models import AuditEntry
from field_ops.merges.actions import merge
from field_ops.runtime import Runtime
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI
from tests.factories import Company, a_customer, a_member, work_as
from tests.field_ops.attachments.test_documents import A_PDF, an_archive
from tests.field_ops.follow_ups.conftest import Clock
from tests.pages import Page, a_page

NAME = {"X-File-Name": quote("供货合同.pdf")}


def a_picture() -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    Image.new("RGB", (900, 600), "navy").save(out, "JPEG", exif=exif)
    return out.getvalue()


async def add(
    page: Page, shop: Customer, raw: bytes, key: str = "", **headers: str
) -> httpx.Response:
    sent = headers or NAME
    return await page.send("POST", f"/customers/{shop.id}/attachments", raw, key=key, **sent)


def stored(runtime: Runtime) -> list[Path]:
    folder = runtime.settings.data_dir
    return [path for path in folder.rglob("attachments/**/*") if path.is_file()]


async def test_the_same_upload_twice_is_one_file_and_one_attachment(
    runtime: Runtime, shop: Customer, lilei: Page
) -> None:
    first = await add(lilei, shop, A_PDF, key="u-1")
    assert (first.status_code, first.json()["name"]) == (201, "供货合同.pdf")
    assert (await add(lilei, shop, A_PDF, key="u-1")).json() == first.json()
    assert (await add(lilei, shop, A_PDF, key="u-2")).json()["id"] == first.json()["id"]
    assert len(stored(runtime)) == 1


async def test_it_is_downloaded_by_a_link_that_ends_and_is_never_shown_in_place(
    shop: Customer, lilei: Page, clock: Clock
) -> None:
    url = (await add(lilei, shop, A_PDF)).json()["url"]
    lilei.client.cookies.clear()
    got = await lilei.client.get(url)
    assert got.content == A_PDF
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E4")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    for forged in (url.replace("/file", "/small"), url[:-1], url.split("?")[0]):
        assert (await lilei.client.get(forged)).status_code == 404
    clock.now += timedelta(minutes=21)
    assert (await lilei.client.get(url)).status_code == 404


async def test_a_picture_loses_its_metadata_and_has_a_small_one(
    shop: Customer, lilei: Page
) -> None:
    raw = a_picture()
    assert b"SecretPhone" in raw
    kept = (await add(lilei, shop, raw, **{"X-File-Name": "shop.png"})).json()
    assert (kept["kind"], kept["name"]) == ("picture", "shop.jpg")
    assert b"SecretPhone" not in (await lilei.client.get(kept["url"])).content
    small = await lilei.client.get(kept["thumbnail_url"])
    assert Image.open(io.BytesIO(small.content)).size == (320, 213)
    assert small.headers["content-disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"<html></html>", "attachment_unreadable"),
        (an_archive("[Content_Types].xml", "word/vbaProject.bin"), "attachment_has_macros"),
        (b"%PDF-" + b"0" * (20 * 1024 * 1024), "too_large"),
    ],
)
async def test_what_is_refused_leaves_nothing_in_the_store(
    runtime: Runtime, shop: Customer, lilei: Page, raw: bytes, code: str
) -> None:
    assert (await add(lilei, shop, raw)).json()["code"] == code
    assert stored(runtime) == []


async def test_who_does_not_see_the_customer_or_only_reads_adds_nothing(
    runtime: Runtime, company: Company, shop: Customer, han: Page
) -> None:
    assert (await add(han, shop, A_PDF)).status_code == 404
    async with runtime.database.writing() as session:
        boss = a_member(session, company.connection, "赵总", company.head_office, role="auditor")
    async with a_page(runtime, company, boss) as page:
        assert (await add(page, shop, A_PDF)).json()["code"] == "not_allowed"
    assert stored(runtime) == []


async def test_removed_it_leaves_a_trace_at_once_and_its_bytes_after_a_week(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page, wang: Page, clock: Clock
) -> None:
    kept = (await add(lilei, shop, A_PDF)).json()
    for _ in range(2):
        assert (await wang.send("DELETE", f"/attachments/{kept['id']}")).json() == {"removed": True}
    assert (await lilei.client.get(kept["url"])).status_code == 404
    shown = (await lilei.get(f"/customers/{shop.id}/timeline", kinds="attachment")).json()
    (entry,) = shown["entries"]
    assert entry["attachment"]["is_removed"] and entry["attachment"]["url"] == ""
    assert entry["attachment"]["removed_by_name"] == "王主管"
    async with runtime.database.writing() as session:
        (trace,) = await session.scalars(
            select(AuditEntry).where(AuditEntry.subject == "attachment")
        )
        assert trace.change["file"] == ["供货合同.pdf", None]
        system = Actor(company.tenant.id, None, via="worker")
        assert await actions.to_forget(Work(session, system, clock.now, SHANGHAI)) == []
        late = Work(session, system, clock.now + timedelta(days=8), SHANGHAI)
        (gone,) = await actions.to_forget(late)
        await actions.drop(runtime.files, gone)
        await actions.forget(late, [gone.id])
        assert await actions.to_forget(late) == []
    assert stored(runtime) == []


async def test_a_colleague_with_sight_alone_removes_nothing_of_others(
    company: Company, shop: Customer, lilei: Page, han: Page
) -> None:
    kept = (await add(lilei, shop, A_PDF)).json()
    share = f"/customers/{shop.id}/collaborators/{company.hanmeimei.id}"
    await lilei.send("PUT", share, {"access": "read"})
    refused = await han.send("DELETE", f"/attachments/{kept['id']}")
    assert refused.json()["code"] == "not_your_attachment"


async def test_a_file_goes_to_where_the_customer_was_merged_meanwhile(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page
) -> None:
    async with runtime.database.writing() as session:
        other = await a_customer(work_as(session, company.lilei), "华联超市（光谷店）")
        await merge(work_as(session, company.wang), other.id, shop.id, {})
    assert (await add(lilei, shop, A_PDF)).status_code == 201
    shown = (await lilei.get(f"/customers/{other.id}/timeline", kinds="attachment")).json()
    assert [one["attachment"]["name"] for one in shown["entries"]] == ["供货合同.pdf"]
