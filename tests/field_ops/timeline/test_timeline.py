"""The timeline, page by page and reader by reader, against a slow second reading of the tables."""

import base64
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from field_ops.customers.models import Contact, Customer
from field_ops.db import Database, new_id
from field_ops.errors import NotFound
from field_ops.follow_ups.actions import record
from field_ops.follow_ups.schemas import FollowUpIn
from field_ops.history import audit
from field_ops.http.models import ApiToken
from field_ops.keys import Keys
from field_ops.merges.actions import undo
from field_ops.merges.models import CustomerMerge
from field_ops.people.models import Member
from field_ops.timeline import cursor, present
from field_ops.timeline.cursor import TimelineCursorUnreadable
from field_ops.timeline.history import FieldWithoutHistory, field_history
from field_ops.timeline.kinds import Kind
from field_ops.timeline.queries import timeline
from field_ops.timeline.schemas import TimelineEntry
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_customer, work_as
from tests.field_ops.timeline.a_past import PHONES, a_past
from tests.field_ops.timeline.oracle import Books, books_of, entries

KEYS = Keys("a secret that only the tests know")
A_PHONE = re.compile("|".join(phone[4:] for phone in PHONES))


async def whole(
    work: Work, shop: Customer, page: int = 100, kinds: Sequence[Kind] = ()
) -> list[TimelineEntry]:
    """Every page, one after the other."""
    found, after = list[TimelineEntry](), ""
    while True:
        told = present.timeline_out(work, KEYS, await timeline(work, shop.id, kinds, after, page))
        found += told.entries
        assert len(told.entries) == page or not told.next
        if not (after := told.next):
            return found


def ids(found: Sequence[TimelineEntry]) -> list[tuple[str, str]]:
    return [(entry.kind, entry.id.rpartition("-")[2]) for entry in found]


def as_role(work: Work, role: str) -> Work:
    return replace(work, actor=replace(work.actor, roles=frozenset({role})))


@pytest.mark.parametrize("seed", range(3))
async def test_every_reader_is_told_what_the_slow_oracle_says(
    database: Database, company: Company, seed: int
) -> None:
    team = {company.lilei.id, company.hanmeimei.id, company.wang.id}
    async with database.writing() as session:
        shop = await a_past(company, work_as(session, company.admin), seed)
        books = await books_of(session)
        readers: list[tuple[Work, set[str]]] = [
            (work_as(session, company.lilei), {company.lilei.id}),
            (work_as(session, company.hanmeimei), {company.hanmeimei.id}),
            (work_as(session, company.wang), team),
            (work_as(session, company.admin), team | {company.admin.id}),
            (as_role(work_as(session, company.admin), "finance"), set()),
            (as_role(work_as(session, company.admin), "auditor"), team | {company.admin.id}),
        ]
        for work, sees_visits_of in readers:
            expected = entries(books, shop.id, sees_visits_of)
            assert ids(await whole(work, shop)) == expected
            assert ids(await whole(work, shop, page=7)) == expected
        some: tuple[Kind, ...] = ("plan", "merge", "contact")
        work, sees_visits_of = readers[2]
        expected = [one for one in entries(books, shop.id, sees_visits_of) if one[0] in some]
        assert expected
        assert ids(await whole(work, shop, page=3, kinds=some)) == expected


@pytest.mark.parametrize(
    ("who", "level", "opens"),
    [("lilei", "edit", True), ("hanmeimei", "edit", True), ("wang", "masked", False)],
)
async def test_a_phone_that_is_masked_is_masked_in_all_its_past(
    database: Database, company: Company, who: str, level: str, opens: bool
) -> None:
    member: Member = getattr(company, who)
    async with database.writing() as session:
        shop = await a_past(company, work_as(session, company.admin), 1)
        work = work_as(session, member)
        told = [entry.model_dump_json() for entry in await whole(work, shop)]
        assert any(A_PHONE.search(one) for one in told) is opens
        assert not any("secret_of_tomorrow" in one for one in told)
        found = present.history_out("phone", await field_history(work, shop.id, "phone", "", 100))
        assert found.level == level and found.changes
        assert bool(A_PHONE.search(found.model_dump_json())) is opens


