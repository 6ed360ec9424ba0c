"""Creating customers: the minimum, and nobody twice."""

import asyncio

import pytest

from field_ops.customers import actions
from field_ops.customers.errors import (
    LooksLikeAnother,
    NameMissing,
    NobodysCustomer,
    PhoneMissing,
    PhoneOrLocationMissing,
    PhoneUnreadable,
    SameCustomer,
    SamePhone,
    SomeoneElsesCustomer,
)
from field_ops.customers.models import Customer
from field_ops.customers.queries import detail
from field_ops.customers.schemas import ContactIn, CustomerIn, LocationIn
from field_ops.db import Database
from field_ops.errors import Refusal
from field_ops.people.models import Member
from tests.factories import Company, a_company, work_as

HUALIAN = CustomerIn(name="华联超市（中山路店）", phone="027-85551234")
PLACE = LocationIn(lat=30.59, lng=114.31, datum="GCJ02")


async def create(database: Database, member: Member, new: CustomerIn) -> Customer:
    async with database.writing() as session:
        return await actions.create(work_as(session, member), new)


async def test_a_name_and_a_phone_are_enough(database: Database, company: Company) -> None:
    customer = await create(database, company.lilei, HUALIAN)
    assert (customer.number, customer.owner_id) == ("C-000001", company.lilei.id)


async def test_a_name_and_a_place_are_enough(database: Database, company: Company) -> None:
    customer = await create(database, company.lilei, CustomerIn(name="华联超市", location=PLACE))
    async with database.reading() as session:
        known = await detail(work_as(session, company.lilei), customer.id)
    assert known.proposed is not None and known.confirmed is None


@pytest.mark.parametrize(
    ("new", "refusal", "says"),
    [
        (CustomerIn(name="华联"), PhoneOrLocationMissing, "电话或位置"),
        (CustomerIn(name="张三", customer_kind="person", location=PLACE), PhoneMissing, "电话"),
        (CustomerIn(name="！！", phone="13800138000"), NameMissing, "名称"),
        (CustomerIn(name="华联", phone="123"), PhoneUnreadable, "123"),
        (
            CustomerIn(name="华联", location=PLACE, contacts=[ContactIn(name="王", phone="1")]),
            PhoneUnreadable,
            "看不懂",
        ),
    ],
)
async def test_a_refusal_says_what_is_missing(
    database: Database, company: Company, new: CustomerIn, refusal: type[Refusal], says: str
) -> None:
    with pytest.raises(refusal) as refused:
        await create(database, company.lilei, new)
    assert says in refused.value.say()
    assert refused.value.say("en")


@pytest.mark.parametrize(
    ("again", "refusal"),
    [
        (CustomerIn(name="华联超市(中山路店)", phone="13900139000"), SameCustomer),
        (CustomerIn(name="红星", phone="138 0013 8000"), SamePhone),
        (CustomerIn(name="红星", phone="159 1234 5678"), SamePhone),
        (
            CustomerIn(
                name="红星", location=PLACE, contacts=[ContactIn(name="李", phone="13800138000")]
            ),
            SamePhone,
        ),
    ],
)
async def test_a_customer_of_mine_is_not_created_again(
    database: Database, company: Company, again: CustomerIn, refusal: type[Refusal]
) -> None:
    contact = ContactIn(name="王经理", phone="15912345678")
    first = CustomerIn(name="华联超市（中山路店）", phone="13800138000", contacts=[contact])
    await create(database, company.lilei, first)
    with pytest.raises(refusal, match=r"华联超市（中山路店）.*C-000001.*李雷"):
        await create(database, company.lilei, again)


async def test_what_i_may_not_see_is_masked(database: Database, company: Company) -> None:
    await create(database, company.lilei, CustomerIn(name="武汉华联超市", phone="13800138000"))
    with pytest.raises(SomeoneElsesCustomer) as refused:
        await create(database, company.hanmeimei, CustomerIn(name="别的", phone="13800138000"))
    shown = refused.value.say() + str(refused.value.facts)
    assert "武汉***超市" in shown and "华东一组" in shown
    assert "武汉华联超市" not in shown and "13800138000" not in shown


async def test_a_customer_without_an_owner_is_named_so(
    database: Database, company: Company
) -> None:
    customer = await create(database, company.wang, HUALIAN)
    async with database.writing() as session:
        await actions.assign(work_as(session, company.wang), customer.id, None)
    with pytest.raises(NobodysCustomer, match="暂无负责人"):
        await create(database, company.hanmeimei, HUALIAN)


async def test_a_land_line_may_belong_to_two(database: Database, company: Company) -> None:
    await create(database, company.lilei, HUALIAN)
    other = CustomerIn(name="红星家具", phone=HUALIAN.phone)
    assert (await create(database, company.lilei, other)).number == "C-000002"


async def test_two_persons_may_share_a_name_when_somebody_says_so(
    database: Database, company: Company
) -> None:
    await create(database, company.lilei, a_person("13800138000"))
    with pytest.raises(LooksLikeAnother) as doubt:
        await create(database, company.lilei, a_person("13900139000"))
    assert [one["number"] for one in doubt.value.facts["suspects"]] == ["C-000001"]
    other = a_person("13900139000").model_copy(update={"is_another": True})
    assert (await create(database, company.lilei, other)).number == "C-000002"


def a_person(phone: str) -> CustomerIn:
    return CustomerIn(name="张伟", customer_kind="person", phone=phone)


async def test_another_company_may_have_the_same_customer(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        rival = await a_company(session, name="另一家", connection="rival")
    await create(database, company.lilei, HUALIAN)
    assert (await create(database, rival.lilei, HUALIAN)).number == "C-000001"


async def test_of_two_in_the_same_second_one_is_told(database: Database, company: Company) -> None:
    outcomes = await asyncio.gather(
        create(database, company.lilei, HUALIAN),
        create(database, company.hanmeimei, HUALIAN),
        create(database, company.wang, HUALIAN),
        return_exceptions=True,
    )
    created = [one for one in outcomes if isinstance(one, Customer)]
    told = [one for one in outcomes if isinstance(one, SameCustomer | SomeoneElsesCustomer)]
    assert (len(created), len(told)) == (1, 2)


async def test_a_refused_customer_leaves_nothing_behind(
    database: Database, company: Company
) -> None:
    await create(database, company.lilei, HUALIAN)
    with pytest.raises(SameCustomer):
        await create(database, company.lilei, HUALIAN)
    after = await create(database, company.lilei, CustomerIn(name="红星", phone="13800138000"))
    assert after.number == "C-000002"


HOSTILE = ("🍺'\"<script>alert(1)</script>" + "超市🛒" * 70)[:200]


async def test_a_hostile_name_is_kept_as_it_was_typed(database: Database, company: Company) -> None:
    customer = await create(database, company.lilei, CustomerIn(name=HOSTILE, location=PLACE))
    async with database.reading() as session:
        known = await detail(work_as(session, company.lilei), customer.id)
    assert known.customer.name == HOSTILE
