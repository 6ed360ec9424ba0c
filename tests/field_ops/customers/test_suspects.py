"""Who a new customer may be already: every check of the table, and what is shown of it."""

import asyncio
from random import Random

import pytest
from sqlalchemy import select

from field_ops.customers import actions
from field_ops.customers.credit_codes import ALPHABET, read_credit_code
from field_ops.customers.errors import (
    BranchOfNobody,
    CreditCodeWrong,
    LooksLikeAnother,
    SameCompanyHere,
    SameCustomer,
    SamePhone,
    SomeoneElsesCustomer,
)
from field_ops.customers.masked import shown
from field_ops.customers.models import Customer
from field_ops.customers.new_rows import description_of
from field_ops.customers.schemas import (
    ContactIn,
    CustomerChange,
    CustomerIn,
    LocationIn,
    SuspectOut,
    SuspectsIn,
)
from field_ops.customers.similarity import dice, jaro_winkler, similarity
from field_ops.customers.suspects import Action, Check, judge, suspects, traits_of
from field_ops.db import Database
from field_ops.errors import Refusal
from field_ops.outbox.models import OutboxMessage
from field_ops.people.models import Member
from tests.factories import Company, work_as

CODE = "91350100M000100Y43"
HERE = LocationIn(lat=30.59, lng=114.31, datum="WGS84")
THIRTY_METRES_ON = LocationIn(lat=30.59027, lng=114.31, datum="WGS84")
A_STREET_ON = LocationIn(lat=30.5915, lng=114.31, datum="WGS84")

KNOWN = CustomerIn(
    name="武汉海明电子商务有限公司",
    phone="027-65529988",
    credit_code=CODE,
    email="li@haiming.example",
    location=HERE,
    contacts=[ContactIn(name="李经理", phone="13800138000", is_main=True)],
)
ELSE = {"phone": "021-55556666"}


def typed(**given: object) -> CustomerIn:
    return CustomerIn.model_validate({**ELSE, **given})


@pytest.mark.parametrize(
    ("new", "check", "action"),
    [
        (typed(name="别的名字", credit_code=CODE), Check.CREDIT_CODE, Action.BLOCK),
        (typed(name="武汉海明电子商务(有限公司)"), Check.NAME, Action.BLOCK),
        (typed(name="武漢海明電子商務有限公司"), Check.NAME, Action.BLOCK),
        (typed(name="王老板", phone="13800138000"), Check.MOBILE, Action.BLOCK),
        (typed(name="湖北省武汉市海明电子商务公司"), Check.CORE_HERE, Action.BLOCK),
        (typed(name="海明电子商务", city="武汉市"), Check.CORE_HERE, Action.BLOCK),
        (
            typed(name="海明电子商务", city="武汉", is_branch=True),
            Check.CORE_HERE,
            Action.SHOW,
        ),
        (typed(name="深圳海明电子商务公司"), Check.CORE_ELSEWHERE, Action.WARN),
        (typed(name="海明电子商务"), Check.CORE_ELSEWHERE, Action.WARN),
        (typed(name="海名电子商务", city="武汉"), Check.SIMILAR, Action.WARN),
        (typed(name="海明电商商务", city="武汉"), Check.SIMILAR, Action.WARN),
        (typed(name="海明电子商务部", city="武汉"), Check.SIMILAR, Action.WARN),
        (
            typed(name="海明电子", type="store", location=THIRTY_METRES_ON),
            Check.NEAR,
            Action.WARN,
        ),
        (typed(name="老王五金", phone="027-65529988"), Check.LAND_LINE, Action.SHOW),
        (typed(name="老王五金", email="wang@haiming.example"), Check.MAIL_DOMAIN, Action.SHOW),
    ],
)
async def test_each_check_of_the_table(
    database: Database, company: Company, new: CustomerIn, check: Check, action: Action
) -> None:
    await create(database, company.lilei, KNOWN)
    [suspect] = await found(database, company.lilei, new)
    assert (suspect.check, suspect.action, suspect.name) == (check, action, KNOWN.name)


