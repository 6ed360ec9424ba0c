"""The score card against the rule in fractions; what a quarter proposes, and deciding on it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from sqlalchemy import select

from field_ops.customers.errors import LevelReasonNeeded, OnlyReading
from field_ops.customers.levels import levels_of
from field_ops.customers.models import Collaborator, Customer
from field_ops.db import Database
from field_ops.errors import NotAllowed, NotFound
from field_ops.grading import api, proposals, queries
from field_ops.grading.card import Trade, card_of, growth_share, tier_of
from field_ops.grading.errors import LevelMovedOn, ProposalDecided
from field_ops.grading.measures import shares_of
from field_ops.grading.models import GradeProposal
from field_ops.grading.rules import PARTS, GradeRules, Weights
from field_ops.grading.schemas import FigureIn
from field_ops.outbox.models import OutboxMessage
from field_ops.people.models import Member
from field_ops.work import Work
from tests.conftest import SHANGHAI
from tests.factories import Company, a_company, a_customer, work_as

FIRST_DAY = datetime(2026, 4, 1, 6, tzinfo=SHANGHAI).astimezone(UTC)
QUARTER = date(2026, 4, 1)
ALL = dict.fromkeys(PARTS, 1.0)


@pytest.fixture
async def company(database: Database) -> Company:
    async with database.writing() as session:
        return await a_company(session)


@pytest.mark.parametrize(
    ("shares", "score", "level"),
    [
        (ALL, 100, "A"),
        (dict.fromkeys(PARTS, 0.0), 0, "D"),
        ({**ALL, "revenue": 0.5}, 80, "A"),
        ({**ALL, "revenue": 0.0}, 60, "B"),
        ({**ALL, "revenue": 0.0, "potential": 0.0}, 40, "C"),
        ({"revenue": 1.0, "growth": 0.0}, 72.7, "B"),  # 40 of the 55 points that are known
        ({"potential": 1.0, "relationship": 1.0}, None, None),  # 35 of 100: that would be a guess
        ({}, None, None),
        ({**ALL, "revenue": 7.0}, 100, "A"),
    ],
)
def test_cards(shares: dict[str, float], score: float | None, level: str | None) -> None:
    card = card_of(shares, GradeRules())
    assert (card.score, card.level) == (score, level)


def test_the_weight_of_what_is_unknown_is_spread_in_proportion() -> None:
    dice = Random(3)
    for _ in range(300):
        weights = Weights(**{name: dice.randint(0, 60) for name in PARTS})
        rules = GradeRules(weights=weights, least_known=0)
        shares = {name: dice.randint(0, 8) / 8 for name in PARTS if dice.random() < 0.6}
        known = [(getattr(weights, n), Fraction(share)) for n, share in shares.items()]
        whole = sum(weight for weight, _ in known)
        card = card_of(shares, rules)
        if not whole:
            assert card.score is None
            continue
        expected = sum(weight * share for weight, share in known) * 100 / whole
        assert card.score is not None and abs(card.score - float(expected)) <= 0.05 + 1e-9
        assert abs(sum(part.counts for part in card.parts) - 100) < 1e-9


@pytest.mark.parametrize(
    ("now", "before", "share"),
    [(100, 100, 0.5), (120, 100, 1), (80, 100, 0), (300, 100, 1), (110, 100, 0.75), (5, 0, None)],
)
def test_growth(now: int, before: int, share: float | None) -> None:
    found = growth_share(Decimal(now), Decimal(before), 0.2)
    assert found == (None if share is None else pytest.approx(share))


@pytest.mark.parametrize(
    ("amount", "orders", "tier"),
    [
        (1_000_000, 24, "platinum"),
        (1_000_000, 23, "gold"),
        (299_999, 30, "silver"),
        (49_999, 1, "bronze"),
        (0, 0, None),
    ],
)
def test_tiers(amount: int, orders: int, tier: str | None) -> None:
    found = tier_of(Trade(Decimal(amount), orders), GradeRules())
    assert (found.name if found else None) == tier
    assert tier_of(None, GradeRules()) is None


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2026, 3, 31), date(2026, 1, 1)),
        (QUARTER, QUARTER),
        (date(2026, 12, 31), date(2026, 10, 1)),
    ],
)
def test_quarters(day: date, quarter: date) -> None:
    assert proposals.quarter_of(day) == quarter


def told(work: Work, month: int, amount: int, year: int = 2026) -> FigureIn:
    return FigureIn(month=date(year, month, 1), amount=Decimal(amount), orders=3, paid_on_time=1.0)


def at_work(session: object, member: Member) -> Work:
    return work_as(session, member, FIRST_DAY)  # type: ignore[arg-type]


async def a_good_one(database: Database, company: Company, level: str) -> str:
    """A distributor of 李雷's that bought for 700 000 in twelve months, and half of it before."""
    async with database.writing() as session:
        shop = await a_customer(at_work(session, company.lilei), type="distributor", level=level)
        admin = at_work(session, company.admin)
        await api.tell_figure(admin, shop.id, told(admin, 3, 400_000))
        for _ in range(2):  # told again it is replaced
            await api.tell_figure(admin, shop.id, told(admin, 9, 300_000, 2025))
        await api.tell_figure(admin, shop.id, told(admin, 2, 350_000, 2025))
        await a_customer(at_work(session, company.lilei), "红星")  # nothing is known of it
        return shop.id


