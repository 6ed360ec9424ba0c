"""The certificate of a visit: one page that a court could read, and what breaks it."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import DeclarativeBase

from field_ops.db import Database
from field_ops.errors import NotFound
from field_ops.files.store import LocalStore
from field_ops.history.models import EvidenceLink
from field_ops.visits.certificate import Certificate, certificate_of
from field_ops.visits.certificate_text import as_text
from field_ops.visits.models import FixRecord, Photo, Visit, VisitFlag
from field_ops.work import Work
from tests.factories import work_as
from tests.field_ops.http.test_visits_api import a_photo
from tests.field_ops.visits.sealed_visit import NUMBER, a_sealed_visit


@pytest.fixture
async def work(database: Database, tmp_path: Path) -> AsyncIterator[Work]:
    """The company at work after 李雷's visit was sealed."""
    lilei = await a_sealed_visit(database, tmp_path)
    async with database.writing() as session:
        yield work_as(session, lilei).as_system()


async def certificate(work: Work, folder: Path) -> Certificate:
    work.session.expunge_all()
    visit_id = await work.session.scalar(select(Visit.id))
    assert visit_id is not None
    return await certificate_of(work, LocalStore(folder / "files"), visit_id)


async def test_it_has_facts_hashes_position_and_verdict_on_one_page(
    work: Work, tmp_path: Path
) -> None:
    links = list(await work.session.scalars(select(EvidenceLink.hash)))
    said = as_text(await certificate(work, tmp_path), "en")
    assert len(said.splitlines()) <= 60
    assert max(map(len, said.splitlines())) <= 100
    facts = ("海明商贸", NUMBER, "李雷 华东一组", "华联超市", "2026-03-10 09:30:00", "In range")
    proof = ("link 2", "2026-03-10 is sealed", "links 1 to 6 verify", "VERDICT: whole")
    received = hashlib.sha256(a_photo("teal", (400, 300))).hexdigest()
    assert [text for text in (*facts, *proof, received, *links) if text not in said] == []


async def test_it_is_chinese_for_a_chinese_reader(work: Work, tmp_path: Path) -> None:
    said = as_text(await certificate(work, tmp_path), "zh")
    for text in ("拜访存证证明", "签到：2026-03-10 09:30:00 范围内", "原图未改动", "结论：完整"):
        assert text in said
    assert "VERDICT" not in said and "link" not in said


@pytest.mark.parametrize(
    "table, values, found",
    [
        (FixRecord, {"distance_m": 1.0}, "check_in: the row differs from link 1"),
        (FixRecord, {"verdict": "FINE"}, "check_out: the row differs from link 4"),
        (Photo, {"sha256": "0" * 64}, "the row differs from its link"),
        (VisitFlag, {"severity": "low"}, "flag SHORT_DWELL: the row differs from its link"),
        (VisitFlag, {"flag": "NOTHING"}, "flag NOTHING: the row differs from its link"),
        (Visit, {"log_summary": "什么都没谈"}, "log: the row differs from link 6"),
        (Visit, {"log_submitted_at": None}, "log: the row of link 6 is gone"),
        (Visit, {"forced_check_out": True}, "forced_check_out: there is no link"),
        (EvidenceLink, {"kind": "flag"}, "2026-03-10: links 1 to 6 are not those of its head"),
    ],
    ids=lambda value: str(value),
)
async def test_what_was_changed_is_said_instead_of_the_verdict(
    work: Work, tmp_path: Path, table: type[DeclarativeBase], values: dict[str, Any], found: str
) -> None:
    await work.session.execute(update(table).values(**values))
    changed = await certificate(work, tmp_path)
    assert [problem for problem in changed.problems if found in problem]
    assert "VERDICT: changed" in as_text(changed, "en")


async def test_a_photo_whose_row_was_deleted_is_missed(work: Work, tmp_path: Path) -> None:
    await work.session.execute(delete(Photo))
    problems = (await certificate(work, tmp_path)).problems
    assert [problem[-25:] for problem in problems] == [
        "the row of link 2 is gone",
        "the row of link 3 is gone",
    ]


async def test_without_its_check_in_there_is_no_certificate(work: Work, tmp_path: Path) -> None:
    await work.session.execute(delete(FixRecord).where(FixRecord.end == "check_in"))
    with pytest.raises(NotFound):
        await certificate(work, tmp_path)
