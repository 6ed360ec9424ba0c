"""Two records of one customer become one, and within a week two again."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.access.grants import grant_role
from field_ops.customers import actions as customers
from field_ops.customers.lookup import look_up
from field_ops.customers.models import Contact, Customer, CustomerKey, CustomerLocation
from field_ops.customers.queries import detail
from field_ops.customers.schemas import ContactIn, CustomerChange, CustomerIn, LocationIn
from field_ops.db import Database
from field_ops.errors import NotAllowed, NotFound, Refusal
from field_ops.merges import actions
from field_ops.merges.api import merges_into
from field_ops.merges.choice import choose
from field_ops.merges.errors import MergedOnward, SameRecord, TooLateToUndo, UndoneAlready
from field_ops.merges.models import CustomerMerge
from field_ops.people.models import Member
from field_ops.people.queries import actor_again
from field_ops.plans.actions import make_plan
from field_ops.plans.models import VisitPlan
from field_ops.pool.actions import claim
from field_ops.pool.queries import changes_of
from field_ops.sharing.actions import share
from field_ops.visits import evidence
from field_ops.visits.actions import NextAction, check_in, check_out, record_log
from field_ops.visits.models import Visit
from field_ops.visits.verdict import Fix, Presence
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import (
    WUHAN,
    Company,
    a_company,
    a_customer,
    a_department,
    a_member,
    work_as,
)

AT_THE_DOOR = Presence(Fix(*WUHAN, "GCJ02", accuracy_m=20))
HERE = LocationIn(lat=WUHAN[0], lng=WUHAN[1], datum="GCJ02")
MASTER = CustomerIn(name="华联超市", phone="027-85551234", location=HERE, note="老客户")
LOSER = CustomerIn(
    name="华联连锁超市",
    phone="027-85556666",
    address="中山路 128 号",
    location=HERE,
    contacts=[ContactIn(name="张经理", phone="13800138000")],
    is_another=True,
)


@pytest.fixture
async def company(database: Database) -> Company:
    async with database.writing() as session:
        return await a_company(session)


@pytest.fixture
async def pair(database: Database, company: Company) -> tuple[str, str]:
    """Both 李雷's; the loser has a contact, a plan, and a visit with its log."""
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        master = await customers.create(work, MASTER)
        loser = await customers.create(work, LOSER)
        await make_plan(work, loser.id, work.today)
        visit = await check_in(work, loser.id, AT_THE_DOOR)
        leaving = replace(work, now=work.now + timedelta(minutes=20))
        await check_out(leaving, visit.id, AT_THE_DOOR)
        await record_log(
            leaving, visit.id, "progress", "谈了续约，对方要九折", NextAction("", None)
        )
    return master.id, loser.id


async def test_everything_goes_under_the_master_and_the_loser_leads_there(
    database: Database, company: Company, pair: tuple[str, str]
) -> None:
    master_id, loser_id = pair
    async with database.reading() as session:
        seen = await actions.show_merge(work_as(session, company.wang), master_id, loser_id, {})
    assert seen.moves == {
        "contact": 1, "customer_location": 1, "collaborator": 0, "follow_up": 1,
        "visit_plan": 1, "visit": 1, "customer_relation": 0, "customer_tag": 0,
        "customer_comment": 0, "attachment": 0,
    }  # fmt: skip
    await merged(database, company.wang, pair)
    async with database.reading() as session:
        work = work_as(session, company.lilei)
        for id_ in pair:
            known = await detail(work, id_)
            assert (known.customer.id, known.customer.name) == (master_id, "华联超市")
            assert [contact.name for contact in known.contacts] == ["张经理"]
            assert known.customer.address == "中山路 128 号"  # the master had none
            assert known.customer.phone == "027-85551234"
            assert known.customer.last_visit_at == TUESDAY_MORNING
        for typed in ("C-000002", "2", "张经理", "hlcs"):
            rows, _ = await look_up(work, typed)
            assert [row.customer.id for row in rows] == [master_id], typed
        assert (await look_up(work, "连锁"))[0] == []