async def proposed(database: Database, company: Company) -> list[GradeProposal]:
    for _ in range(2):
        async with database.writing() as session:
            system = at_work(session, company.admin).as_system()
            assert await proposals.due_quarter(system) == QUARTER
            last = await proposals.propose(system, QUARTER)
            assert await proposals.propose(system, QUARTER, last) == ""
            await proposals.tell_owners(system, QUARTER)
    async with database.reading() as session:
        return list(await session.scalars(select(GradeProposal)))


async def test_the_first_day_of_a_quarter_proposes_once_and_one_click_confirms(
    database: Database, company: Company
) -> None:
    shop_id = await a_good_one(database, company, "B")
    [one] = await proposed(database, company)
    assert (one.before, one.after, one.score, one.customer_id) == ("B", "A", 85.0, shop_id)
    async with database.reading() as session:
        assert len((await session.scalars(select(OutboxMessage))).all()) == 1
        grade = await api.show_grade(at_work(session, company.lilei), shop_id)
        assert (grade.level, grade.by_card, grade.known) == ("B", "A", 100.0)
        assert grade.tier is not None and (grade.tier.name, grade.tier.orders) == ("silver", 6)
        assert grade.proposal is not None and not grade.proposal.needs_comment
    async with database.writing() as session:
        for _ in range(2):
            await proposals.decide(at_work(session, company.lilei), one.id, accept=True, comment="")
    async with database.reading() as session:
        work = at_work(session, company.lilei)
        assert (await session.get_one(Customer, (one.tenant_id, shop_id))).level == "A"
        assert [c.how for c in await levels_of(work, shop_id)] == ["proposal"]
        assert await queries.waiting(work) == []
    with pytest.raises(ProposalDecided):
        async with database.writing() as session:
            await proposals.decide(
                at_work(session, company.lilei), one.id, accept=False, comment=""
            )


async def test_rules_are_tried_out_before_they_are_saved(
    database: Database, company: Company
) -> None:
    await a_good_one(database, company, "C")
    strict = GradeRules.model_validate({"thresholds": {"A": 100, "B": 99, "C": 98}})
    async with database.writing() as session:
        admin = at_work(session, company.admin)
        shops = (await session.scalars(select(Customer))).all()
        for rules in (GradeRules(), strict, GradeRules(least_known=0)):
            trial = await proposals.try_out(admin, rules)
            expected, unknown = Counter[tuple[str, str]](), 0
            for shop in shops:
                card = card_of((await shares_of(admin, rules, [shop.id]))[shop.id], rules)
                unknown += card.level is None
                expected.update([(shop.level, card.level)] if card.level else [])
            assert (trial.tried, trial.unknown, trial.levels) == (len(shops), unknown, expected)
        assert await proposals.rules_of(admin) == GradeRules()
        assert {shop.level for shop in shops} == {"C"}
        with pytest.raises(NotAllowed):
            await proposals.try_out(at_work(session, company.wang), strict)


