"""A customer with several doors: a check-in is measured from the nearest confirmed one."""

from random import Random

import pytest
from sqlalchemy import select

from field_ops.customers import actions as customers
from field_ops.customers.queries import detail, past_places
from field_ops.customers.schemas import LocationIn
from field_ops.db import Database
from field_ops.errors import NotAllowed
from field_ops.geo import Point
from field_ops.merges import actions as merges
from field_ops.visits.actions import check_in, check_out
from field_ops.visits.models import FixRecord
from field_ops.visits.verdict import Fix, Place, Presence, judge, nearest
from tests.factories import WUHAN, Company, a_company, a_customer, work_as

FAR = (WUHAN[0] + 0.02, WUHAN[1])  # two kilometres to the north
AT_THE_WAREHOUSE = LocationIn(lat=FAR[0], lng=FAR[1], datum="GCJ02", door="warehouse")


@pytest.fixture
async def company(database: Database) -> Company:
    async with database.writing() as session:
        return await a_company(session)


async def with_a_warehouse(database: Database, company: Company) -> tuple[str, str]:
    """A customer of 李雷 with its main door, and a warehouse that his lead confirmed."""
    async with database.writing() as session:
        shop = await a_customer(work_as(session, company.lilei))
        place = await customers.propose_location(
            work_as(session, company.lilei), shop.id, AT_THE_WAREHOUSE
        )
        await customers.confirm_location(work_as(session, company.wang), shop.id, place.id)
        return shop.id, place.id


async def test_at_the_warehouse_he_is_there_though_the_main_door_is_far(
    database: Database, company: Company
) -> None:
    shop_id, warehouse_id = await with_a_warehouse(database, company)
    here = Presence(Fix(*FAR, "GCJ02", accuracy_m=20))
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        visit = await check_in(work, shop_id, here)
        assert visit.check_in_verdict == "VERIFIED"
        await session.flush()
        fix = (await session.scalars(select(FixRecord))).one()
        assert (fix.location_id, round(fix.distance_m or 0)) == (warehouse_id, 0)
        left = await check_out(work, visit.id, Presence(Fix(*WUHAN, "GCJ02", accuracy_m=20)))
        assert left.pair_colour == "green"  # he went out by the main door
    async with database.reading() as session:
        known = await detail(work_as(session, company.lilei), shop_id)
    assert [(one.door, one.status) for one in known.doors] == [
        ("main", "confirmed"),
        ("warehouse", "confirmed"),
    ]
    assert known.confirmed is known.doors[0]


async def test_a_closed_door_is_history_and_a_rep_closes_his_own_proposals_only(
    database: Database, company: Company
) -> None:
    shop_id, warehouse_id = await with_a_warehouse(database, company)
    async with database.writing() as session:
        rep = work_as(session, company.lilei)
        with pytest.raises(NotAllowed):
            await customers.close_place(rep, shop_id, warehouse_id)
        wrong = await customers.propose_location(
            rep, shop_id, AT_THE_WAREHOUSE.model_copy(update={"door_name": "二号库"})
        )
        await customers.close_place(rep, shop_id, wrong.id)
        for _ in range(2):
            await customers.close_place(work_as(session, company.wang), shop_id, warehouse_id)
        assert [one.door for one in (await detail(rep, shop_id)).doors] == ["main"]
        assert {one.id for one in await past_places(rep, shop_id)} == {wrong.id, warehouse_id}


async def test_a_merge_keeps_every_door_and_the_undo_gives_them_back(
    database: Database, company: Company
) -> None:
    loser_id, _ = await with_a_warehouse(database, company)
    async with database.writing() as session:
        master = await a_customer(work_as(session, company.lilei), "红星", at=WUHAN)
        done = await merges.merge(work_as(session, company.wang), master.id, loser_id, {})
        known = await detail(work_as(session, company.lilei), master.id)
        assert [one.door for one in known.doors] == ["main", "warehouse"]
    async with database.writing() as session:
        await merges.undo(work_as(session, company.wang), done.id)
    async with database.reading() as session:
        work = work_as(session, company.lilei)
        assert len((await detail(work, loser_id)).doors) == 2
        assert len((await detail(work, master.id)).doors) == 1


def test_the_nearest_door_against_judging_by_each_of_them() -> None:
    """No other confirmed door gives a better verdict than the one that is chosen."""
    order = ("VERIFIED", "NEAR", "OUT_OF_RANGE")
    dice = Random(20261130)
    for _ in range(300):
        fix = Fix(30 + dice.random() / 100, 114.0, "WGS84", accuracy_m=dice.choice([10, 80, 150]))
        doors = [
            Place(Point(30 + dice.random() / 50, 114.0), dice.random() < 0.7, str(n))
            for n in range(dice.randint(0, 5))
        ]
        chosen = nearest(doors, fix)
        confirmed = [judge(fix, one, 300).verdict for one in doors if one.is_confirmed]
        verdict = judge(fix, chosen, 300).verdict
        assert verdict == (min(confirmed, key=order.index) if confirmed else "UNVERIFIED")
    assert nearest([Place(Point(30, 114), True, "a")], None) is not None
    assert nearest([], None) is None
