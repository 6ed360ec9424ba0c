"""A customer's place is confirmed, moved and asked about by check-ins; a lead has the last word."""

import asyncio
from datetime import datetime, timedelta
from math import cos, radians
from typing import Any

import pytest
from sqlalchemy import select

from field_ops.customers import actions as customers
from field_ops.customers import places_api
from field_ops.customers.actions.locations import undo_place
from field_ops.customers.errors import NoEarlierPlace
from field_ops.customers.models import CustomerLocation
from field_ops.customers.place_rules import PlaceRules, set_rules
from field_ops.customers.queries import detail
from field_ops.customers.schemas import LocationIn, LocationOut
from field_ops.db import Database
from field_ops.errors import NotAllowed
from field_ops.geo import Point, gcj02_to_wgs84
from field_ops.history.models import AuditEntry
from field_ops.outbox.models import OutboxMessage
from field_ops.people.models import Member
from field_ops.visits import queries
from field_ops.visits.actions import check_in, check_out
from field_ops.visits.models import Visit
from field_ops.visits.place_moves_api import PlaceMovesQuery, place_moves_waiting
from field_ops.visits.verdict import Fix, Presence
from tests.conftest import TUESDAY_MORNING
from tests.factories import WUHAN, Company, a_company, a_customer, work_as

DOOR = gcj02_to_wgs84(*WUHAN)
METRES = 111_195.0


def at(north_m: float, east_m: float = 0.0) -> Point:
    return Point(DOOR.lat + north_m / METRES, DOOR.lng + east_m / METRES / cos(radians(DOOR.lat)))


@pytest.fixture
async def company(database: Database) -> Company:
    async with database.writing() as session:
        return await a_company(session)


async def a_shop(database: Database, company: Company, **fields: Any) -> str:
    async with database.writing() as session:
        return (await a_customer(work_as(session, company.lilei), **fields)).id


def on(day: int, minutes: int = 0) -> datetime:
    return TUESDAY_MORNING + timedelta(days=day, minutes=minutes + 30)  # after the set-up


async def visit(
    database: Database,
    member: Member,
    shop_id: str,
    north_m: float,
    when: datetime,
    *,
    mock: bool = False,
    accuracy_m: float = 20,
    minutes: int = 10,
) -> str:
    """Somebody comes, stays, and goes; each in a transaction of its own. Returns the visit's id."""
    point = at(north_m)
    fix = Fix(point.lat, point.lng, "WGS84", accuracy_m=accuracy_m, is_mock=mock)
    presence = Presence(fix, reason="在仓库", device_id=f"phone of {member.name}")
    async with database.writing() as session:
        visit_id = (await check_in(work_as(session, member, when), shop_id, presence)).id
    async with database.writing() as session:
        leaving = work_as(session, member, when + timedelta(minutes=minutes))
        await check_out(leaving, visit_id, presence)
    return visit_id


async def doors(database: Database, company: Company, shop_id: str) -> list[LocationOut]:
    async with database.reading() as session:
        shown = await places_api.show_places(work_as(session, company.wang), shop_id)
    return shown.present


async def the_place(database: Database, company: Company, shop_id: str) -> LocationOut:
    return (await doors(database, company, shop_id))[0]


def north_of(place: LocationOut) -> int:
    return round((place.lat - DOOR.lat) * METRES)


async def test_three_check_ins_on_two_days_confirm_a_place_at_their_middle(
    database: Database, company: Company
) -> None:
    shop_id = await a_shop(database, company, at=None)
    await visit(database, company.lilei, shop_id, 10, on(0))
    first = await the_place(database, company, shop_id)
    assert (first.status, north_of(first), first.proposed_by_name) == ("proposed", 10, "李雷")
    await visit(database, company.lilei, shop_id, 40, on(0, 60))
    still = await the_place(database, company, shop_id)
    assert (still.status, still.check_ins) == ("proposed", 2)
    await visit(database, company.lilei, shop_id, 20, on(1))
    healed = await the_place(database, company, shop_id)
    assert (healed.status, healed.confirmed_how, healed.check_ins) == ("confirmed", "check_ins", 3)
    assert (north_of(healed), healed.confirmed_by_name) == (20, "")
    async with database.reading() as session:
        (entry,) = await session.scalars(
            select(AuditEntry).where(AuditEntry.action == "location.healed")
        )
        verdicts = await session.scalars(select(Visit.check_in_verdict).order_by(Visit.id))
        assert set(verdicts) == {"UNVERIFIED"}, "what was judged stays so"
    assert len(entry.change["check_ins"][1]) == 3