async def test_what_proved_a_visit_still_proves_it(
    database: Database, company: Company, pair: tuple[str, str]
) -> None:
    done = await merged(database, company.wang, pair)
    for _ in ("merged", "parted"):
        async with database.reading() as session:
            visit = (await session.scalars(select(Visit))).one()
            work = work_as(session, company.lilei)
            assert await evidence.discrepancies(work, visit.id) == []
        if visit.customer_id == pair[0]:
            await undone(database, company.wang, done.id)
    assert visit.customer_id == pair[1]


async def test_a_phone_that_does_not_know_it_yet_checks_in_at_the_master(
    database: Database, company: Company, pair: tuple[str, str]
) -> None:
    await merged(database, company.wang, pair)
    async with database.writing() as session:
        visit = await check_in(work_as(session, company.lilei), pair[1], AT_THE_DOOR)
        assert visit.customer_id == pair[0]
        await customers.add_contact(
            work_as(session, company.lilei), pair[1], ContactIn(name="李经理")
        )
    async with database.reading() as session:
        known = await detail(work_as(session, company.lilei), pair[0])
    assert {contact.name for contact in known.contacts} == {"张经理", "李经理"}


async def test_the_newer_value_stays_unless_somebody_picks(
    database: Database, company: Company, pair: tuple[str, str]
) -> None:
    """The loser's phone was changed last; its name is younger too, and the master's is picked."""
    async with database.writing() as session:
        work = replace(work_as(session, company.lilei), now=TUESDAY_MORNING + timedelta(hours=1))
        row = await session.get_one(Customer, (company.tenant.id, pair[1]))
        change = CustomerChange(revision=row.revision, phone="027-85557777", name="华联新超市")
        await customers.edit(work, pair[1], change)
    async with database.writing() as session:
        work = work_as(session, company.wang, TUESDAY_MORNING + timedelta(hours=2))
        await actions.merge(work, *pair, {"name": "master"})
    async with database.reading() as session:
        known = await detail(work_as(session, company.lilei), pair[0])
    assert (known.customer.phone, known.customer.name) == ("027-85557777", "华联超市")


@pytest.mark.parametrize("days", [0, 6.9])
async def test_undone_within_a_week_both_are_as_they_were(
    database: Database, company: Company, pair: tuple[str, str], days: float
) -> None:
    before = await everything(database)
    done = await merged(database, company.wang, pair)
    assert await everything(database) != before
    await undone(database, company.wang, done.id, TUESDAY_MORNING + timedelta(days=days))
    assert await everything(database) == before
    async with database.reading() as session:
        rows, _ = await look_up(work_as(session, company.lilei), "连锁")
    assert [row.customer.id for row in rows] == [pair[1]]


async def test_what_changed_after_the_merge_is_not_undone(
    database: Database, company: Company, pair: tuple[str, str]
) -> None:
    done = await merged(database, company.wang, pair)
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        row = await session.get_one(Customer, (company.tenant.id, pair[0]))
        await customers.edit(work, pair[0], CustomerChange(revision=row.revision, address="新址"))
        zhang = (await session.scalars(select(Contact).where(Contact.name == "张经理"))).one()
        await customers.remove_contact(work, pair[0], zhang.id)
    await undone(database, company.wang, done.id)
    async with database.reading() as session:
        work = work_as(session, company.lilei)
        assert (await detail(work, pair[0])).customer.address == "新址"
        assert (await detail(work, pair[1])).contacts == []


@pytest.mark.parametrize(
    ("days", "times", "refusal"), [(7.1, 1, TooLateToUndo), (1, 2, UndoneAlready)]
)
async def test_when_it_cannot_be_undone(
    database: Database,
    company: Company,
    pair: tuple[str, str],
    days: float,
    times: int,
    refusal: type[Refusal],
) -> None:
    done = await merged(database, company.wang, pair)
    when = TUESDAY_MORNING + timedelta(days=days)
    with pytest.raises(refusal):
        for _ in range(times):
            await undone(database, company.wang, done.id, when)


