"""Who belongs to whom: both sides show it, and nobody ever stands above himself."""

import asyncio
from random import Random

import pytest
from sqlalchemy import select

from field_ops.customers import actions
from field_ops.customers.duplicates import claim_keys
from field_ops.customers.errors import (
    OnlyReading,
    OtherNotFound,
    RelatedInACircle,
    RelatedToItself,
    SameCompanyHere,
)
from field_ops.customers.masked import shown
from field_ops.customers.models import Collaborator, Customer
from field_ops.customers.new_rows import description_of
from field_ops.customers.related import Relations, relations_of
from field_ops.customers.relations import HIERARCHY, CustomerRelation
from field_ops.customers.schemas import CustomerIn
from field_ops.customers.suspects import suspects
from field_ops.db import Database
from field_ops.errors import NotAllowed, NotFound, Refusal
from field_ops.people.models import Member
from tests.factories import Company, a_company, a_customer, work_as


async def some(database: Database, owner: Member, *names: str) -> list[str]:
    async with database.writing() as session:
        work = work_as(session, owner)
        return [(await a_customer(work, name, at=None)).id for name in names]


async def relate(
    database: Database, who: Member, one: str, other: str, kind: str = "group", above: bool = True
) -> None:
    async with database.writing() as session:
        await actions.relate(work_as(session, who), one, other, kind, other_is_above=above)


async def seen(database: Database, who: Member, customer_id: str) -> Relations:
    async with database.reading() as session:
        return await relations_of(work_as(session, who), customer_id)


def told(found: Relations) -> list[tuple[str, str, bool]]:
    return [(one.relation.kind, one.name, one.is_above) for one in found.present]


async def test_both_sides_show_it_until_it_ends_and_then_as_history(
    database: Database, company: Company
) -> None:
    store, chain = await some(database, company.lilei, "华联中山路店", "华联集团")
    for _ in range(2):  # said twice, it is so once
        await relate(database, company.lilei, store, chain)
    assert told(await seen(database, company.lilei, store)) == [("group", "华联集团", True)]
    found = await seen(database, company.lilei, chain)
    assert told(found) == [("group", "华联中山路店", False)]
    async with database.writing() as session:
        for _ in range(2):
            work = work_as(session, company.lilei)
            await actions.part(work, chain, found.present[0].relation.id)
    found = await seen(database, company.lilei, store)
    assert found.present == []
    assert [found.name_of[one.relation.ended_by or ""] for one in found.past] == ["李雷"]
    await relate(database, company.lilei, store, chain)  # and it may begin anew
    assert len((await seen(database, company.lilei, store)).present) == 1


async def test_another_side_out_of_sight_is_masked(database: Database, company: Company) -> None:
    [store] = await some(database, company.lilei, "华联中山路店")
    [chain] = await some(database, company.hanmeimei, "武汉华联商业集团")
    await relate(database, company.wang, store, chain)
    [mine] = (await seen(database, company.lilei, store)).present
    assert (mine.name, mine.is_seen) == ("武汉***集团", False)
    [hers] = (await seen(database, company.hanmeimei, chain)).present
    assert (hers.name, hers.is_seen) == ("华联***路店", False)
    [all_] = (await seen(database, company.wang, store)).present
    assert (all_.name, all_.is_seen) == ("武汉华联商业集团", True)


async def test_who_may_relate(database: Database, company: Company) -> None:
    [store, itself] = await some(database, company.lilei, "华联中山路店", "红星")
    [chain] = await some(database, company.hanmeimei, "武汉华联商业集团")
    async with database.writing() as session:
        rival = await a_company(session, name="另一家", connection="rival")
        shared = Collaborator(
            tenant_id=company.tenant.id, customer_id=store, member_id=company.hanmeimei.id
        )
        session.add(shared)
    with pytest.raises(OtherNotFound):
        await relate(database, company.lilei, store, chain)
    with pytest.raises(OtherNotFound):
        await relate(database, company.lilei, store, chain, "branch")  # nobody showed it to him
    with pytest.raises(OnlyReading):
        await relate(database, company.hanmeimei, store, chain)
    with pytest.raises(OnlyReading):  # it would be marked as a branch
        await relate(database, company.hanmeimei, chain, store, "branch", above=False)
    with pytest.raises(NotFound):
        await relate(database, rival.admin, store, chain)
    with pytest.raises(RelatedToItself):
        await relate(database, company.lilei, itself, itself, "supplies")
    auditor = company.wang
    auditor.title = "审计（只读）"
    with pytest.raises(NotAllowed):
        await relate(database, auditor, store, chain)
    with pytest.raises(NotFound):
        await seen(database, rival.admin, store)


