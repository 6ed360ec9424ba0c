"""The evidence chain: its canonical form is fixed, and every change to it is found."""

import hashlib
import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, update

from field_ops.db import Database
from field_ops.history import chain
from field_ops.history.models import EvidenceLink
from field_ops.work import Work
from tests.factories import a_company, work_as


@pytest.mark.parametrize(
    "value, text",
    [
        ({"b": 1, "a": [True, None, "x"]}, '{"a":[true,null,"x"],"b":"1"}'),
        ({"d": 20.0, "e": 0.1, "f": -3}, '{"d":"20","e":"0.1","f":"-3"}'),
        ({"名": "华联“超市”"}, '{"名":"华联“超市”"}'),
        (
            {"at": datetime(2026, 3, 10, 1, 30, tzinfo=UTC)},
            '{"at":"2026-03-10T01:30:00.000000+00:00"}',
        ),
        ({"on": date(2026, 3, 10)}, '{"on":"2026-03-10"}'),
    ],
)
def test_the_canonical_form(value: object, text: str) -> None:
    assert chain.canonical(value).decode() == text


def test_a_link_can_be_checked_with_the_standard_library_alone() -> None:
    at = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
    payload_hash = hashlib.sha256(b'{"visit":"V-1"}').hexdigest()
    link = {
        "at": "2026-03-10T01:30:00.000000+00:00",
        "kind": "check_in",
        "number": "1",
        "payload_hash": payload_hash,
        "visit_id": "v1",
    }
    text = json.dumps(link, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    expected = hashlib.sha256(("0" * 64 + text).encode()).hexdigest()
    content = chain.content_of(
        number=1, at=at, kind="check_in", visit_id="v1", payload_hash=payload_hash
    )
    assert chain.link_hash(chain.GENESIS, content) == expected


async def three_links(work: Work) -> None:
    facts = [(f"v{number}", {"number": number, "m": 12.5}) for number in range(1, 4)]
    proofs = [chain.prove(work, "check_in", visit_id, fact) for visit_id, fact in facts]
    await chain.add_links(work, proofs[:1])
    await chain.add_links(work, proofs[1:])


async def test_a_whole_chain_verifies(database: Database) -> None:
    async with database.writing() as session:
        work = work_as(session, (await a_company(session)).lilei)
        await three_links(work)
        report = await chain.verify(work)
        assert (report.is_whole, report.links) == (True, 3)


@pytest.mark.parametrize(
    "values, problem",
    [
        ({"payload": '{"number":"2","m":"1"}'}, "the payload of link 2 was changed"),
        ({"kind": "check_out"}, "link 2 was changed"),
        ({"previous_hash": "f" * 64}, "link 2 does not follow from the one before it"),
        ({"visit_id": "v9"}, "link 2 was changed"),
    ],
)
async def test_a_changed_link_is_found(
    database: Database, values: dict[str, str], problem: str
) -> None:
    async with database.writing() as session:
        work = work_as(session, (await a_company(session)).lilei)
        await three_links(work)
        await session.execute(update(EvidenceLink).where(EvidenceLink.number == 2).values(**values))
        report = await chain.verify(work)
        assert (report.broken_at, report.problem) == (2, problem)


async def test_a_missing_link_is_found(database: Database) -> None:
    async with database.writing() as session:
        work = work_as(session, (await a_company(session)).lilei)
        await three_links(work)
        await session.execute(delete(EvidenceLink).where(EvidenceLink.number == 2))
        assert (await chain.verify(work)).problem == "link 2 is missing"


async def test_a_legal_deletion_keeps_the_chain_whole(database: Database) -> None:
    async with database.writing() as session:
        work = work_as(session, (await a_company(session)).lilei)
        await three_links(work)
        await session.execute(
            update(EvidenceLink).where(EvidenceLink.number == 2).values(payload=None)
        )
        assert (await chain.verify(work)).is_whole
