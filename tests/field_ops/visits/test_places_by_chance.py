"""Random visits, with a lead who confirms, declines and undoes by chance: after each of them the
places are those that the slow reckoning finds."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from field_ops.customers import actions as customers
from field_ops.customers.models import CustomerLocation
from field_ops.customers.schemas import LocationIn
from field_ops.db import Database
from field_ops.people.models import Member
from field_ops.visits.actions import check_in, check_out
from field_ops.visits.verdict import Fix, Presence
from field_ops.work import Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as
from tests.field_ops.visits.slow_places import Row, SlowPlaces
from tests.field_ops.visits.test_places_heal import at

VISITS = 24
MAIN, WAREHOUSE = ("main", ""), ("warehouse", "")


class Town:
    """One customer, who may move; three who come there; and both reckonings of its places."""

    def __init__(self, dice: Random, company: Company) -> None:
        self.dice, self.company = dice, company
        self.people = [company.lilei, company.wang, company.admin]
        self.now: datetime = TUESDAY_MORNING
        self.shop_id = ""
        self.main = dice.choice([0.0, 60.0, 160.0, 190.0])  # where it really is, metres north
        self.slow = SlowPlaces([])

    async def begin(self, lead: Work) -> None:
        """A shop with no place, a proposed or a confirmed one, and perhaps a warehouse."""
        status = self.dice.choice(["none", "proposed", "confirmed"])
        where = {"at": None} if status == "none" else {"at": _pair(0), "datum": "WGS84"}
        shop = await a_customer(
            work_as(lead.session, self.company.lilei), confirmed=status == "confirmed", **where
        )
        self.shop_id = shop.id
        if status != "none":
            how = "lead" if status == "confirmed" else ""
            self.slow.add(at(0), MAIN, status, self.now, how=how, source="map_pick")
        if self.dice.random() < 0.5:
            await self.add_warehouse(lead)

    async def add_warehouse(self, lead: Work) -> None:
        lat, lng = _pair(700)
        there = LocationIn(lat=lat, lng=lng, datum="WGS84", door="warehouse")
        place = await customers.propose_location(lead, self.shop_id, there)
        row = self.slow.add(at(700), WAREHOUSE, "proposed", self.now, source="map_pick")
        if self.dice.random() < 0.5:
            await customers.confirm_location(lead, self.shop_id, place.id)
            self.slow.confirm(row, self.now)

    def somewhere(self) -> tuple[float, float]:
        """Mostly at one of its doors, as well as a phone knows; sometimes anywhere."""
        if self.dice.random() < 0.15:
            return self.dice.uniform(-1500, 1500), self.dice.uniform(-300, 300)
        door = 700 + self.main if self.dice.random() < 0.3 else self.main
        return self.dice.gauss(door, 22), self.dice.gauss(0, 22)

    async def visit(self, database: Database) -> None:
        self.now += timedelta(hours=self.dice.choice([2, 20, 26]))
        if self.dice.random() < 0.08:
            self.main += self.dice.choice([120, 150, 420])
        member, point = self.dice.choice(self.people), at(*self.somewhere())
        fix = Fix(
            point.lat,
            point.lng,
            "WGS84",
            accuracy_m=self.dice.choice([10, 20, 40, 100, 180]),
            is_mock=self.dice.random() < 0.06,
        )
        presence = Presence(fix, reason="在仓库", device_id=member.id)
        event: Row = {
            "at": self.now, "day": self.now.astimezone(SHANGHAI).date(), "who": member.id,
            "point": point, "accuracy_m": fix.accuracy_m, "mock": fix.is_mock,
        }  # fmt: skip
        async with database.writing() as session:
            visit = await check_in(work_as(session, member, self.now), self.shop_id, presence)
        self.slow.check_in(event)
        event["short"] = self.dice.random() < 0.1
        minutes = 1 if event["short"] else 10
        async with database.writing() as session:
            leaving = work_as(session, member, self.now + timedelta(minutes=minutes))
            await check_out(leaving, visit.id, presence)

    async def decide(self, database: Database, lead: Member) -> None:
        """The lead looks at one of the places, by chance."""
        if self.dice.random() > 0.25:
            return
        self.now += timedelta(minutes=40)
        async with database.writing() as session:
            work = work_as(session, lead, self.now)
            rows = await _rows(work)
            place, slow = self.dice.choice(list(zip(rows, self.slow.rows, strict=True)))
            if place.status == "proposed":
                if self.dice.random() < 0.5:
                    await customers.confirm_location(work, self.shop_id, place.id)
                    self.slow.confirm(slow, self.now)
                else:
                    await customers.close_place(work, self.shop_id, place.id)
                    self.slow.close(slow, self.now)
            elif place.status == "confirmed" and slow["old"] and self.dice.random() < 0.5:
                await customers.undo_place(work, self.shop_id, place.id)
                self.slow.undo(slow, self.now)

    async def compare(self, database: Database) -> None:
        async with database.reading() as session:
            rows = await _rows(work_as(session, self.company.wang))
        assert [_told(row) for row in rows] == [_told_slowly(row) for row in self.slow.rows]


async def _rows(work: Work) -> list[CustomerLocation]:
    found = await work.session.scalars(select(CustomerLocation).order_by(CustomerLocation.id))
    return list(found)


def _pair(north_m: float) -> tuple[float, float]:
    point = at(north_m)
    return point.lat, point.lng


def _told(row: CustomerLocation) -> Any:
    where = (round(row.lat, 7), round(row.lng, 7))
    return (row.door, row.door_name), row.status, row.confirmed_how, where


def _told_slowly(row: Row) -> Any:
    where = (round(row["point"].lat, 7), round(row["point"].lng, 7))
    return row["door"], row["status"], row["how"], where


@pytest.mark.parametrize("seed", range(8))
async def test_places_are_what_the_slow_reckoning_finds(database: Database, seed: int) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        town = Town(Random(f"places {seed}"), company)
        await town.begin(work_as(session, company.wang))
    await town.compare(database)
    for _ in range(VISITS):
        await town.visit(database)
        await town.compare(database)
        await town.decide(database, company.wang)
    await town.compare(database)
