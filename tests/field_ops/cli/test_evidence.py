"""`waiqin evidence verify`: what was changed, and on which day; the certificate of a visit."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from field_ops.db import Database
from field_ops.history.models import AuditEntry
from tests.commands import waiqin
from tests.field_ops.visits.sealed_visit import KINDS, NUMBER, a_sealed_visit


@pytest.fixture
async def sealed(database: Database, tmp_path: Path) -> Database:
    await a_sealed_visit(database, tmp_path)
    return database


def verify(folder: Path, url: str, *arguments: str) -> tuple[int, str, str]:
    settings = {"WAIQIN_DATABASE_URL": url}
    code, said, complaint = waiqin(folder, "evidence", "verify", *arguments, settings=settings)
    assert "Traceback" not in complaint
    return code, said, complaint


async def test_a_whole_chain_is_said_to_be_whole_until_somebody_changes_a_head(
    sealed: Database, database_url: str, tmp_path: Path
) -> None:
    code, said, _ = verify(tmp_path, database_url)
    assert code == 0
    assert "海明商贸: 6 links" in said
    assert "daily heads: 1, the last of 2026-03-10" in said
    assert said.endswith("the chain is whole\n")
    async with sealed.writing() as session:
        a_head = select(AuditEntry).where(AuditEntry.action == "daily_head")
        entry = (await session.scalars(a_head)).one()
        entry.change = {**entry.change, "root": [None, "0" * 64]}
    code, said, _ = verify(tmp_path, database_url)
    assert code == 1
    assert "BROKEN 2026-03-10: links 1 to 6 are not those of its head" in said


async def test_the_certificate_of_a_visit_is_printed_for_people_and_for_programs(
    sealed: Database, database_url: str, tmp_path: Path
) -> None:
    code, said, _ = verify(tmp_path, database_url, "--visit", NUMBER, "--language", "zh")
    assert (code, "结论：完整" in said) == (0, True)
    code, said, _ = verify(tmp_path, database_url, "--visit", NUMBER, "--json")
    told = json.loads(said)
    assert (code, told["whole"], told["problems"], told["links"]) == (0, True, [], 6)
    assert [photo["link"] for photo in told["photos"]] == [2, 3]
    assert [link["kind"] for link in told["visit_links"]] == KINDS
    assert told["facts"]["check_in"]["verdict"] == "VERIFIED"
    assert told["heads"][0]["day"] == told["sealed_until"] == "2026-03-10"


async def test_a_changed_picture_breaks_the_certificate(
    sealed: Database, database_url: str, tmp_path: Path
) -> None:
    for master in (tmp_path / "files").glob("*/photos/*/*.jpg"):
        master.write_bytes(b"another picture")
    code, said, _ = verify(tmp_path, database_url, "--visit", NUMBER)
    assert (code, "the kept picture was changed" in said) == (1, True)


async def test_a_visit_that_is_not_there_is_one_sentence(
    sealed: Database, database_url: str, tmp_path: Path
) -> None:
    code, _, complaint = verify(tmp_path, database_url, "--visit", "V-20260310-0099")
    assert (code, complaint) == (1, "waiqin: there is no visit V-20260310-0099\n")
