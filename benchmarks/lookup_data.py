"""A company with many customers, and what its people type into the lookup box. All of it by seed.

Skewed as life is: few characters make most names and some of them have several readings, a rep has
20 to 2000 customers, half of the people called 经理 are in the phone book without a first name, and
customers crowd in the middle of the city. One in twenty customers is nobody's.
"""

import random
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, select

from field_ops.customers import index
from field_ops.customers.models import (
    Collaborator,
    Contact,
    Customer,
    CustomerLocation,
    CustomerVisitor,
)
from field_ops.customers.new_rows import contact_values, customer_values, proposal_values
from field_ops.customers.pinyin import initials, readings
from field_ops.customers.schemas import ContactIn, CustomerIn, LocationIn
from field_ops.customers.sight import sight_of
from field_ops.people.models import Member
from field_ops.work import Work
from tests.factories import WUHAN, Company, a_department, a_member, work_as

SEED = 20260310
CHUNK = 5000
CUSTOMERS_A_REP, REPS_A_TEAM = 500, 10
ASKERS = {"rep": "李雷", "lead": "王主管", "region": "赵经理", "company": "管理员"}
VISITED, SHARED = 300, 20  # customers that each asker visited; that others share with him

# In the order of how common they are; 行 长 重 乐 盛 单 朝 都 is read in more than one way.
COMMON = (
    "华联红星新百盛宏源达利金桥中天海明智业东方国泰永辉万家乐福润丰年顺发重庆长安行朝单"
    "兴隆昌茂通和平正大成信德仁义美佳鑫森林水木山江河湖龙凤祥瑞康健益民友谊世纪时代都市"
    "阳光春秋云雪梅兰竹菊松柏青蓝白玉石银宝珠"
)
HOW_COMMON = [1 / (place + 8) for place in range(len(COMMON))]
PLACES = {"武汉": 45, "武汉市": 6, "湖北": 8, "黄石": 4, "江汉区": 3, "": 34}
KINDS = {"超市": 18, "便利店": 12, "商贸": 16, "科技": 12, "家具": 6, "书店": 3, "餐饮": 12,
         "建材": 8, "大药房": 6, "电子商务": 4, "物流": 3}  # fmt: skip
FORMS = {"有限公司": 55, "有限责任公司": 3, "": 30, "(江汉路店)": 6, "(光谷店)": 6}
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗单仇查曾"
TITLES = {"经理": 30, "总": 10, "老板": 8, "会计": 4}

# kind of question: weight in the mix
MIX = {"chars1": 4, "chars2": 28, "chars3": 12, "chars4": 7, "chars5": 5, "initials": 12,
       "pinyin": 10, "mixed": 4, "tail": 7, "phone": 4, "contact": 4, "nothing": 3}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asker:
    """`knows`: what he may see and so asks about, as position among the rows: customer id."""

    title: str
    member: Member
    knows: dict[int, str]


def some_customers(size: int) -> list[CustomerIn]:
    dice = random.Random(SEED)
    return [a_customer(dice, number) for number in range(size)]


def a_customer(dice: random.Random, number: int) -> CustomerIn:
    core = "".join(dice.choices(COMMON, HOW_COMMON, k=dice.randrange(2, 5)))
    branch = f"{number % 97}号店" if dice.random() < 0.1 else ""
    return CustomerIn(
        name=f"{_one_of(dice, PLACES)}{core}{_one_of(dice, KINDS)}{branch}{_one_of(dice, FORMS)}",
        phone=_a_phone(dice),
        contacts=[a_contact(dice)],
        location=a_place(dice),
    )


def a_contact(dice: random.Random) -> ContactIn:
    given = "".join(dice.choices(COMMON, k=dice.randrange(1, 3)))
    called = _one_of(dice, TITLES) if dice.random() < 0.5 else given
    phone = _a_phone(dice) if dice.random() < 0.3 else ""
    return ContactIn(name=dice.choice(SURNAMES) + called, phone=phone)


def a_place(dice: random.Random) -> LocationIn:
    """Somewhere in a city of forty kilometres, mostly near its centre."""
    lat, lng = (dice.gauss(centre, 0.07) for centre in WUHAN)
    return LocationIn(lat=lat, lng=lng, datum="GCJ02")


