"""Daily heads: one for each day with links, by the company's clock, and every change is found."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select, update

from field_ops.db import Database
from field_ops.history import chain, heads
from field_ops.history.models import AuditEntry, EvidenceLink
from field_ops.work import Work
from tests.conftest import SHANGHAI
from tests.factories import a_company, work_as
from tests.field_ops.history import oracle

TUESDAY, WEDNESDAY, FRIDAY = date(2026, 3, 10), date(2026, 3, 11), date(2026, 3, 13)
SATURDAY_MORNING = datetime(2026, 3, 14, 0, 10, tzinfo=SHANGHAI)


def at(work: Work, day: date, clock: str) -> Work:
    """The same person at work at another time, by the company's clock."""
    moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=work.zone)
    return replace(work, now=moment)


async def a_link(work: Work, visit_id: str = "v1", **fact: Any) -> None:
    await chain.add_links(work, [chain.prove(work, "check_in", visit_id, {"m": 12.5, **fact})])


async def three_days(work: Work) -> None:
    """Links 1–4 on Tuesday, 5–6 on Wednesday, none on Thursday, 7–9 on Friday."""
    for day, count in ((TUESDAY, 4), (WEDNESDAY, 2), (FRIDAY, 3)):
        for minute in range(count):
            await a_link(at(work, day, f"09:0{minute}"), f"v{day.day}-{minute}", minute=minute)


async def sealed(work: Work) -> Work:
    await three_days(work)
    work = replace(work, now=SATURDAY_MORNING)
    await heads.write_heads(work)
    await work.session.flush()
    return work


async def links_in(work: Work) -> Sequence[EvidenceLink]:
    found = await work.session.scalars(select(EvidenceLink).order_by(EvidenceLink.number))
    return found.all()


async def entries_in(work: Work) -> Sequence[AuditEntry]:
    found = await work.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "daily_head").order_by(AuditEntry.id)
    )
    return found.all()


async def test_chain_and_heads_are_what_the_standard_library_makes_of_them(
    database: Database,
) -> None:
    async with database.writing() as session:
        work = await sealed(work_as(session, (await a_company(session)).lilei))
        links = await links_in(work)
        expected = oracle.hashes(links)
        assert [link.hash for link in links] == expected
        assert [entry.change for entry in await entries_in(work)] == [
            {
                "day": [before, day],
                "last": [first - 1, last],
                "root": [previous_root, oracle.root(day, links[first - 1 : last])],
                "hash": [expected[first - 2] if first > 1 else "0" * 64, expected[last - 1]],
            }
            for before, previous_root, day, first, last in (
                (None, None, "2026-03-10", 1, 4),
                ("2026-03-10", oracle.root("2026-03-10", links[:4]), "2026-03-11", 5, 6),
                ("2026-03-11", oracle.root("2026-03-11", links[4:6]), "2026-03-13", 7, 9),
            )
        ]


async def test_a_head_is_written_once_and_only_for_days_that_are_over(database: Database) -> None:
    async with database.writing() as session:
        work = work_as(session, (await a_company(session)).lilei)
        await a_link(at(work, TUESDAY, "09:00"))
        assert (await heads.write_heads(at(work, TUESDAY, "23:59")))[0] == []
        night = at(work, WEDNESDAY, "00:10")
        assert [head.day for head in (await heads.write_heads(night))[0]] == [TUESDAY]
        assert (await heads.write_heads(night))[0] == []
        await a_link(at(work, WEDNESDAY, "09:00"))
        report = await heads.verify(work)
        assert (report.is_whole, report.heads, report.sealed_until) == (True, 1, TUESDAY)


async def test_the_day_ends_at_the_midnight_of_the_company(database: Database) -> None:
    async with database.writing() as session:
        work = work_as(session, (await a_company(session)).lilei, zone=ZoneInfo("Asia/Urumqi"))
        await a_link(at(work, TUESDAY, "23:59:59"))
        await a_link(at(work, WEDNESDAY, "00:00:00"))
        written, _ = await heads.write_heads(at(work, WEDNESDAY, "12:00"))
        assert [(head.day, head.first, head.last) for head in written] == [(TUESDAY, 1, 1)]


async def test_two_workers_at_once_write_one_head(database: Database) -> None:
    async with database.writing() as session:
        lilei = (await a_company(session)).lilei
        await a_link(work_as(session, lilei))

    async def run() -> int:
        async with database.writing() as session:
            return len((await heads.write_heads(work_as(session, lilei, SATURDAY_MORNING)))[0])

    assert sorted(await asyncio.gather(run(), run(), run())) == [0, 0, 1]


async def test_a_link_that_was_late_comes_under_the_next_head(database: Database) -> None:
    async with database.writing() as session:
        work = work_as(session, (await a_company(session)).lilei)
        await a_link(at(work, TUESDAY, "09:00"))
        await heads.write_heads(at(work, WEDNESDAY, "00:10"))
        await a_link(at(work, TUESDAY, "23:59:59"))  # its transaction took until now
        await a_link(at(work, WEDNESDAY, "09:00"))
        await a_link(at(work, TUESDAY, "23:59:59"))
        await heads.write_heads(at(work, FRIDAY, "00:10"))
        found = [(head.day, head.first, head.last) for head in await heads.heads_of(work)]
        assert found == [(TUESDAY, 1, 1), (WEDNESDAY, 2, 4)]
        assert (await heads.verify(work)).is_whole