@pytest.mark.parametrize(
    "new",
    [
        typed(name="老王五金"),
        typed(name="海名电子商务", city="深圳"),  # alike, and in another city
        typed(name="海明电子", type="store", location=A_STREET_ON),
        typed(name="老王五金", type="store", location=THIRTY_METRES_ON),
        typed(name="老王五金", email="wang@qq.com"),
        typed(name="老王五金", phone="400-800-1234"),
    ],
)
async def test_what_is_another_one_is_not_suspected(
    database: Database, company: Company, new: CustomerIn
) -> None:
    public = KNOWN.model_copy(update={"email": "haiming@qq.com", "phone": "400-800-1234"})
    await create(database, company.lilei, public)
    assert await found(database, company.lilei, new) == []


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        (typed(name="别的名字", credit_code=CODE), SameCustomer),
        (typed(name="湖北省武汉市海明电子商务公司"), SameCompanyHere),
        (typed(name="王老板", phone="13800138000"), SamePhone),
        (typed(name="海名电子商务", city="武汉"), LooksLikeAnother),
        (typed(name="老王五金", credit_code=CODE[:-1] + "4"), CreditCodeWrong),
        (typed(name="老王五金", is_branch=True, branch_of="0" * 26), BranchOfNobody),
    ],
)
async def test_what_is_refused_when_it_is_saved(
    database: Database, company: Company, new: CustomerIn, refusal: type[Refusal]
) -> None:
    await create(database, company.lilei, KNOWN)
    with pytest.raises(refusal):
        await create(database, company.lilei, new)


async def test_a_branch_is_declared_and_a_doubt_is_answered(
    database: Database, company: Company
) -> None:
    head = await create(database, company.lilei, KNOWN)
    branch = typed(name="海明电子商务", city="武汉", is_branch=True, branch_of=head.id)
    alike = typed(name="海名电子商务", city="武汉", phone="010-65551234", is_another=True)
    for new in (branch, alike):
        assert (await create(database, company.lilei, new)).id != head.id


async def test_the_same_person_may_be_known_at_two_companies(
    database: Database, company: Company
) -> None:
    await create(database, company.lilei, KNOWN)
    li = {"name": "李经理", "phone": "13800138000"}
    with pytest.raises(SamePhone):
        await create(database, company.lilei, typed(name="红星家具", contacts=[li]))
    also = typed(name="红星家具", contacts=[{**li, "is_elsewhere_too": True}])
    assert (await create(database, company.lilei, also)).number == "C-000002"


