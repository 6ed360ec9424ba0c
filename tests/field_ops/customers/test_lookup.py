"""One box: who is found, in which order, and who is not."""

from datetime import timedelta

import pytest

from field_ops.customers import actions, api, index
from field_ops.customers.filters import LookupQuery
from field_ops.customers.lookup import look_up
from field_ops.customers.models import Collaborator
from field_ops.db import Database
from field_ops.geo import to_wgs84
from field_ops.people.models import Membership
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import WUHAN, Company, a_company, a_customer, a_member, work_as

HOSTILE = ("🍺'\"<script>alert(1)</script>" + "超市🛒" * 70)[:200]


async def names(work: Work, typed: str, *, mine: bool = False) -> list[str]:
    rows, _ = await look_up(work, typed, mine=mine)
    return [row.customer.name for row in rows]


@pytest.mark.parametrize(
    ("typed", "on"),
    [
        ("联", "name"),
        ("华联超", "name"),
        ("hlcs", "pinyin"),
        ("hualian", "pinyin"),
        ("hl超市", "pinyin"),
        ("8000", "phone"),
        ("C-000001", "number"),
        ("1", "number"),
        ("", ""),
    ],
)
async def test_a_row_says_why_it_is_here(
    database: Database, company: Company, typed: str, on: str
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await a_customer(work, "武汉华联超市", phone="13900138000", level="A")
        shown = await api.look_up_customers(work, LookupQuery(q=typed, lat=WUHAN[0], lng=WUHAN[1]))
    (row,) = shown.rows
    assert (row.name, row.matched_on, row.is_mine) == ("武汉华联超市", on, True)
    assert (row.phone, row.level, row.distance_m) == ("13900138000", "A", 0)
    assert row.owner_name == "李雷" and row.place is not None


async def test_mine_come_first_then_shared_then_my_departments(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        stranger = a_member(session, company.connection, "远方", company.head_office)
        await session.flush()
        admin = work_as(session, company.admin)
        elsewhere = a_member(session, company.connection, "外区", company.east)
        await session.flush()
        await a_customer(work_as(session, elsewhere), "华联四")
        await a_customer(work_as(session, stranger), "华联三")
        shared = await a_customer(work_as(session, company.hanmeimei), "华联二")
        await a_customer(admin, "新华联")
        session.add(
            Collaborator(
                tenant_id=company.tenant.id, customer_id=shared.id, member_id=company.admin.id
            )
        )
        found = await names(admin, "华联")
    assert found == ["新华联", "华联二", "华联三", "华联四"]


async def test_a_name_that_begins_so_precedes_one_that_contains_it(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        for name in ("新华联", "武汉华联", "华联"):
            await a_customer(work, name)
        assert await names(work, "hl") == ["华联", "新华联", "武汉华联"]


async def test_what_i_visited_recently_precedes_what_is_near(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        near = await a_customer(work, "华联近", at=WUHAN)
        far = await a_customer(work, "华联远", at=(WUHAN[0] + 1, WUHAN[1]))
        visited = await a_customer(work, "华联常去", at=(WUHAN[0] + 2, WUHAN[1]))
        await actions.visited(work, visited, TUESDAY_MORNING)
        await actions.visited(work, visited, TUESDAY_MORNING - timedelta(days=9))
        await session.flush()
        rows, _ = await look_up(work, "华联", near=to_wgs84(*WUHAN, "GCJ02"))
    assert [row.customer.id for row in rows] == [visited.id, near.id, far.id]
    assert rows[0].customer.last_visit_at == TUESDAY_MORNING


async def test_a_rep_finds_his_own_and_a_lead_his_teams(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        await a_customer(work_as(session, company.lilei), "华联一")
        await a_customer(work_as(session, company.hanmeimei), "华联二")
        await a_customer(work_as(session, company.admin), "华联三")
        assert await names(work_as(session, company.lilei), "华联") == ["华联一"]
        assert await names(work_as(session, company.wang), "华联") == ["华联一", "华联二"]
        assert len(await names(work_as(session, company.admin), "华联")) == 3
        assert await names(work_as(session, company.wang), "华联", mine=True) == []


async def test_the_scope_follows_the_tree_at_once(database: Database, company: Company) -> None:
    async with database.writing() as session:
        newcomer = a_member(session, company.connection, "新人", company.head_office)
        await session.flush()
        await a_customer(work_as(session, newcomer), "华联")
        assert await names(work_as(session, company.wang), "华联") == []
        session.add(_membership(company, newcomer.id))
        await session.flush()
        assert await names(work_as(session, company.wang), "华联") == ["华联"]


async def test_another_tenant_is_never_found(database: Database, company: Company) -> None:
    async with database.writing() as session:
        rival = await a_company(session, name="另一家", connection="rival")
        await a_customer(work_as(session, rival.lilei), "华联超市", phone="13800138000")
        for typed in ("华联", "hlcs", "8000", "1", ""):
            assert await names(work_as(session, company.admin), typed) == []


async def test_a_removed_customer_is_forgotten(database: Database, company: Company) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        customer = await a_customer(work, "华联")
        customer.removed_at = work.now
        await index.refresh(work, [customer.id])
        assert await names(work, "华联") == await names(work, "") == []


async def test_pages_follow_each_other_without_gap_or_repeat(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        for number in range(45):
            await a_customer(work, f"华联{number}号店", at=None)
        pages = [await look_up(work, "华联", page=page) for page in (1, 2, 3)]
    assert [more for _, more in pages] == [True, True, False]
    ids = [row.customer.id for rows, _ in pages for row in rows]
    assert len(ids) == len(set(ids)) == 45


@pytest.mark.parametrize("typed", ["<script>", "🛒", "alert", '"<', "超市🛒超", HOSTILE])
async def test_a_hostile_name_is_found_by_its_parts(
    database: Database, company: Company, typed: str
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await a_customer(work, HOSTILE)
        found = await names(work, typed[:100])
    assert found == [HOSTILE]


@pytest.mark.parametrize(
    "typed", ['" OR "a', "* NEAR(", "a AND b", "{}", "%", "_", "\\", "'; --", "\0", "-华联", "^华"]
)
async def test_a_hostile_question_finds_nothing_it_should_not(
    database: Database, company: Company, typed: str
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await a_customer(work, "新世界")
        assert await names(work, typed) == []


async def test_rows_written_by_hand_are_found_after_a_rebuild(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        customer = await a_customer(work, "华联")
        customer.name = "红星"
        removed = await a_customer(work, "新华")
        removed.removed_at = work.now
        await session.flush()
        assert await index.rebuild(work) == 1
        assert (await names(work, "红星"), await names(work, "华")) == (["红星"], [])


def _membership(company: Company, member_id: str) -> Membership:
    return Membership(
        tenant_id=company.tenant.id, member_id=member_id, department_id=company.team.id
    )