async def test_a_branch_of_what_was_shown_masked_is_declared(
    database: Database, company: Company
) -> None:
    """Two reps, two cities: who creates the branch sees only that there is such a company."""
    async with database.writing() as session:
        head = await actions.create(
            work_as(session, company.hanmeimei),
            CustomerIn(name="武汉海明智业电子商务有限公司", phone="13800138000"),
        )
    new = CustomerIn(name="海明智业电子商务有限公司深圳分公司", phone="0755-85551234")
    with pytest.raises(Refusal) as refused:
        async with database.writing() as session:
            await actions.create(work_as(session, company.lilei), new)
    [suspect] = refused.value.facts["suspects"]
    assert (suspect["proposes"], suspect["is_masked"]) == ("branch", True)
    async with database.writing() as session:  # as while typing: that he was shown it is kept
        work = work_as(session, company.lilei)
        await shown(work, await suspects(work, description_of(new)))
    async with database.writing() as session:
        said = new.model_copy(update={"branch_of": suspect["customer_id"]})
        branch = await actions.create(work_as(session, company.lilei), said)
        assert branch.is_branch
    [up] = (await seen(database, company.lilei, branch.id)).present
    assert (up.relation.kind, up.name, up.is_seen) == ("branch", "武汉***公司", False)
    [down] = (await seen(database, company.hanmeimei, head.id)).present
    assert (down.name, down.is_above) == ("海明***公司", False)


async def test_a_branch_gives_its_name_in_the_city_to_its_head_office(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        branch = await a_customer(work, "海明电子商务", city="武汉", at=None)
        await claim_keys(work, branch)
    with pytest.raises(SameCompanyHere):
        await head_office(database, company)
    [other] = await some(database, company.lilei, "红星集团")
    await relate(database, company.lilei, other, branch.id, "branch", above=False)
    assert (await head_office(database, company)).number == "C-000003"


async def head_office(database: Database, company: Company) -> Customer:
    new = CustomerIn(name="海明电子商务有限公司", city="武汉", phone="027-85551234")
    async with database.writing() as session:
        return await actions.create(work_as(session, company.lilei), new)


async def test_whatever_is_said_in_whatever_order_there_is_no_circle(
    database: Database, company: Company
) -> None:
    """Three hundred random relations among twelve: each is refused exactly when a walk over all
    relations that were kept, written another way, would come back to its beginning."""
    dice = Random(20261130)
    ids = await some(database, company.lilei, *(f"第{n}家" for n in range(12)))
    kept: set[tuple[str, str, str]] = set()
    refused = 0
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        for _ in range(150):
            upper, lower = dice.sample(ids, 2)
            kind = dice.choice((*HIERARCHY, "supplies"))
            expected = kind in HIERARCHY and comes_back(kept, upper, lower)
            try:
                await actions.relate(work, lower, upper, kind, other_is_above=True)
            except RelatedInACircle:
                assert expected
                refused += 1
            else:
                assert not expected
                kept.add((upper, lower, kind))
    assert refused > 20
    async with database.reading() as session:
        rows = (await session.scalars(select(CustomerRelation))).all()
    assert {(one.from_id, one.to_id, one.kind) for one in rows} == kept


def comes_back(kept: set[tuple[str, str, str]], upper: str, lower: str) -> bool:
    """By removing who has nobody above, until nothing changes: what is left is a circle."""
    edges = {(one, other) for one, other, kind in kept if kind in HIERARCHY} | {(upper, lower)}
    while True:
        below = {other for _, other in edges}
        left = {(one, other) for one, other in edges if one in below}
        if left == edges:
            return bool(edges)
        edges = left


async def test_two_who_close_a_circle_in_the_same_second_are_not_both_heard(
    database: Database, company: Company
) -> None:
    """A above B and C above D are said at once; B above C and D above A are there already."""
    a, b, c, d = await some(database, company.lilei, "甲", "乙", "丙", "丁")
    await relate(database, company.lilei, c, b)
    await relate(database, company.lilei, a, d)
    outcomes = await asyncio.gather(
        relate(database, company.lilei, b, a, "branch"),
        relate(database, company.wang, d, c, "subsidiary"),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "RelatedInACircle"]