async def test_each_company_has_its_own_heads(database: Database) -> None:
    async with database.writing() as session:
        one = work_as(session, (await a_company(session)).lilei)
        other = work_as(session, (await a_company(session, "红星", connection="b")).lilei)
        await a_link(one)
        await a_link(other, minute=2)
        await heads.write_heads(replace(one, now=SATURDAY_MORNING))
        assert (await heads.verify(one)).heads == 1
        assert (await heads.verify(other)).heads == 0


def rewritten(links: Sequence[EvidenceLink], number: int, kind: str) -> list[dict[str, Any]]:
    """The columns of a chain in which one link says something else and all hashes fit again."""
    links[number - 1].kind = kind
    own = oracle.hashes(links)
    before = ["0" * 64, *own]
    return [
        {"kind": link.kind, "previous_hash": before[place], "hash": own[place]}
        for place, link in enumerate(links)
    ]


@pytest.mark.parametrize("number, day", [(2, TUESDAY), (5, WEDNESDAY), (9, FRIDAY)])
async def test_a_chain_that_was_rewritten_to_fit_is_found_and_the_day_named(
    database: Database, number: int, day: date
) -> None:
    async with database.writing() as session:
        work = await sealed(work_as(session, (await a_company(session)).lilei))
        links = await links_in(work)
        session.expunge_all()
        for place, values in enumerate(rewritten(links, number, "check_out"), 1):
            await session.execute(
                update(EvidenceLink).where(EvidenceLink.number == place).values(**values)
            )
        assert (await chain.verify(work)).is_whole, "the links alone cannot tell"
        report = await heads.verify(work)
        assert list(report.changed) == [day]
        assert not report.is_whole


COLUMNS = ("at", "kind", "visit_id", "payload", "payload_hash", "previous_hash", "hash")


def another(dice: Random, link: EvidenceLink, column: str) -> Any:
    """A value that the column could have had."""
    if column == "at":
        return link.at + timedelta(microseconds=dice.choice((-1, 1)))
    text: str = getattr(link, column)
    place = dice.randrange(len(text))
    return text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]


@pytest.mark.parametrize("seed", range(21))
async def test_a_random_change_is_found_and_its_day_named(database: Database, seed: int) -> None:
    dice = Random(seed)
    async with database.writing() as session:
        work = await sealed(work_as(session, (await a_company(session)).lilei))
        link = dice.choice(await links_in(work))
        column, day = COLUMNS[seed % len(COLUMNS)], work.on(link.at)
        values = {column: another(dice, link, column)}
        where = EvidenceLink.number == link.number
        await session.execute(update(EvidenceLink).where(where).values(**values))
        session.expunge_all()
        report = await heads.verify(work)
        assert (report.chain.is_whole, day in report.changed) == (False, True)


@pytest.mark.parametrize("numbers", [[1], [3], [6], [7, 8], [9], [8, 9]], ids=str)
async def test_links_that_are_gone_are_missed(database: Database, numbers: list[int]) -> None:
    async with database.writing() as session:
        work = await sealed(work_as(session, (await a_company(session)).lilei))
        days = {work.on(link.at) for link in await links_in(work) if link.number in numbers}
        await session.execute(delete(EvidenceLink).where(EvidenceLink.number.in_(numbers)))
        session.expunge_all()
        report = await heads.verify(work)
        assert report.chain.problem == f"link {numbers[0]} is missing"
        assert list(report.changed) == list(days)


@pytest.mark.parametrize("field, value", [
    ("day", [None, "2026-03-12"]), ("last", [4, 7]), ("last", [3, 6]), ("root", ["", "0" * 64]),
    ("hash", ["", "0" * 64]), ("root", []), ("day", [None, "Tuesday"]), ("last", None),
])  # fmt: skip
async def test_a_changed_head_is_found(database: Database, field: str, value: Any) -> None:
    async with database.writing() as session:
        work = await sealed(work_as(session, (await a_company(session)).lilei))
        entry = (await entries_in(work))[1]
        entry.change = {**entry.change, field: value}
        await session.flush()
        session.expunge_all()
        report = await heads.verify(work)
        assert (report.chain.is_whole, report.is_whole) == (True, False)


@pytest.mark.parametrize("place", [0, 1])
async def test_a_head_that_is_gone_is_missed(database: Database, place: int) -> None:
    async with database.writing() as session:
        work = await sealed(work_as(session, (await a_company(session)).lilei))
        entry = (await entries_in(work))[place]
        await session.delete(entry)
        await session.flush()
        assert not (await heads.verify(work)).is_whole


async def test_a_legal_deletion_agrees_with_the_head(database: Database) -> None:
    async with database.writing() as session:
        work = await sealed(work_as(session, (await a_company(session)).lilei))
        await session.execute(update(EvidenceLink).values(payload=None))
        session.expunge_all()
        assert (await heads.verify(work)).is_whole


async def test_one_day_is_compared_with_its_head_alone(database: Database) -> None:
    async with database.writing() as session:
        work = await sealed(work_as(session, (await a_company(session)).lilei))
        await a_link(replace(work, now=SATURDAY_MORNING))
        await session.execute(
            update(EvidenceLink).where(EvidenceLink.number == 5).values(kind="check_out")
        )
        session.expunge_all()
        head, problem = await heads.head_over(work, 6)
        assert head is not None and head.day == WEDNESDAY
        assert problem == "links 5 to 6 are not those of its head"
        assert (await heads.head_over(work, 8))[1] == ""
        assert await heads.head_over(work, 10) == (None, "")
        assert await chain.verify_link(work, 5) == "link 5 was changed"
        assert await chain.verify_link(work, 8) == ""
        assert await session.scalar(select(func.count()).select_from(EvidenceLink)) == 10
