"""By which way a photo came, and whether it is of now: what the page says, and what it shows."""

import io
from typing import Any

import pytest
from PIL import ExifTags, Image

from field_ops.history.chain import canonical
from field_ops.runtime import Runtime
from field_ops.visits import evidence
from field_ops.visits.models import Photo, Visit
from tests.factories import Company, work_as
from tests.field_ops.http.test_visits_api import FIX, a_photo, a_planned_shop
from tests.pages import Page

NOW = "2026-03-10T09:30:00+08:00"


def a_camera_photo(time: str, zone: str = "") -> bytes:
    """A JPEG as a camera makes it, with the time of its own clock."""
    exif = Image.Exif()
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.DateTimeOriginal] = time
    if zone:
        inner[ExifTags.Base.OffsetTimeOriginal] = zone
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


async def a_visit(runtime: Runtime, company: Company, page: Page, **more: Any) -> str:
    shop = await a_planned_shop(runtime, company)
    body = {"customer_id": shop, "fix": FIX, **more}
    return str((await page.send("POST", "/visits", body)).json()["id"])


async def flags_after(page: Page, visit: str, raw: bytes, **headers: str) -> list[dict[str, Any]]:
    """What is noticed of a visit after this picture was sent."""
    sent = await page.send("POST", f"/visits/{visit}/photos", raw, **headers)
    assert sent.status_code == 201, sent.text
    flags = (await page.get(f"/visits/{visit}")).json()["flags"]
    return [flag for flag in flags if flag["flag"] != "CLOCK_SKEW"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("host_camera", "host_camera"),
        ("file_input_camera", "file_input_camera"),
        ("file_input", "file_input"),
        ("drone", ""),
        ("", ""),
    ],
)
async def test_the_way_of_a_photo_is_shown_and_chained(
    runtime: Runtime, company: Company, lilei: Page, said: str, kept: str
) -> None:
    visit = await a_visit(runtime, company, lilei)
    sent = {"X-Captured-By": said, "X-Taken-At": NOW}
    assert await flags_after(lilei, visit, a_photo(), **sent) == []
    (photo,) = (await lilei.get(f"/visits/{visit}")).json()["photos"]
    assert photo["captured_by"] == kept
    async with runtime.database.reading() as session:
        assert await evidence.discrepancies(work_as(session, company.lilei), visit) == []
    async with runtime.database.writing() as session:
        row = await session.get_one(Photo, (company.lilei.tenant_id, photo["id"]))
        row.captured_by = "" if kept else "host_camera"
    async with runtime.database.reading() as session:
        (found,) = await evidence.discrepancies(work_as(session, company.lilei), visit)
    assert found == f"photo {photo['id']}: the row differs from its link"


def test_a_link_from_before_it_was_asked_reads_as_ever() -> None:
    visit = Visit(number="V-20260310-0001")
    photo = Photo(id="p1", sha256="aa", size_bytes=7, place="1/photos/bb/bb.jpg", captured_by="")
    old = (
        b'{"master_sha256":"bb","photo":"p1","sha256":"aa","size_bytes":"7",'
        b'"visit":"V-20260310-0001"}'
    )
    assert canonical(evidence.of_photo(visit, photo)) == old


@pytest.mark.parametrize(
    ("raw", "headers", "made_at"),
    [
        (a_camera_photo("2026:03:09 18:00:00", "+08:00"), {}, "2026-03-09 18:00"),
        (a_camera_photo("2026:03:10 09:00:00"), {"X-Taken-At": NOW}, "2026-03-10 09:00"),
        (a_camera_photo("2026:03:10 09:00:00"), {}, "2026-03-10 09:00"),
        (a_photo(), {"X-Made-At": "2026-03-10T09:15:00+08:00"}, "2026-03-10 09:15"),
        # The picture itself is believed before the page.
        (a_camera_photo("2026:03:09 18:00:00", "+08:00"), {"X-Made-At": NOW}, "2026-03-09 18:00"),
    ],
    ids=["yesterday", "phone's zone", "company's zone", "page", "both"],
)
async def test_a_picture_from_before_the_visit_is_noticed(
    runtime: Runtime,
    company: Company,
    lilei: Page,
    raw: bytes,
    headers: dict[str, str],
    made_at: str,
) -> None:
    visit = await a_visit(runtime, company, lilei)
    (flag,) = await flags_after(lilei, visit, raw, **headers)
    assert (flag["flag"], flag["severity"]) == ("ALBUM_PHOTO", "high")
    assert flag["facts"] == {"made_at": made_at}
    whole = (await lilei.get(f"/visits/{visit}")).json()
    assert whole["review_state"] == "pending", "a lead looks at it"


@pytest.mark.parametrize(
    ("raw", "headers"),
    [
        (a_camera_photo("2026:03:10 09:29:00", "+08:00"), {}),
        # In a phone that stands in Tokyo it is already half past ten.
        (a_camera_photo("2026:03:10 10:29:00"), {"X-Taken-At": "2026-03-10T10:30:00+09:00"}),
        # Taken at the door, long before the position was good enough for a check-in.
        (
            a_camera_photo("2026:03:10 09:00:00", "+08:00"),
            {"X-Taken-At": "2026-03-10T09:00:05+08:00"},
        ),
        (a_camera_photo("1980:01:01 00:00:07"), {}),
        (a_camera_photo("    :  :     :  :  "), {}),
        (a_camera_photo("2026:03:10 09:29:00", "east"), {}),
        (a_photo(), {"X-Made-At": "0001-01-01T00:00:00+14:00"}),
        (a_photo(), {"X-Made-At": "yesterday", "X-Taken-At": "0001-01-01T00:00:00+14:00"}),
        (a_photo(), {"X-Captured-By": "file_input"}),
    ],
    ids=[
        "new",
        "abroad",
        "waited",
        "no clock",
        "no time",
        "no zone",
        "no year",
        "no words",
        "input",
    ],
)
async def test_what_nothing_speaks_against_is_not_from_the_album(
    runtime: Runtime, company: Company, lilei: Page, raw: bytes, headers: dict[str, str]
) -> None:
    visit = await a_visit(runtime, company, lilei)
    assert await flags_after(lilei, visit, raw, **headers) == []


async def test_a_phone_whose_clock_is_wrong_is_judged_by_its_own_clock(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    visit = await a_visit(runtime, company, lilei, client_time="2026-03-10T07:30:00+08:00")
    assert await flags_after(lilei, visit, a_camera_photo("2026:03:10 07:29:00", "+08:00")) == []
