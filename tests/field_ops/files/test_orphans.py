"""At night, files that belong to nothing are removed; what any row names is not."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from field_ops.attachments import actions as attachments
from field_ops.attachments.models import Attachment
from field_ops.db import Database, new_id
from field_ops.exchange.export_files import place_of
from field_ops.exchange.import_files import place_of as place_of_import
from field_ops.exchange.import_models import ImportBatch
from field_ops.exchange.models import Export
from field_ops.files.store import LocalStore
from field_ops.jobs.files import OWNERS, forget_orphaned_files
from field_ops.jobs.tools import Company
from field_ops.people.models import Member
from field_ops.visits import photos
from field_ops.visits.models import Photo
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import a_customer, work_as
from tests.fakes import FakeHost
from tests.field_ops.attachments.test_documents import A_PDF
from tests.field_ops.http.test_visits_api import a_photo
from tests.field_ops.test_worker import Live, Office, office
from tests.field_ops.visits.sealed_visit import a_sealed_visit

__all__ = ["office"]

OLD, FRESH = timedelta(days=1, seconds=1), timedelta(days=1)
A_WEEK = timedelta(days=7)


def age(root: Path, now: datetime, by: timedelta) -> None:
    at = (now - by).timestamp()
    for path in root.rglob("*"):
        if path.is_file():
            os.utime(path, (at, at))


def files_in(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


async def at_night(office: Office) -> None:
    assert await forget_orphaned_files(office.tools(), Company(office.tenant_id, SHANGHAI))


async def test_what_was_uploaded_and_never_attached_goes_after_a_day(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office.files, root = LocalStore(tmp_path), tmp_path
    async with office.database.writing() as session:
        work = work_as(session, await session.get_one(Member, (office.tenant_id, office.lilei_id)))
        shop = await a_customer(work)
        named = await attachments.keep(office.files, office.tenant_id, A_PDF, "合同.pdf")
        pictured = await attachments.keep(
            office.files, office.tenant_id, a_photo("navy", (900, 600)), "门头.jpg"
        )
        await attachments.attach(work, shop.id, named)
        await attachments.attach(work, shop.id, pictured)
    kept = files_in(root)
    assert len(kept) == 3
    # The process died between the bytes and the row, or in the middle of the bytes.
    await attachments.keep(office.files, office.tenant_id, a_photo("teal", (900, 600)), "x.jpg")
    await photos.keep(office.files, office.tenant_id, a_photo("teal", (400, 300)))
    (root / f"{office.tenant_id}/imports").mkdir()
    (root / f"{office.tenant_id}/imports/.half.0123abcd").write_bytes(b"hal")
    age(root, office.clock(), FRESH)
    await at_night(office)
    assert len(files_in(root)) == 7
    age(root, office.clock(), OLD)
    await at_night(office)
    assert files_in(root) == kept
    said = capsys.readouterr().out
    assert "files.forgotten" in said and "files=4" in said
    await at_night(office)
    assert "files.forgotten" not in capsys.readouterr().out


async def test_the_photos_of_a_visit_stay_with_what_is_drawn_from_them(
    database: Database, tmp_path: Path
) -> None:
    lilei = await a_sealed_visit(database, tmp_path)
    office, root = (
        Office(database, lilei.tenant_id, lilei.id, FakeHost(), Live({})),
        tmp_path / "files",
    )
    office.files = LocalStore(root)
    async with database.writing() as session:
        work = work_as(session, lilei)
        for photo in await session.scalars(select(Photo)):
            url = "https://crm.example.com"
            assert await photos.shown(work, office.files, photo.visit_id, photo.id, url)
    kept = files_in(root)
    assert len(kept) == 4
    drawn_of_none = root / f"{lilei.tenant_id}/watermarked/{new_id()}-0123abcd.jpg"
    drawn_of_none.write_bytes(b"x")
    age(root, office.clock(), A_WEEK)
    await at_night(office)
    assert files_in(root) == kept


@dataclass
class Books:
    """Rows that name files, and files; `at_rest` are those of folders that nobody knows."""

    tenant_id: int
    chance: Random
    rows: list[Any] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    def fill(self) -> None:
        for _ in range(80):
            self.chance.choice((self.photo, self.attachment, self.export, self.batch))()
        for folder in (*OWNERS, "letters"):
            for _ in range(4):
                name = self.chance.choice(
                    (new_id(), f"ab/{new_id()}-small", f".{new_id()}.0a1b2c3d")
                )
                self.places.append(f"{self.tenant_id}/{folder}/{name}")

    def photo(self) -> None:
        place = f"{self.tenant_id}/photos/ab/{self.chance.randrange(1 << 128):064x}.jpg"
        row = Photo(
            tenant_id=self.tenant_id, id=new_id(), visit_id=new_id(), member_id="m", sha256="",
            verification_code="", place=place, width=1, height=1, size_bytes=1,
            uploaded_at=TUESDAY_MORNING,
        )  # fmt: skip
        self.maybe(row, place, f"{self.tenant_id}/watermarked/{row.id}-0123abcd.jpg")

    def attachment(self) -> None:
        place = f"{self.tenant_id}/attachments/cd/{new_id()}"
        has_small, is_gone = self.chance.random() < 0.5, self.chance.random() < 0.2
        small = f"{place}-small" if has_small else ""
        row = Attachment(
            tenant_id=self.tenant_id, id=new_id(), customer_id="c", member_id="m", name="x",
            kind="pdf", media_type="", size_bytes=1, sha256="", created_at=TUESDAY_MORNING,
            place="" if is_gone else place, thumbnail_place="" if is_gone else small,
        )  # fmt: skip
        self.maybe(row, place, f"{place}-small")

    def export(self) -> None:
        row = Export(
            tenant_id=self.tenant_id, id=new_id(), member_id="m", what="customers",
            format=self.chance.choice(("csv", "xlsx")), language="zh", filters={},
            masks_phones=True, counted=1, asked_at=TUESDAY_MORNING,
            state=self.chance.choice(("waiting", "writing", "ready", "failed", "gone")),
        )  # fmt: skip
        self.maybe(row, place_of(row), f"{self.tenant_id}/exports/{row.id}.pdf")

    def batch(self) -> None:
        row = ImportBatch(
            tenant_id=self.tenant_id, id=new_id(), via="h5", language="zh", file_name="x",
            size_bytes=1, header=[], header_row=1, samples=[], mapping={}, mode="create",
            key="phone", state=self.chance.choice(("draft", "running", "done", "undone")),
            total=0, asked_at=TUESDAY_MORNING,
            file_gone_at=self.chance.choice((None, TUESDAY_MORNING)),
        )  # fmt: skip
        self.maybe(row, place_of_import(self.tenant_id, row.id))

    def maybe(self, row: Any, *places: str) -> None:
        """Rows without files, files without rows, and both."""
        if self.chance.random() < 0.6:
            self.rows.append(row)
        self.places += [place for place in places if self.chance.random() < 0.8]


def is_named(rows: Sequence[Any], place: str) -> bool:
    """The rule once more, by going through every row there is."""
    for row in rows:
        match row:
            case Photo():
                if row.place == place or f"/watermarked/{row.id}-" in place:
                    return True
            case Attachment():
                if place in (row.place, row.thumbnail_place):
                    return True
            case Export():
                is_there = row.state not in ("failed", "gone")
                if is_there and place.endswith(f"/exports/{row.id}.{row.format}"):
                    return True
            case ImportBatch():
                if row.file_gone_at is None and place.endswith(f"/imports/{row.id}"):
                    return True
    return False


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_lies_there_nothing_goes_that_a_row_names(
    office: Office, tmp_path: Path, seed: int
) -> None:
    office.files, chance = LocalStore(tmp_path), Random(seed)
    mine, others = Books(office.tenant_id, chance), Books(office.tenant_id + 1, chance)
    for books in (mine, others):
        books.fill()
    chance.shuffle(mine.places)
    async with office.database.writing() as session:
        session.add_all([*mine.rows, *others.rows])
    ages = {place: chance.choice((OLD, FRESH, A_WEEK)) for place in mine.places + others.places}
    for place, by in ages.items():
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        at = (office.clock() - by).timestamp()
        os.utime(path, (at, at))
    await at_night(office)
    expected = {
        place
        for place in mine.places
        if ages[place] == FRESH or "/letters/" in place or is_named(mine.rows, place)
    }
    assert files_in(tmp_path) == expected | set(others.places)
    assert len(expected) < len(mine.places)