@pytest.mark.parametrize(
    "doubt", [{"mock": True}, {"accuracy_m": 150}, {"minutes": 1}], ids=["mock", "vague", "short"]
)
async def test_a_doubtful_check_in_confirms_nothing(
    database: Database, company: Company, doubt: dict[str, Any]
) -> None:
    shop_id = await a_shop(database, company, confirmed=False)
    await visit(database, company.lilei, shop_id, 0, on(0))
    await visit(database, company.lilei, shop_id, 5, on(1), **doubt)
    await visit(database, company.lilei, shop_id, 5, on(2))
    assert (await the_place(database, company, shop_id)).status == "proposed"
    await visit(database, company.lilei, shop_id, 5, on(3))
    assert (await the_place(database, company, shop_id)).status == "confirmed"


async def test_a_small_move_is_made_by_two_people_and_a_lead_takes_it_back(
    database: Database, company: Company
) -> None:
    shop_id = await a_shop(database, company)
    for day in range(2):
        await visit(database, company.lilei, shop_id, 150, on(day))
        await visit(database, company.wang, shop_id, 155, on(day, 30))
    moved, *_ = await doors(database, company, shop_id)
    assert (moved.confirmed_how, moved.check_ins, north_of(moved)) == ("moved", 3, 150)
    async with database.writing() as session:
        with pytest.raises(NotAllowed):
            await undo_place(work_as(session, company.lilei, on(2)), shop_id, moved.id)
    async with database.writing() as session:
        await undo_place(work_as(session, company.wang, on(2)), shop_id, moved.id)
    back = await the_place(database, company, shop_id)
    assert (back.status, north_of(back), back.confirmed_how) == ("confirmed", 0, "lead")
    async with database.writing() as session:
        with pytest.raises(NoEarlierPlace):
            await undo_place(work_as(session, company.wang, on(2)), shop_id, moved.id)
    await visit(database, company.lilei, shop_id, 150, on(3))
    await visit(database, company.wang, shop_id, 150, on(3, 30))
    assert (await the_place(database, company, shop_id)).id == back.id, "only what is new counts"
    async with database.reading() as session:
        shown = await places_api.show_places(work_as(session, company.wang), shop_id)
    assert [(one.id, one.closed_by_name) for one in shown.past] == [(moved.id, "王主管")]


async def a_shop_that_moved(database: Database, company: Company, metres: float = 900) -> str:
    shop_id = await a_shop(database, company)
    for day in range(3):
        await visit(database, company.lilei, shop_id, metres + day, on(day))
    return shop_id


async def test_a_far_move_waits_for_the_lead_who_sees_what_speaks_for_it(
    database: Database, company: Company
) -> None:
    shop_id = await a_shop_that_moved(database, company)
    async with database.reading() as session:
        (move,) = (
            await place_moves_waiting(work_as(session, company.wang), PlaceMovesQuery())
        ).moves
        with pytest.raises(NotAllowed):
            await place_moves_waiting(work_as(session, company.lilei), PlaceMovesQuery())
        told = (await session.scalars(select(OutboxMessage))).all()
    assert (move.distance_m, move.check_ins, move.proposed_by_name) == (901, 3, "")
    assert [(one.member_name, one.away_m) for one in move.behind] == [
        ("李雷", 1),
        ("李雷", 0),
        ("李雷", 1),
    ]
    asked = [one for one in told if one.kind == "location_proposed"]
    assert [one.member_id for one in asked] == [company.wang.id]
    assert "901" in asked[0].message["text"]
    assert north_of(await the_place(database, company, shop_id)) == 0

    async with database.writing() as session:
        lead = work_as(session, company.wang, on(3))
        await customers.confirm_location(lead, shop_id, move.id)
        assert (await place_moves_waiting(lead, PlaceMovesQuery())).moves == []
    moved = await the_place(database, company, shop_id)
    assert (north_of(moved), moved.confirmed_how, moved.check_ins) == (901, "lead", 3)
    await visit(database, company.lilei, shop_id, 900, on(4))
    async with database.reading() as session:
        visits = (await session.scalars(select(Visit).order_by(Visit.id))).all()
        rep = work_as(session, company.lilei)
        whole = [await queries.whole(rep, one.id) for one in visits]
        former = [bool(await queries.former_places(rep, one)) for one in whole]
    # What was judged stays so, and says against which place.
    assert [one.check_in_verdict for one in visits] == ["OUT_OF_RANGE"] * 3 + ["VERIFIED"]
    assert former == [True] * 3 + [False]


async def test_what_the_lead_declined_is_not_asked_again_for_the_same_check_ins(
    database: Database, company: Company
) -> None:
    shop_id = await a_shop_that_moved(database, company)
    _, asked = await doors(database, company, shop_id)
    async with database.writing() as session:
        await customers.close_place(work_as(session, company.wang, on(3)), shop_id, asked.id)
    for day in (4, 5):
        await visit(database, company.lilei, shop_id, 900, on(day))
        assert len(await doors(database, company, shop_id)) == 1
    await visit(database, company.lilei, shop_id, 900, on(6))
    assert len(await doors(database, company, shop_id)) == 2, "three new ones are asked about"