async def test_three_become_one_and_are_parted_in_the_opposite_order(
    database: Database, company: Company, pair: tuple[str, str]
) -> None:
    async with database.writing() as session:
        third = CustomerIn(name="红星家具", phone="027-85550000")
        third_id = (await customers.create(work_as(session, company.lilei), third)).id
    before = await everything(database)
    first = await merged(database, company.wang, pair)
    second = await merged(database, company.wang, (third_id, pair[0]))
    async with database.reading() as session:
        known = await detail(work_as(session, company.lilei), pair[1])
        shown = (await merges_into(work_as(session, company.wang), third_id)).merges
    assert known.customer.id == third_id  # one step, however many merges
    assert [(one.id, one.may_undo) for one in shown] == [(second.id, True)]
    with pytest.raises(MergedOnward):
        await undone(database, company.wang, first.id)
    await undone(database, company.wang, second.id)
    await undone(database, company.wang, first.id)
    assert await everything(database) == before


async def test_who_may(database: Database, company: Company, pair: tuple[str, str]) -> None:
    with pytest.raises(NotAllowed):
        await merged(database, company.lilei, pair)
    with pytest.raises(SameRecord):
        await merged(database, company.wang, (pair[0], pair[0]))
    async with database.writing() as session:
        rival = await a_company(session, name="另一家", connection="rival")
    with pytest.raises(NotFound):
        await merged(database, rival.wang, pair)
    done = await merged(database, company.wang, pair)
    with pytest.raises(NotFound):
        await undone(database, rival.admin, done.id)


@pytest.mark.parametrize("sees_by", ["a share", "another role"])
async def test_what_is_only_seen_is_not_merged(
    database: Database, company: Company, pair: tuple[str, str], sees_by: str
) -> None:
    """He leads people somewhere else, and may merge theirs."""
    async with database.writing() as session:
        north = a_department(session, company.connection, "华北区")
        zhang = a_member(session, company.connection, "张三", north, role="lead")
        await session.flush()
        own = await a_customer(work_as(session, zhang), "红星")
        if sees_by == "another role":
            admin = work_as(session, company.admin)
            await grant_role(admin, zhang, "auditor")
        else:
            for shop_id in pair:
                await share(work_as(session, company.lilei), shop_id, zhang.id, "edit")
    for both in (pair, (own.id, pair[0]), (pair[0], own.id)):
        async with database.writing() as session:
            work = await acting(session, zhang)
            with pytest.raises(NotAllowed):
                await actions.show_merge(work, *both, {})
            with pytest.raises(NotAllowed):
                await actions.merge(work, *both, {})
    done = await merged(database, company.wang, pair)
    async with database.writing() as session:
        work = await acting(session, zhang)
        (shown,) = (await merges_into(work, pair[0])).merges
        assert not shown.may_undo and not (await merges_into(work, pair[0])).may_merge
        with pytest.raises(NotAllowed):
            await actions.undo(work, done.id)


async def test_what_finds_an_owner_by_a_merge_leaves_its_pool_until_they_are_parted(
    database: Database, company: Company, pair: tuple[str, str]
) -> None:
    async with database.writing() as session:
        free = await a_customer(
            work_as(session, company.admin), "红星家具", owner_id=None, pool_id="east"
        )
    done = await merged(database, company.admin, (free.id, pair[1]))
    assert await lies(database, free) == (company.lilei.id, None)
    await undone(database, company.admin, done.id)
    assert await lies(database, free) == (None, "east")
    async with database.reading() as session:
        had = await changes_of(work_as(session, company.admin), free.id)
    assert [(one.how, one.from_id, one.to_id) for one in had] == [
        ("merged", None, company.lilei.id), ("parted", company.lilei.id, None),
    ]  # fmt: skip


