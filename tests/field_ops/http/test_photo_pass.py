"""A host's app sends a picture by itself, with a pass and without our cookie; and strangers try."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from field_ops.app import create_app
from field_ops.db import Database
from field_ops.http import passes
from field_ops.people.models import Session
from field_ops.runtime import Runtime
from field_ops.visits import photos
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company
from tests.field_ops.http.test_how_photos_came import a_visit
from tests.field_ops.http.test_visits_api import FIX, a_photo, a_planned_shop
from tests.pages import Page, a_page, an_app

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
RAW = a_photo("teal", (60, 40))
Files = Mapping[str, tuple[str, bytes, str]]


@asynccontextmanager
async def uploader(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """The native part of the app: no cookie, no token."""
    transport = httpx.ASGITransport(create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://waiqin.test") as client:
        yield client


@pytest.fixture
async def native(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with uploader(runtime) as client:
        yield client


async def a_pass(page: Page, visit: str, key: str = KEY) -> str:
    return str((await page.get(f"/visits/{visit}/photo-pass", key=key)).json()["photo_pass"])


async def sent(
    native: httpx.AsyncClient, visit: str, shown: str, raw: bytes = RAW, **more: Any
) -> httpx.Response:
    """What the app does: a form whose file is named `photo`."""
    files = more.pop("files", {"photo": ("image.jpg", raw, "image/jpeg")})
    headers = {passes.HEADER: shown, "X-Captured-By": "host_camera"} | more.pop("headers", {})
    path = f"/api/v1/visits/{visit}/photos/by-host"
    return await native.post(path, headers=headers, files=files, **more)


def outcome(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_the_app_sends_what_only_it_can_read(
    runtime: Runtime, company: Company, lilei: Page, native: httpx.AsyncClient
) -> None:
    visit = await a_visit(runtime, company, lilei)
    shown = await a_pass(lilei, visit)
    photo = (await sent(native, visit, shown, data={"added": "by the app"})).json()
    assert photo["captured_by"] == "host_camera"
    assert [kept["id"] for kept in (await lilei.get(f"/visits/{visit}")).json()["photos"]] == [
        photo["id"]
    ]
    # Its answer was lost, so the page asks for another pass under the same key.
    again = await sent(native, visit, await a_pass(lilei, visit))
    assert (again.status_code, again.json()["id"]) == (201, photo["id"])


async def test_a_pass_is_used_once(
    runtime: Runtime, company: Company, lilei: Page, native: httpx.AsyncClient
) -> None:
    visit = await a_visit(runtime, company, lilei)
    shown = await a_pass(lilei, visit)
    await sent(native, visit, shown)
    second = await sent(native, visit, shown, a_photo("orange", (60, 40)))
    assert outcome(second) == (409, "key_used_for_another")
    assert len((await lilei.get(f"/visits/{visit}")).json()["photos"]) == 1


async def test_a_pass_is_for_one_visit(
    runtime: Runtime, company: Company, lilei: Page, native: httpx.AsyncClient
) -> None:
    first = await a_visit(runtime, company, lilei)
    shown = await a_pass(lilei, first)
    await lilei.send("POST", f"/visits/{first}/check-out", {"fix": FIX})
    shop = await a_planned_shop(runtime, company, "红星")
    body = {"customer_id": shop, "fix": FIX}
    second = (await lilei.send("POST", "/visits", body)).json()["id"]
    assert outcome(await sent(native, second, shown)) == (403, "pass_over")
    moved = shown.replace(first, second)
    assert moved != shown
    assert outcome(await sent(native, second, moved)) == (403, "pass_over")


@pytest.mark.parametrize(
    ("minutes", "status"), [(9, 201), (11, 403)], ids=["in time", "after ten minutes"]
)
async def test_a_pass_ends(
    database: Database, database_url: str, tmp_path: Path, minutes: int, status: int
) -> None:
    now = TUESDAY_MORNING

    def clock() -> datetime:
        return now

    async with an_app(database_url, tmp_path, clock) as runtime:
        async with runtime.database.writing() as session:
            company = await a_company(session)
        async with a_page(runtime, company, company.lilei) as lilei, uploader(runtime) as native:
            visit = await a_visit(runtime, company, lilei)
            shown = await a_pass(lilei, visit)
            now += timedelta(minutes=minutes)
            assert (await sent(native, visit, shown)).status_code == status


async def test_a_pass_ends_with_its_session(
    runtime: Runtime, company: Company, lilei: Page, native: httpx.AsyncClient
) -> None:
    visit = await a_visit(runtime, company, lilei)
    shown = await a_pass(lilei, visit)
    async with runtime.database.writing() as session:
        await session.execute(update(Session).values(ended_at=TUESDAY_MORNING))
    assert outcome(await sent(native, visit, shown)) == (401, "sign_in_needed")


async def test_nobody_gets_a_pass_for_what_is_not_his(
    runtime: Runtime, company: Company, lilei: Page, native: httpx.AsyncClient
) -> None:
    visit = await a_visit(runtime, company, lilei)
    async with a_page(runtime, company, company.wang) as lead:
        refused = await lead.get(f"/visits/{visit}/photo-pass", key=KEY)
        assert outcome(refused) == (403, "not_your_visit")
    async with a_page(runtime, company, None) as stranger:
        refused = await stranger.get(f"/visits/{visit}/photo-pass", key=KEY)
        assert outcome(refused) == (401, "sign_in_needed")


@pytest.mark.parametrize("key", ["", "short", "a.b.c.d.e.f", "x" * 65, "键" * 10, "a b c d e f"])
async def test_a_key_that_a_pass_cannot_carry_is_refused(
    runtime: Runtime, company: Company, lilei: Page, key: str
) -> None:
    visit = await a_visit(runtime, company, lilei)
    refused = await lilei.get(f"/visits/{visit}/photo-pass", key=key)
    assert outcome(refused) == (422, "fields_invalid")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda shown: "",
        lambda shown: "....",
        lambda shown: shown[:-1],
        lambda shown: "9" + shown,
        lambda shown: shown.replace(KEY, KEY[::-1]),
        lambda shown: shown.replace(".", "..", 1),
        lambda shown: shown + "A",
        lambda shown: shown * 200,
        lambda shown: "\u00e9" + shown,
        # Another year: the end stands in the text that is signed.
        lambda shown: shown.replace(shown.split(".")[2], "9999999999"),
    ],
    ids=[
        "none", "dots", "cut", "tenant", "key", "dot", "more", "long", "latin", "ends"
    ],
)  # fmt: skip
async def test_a_pass_cannot_be_made_up(
    runtime: Runtime, company: Company, lilei: Page, native: httpx.AsyncClient, spoil: Any
) -> None:
    visit = await a_visit(runtime, company, lilei)
    shown = spoil(await a_pass(lilei, visit)).encode("latin-1")
    assert outcome(await sent(native, visit, shown)) == (403, "pass_over")


async def test_a_cookie_alone_opens_nothing(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    """So no other site can send a form in somebody's name."""
    visit = await a_visit(runtime, company, lilei)
    assert outcome(await sent(lilei.client, visit, "")) == (403, "pass_over")