async def test_a_place_that_a_rep_moves_by_hand_waits_for_the_lead_too(
    database: Database, company: Company
) -> None:
    shop_id = await a_shop(database, company)
    there = at(500)
    async with database.writing() as session:
        rep = work_as(session, company.lilei)
        here = LocationIn(lat=there.lat, lng=there.lng, datum="WGS84")
        await customers.propose_location(rep, shop_id, here)
    async with database.reading() as session:
        (move,) = (
            await place_moves_waiting(work_as(session, company.wang), PlaceMovesQuery())
        ).moves
    assert (move.distance_m, move.check_ins, move.proposed_by_name) == (500, 0, "李雷")


async def test_a_move_of_a_door_that_is_closed_meanwhile_is_a_first_proposal(
    database: Database, company: Company
) -> None:
    shop_id = await a_shop_that_moved(database, company)
    present, asked = await doors(database, company, shop_id)
    assert asked.replaces_id == present.id
    async with database.writing() as session:
        lead = work_as(session, company.wang, on(3))
        await customers.close_place(lead, shop_id, present.id)
        assert (await place_moves_waiting(lead, PlaceMovesQuery())).moves == []
    (left,) = await doors(database, company, shop_id)
    assert (left.id, left.status, left.replaces_id) == (asked.id, "proposed", None)


async def test_what_check_ins_confirmed_is_a_proposal_again_after_an_undo(
    database: Database, company: Company
) -> None:
    shop_id = await a_shop(database, company, confirmed=False)
    before = await the_place(database, company, shop_id)
    for day in range(3):
        await visit(database, company.lilei, shop_id, 10, on(day))
    healed = await the_place(database, company, shop_id)
    assert (healed.status, healed.replaces_id) == ("confirmed", before.id)
    async with database.writing() as session:
        await undo_place(work_as(session, company.wang, on(3)), shop_id, healed.id)
    (again,) = await doors(database, company, shop_id)
    assert (again.id, again.status) == (before.id, "proposed")


async def test_each_door_heals_by_itself(database: Database, company: Company) -> None:
    shop_id = await a_shop(database, company, confirmed=False)
    there = at(1500)
    warehouse = LocationIn(lat=there.lat, lng=there.lng, datum="WGS84", door="warehouse")
    async with database.writing() as session:
        await customers.propose_location(work_as(session, company.lilei), shop_id, warehouse)
    for day in range(3):
        await visit(database, company.lilei, shop_id, 1480 + 10 * day, on(day))
        if day < 2:
            await visit(database, company.wang, shop_id, 0, on(day, 120))
    back, main = await doors(database, company, shop_id)
    assert (main.door, main.status, main.check_ins) == ("main", "proposed", 2)
    assert (back.door, back.status, north_of(back)) == ("warehouse", "confirmed", 1490)


async def test_check_ins_at_the_same_moment_decide_once(
    database: Database, company: Company
) -> None:
    shop_id = await a_shop(database, company, confirmed=False)
    for day in range(2):
        await visit(database, company.lilei, shop_id, 0, on(day))
    await asyncio.gather(
        *(
            visit(database, member, shop_id, 5, on(2))
            for member in (company.lilei, company.wang, company.admin)
        )
    )
    async with database.reading() as session:
        rows = (await session.scalars(select(CustomerLocation))).all()
    assert sorted(row.status for row in rows) == ["confirmed", "past"]


async def test_first_check_ins_at_the_same_moment_propose_one_place(
    database: Database, company: Company
) -> None:
    shop_id = await a_shop(database, company, at=None)
    await asyncio.gather(
        *(
            visit(database, member, shop_id, 5, on(0))
            for member in (company.lilei, company.wang, company.admin)
        )
    )
    (place,) = await doors(database, company, shop_id)
    assert (place.status, place.check_ins) == ("proposed", 3)


async def test_a_companys_own_figures_count(database: Database, company: Company) -> None:
    shop_id = await a_shop(database, company, confirmed=False)
    async with database.writing() as session:
        await set_rules(work_as(session, company.admin), PlaceRules(check_ins=2, days=1))
    async with database.writing() as session:
        with pytest.raises(NotAllowed):
            await set_rules(work_as(session, company.wang), PlaceRules())
    await visit(database, company.lilei, shop_id, 0, on(0))
    await visit(database, company.lilei, shop_id, 0, on(0, 60))
    place = await the_place(database, company, shop_id)
    assert place.status == "confirmed"
    async with database.reading() as session:
        needs = (await detail(work_as(session, company.lilei), shop_id)).place_rules
    assert (needs.check_ins, needs.days, needs.within_m, needs.free_move_m) == (2, 1, 100, 200)
