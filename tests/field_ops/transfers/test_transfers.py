"""A lead gives customers from one of his people to others: seen before, told after, undone within a
week."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from field_ops.customers.models import Collaborator, Customer
from field_ops.customers.owner_changes import HANDED_OVER, OwnerChange
from field_ops.db import Database
from field_ops.errors import NotAllowed, Refusal
from field_ops.history.models import AuditEntry
from field_ops.outbox.models import OutboxMessage
from field_ops.people.models import Member
from field_ops.plans.actions import make_plan
from field_ops.plans.models import VisitPlan
from field_ops.pool import actions as pool
from field_ops.transfers import actions, queries
from field_ops.transfers.errors import (
    ChangedSincePreview,
    NobodyToGiveBackTo,
    NothingToTransfer,
    ReceiverNotYours,
    ToHimself,
    TransferNotDone,
    TransferTooOld,
)
from field_ops.transfers.models import Transfer
from field_ops.transfers.previewing import preview
from field_ops.transfers.schemas import TransferAsk, TransferIn, TransferPreview
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as

A_DAY = timedelta(days=1)


@dataclass
class Office:
    """李雷 has five customers of levels A, A, B, C, D and a plan at the first; 王主管 decides."""

    database: Database
    company: Company
    now: datetime = TUESDAY_MORNING

    def asked(self, *to: Member, **more: Any) -> dict[str, Any]:
        wanted = {"from_id": self.company.lilei.id, "to_ids": [one.id for one in to]}
        return {**wanted, **more}

    async def previews(self, *to: Member, **more: Any) -> TransferPreview:
        async with self.database.reading() as session:
            work = work_as(session, self.company.wang, self.now)
            return await preview(work, TransferAsk.model_validate(self.asked(*to, **more)))

    async def transfers(self, *to: Member, by: Member | None = None, **more: Any) -> Transfer:
        async with self.database.writing() as session:
            work = work_as(session, by or self.company.wang, self.now)
            wanted = TransferIn.model_validate({"count": 5, **self.asked(*to, **more)})
            return await actions.transfer(work, wanted)

    async def undoes(self, begun: Transfer, by: Member | None = None) -> Transfer:
        async with self.database.writing() as session:
            work = work_as(session, by or self.company.wang, self.now)
            return await actions.undo(work, begun.id)

    async def owners(self) -> dict[str, str]:
        async with self.database.reading() as session:
            rows = await session.execute(
                select(Customer.name, Member.name)
                .outerjoin(Member, Member.id == Customer.owner_id)
                .order_by(Customer.id)
            )
            return {name: owner or "" for name, owner in rows}

    async def told(self) -> dict[str, str]:
        """Titles of what was left, by the reader."""
        async with self.database.reading() as session:
            rows = await session.execute(
                select(Member.name, OutboxMessage.message)
                .join(Member, Member.id == OutboxMessage.member_id)
                .where(OutboxMessage.kind == "transferred")
                .order_by(OutboxMessage.id)
            )
            return {name: message["title"] for name, message in rows}


@pytest.fixture
async def office(database: Database) -> Office:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        for name, level in zip("甲乙丙丁戊", "AABCD", strict=True):
            shop = await a_customer(work, f"{name}店", level=level, owner_since=work.now - A_DAY)
            if name == "甲":
                await make_plan(work, shop.id, work.today + A_DAY)
                session.add(
                    Collaborator(
                        tenant_id=shop.tenant_id, customer_id=shop.id,
                        member_id=company.hanmeimei.id, access="edit",
                    )
                )  # fmt: skip
    return Office(database, company)


async def test_the_preview_says_what_the_transfer_then_does(office: Office) -> None:
    han, wang = office.company.hanmeimei, office.company.wang
    shown = await office.previews(han, wang)
    assert (shown.count, shown.levels, shown.plans) == (5, {"A": 2, "B": 1, "C": 1, "D": 1}, 1)
    assert [(one.member.name, one.gets, one.shared) for one in shown.receivers] == [
        ("韩梅梅", 3, 1),
        ("王主管", 2, 0),
    ]
    begun = await office.transfers(han, wang, reason="片区调整")
    assert begun.state == "done"
    assert list((await office.owners()).values()) == [
        "韩梅梅",
        "王主管",
        "韩梅梅",
        "王主管",
        "韩梅梅",
    ]
    assert await office.told() == {"李雷": "您的 5 家客户已交接", "韩梅梅": "您接手了 3 家客户"}
    async with office.database.reading() as session:
        assert {plan.owner_id for plan in await session.scalars(select(VisitPlan))} == {han.id}
        assert (await session.scalars(select(Collaborator))).all() == []  # he owns it now
        hows = set(await session.scalars(select(OwnerChange.how)))
        assert hows == {HANDED_OVER}
        audited = await session.scalars(
            select(AuditEntry).where(AuditEntry.action == "customers.transferred")
        )
        (entry,) = audited.all()
        assert entry.member_id == wang.id and entry.change["count"] == [None, 5]


async def test_an_undo_gives_back_what_nobody_touched_with_its_clock_plans_and_shares(
    office: Office,
) -> None:
    han = office.company.hanmeimei
    begun = await office.transfers(han)
    async with office.database.writing() as session:
        second = await session.scalar(select(Customer).where(Customer.name == "乙店"))
        assert second is not None
        await pool.release(work_as(session, han), second.id, "太远了")
    office.now += 2 * A_DAY
    undone = await office.undoes(begun)
    assert undone.state == "undone"
    assert list((await office.owners()).values()) == ["李雷", "", "李雷", "李雷", "李雷"]
    assert (await office.told())["李雷"] == "4 家客户已退还给您"
    async with office.database.reading() as session:
        first = await session.scalar(select(Customer).where(Customer.name == "甲店"))
        assert first is not None
        assert (first.owner_how, first.owner_since) == ("created", TUESDAY_MORNING - A_DAY)
        (shared,) = await session.scalars(select(Collaborator))
        assert (shared.member_id, shared.access) == (han.id, "edit")
    with pytest.raises(TransferNotDone):
        await office.undoes(begun)


@pytest.mark.parametrize(
    ("to", "more", "refusal"),
    [
        ("lilei", {}, ToHimself),
        ("admin", {}, ReceiverNotYours),
        ("hanmeimei", {"level": "A", "count": 3}, ChangedSincePreview),
        ("hanmeimei", {"city": "北京"}, NothingToTransfer),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_moves(
    office: Office, to: str, more: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await office.transfers(getattr(office.company, to), **more)
    assert set((await office.owners()).values()) == {"李雷"}


async def test_only_who_looks_over_both_may_transfer_and_undo(office: Office) -> None:
    with pytest.raises(NotAllowed):
        await office.transfers(office.company.wang, by=office.company.hanmeimei)
    begun = await office.transfers(office.company.hanmeimei)
    with pytest.raises(NotAllowed):
        await office.undoes(begun, by=office.company.hanmeimei)


async def test_a_week_later_and_to_who_has_left_nothing_goes_back(office: Office) -> None:
    begun = await office.transfers(office.company.hanmeimei)
    async with office.database.writing() as session:
        gone = await session.get_one(Member, (begun.tenant_id, begun.from_id))
        gone.state, gone.departed_at = "departed", office.now
    with pytest.raises(NobodyToGiveBackTo):
        await office.undoes(begun)
    office.now += 8 * A_DAY
    with pytest.raises(TransferTooOld):
        await office.undoes(begun)


async def test_a_large_one_goes_on_in_parts_and_a_death_in_between_loses_nothing(
    office: Office,
) -> None:
    async with office.database.writing() as session:
        work = work_as(session, office.company.lilei)
        for number in range(actions.AT_ONCE):
            await a_customer(work, f"小店{number}号", at=None)
    begun = await office.transfers(office.company.hanmeimei, count=5 + actions.AT_ONCE)
    assert begun.state == "moving" and await office.told() == {}

    async def goes_on(work: Work, *, dies: bool) -> None:
        found = await queries.under_way(work)
        assert found is not None
        await actions.go_on(work, found)
        if dies:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        async with office.database.writing() as session:
            await goes_on(work_as(session, office.company.wang).as_system(), dies=True)
    async with office.database.writing() as session:
        await goes_on(work_as(session, office.company.wang).as_system(), dies=False)
    assert set((await office.owners()).values()) == {"韩梅梅"}
    assert set(await office.told()) == {"李雷", "韩梅梅"}
    async with office.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(OwnerChange)) == begun.count


async def test_of_two_leads_who_transfer_at_once_each_customer_has_one_new_owner(
    office: Office,
) -> None:
    company = office.company
    both = (
        office.transfers(company.hanmeimei, by=company.admin),
        office.transfers(company.wang, by=company.admin),
    )
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, Refusal)]
    assert all(isinstance(one, (Transfer, Refusal)) for one in outcomes) and len(refused) <= 1
    async with office.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(OwnerChange)) == 5
    assert len(set((await office.owners()).values())) == 1