def a_question(dice: random.Random, kind: str, known: CustomerIn) -> str:
    # What somebody remembers of a name is seldom where everybody's name begins.
    place = next(place for place in PLACES if known.name.startswith(place))
    start = len(place) + dice.randrange(2) if dice.random() < 0.8 else 0
    part = known.name[start : start + 4]
    sounds = [(readings(char) or (char,))[0] for char in part]
    if kind.startswith("chars"):
        return known.name[start : start + int(kind[-1])]
    return {
        "initials": "".join(initials(char)[0] for char in part),
        "pinyin": "".join(sounds)[: dice.randrange(4, 12)],
        "mixed": sounds[0] + part[1:],
        "tail": known.phone[-4:],
        "phone": known.phone[3:9],
        "contact": known.contacts[0].name,
        "nothing": part[:2] + "琺" + part[2:],
    }[kind]


async def fill(work: Work, company: Company, rows: list[CustomerIn]) -> None:
    """Store the company's customers, make them findable, and let its people visit some."""
    dice = random.Random(SEED + 1)
    reps = await _people(company, work, len(rows))
    shares = [min(2000, max(20, dice.lognormvariate(5.85, 0.9))) for _ in reps]
    shares[0] = 1000  # 李雷 has more than most
    nobodys = sum(shares) / 19
    owners = dice.choices([*(rep.id for rep in reps), None], [*shares, nobodys], k=len(rows))
    for at in range(0, len(rows), CHUNK):
        await _store(work, rows[at : at + CHUNK], owners[at : at + CHUNK], at)
        if at == 0:  # the next ones are read back by key
            await index.take_stock(work)
    for asker in await askers(work):
        await _visit_and_share(work, asker, dice)
    await index.take_stock(work)


async def askers(work: Work) -> list[Asker]:
    """A rep, the lead of ten, the manager of a region, and somebody who sees the whole company."""
    found = await work.session.execute(
        select(Customer.id, Customer.owner_id)
        .where(Customer.tenant_id == work.tenant_id)
        .order_by(Customer.number)
    )
    customers = found.all()
    seen = []
    for title, name in ASKERS.items():
        member = (await work.session.scalars(select(Member).where(Member.name == name))).one()
        sight = await sight_of(work_as(work.session, member))
        knows = {
            at: customer_id
            for at, (customer_id, owner_id) in enumerate(customers)
            if sight.closeness(customer_id, owner_id) is not None
        }
        seen.append(Asker(title, member, knows))
    return seen


async def _people(company: Company, work: Work, size: int) -> list[Member]:
    """The reps; six of ten teams are in one region, which 赵经理 leads. 李雷 is in the first."""
    session, connection, team = work.session, company.connection, company.team
    west = a_department(session, connection, "华西区", under=company.head_office)
    reps = [company.lilei, company.hanmeimei]
    for number in range(2, max(20, size // CUSTOMERS_A_REP)):
        if number % REPS_A_TEAM == 0:
            region = company.east if number // REPS_A_TEAM % 10 < 6 else west
            team = a_department(session, connection, f"第{number}组", under=region)
        reps.append(a_member(session, connection, f"业务员{number}", team))
    a_member(session, connection, "赵经理", company.east, role="lead")
    await session.flush()
    return reps


async def _store(work: Work, chunk: list[CustomerIn], owners: list[str | None], at: int) -> None:
    customers = [
        customer_values(work, new, number=f"C-{number:06d}", owner_id=owner)
        for number, (new, owner) in enumerate(zip(chunk, owners, strict=True), start=at + 1)
    ]
    named = list(zip(customers, chunk, strict=True))
    contacts = [contact_values(work, values["id"], new.contacts[0]) for values, new in named]
    places = [
        proposal_values(work, values["id"], new.location) for values, new in named if new.location
    ]
    await work.session.execute(insert(Customer), customers)
    await work.session.execute(insert(Contact), contacts)
    await work.session.execute(insert(CustomerLocation), places)
    await index.refresh(work, [values["id"] for values in customers])


async def _visit_and_share(work: Work, asker: Asker, dice: random.Random) -> None:
    mine = {"tenant_id": work.tenant_id, "member_id": asker.member.id}
    theirs = list(asker.knows.values())
    visits = [
        {**mine, "customer_id": one, "last_visit_at": work.now - timedelta(days=dice.randrange(90))}
        for one in dice.sample(theirs, min(VISITED, len(theirs)))
    ]
    shared = [{**mine, "customer_id": one, "access": "read"} for one in dice.sample(theirs, SHARED)]
    await work.session.execute(insert(CustomerVisitor), visits)
    await work.session.execute(insert(Collaborator), shared)


def _one_of(dice: random.Random, weights: dict[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def _a_phone(dice: random.Random) -> str:
    return f"1{dice.randrange(3, 10)}{dice.randrange(10**9):09d}"
