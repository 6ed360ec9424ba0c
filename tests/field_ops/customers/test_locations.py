"""Where a customer is: proposed by anybody who sees it, confirmed by a lead."""

import random

import pytest

from field_ops.customers import actions, api
from field_ops.customers.errors import NothingToConfirm
from field_ops.customers.nearby import nearby
from field_ops.customers.queries import detail
from field_ops.customers.schemas import LocationIn
from field_ops.db import Database
from field_ops.errors import NotAllowed, NotFound
from field_ops.geo import Point, to_wgs84
from tests.factories import WUHAN, Company, a_customer, work_as

HERE = LocationIn(lat=WUHAN[0], lng=WUHAN[1], datum="GCJ02", accuracy_m=25)
THERE = LocationIn(lat=WUHAN[0] + 0.01, lng=WUHAN[1], datum="GCJ02")


async def test_a_confirmed_place_is_kept_in_both_datums(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        rep, lead = work_as(session, company.lilei), work_as(session, company.wang)
        customer = await a_customer(rep, at=None)
        proposal = await actions.propose_location(rep, customer.id, HERE)
        await actions.confirm_location(lead, customer.id, proposal.id)
        shown = await api.show_customer(rep, customer.id)
    assert shown.location is not None
    assert (shown.location.gcj_lat, shown.location.gcj_lng) == WUHAN
    assert (shown.location.lat, shown.location.lng) == pytest.approx(
        (30.592850, 114.305540), abs=1e-6
    )
    assert (shown.location.status, shown.location.confirmed_by_name) == ("confirmed", "王主管")


async def test_a_second_confirmed_place_makes_the_first_one_past(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        lead = work_as(session, company.wang)
        customer = await a_customer(lead, confirmed=True)
        proposal = await actions.propose_location(lead, customer.id, THERE)
        waiting = await detail(lead, customer.id)
        await actions.confirm_location(lead, customer.id, proposal.id)
        known = await detail(lead, customer.id)
    assert waiting.confirmed is not None and waiting.proposed is proposal
    assert known.confirmed is proposal and known.proposed is None


async def test_a_rep_may_not_confirm(database: Database, company: Company) -> None:
    async with database.writing() as session:
        rep = work_as(session, company.lilei)
        customer = await a_customer(rep, at=None)
        proposal = await actions.propose_location(rep, customer.id, HERE)
        with pytest.raises(NotAllowed):
            await actions.confirm_location(rep, customer.id, proposal.id)


async def test_a_place_is_confirmed_once(database: Database, company: Company) -> None:
    async with database.writing() as session:
        lead = work_as(session, company.wang)
        customer = await a_customer(lead, at=None)
        proposal = await actions.propose_location(lead, customer.id, HERE)
        await actions.confirm_location(lead, customer.id, proposal.id)
        with pytest.raises(NothingToConfirm, match="华联"):
            await actions.confirm_location(lead, customer.id, proposal.id)


async def test_a_place_of_another_customer_confirms_nothing(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        lead = work_as(session, company.wang)
        one, other = await a_customer(lead, at=None), await a_customer(lead, "红星", at=None)
        proposal = await actions.propose_location(lead, one.id, HERE)
        with pytest.raises(NothingToConfirm):
            await actions.confirm_location(lead, other.id, proposal.id)


async def test_what_i_do_not_see_i_cannot_place(database: Database, company: Company) -> None:
    async with database.writing() as session:
        customer = await a_customer(work_as(session, company.lilei), at=None)
        with pytest.raises(NotFound):
            await actions.propose_location(work_as(session, company.hanmeimei), customer.id, HERE)


async def test_nearby_lists_the_nearest_first_and_nothing_beyond(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await a_customer(work, "远处", at=(WUHAN[0] + 0.05, WUHAN[1]))
        await a_customer(work, "第二", at=(WUHAN[0] + 0.01, WUHAN[1]))
        await a_customer(work, "第一", at=(WUHAN[0] + 0.001, WUHAN[1]))
        await a_customer(work_as(session, company.hanmeimei), "别人的", at=WUHAN)
        found = await nearby(work, to_wgs84(*WUHAN, "GCJ02"), 3000)
    assert [row.customer.name for row in found] == ["第一", "第二"]
    assert [row.distance_m for row in found] == pytest.approx([111, 1112], abs=2)


async def test_nearby_lists_mine_first_and_what_moved_where_it_is_now(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        rep, lead = work_as(session, company.lilei), work_as(session, company.wang)
        moved = await a_customer(rep, "搬走的", at=WUHAN)
        await a_customer(rep, "近处", at=(WUHAN[0] + 0.001, WUHAN[1]))
        await a_customer(lead, "我的", at=(WUHAN[0] + 0.01, WUHAN[1]))
        there = LocationIn(lat=WUHAN[0] + 0.02, lng=WUHAN[1], datum="GCJ02")
        proposal = await actions.propose_location(rep, moved.id, there)
        await actions.confirm_location(lead, moved.id, proposal.id)
        here = to_wgs84(*WUHAN, "GCJ02")
        found = await nearby(lead, here, 3000)
        nearest = await nearby(lead, here, 3000, 2)
    assert [row.customer.name for row in found] == ["我的", "近处", "搬走的"]
    assert [row.customer.name for row in nearest] == ["我的", "近处"]


async def test_a_crowded_place_shows_the_nearest_of_everybody(
    database: Database, company: Company
) -> None:
    dice = random.Random(20260310)
    async with database.writing() as session:
        rep = work_as(session, company.lilei)
        for number in range(120):
            at = [centre + dice.gauss(0, 0.004) for centre in WUHAN]
            await a_customer(rep, f"店{number}", at=(at[0], at[1]))
        here = to_wgs84(*WUHAN, "GCJ02")
        everything = await nearby(rep, here, 10_000, 120)
        found = await nearby(work_as(session, company.admin), here, 3000)
    assert [row.customer.id for row in found] == [row.customer.id for row in everything[:50]]
    assert sorted(row.distance_m or 0 for row in found) == [row.distance_m for row in found]


async def test_nearby_works_at_the_edge_of_the_earth(database: Database, company: Company) -> None:
    async with database.reading() as session:
        assert await nearby(work_as(session, company.lilei), Point(90, 180), 3000) == []
