"""Territories as sales-ops keeps them, and which one a customer lies in."""

import random

import pytest
from sqlalchemy import select

from field_ops.customers.errors import OwnerUnknown
from field_ops.customers.models import Customer
from field_ops.db import Database
from field_ops.errors import NotAllowed, NotFound
from field_ops.history.models import AuditEntry
from field_ops.territories import actions, queries
from field_ops.territories.errors import TerritoryNowhere
from field_ops.territories.schemas import DivisionIn, TerritoryIn
from tests.factories import Company, a_customer, work_as

CITIES = ("武汉", "武汉市", "黄石", "鄂州市", "")
DISTRICTS = ("洪山区", "江汉区", "")


def of(name: str, owner_id: str, *cities: str) -> TerritoryIn:
    return TerritoryIn(
        name=name, owner_id=owner_id, divisions=[DivisionIn(city=one) for one in cities]
    )


async def test_a_territory_is_made_changed_and_removed_with_a_trace(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        made = await actions.make(admin, of("武昌", company.lilei.id, "武汉"))
        await actions.change(admin, made.id, of("武昌片区", company.lilei.id, "武汉", "鄂州"))
        await actions.remove(admin, made.id)
        with pytest.raises(NotFound):
            await actions.remove(admin, made.id)
        assert await queries.every_territory(admin) == []
        told = await session.scalars(
            select(AuditEntry).where(AuditEntry.subject == "territory").order_by(AuditEntry.id)
        )
        entries = {one.action: one.change for one in told}
        assert entries["territory.changed"]["name"] == ["武昌", "武昌片区"]
        assert entries["territory.removed"]["owner_id"] == [company.lilei.id, None]
        assert set(entries) == {"territory.made", "territory.changed", "territory.removed"}


async def test_a_territory_is_somewhere_and_somebodys(database: Database, company: Company) -> None:
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        with pytest.raises(TerritoryNowhere):
            await actions.make(admin, of("无处", company.lilei.id))
        two = of("一条线", company.lilei.id).model_copy(update={"outline": [(30, 114), (31, 114)]})
        with pytest.raises(TerritoryNowhere):
            await actions.make(admin, two)
        with pytest.raises(OwnerUnknown):
            await actions.make(admin, of("无主", "nobody", "武汉"))
        with pytest.raises(NotAllowed):
            await actions.make(work_as(session, company.wang), of("武昌", company.lilei.id, "武汉"))


async def test_the_sieve_of_the_database_lets_nobody_through_its_holes(
    database: Database, company: Company
) -> None:
    """Whoever lies in a territory is among those that may lie in it."""
    chance = random.Random(82)
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        for number in range(60):
            at = (30.5 + chance.random() / 5, 114.2 + chance.random() / 5)
            await a_customer(
                admin,
                f"店{number}",
                at=at if chance.random() < 0.6 else None,
                city=chance.choice(CITIES),
                address=chance.choice(DISTRICTS) + "一路",
            )
        for number in range(12):
            wanted = TerritoryIn(
                name=f"片区{number}",
                owner_id=company.lilei.id,
                divisions=[
                    DivisionIn(
                        city=chance.choice(["武汉", "黄石市", "鄂州"]),
                        district=chance.choice(DISTRICTS),
                    )
                ],
            )
            if chance.random() < 0.5:
                south, west = 30.5 + chance.random() / 5, 114.2 + chance.random() / 5
                corners = [(south, west), (south + 0.1, west), (south, west + 0.1)]
                wanted = wanted.model_copy(update={"outline": corners})
            await actions.make(admin, wanted)
    async with database.reading() as session:
        admin = work_as(session, company.admin)
        everybody = (await session.scalars(select(Customer))).all()
        found = await queries.territory_by_customer(admin, everybody)
        assert 10 < len(found) < 60
        for one in await queries.every_territory(admin):
            sieve = select(Customer.id).where(queries.may_lie_in([one]))
            may = set(await session.scalars(sieve))
            assert {customer for customer, its in found.items() if its.id == one.id} <= may