async def test_a_pass_opens_no_other_door(
    runtime: Runtime, company: Company, lilei: Page, native: httpx.AsyncClient
) -> None:
    visit = await a_visit(runtime, company, lilei)
    headers = {passes.HEADER: await a_pass(lilei, visit)}
    path = f"/api/v1/visits/{visit}"
    assert (await native.get(path, headers=headers)).status_code == 401
    assert (await native.post(f"{path}/photos", headers=headers, content=RAW)).status_code == 401
    checked_out = await native.post(f"{path}/check-out", headers=headers, json={"fix": FIX})
    assert checked_out.status_code == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (RAW, "image/jpeg"),
        (b'{"photo": "x"}', "application/json"),
        (b"photo=x", "application/x-www-form-urlencoded"),
        (RAW, ""),
        (RAW, "multipart/form-data"),
        (RAW, "multipart/form-data; boundary="),
        (RAW, "multipart/form-data; boundary=a"),
        (b"", "multipart/form-data; boundary=a"),
        (b"--a\r\n" + b"x" * 300, "multipart/form-data; boundary=a"),
        (b"--a\r\n\r\nno name\r\n--a--\r\n", "multipart/form-data; boundary=a"),
        (
            b'--a\r\nContent-Disposition: form-data; name="photo"\r\n\r\nno file\r\n--a--\r\n',
            "multipart/form-data; boundary=a; charset=none",
        ),
    ],
)
async def test_what_is_no_form_is_refused(
    runtime: Runtime,
    company: Company,
    lilei: Page,
    native: httpx.AsyncClient,
    body: bytes,
    kind: str,
) -> None:
    visit = await a_visit(runtime, company, lilei)
    headers = {passes.HEADER: await a_pass(lilei, visit), "Content-Type": kind}
    path = f"/api/v1/visits/{visit}/photos/by-host"
    refused = await native.post(path, headers=headers, content=body)
    assert outcome(refused) == (400, "body_unreadable")


A_FILE = ("image.jpg", RAW, "image/jpeg")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"picture": A_FILE}, (400, "body_unreadable")),
        ([("photo", A_FILE), ("photo", A_FILE)], (400, "body_unreadable")),
        ({"photo": ("image.jpg", b"", "image/jpeg")}, (422, "photo_unreadable")),
        ({"photo": ("image.jpg", b"<svg/>", "image/jpeg")}, (422, "photo_unreadable")),
        ({"photo": ("../../x.php", b"<?php", "image/jpeg")}, (422, "photo_unreadable")),
        ({"photo": ("image.jpg", b"GIF89a" + b"\0" * 50, "image/gif")}, (422, "photo_unreadable")),
    ],
    ids=["another name", "two", "empty", "svg", "script", "gif"],
)
async def test_a_form_is_checked_by_what_is_in_it(
    runtime: Runtime,
    company: Company,
    lilei: Page,
    native: httpx.AsyncClient,
    files: Files,
    expected: tuple[int, str],
) -> None:
    visit = await a_visit(runtime, company, lilei)
    refused = await sent(native, visit, await a_pass(lilei, visit), files=files)
    assert outcome(refused) == expected


async def test_a_picture_that_is_too_large_is_not_read_to_its_end(
    runtime: Runtime, company: Company, lilei: Page, native: httpx.AsyncClient
) -> None:
    visit = await a_visit(runtime, company, lilei)
    large = b"\xff\xd8" + b"x" * (photos.UPLOAD_LIMIT + 100_000)
    refused = await sent(native, visit, await a_pass(lilei, visit), large)
    assert outcome(refused) == (413, "too_large")


async def test_passes_are_paced_as_their_member_is(
    runtime: Runtime, company: Company, lilei: Page, native: httpx.AsyncClient
) -> None:
    visit = await a_visit(runtime, company, lilei)
    shown = await a_pass(lilei, visit)
    no_form = {"headers": {passes.HEADER: shown}, "content": b""}
    path = f"/api/v1/visits/{visit}/photos/by-host"
    answers = [(await native.post(path, **no_form)).status_code for _ in range(125)]
    assert (answers[0], answers[-1]) == (400, 429)