async def test_in_the_pool_its_maker_sees_no_phone_of_the_past(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        shop = await a_past(company, work_as(session, company.admin), 2)
        shop.owner_id = None
        await session.flush()
        told = await whole(work_as(session, company.lilei), shop)
        assert told and not any(A_PHONE.search(one.model_dump_json()) for one in told)


async def test_after_a_merge_both_pasts_are_told_and_after_it_is_undone_each_its_own(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        shop = await a_past(company, work_as(session, company.admin), 0)
        work = work_as(session, company.wang)
        together = await whole(work, shop)
        assert any(one.is_of_merged for one in together)
        named = [one.other for one in together if one.action == "customer.merged"]
        assert {one.name for one in named if one} == {"华联超市1号店", "华联超市2号店"}
        last = await session.scalar(
            select(CustomerMerge.id).order_by(CustomerMerge.id.desc()).limit(1)
        )
        done = await undo(work, str(last))
        loser = await session.get_one(Customer, (work.tenant_id, done.loser_id))
        books = await books_of(session)
        for one in (shop, loser):
            assert ids(await whole(work, one)) == entries(books, one.id, team_of(company))


def team_of(company: Company) -> set[str]:
    return {company.lilei.id, company.hanmeimei.id, company.wang.id}


async def test_the_history_of_one_field_says_who_when_and_through_what(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        shop = await a_past(company, work_as(session, company.admin), 1)
        work = work_as(session, company.lilei)
        books = await books_of(session)
        expected = changes_of(books, shop, "level")
        found, after = list[Any](), ""
        while True:
            page = await field_history(work, shop.id, "level", after, 2)
            found += present.history_out("level", page).changes
            if not (after := page.next):
                break
        assert [(one.at, one.before, one.after, one.via) for one in found] == expected
        assert all(one.by_name for one in found)
        with pytest.raises(FieldWithoutHistory):
            await field_history(work, shop.id, "secret_of_tomorrow", "", 10)


def changes_of(books: Books, shop: Customer, name: str) -> list[tuple[Any, ...]]:
    ours = {one.id for one in books.rows["Customer"] if shop.id in (one.id, one.merged_into)}
    found = [
        (entry.at, *entry.change[name], entry.via)
        for entry in sorted(
            books.rows["AuditEntry"], key=lambda entry: (entry.at, entry.id), reverse=True
        )
        if entry.subject_id in ours and name in entry.change and "customer." in entry.action
    ]
    assert found
    return found


@pytest.mark.parametrize(
    "told",
    [
        b"[]",
        b"7",
        b"nonsense",
        b'["2026-03-10T00:00:00+00:00", 1, "a\\u0000"]',
        b'["9999-12-31T23:59:59+00:00", 1, "a"]',
        b'["0001-01-01T00:00:00+14:00", 1, "a"]',
        b'["2026-03-10T00:00:00+00:00", 1e999, "a"]',
    ],
)
def test_a_place_that_is_none_of_ours_is_refused(told: bytes) -> None:
    with pytest.raises(TimelineCursorUnreadable):
        cursor.read(base64.urlsafe_b64encode(told).decode().rstrip("="))


async def test_who_may_not_see_the_customer_is_told_nothing(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        shop = await a_customer(work_as(session, company.lilei))
        for asked in (
            timeline(work_as(session, company.hanmeimei), shop.id, (), "", 5),
            field_history(work_as(session, company.hanmeimei), shop.id, "name", "", 5),
        ):
            with pytest.raises(NotFound):
                await asked


async def test_what_happens_while_one_turns_pages_moves_nothing(
    database: Database, company: Company
) -> None:
    """New entries on top, even those that are entered late, leave the pages below as they are."""
    async with database.writing() as session:
        shop = await a_past(company, work_as(session, company.admin), 0)
        work = work_as(session, company.wang)
        first = await timeline(work, shop.id, (), "", 10)
        before = await timeline(work, shop.id, (), first.next, 10)
        later = work_as(session, company.lilei, TUESDAY_MORNING)
        audit.record(later, "customer.edited", "customer", shop.id, {"level": ("C", "A")})
        await session.flush()
        after = await timeline(work, shop.id, (), first.next, 10)
        assert [one.place for one in after.found] == [one.place for one in before.found]


async def test_programs_and_contacts_are_told_by_name(database: Database, company: Company) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        shop = await a_customer(work)
        centre = ApiToken(
            tenant_id=shop.tenant_id,
            id=new_id(),
            name="呼叫中心",
            secret_hash="",
            scopes=[],
            departments=[],
            created_at=TUESDAY_MORNING,
            expires_at=TUESDAY_MORNING,
        )
        zhang = Contact(
            tenant_id=shop.tenant_id,
            id=new_id(),
            customer_id=shop.id,
            name="张老板",
            created_at=TUESDAY_MORNING,
        )
        session.add_all((centre, zhang))
        called = await record(
            work, shop.id, FollowUpIn(channel="call", duration_s=60, contact_id=zhang.id)
        )
        called.member_id, called.via = centre.id, "api"
        await session.flush()
        (told,) = await whole(work, shop, kinds=("follow_up",))
        assert told.follow_up is not None
        assert (told.by_name, told.follow_up.contact_name) == ("呼叫中心", "张老板")