async def test_two_levels_at_once_need_a_comment(database: Database, company: Company) -> None:
    await a_good_one(database, company, "C")
    [one] = await proposed(database, company)
    async with database.writing() as session:
        work = at_work(session, company.lilei)
        with pytest.raises(LevelReasonNeeded):
            await proposals.decide(work, one.id, accept=True, comment="")
        await proposals.decide(work, one.id, accept=True, comment="全年翻番")
        [change] = await levels_of(work, one.customer_id)
        assert (change.before, change.after, change.reason) == ("C", "A", "全年翻番")


async def test_a_level_that_moved_on_can_only_be_dismissed(
    database: Database, company: Company
) -> None:
    await a_good_one(database, company, "B")
    [one] = await proposed(database, company)
    async with database.writing() as session:
        shop = await session.get_one(Customer, (one.tenant_id, one.customer_id))
        shop.level = "C"
        work = at_work(session, company.lilei)
        await session.flush()
        with pytest.raises(LevelMovedOn):
            await proposals.decide(work, one.id, accept=True, comment="")
        await proposals.decide(work, one.id, accept=False, comment="")


async def test_who_may(database: Database, company: Company) -> None:
    shop_id = await a_good_one(database, company, "B")
    [one] = await proposed(database, company)
    async with database.writing() as session:
        rival = await a_company(session, name="另一家", connection="rival")
        for member in (company.hanmeimei, rival.admin):
            with pytest.raises(NotFound):
                await proposals.decide(at_work(session, member), one.id, accept=True, comment="")
            with pytest.raises(NotFound):
                await queries.grade_of(at_work(session, member), shop_id)
            assert await queries.waiting(at_work(session, member)) == []
        reader = Collaborator(
            tenant_id=one.tenant_id, customer_id=shop_id, member_id=company.hanmeimei.id
        )
        session.add(reader)
        await session.flush()
        for member, may_decide in ((company.hanmeimei, False), (company.lilei, True)):
            (seen,) = (await api.grade_proposals(at_work(session, member))).proposals
            assert seen.may_decide == may_decide
        shop = await session.get_one(Customer, (one.tenant_id, shop_id))
        shop.owner_id = None
        await session.flush()
        seen = (await api.grade_proposals(at_work(session, company.hanmeimei))).proposals[0]
        assert seen.may_decide is False  # also where nobody owns it
        shop.owner_id = company.lilei.id
        await session.flush()
        with pytest.raises(OnlyReading):
            await proposals.decide(
                at_work(session, company.hanmeimei), one.id, accept=True, comment=""
            )
        for member in (company.lilei, company.wang):
            with pytest.raises(NotAllowed):
                await proposals.set_rules(at_work(session, member), GradeRules())
            with pytest.raises(NotAllowed):
                work = at_work(session, member)
                await api.tell_figure(work, shop_id, told(work, 1, 1))
        admin = at_work(session, company.admin)
        await proposals.set_rules(admin, GradeRules(least_known=0))
        assert (await proposals.rules_of(admin)).least_known == 0
        assert (await proposals.rules_of(at_work(session, rival.admin))).least_known == 50


async def test_after_the_first_week_nothing_is_proposed(
    database: Database, company: Company
) -> None:
    async with database.reading() as session:
        system = at_work(session, company.admin).as_system()
        later = replace(system, now=FIRST_DAY + timedelta(days=7))
        assert await proposals.due_quarter(later) is None