async def test_of_two_with_one_core_in_the_same_second_one_is_told(
    database: Database, company: Company
) -> None:
    names = ("武汉海明电子商务有限公司", "湖北海明电子商务公司")
    outcomes = await asyncio.gather(
        *(
            create(database, company.lilei, typed(name=name, city="武汉", is_another=True))
            for name in names
        ),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Customer", "SameCompanyHere"]


async def test_companies_that_share_a_name_from_before_can_still_be_edited(
    database: Database, company: Company
) -> None:
    """Until the name or the city is changed: then it is asked again."""
    first = await create(database, company.lilei, typed(name="海明电子商务", city="武汉"))
    second = await create(
        database,
        company.lilei,
        typed(name="海明电子商务公司", city="武汉", is_branch=True, phone="010-65551234"),
    )
    async with database.writing() as session:  # as rows from before the check were
        row = await session.get_one(Customer, (company.tenant.id, second.id))
        row.is_branch = False
    async with database.writing() as session:
        change = CustomerChange(revision=1, note="老客户")
        await actions.edit(work_as(session, company.lilei), second.id, change)
    with pytest.raises(SameCompanyHere):
        async with database.writing() as session:
            named = CustomerChange(revision=2, name="海明电子商务集团")
            await actions.edit(work_as(session, company.lilei), second.id, named)
    assert first.number == "C-000001"


async def test_a_colleagues_customer_is_shown_masked(database: Database, company: Company) -> None:
    await create(database, company.hanmeimei, KNOWN)
    new = typed(name="海名电子商务", city="武汉")
    [suspect] = await found(database, company.lilei, new)
    assert suspect.is_masked and suspect.name == "武汉***公司"
    assert (suspect.number, suspect.owner_name) == ("", "")
    assert suspect.department == "华东一组"
    [seen] = await found(database, company.wang, new)
    assert (seen.name, seen.owner_name) == (KNOWN.name, "韩梅梅")
    with pytest.raises(SomeoneElsesCustomer):
        await create(database, company.lilei, KNOWN)


async def test_who_guesses_names_is_noticed_once_a_day(
    database: Database, company: Company
) -> None:
    surnames = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
    async with database.writing() as session:
        work = work_as(session, company.hanmeimei)
        for at, surname in enumerate(surnames):
            new = typed(name=f"{surname}记五金商行", phone=f"027-8555{at:04d}", is_another=True)
            await actions.create(work, new)
    for surname in surnames:
        await found(database, company.lilei, typed(name=f"{surname}记五金"))
        await found(database, company.lilei, typed(name=f"{surname}记五金"))
    async with database.reading() as session:
        told = (await session.scalars(select(OutboxMessage))).all()
    assert [(one.member_id, one.kind) for one in told] == [(company.wang.id, "guessing")]
    assert "李雷今天新建客户时查到 31 家别人的客户" in told[0].message["text"]


async def test_the_page_asks_while_somebody_types(database: Database, company: Company) -> None:
    """Two characters are enough to ask with, and say nothing of another company's customers."""
    await create(database, company.lilei, typed(name="华联超市"))
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        half = await suspects(work, description_of(SuspectsIn(name="华联超", city="")))
        whole = await suspects(work, description_of(SuspectsIn(name="华联超市")))
    assert half == [] and [one.check for one in whole] == [Check.NAME]


def test_similarity_is_that_of_the_literature() -> None:
    """MARTHA and DIXON are Winkler's own examples."""
    assert jaro_winkler("MARTHA", "MARHTA") == pytest.approx(0.9611, abs=1e-4)
    assert jaro_winkler("DIXON", "DICKSONX") == pytest.approx(0.8133, abs=1e-4)
    assert dice("night", "nacht") == 0.25
    assert similarity("海明", "海名") == 1.0
    assert similarity("", "海明") == 0.0


def test_the_search_finds_what_a_comparison_of_all_with_all_finds_by_name() -> None:
    """Random slips in random names: what is alike by 0.85 has the terms that are looked for."""
    from field_ops.customers.suspects import _groups
    from field_ops.customers.terms import Document, terms_of

    dice_ = Random(20261122)
    characters = "海明电子商务华联超市红星家具新华书店五金建材科技贸易友谊大药房"
    missed = alike = 0
    for _ in range(4000):
        core = "".join(dice_.choices(characters, k=dice_.randint(3, 9)))
        other = list(core)
        for _ in range(dice_.randint(1, 2)):
            at = dice_.randrange(len(other))
            match dice_.randrange(3):
                case 0:
                    other[at] = dice_.choice(characters)
                case 1:
                    other.insert(at, dice_.choice(characters))
                case _:
                    del other[at]
        slipped = "".join(other)
        if similarity(core, slipped) < 0.85:
            continue
        alike += 1
        terms = terms_of(Document(slipped, (), (), None))
        missed += not any(terms.issuperset(group) for group in _groups(core))
    assert alike > 1500
    assert missed / alike < 0.02


def test_a_verdict_does_not_depend_on_who_was_first() -> None:
    """But for what only the new one can declare: that it is a branch."""
    dice_ = Random(7)
    some = [
        KNOWN,
        typed(name="海明电子商务", city="武汉"),
        typed(name="海名电子商务", city="武汉"),
        typed(name="深圳海明电子商务公司"),
        typed(name="海明电子", type="store", location=THIRTY_METRES_ON),
        typed(name="海明", customer_kind="person", phone="13800138000"),
    ]
    for _ in range(200):
        one, other = (traits_of(description_of(dice_.choice(some))) for _ in range(2))
        assert judge(one, other) == judge(other, one)


def test_credit_codes() -> None:
    assert read_credit_code(" 9135 0100m000100y43") == CODE
    assert read_credit_code("９１３５０１００M000100Y43") == CODE
    for at, char in enumerate(CODE):  # any single wrong character is found
        for wrong in ALPHABET.replace(char, ""):
            assert read_credit_code(CODE[:at] + wrong + CODE[at + 1 :]) is None


async def create(database: Database, member: Member, new: CustomerIn) -> Customer:
    async with database.writing() as session:
        return await actions.create(work_as(session, member), new)


async def found(database: Database, member: Member, new: CustomerIn) -> list[SuspectOut]:
    async with database.writing() as session:
        work = work_as(session, member)
        return await shown(work, await suspects(work, description_of(new)))


@pytest.mark.parametrize("mark", ["+", "&", "“", "\u00b7", "*", "\U0001f600", "'"])
async def test_a_name_with_signs_in_it_can_be_saved(
    database: Database, company: Company, mark: str
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await actions.create(work, typed(name=f"{mark}王先{mark}生", phone="13800138000"))
        await actions.create(work, typed(name=f"李{mark}女士"))
