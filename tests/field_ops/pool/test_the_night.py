"""The timetable's own jobs: many customers at once, in parts, and a night that is done twice."""

from datetime import timedelta

from sqlalchemy import select

from field_ops.customers.models import Customer
from field_ops.customers.owner_changes import OwnerChange
from field_ops.jobs.customers import recycle_customers, warn_before_recycling
from field_ops.jobs.tools import Company
from field_ops.outbox.models import OutboxMessage
from field_ops.people.models import Member
from field_ops.pool import actions
from field_ops.pool.recycling import AT_ONCE
from field_ops.pool.rules import PoolRules, RecycleRule
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import a_customer, work_as
from tests.field_ops.test_jobs_make_way import largest_transaction
from tests.field_ops.test_worker import Office, office

__all__ = ["office"]

MANY = 2 * AT_ONCE + 10
A_YEAR_AGO = TUESDAY_MORNING - timedelta(days=365)


async def test_a_night_recycles_many_in_parts_and_a_second_one_changes_nothing(
    office: Office,
) -> None:
    company = Company(office.tenant_id, SHANGHAI)
    async with office.database.writing() as session:
        long_ago = Work(session, Actor(office.tenant_id, None, via="cli"), A_YEAR_AGO, SHANGHAI)
        rules = PoolRules(recycle=RecycleRule(is_on=True))
        await actions.configure(
            long_ago, "default", name="公海", position=0, rules=rules, members=()
        )
        lilei = await session.get_one(Member, (office.tenant_id, office.lilei_id))
        for number in range(MANY):
            await a_customer(
                work_as(session, lilei, A_YEAR_AGO), f"小店{number}号", at=None, level="A"
            )
        soon = TUESDAY_MORNING - timedelta(days=14)  # its last day is tomorrow
        kept = await a_customer(work_as(session, lilei, soon), "快到期的店", at=None, level="A")
    for _ in range(2):
        with largest_transaction(office.database, "owner_change") as rows:
            assert await recycle_customers(office.tools(), company)
        assert rows[0] in (AT_ONCE, 0)
        assert await warn_before_recycling(office.tools(), company)
    assert await office.count(OwnerChange) == MANY
    async with office.database.reading() as session:
        owned = await session.scalars(select(Customer.id).where(Customer.owner_id.is_not(None)))
        assert owned.all() == [kept.id]
        told = await session.scalars(
            select(OutboxMessage.kind)
            .where(OutboxMessage.member_id == office.lilei_id)
            .order_by(OutboxMessage.kind)
        )
        assert told.all() == ["recycle_warning", "recycled"]