async def test_who_had_it_by_a_merge_alone_may_claim_it(
    database: Database, company: Company, pair: tuple[str, str]
) -> None:
    async with database.writing() as session:
        free = await a_customer(work_as(session, company.admin), "红星家具", owner_id=None)
    done = await merged(database, company.admin, (free.id, pair[1]))
    await undone(database, company.admin, done.id)
    async with database.writing() as session:
        assert (await claim(work_as(session, company.lilei), free.id)).owner_id == company.lilei.id


async def test_the_pool_does_not_come_back_to_what_somebody_else_owns_by_then(
    database: Database, company: Company, pair: tuple[str, str]
) -> None:
    async with database.writing() as session:
        free = await a_customer(
            work_as(session, company.admin), "红星家具", owner_id=None, pool_id="east"
        )
    done = await merged(database, company.admin, (free.id, pair[1]))
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        await customers.assign(admin, free.id, company.hanmeimei.id)
    await undone(database, company.admin, done.id)
    assert await lies(database, free) == (company.hanmeimei.id, None)


async def test_two_leads_who_merge_the_same_pair_both_ways_at_once(
    database: Database, company: Company, pair: tuple[str, str]
) -> None:
    outcomes = await asyncio.gather(
        merged(database, company.wang, pair),
        merged(database, company.admin, (pair[1], pair[0])),
        return_exceptions=True,
    )
    done = [one for one in outcomes if isinstance(one, CustomerMerge)]
    refused = [one for one in outcomes if isinstance(one, Refusal)]
    assert (len(done), len(refused)) == (1, 1)
    async with database.reading() as session:
        left = (await session.scalars(select(Customer).where(Customer.removed_at.is_(None)))).all()
    assert [one.id for one in left] == [done[0].master_id]


def test_the_choice_against_the_rule_written_another_way() -> None:
    dice = Random(11)
    for _ in range(500):
        master, loser = dice.choice(["", "甲", None]), dice.choice(["", "乙", "甲", None])
        hours = [dice.randint(0, 3) for _ in range(2)]
        at = {
            "master": TUESDAY_MORNING + timedelta(hours=hours[0]),
            "loser": TUESDAY_MORNING + timedelta(hours=hours[1]),
        }
        kept = choose("note", master, loser, at).value  # type: ignore[arg-type]
        filled = sorted(
            (-hour, side, value)
            for hour, side, value in ((hours[0], 0, master), (hours[1], 1, loser))
            if value
        )
        assert (kept or "") == (filled[0][2] if filled else "")


async def merged(database: Database, by: Member, pair: tuple[str, str]) -> CustomerMerge:
    async with database.writing() as session:
        return await actions.merge(work_as(session, by), *pair, {})


async def undone(database: Database, by: Member, merge_id: str, when: Any = None) -> None:
    async with database.writing() as session:
        await actions.undo(work_as(session, by, when or TUESDAY_MORNING), merge_id)


async def acting(session: AsyncSession, member: Member) -> Work:
    """Somebody with every role that he has, given ones and that of his place."""
    found = await actor_again(session, Actor(member.tenant_id, None), member.id)
    assert found is not None
    return Work(session, found[0], TUESDAY_MORNING, SHANGHAI)


async def lies(database: Database, customer: Customer) -> tuple[str | None, str | None]:
    """Whose it is, and in which pool it lies."""
    async with database.reading() as session:
        row = await session.get_one(Customer, (customer.tenant_id, customer.id))
    return row.owner_id, row.pool_id


async def everything(database: Database) -> dict[str, list[Any]]:
    """What of all rows a merge may touch, without what counts changes."""
    kept: dict[str, list[Any]] = {}
    async with database.reading() as session:
        for table in (Customer, Contact, CustomerLocation, VisitPlan, Visit, CustomerKey):
            columns = [
                column for column in table.__table__.columns
                if column.name not in ("revision", "updated_at", "proven_customer_id")
            ]  # fmt: skip
            rows = await session.execute(select(*columns))
            kept[table.__tablename__] = sorted(map(repr, rows.all()))
    return kept
