"""A company with many customers, and what its people type into the lookup box. All of it by seed.

Skewed as life is: few characters make most names and some of them have several readings, a rep has
20 to 2000 customers, half of the people called 经理 are in the phone book without a first name, and
customers crowd in the middle of the city. One in twenty customers is nobody's.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, text

from field_ops.customers import building, index
from field_ops.customers.documents import as_columns, document_of
from field_ops.customers.models import (
    Collaborator,
    Contact,
    Customer,
    CustomerLocation,
    CustomerSearch,
    CustomerVisitor,
)
from field_ops.customers.new_rows import contact_values, customer_values, proposal_values
from field_ops.customers.pinyin import initials, readings
from field_ops.customers.schemas import ContactIn, CustomerIn, LocationIn
from field_ops.customers.sight import sight_of
from field_ops.geo import Point
from field_ops.people.models import Department, Member, Membership
from field_ops.work import Work
from tests.factories import WUHAN, Company, a_department, a_member, work_as

SEED = 20260310
CHUNK = 5000
CUSTOMERS_A_REP, REPS_A_TEAM = 500, 10
# Who asks, and how many of a hundred questions are his.
ASKERS = {"rep": 35, "owners": 28, "subtree": 26, "company": 11}
MOST_OWNERS = 500  # whom somebody of the kind `owners` looks over
VISITED, SHARED = 100, 20  # customers that each asker visited; that others share with him
KNOWN = 120

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
DISTRICTS = ("江汉区", "江岸区", "武昌区", "洪山区", "汉阳区", "硚口区", "青山区", "东西湖区")
ROADS = ("中山", "解放", "江汉", "珞喻", "和平", "友谊", "建设", "汉阳", "雄楚", "关山")
WAYS = ("路", "大道", "街")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗单仇查曾"
TITLES = {"经理": 30, "总": 10, "老板": 8, "会计": 4}

# kind of question: weight in the mix
MIX = {"chars1": 4, "chars2": 28, "chars3": 12, "chars4": 7, "chars5": 5, "initials": 12,
       "pinyin": 10, "mixed": 4, "tail": 7, "phone": 4, "contact": 4, "nothing": 3}  # fmt: skip


SEES = """
SELECT c.id, c.number, c.name, c.phone, p.name FROM customer c CROSS JOIN contact p
WHERE p.tenant_id = c.tenant_id AND p.customer_id = c.id AND c.tenant_id = :tenant_id AND {which}
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody remembers of a customer that he may see."""

    customer_id: str
    number: str
    name: str
    phone: str
    contact: str


@dataclass(frozen=True, slots=True)
class Asker:
    """`kind` is `rep`, `owners`, `subtree` or `company`; `knows` some of what he may see."""

    kind: str
    member: Member
    knows: list[Known]


def chunks_of(size: int) -> range:
    return range(-(-size // CHUNK))


def some_customers(size: int, chunk: int) -> list[CustomerIn]:
    """One chunk of them, made from its number alone: a million at once would fill the memory."""
    dice = random.Random(f"{SEED} customers {chunk}")
    return [a_customer(dice, at) for at in range(chunk * CHUNK, min(size, (chunk + 1) * CHUNK))]


def some_owners(reps: Sequence[str], size: int, chunk: int) -> list[str | None]:
    """Whose the customers of a chunk are: reps have few or many, by lot, and 李雷 has 1000."""
    dice = random.Random(f"{SEED} shares")
    shares = [min(2000, max(20, dice.lognormvariate(5.85, 0.9))) for _ in reps]
    shares[0] = 1000 * sum(shares) / size
    nobodys = sum(shares) / 19
    dice = random.Random(f"{SEED} owners {chunk}")
    count = min(size, (chunk + 1) * CHUNK) - chunk * CHUNK
    return dice.choices([*reps, None], [*shares, nobodys], k=count)


def a_customer(dice: random.Random, number: int) -> CustomerIn:
    core = "".join(dice.choices(COMMON, HOW_COMMON, k=dice.randrange(2, 5)))
    branch = f"{number % 97}号店" if dice.random() < 0.1 else ""
    return CustomerIn(
        name=f"{_one_of(dice, PLACES)}{core}{_one_of(dice, KINDS)}{branch}{_one_of(dice, FORMS)}",
        phone=_a_phone(dice),
        contacts=[a_contact(dice)],
        location=a_place(dice),
        address=an_address(dice),
    )


def a_contact(dice: random.Random) -> ContactIn:
    given = "".join(dice.choices(COMMON, k=dice.randrange(1, 3)))
    called = _one_of(dice, TITLES) if dice.random() < 0.5 else given
    phone = _a_phone(dice) if dice.random() < 0.3 else ""
    return ContactIn(name=dice.choice(SURNAMES) + called, phone=phone)


def an_address(dice: random.Random) -> str:
    road = dice.choice(ROADS) if dice.random() < 0.5 else "".join(dice.choices(COMMON, k=2))
    return f"{dice.choice(DISTRICTS)}{road}{dice.choice(WAYS)}{dice.randrange(1, 999)}号"


def a_place(dice: random.Random) -> LocationIn:
    """Somewhere in a city of forty kilometres, mostly near its centre."""
    lat, lng = (dice.gauss(centre, 0.07) for centre in WUHAN)
    return LocationIn(lat=lat, lng=lng, datum="GCJ02")


def a_question(dice: random.Random, kind: str, known: Known) -> str:
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
        "contact": known.contact,
        "nothing": part[:2] + "琺" + part[2:],
    }[kind]


async def fill(work: Work, company: Company, size: int) -> None:
    """Store the company's customers, which `make_findable` makes findable."""
    reps = [rep.id for rep in await people(company, work, size)]
    for chunk in chunks_of(size):
        owners = some_owners(reps, size, chunk)
        await _store(work, some_customers(size, chunk), owners, chunk * CHUNK)


async def make_findable(work: Work) -> None:
    """Make the whole index at once, as after an upgrade."""
    await (await work.session.connection()).run_sync(building.build)
    await index.take_stock(work)


async def visit_and_share(work: Work, company: Company) -> None:
    await hire_askers(work, company)
    dice = random.Random(f"{SEED} visits")
    for asker in await askers(work):
        await _visit_and_share(work, asker, dice)


async def askers(work: Work) -> list[Asker]:
    """A hundred people, as many of each kind as the mix has questions of it."""
    found = await work.session.scalars(
        select(Member)
        .where(Member.tenant_id == work.tenant_id, Member.name.startswith("问"))
        .order_by(Member.name)
    )
    dice = random.Random(f"{SEED} known")
    size = await work.session.scalar(text("SELECT max(document) FROM customer_search")) or 0
    who = [
        Asker(
            member.name.strip("问0123456789"),
            member,
            await _known(work_as(work.session, member), dice, size),
        )
        for member in found.all()
    ]
    return [asker for asker in who if asker.knows]


async def _known(work: Work, dice: random.Random, size: int) -> list[Known]:
    """Customers of some of the owners in sight, or of the whole company."""
    owners = (await sight_of(work)).owners
    if owners is not None and not owners:
        return []
    if owners is None:
        numbers = [f"C-{dice.randrange(1, size + 1):06d}" for _ in range(KNOWN)]
        which, asked = "c.number IN :asked", numbers
    else:
        which = "c.owner_id IN :asked"
        asked = dice.sample(sorted(owners), min(4, len(owners)))
    statement = text(SEES.format(which=which)).bindparams(bindparam("asked", expanding=True))
    rows = (
        await work.session.execute(statement, {"tenant_id": work.tenant_id, "asked": asked})
    ).all()
    known = [Known(*row) for row in sorted(rows)]
    return dice.sample(known, min(KNOWN, len(known)))


async def hire_askers(work: Work, company: Company) -> None:
    """Reps, people who look over up to 500 reps of several teams, heads of regions, admins."""
    dice = random.Random(f"{SEED} askers")
    reps = list(await work.session.scalars(select(Member).where(Member.name.startswith("业务员"))))
    teams = sorted({str(rep.main_department_id) for rep in reps})
    heads = sorted(
        await work.session.scalars(
            select(Department.id).where(Department.name.in_(("华东区", "华西区")))
        )
    )
    dice.shuffle(reps)
    for kind, share in ASKERS.items():
        for number in range(share):
            named = f"问{kind}{number}"
            if kind == "rep":
                if reps:
                    asker = reps.pop()
                    asker.name = named
                continue
            role = "admin" if kind == "company" else "lead"
            asker = a_member(work.session, company.connection, named, company.head_office,
                             role=role)  # fmt: skip
            leads = {
                "company": [],
                "subtree": [dice.choice(heads)],
                "owners": dice.sample(teams, min(len(teams), dice.randint(1, MOST_OWNERS // 10))),
            }[kind]
            await work.session.flush()
            if leads:
                await work.session.execute(
                    delete(Membership).where(Membership.member_id == asker.id)
                )
                await work.session.execute(
                    insert(Membership),
                    [
                        {"tenant_id": work.tenant_id, "member_id": asker.id, "department_id": one,
                         "is_leader": True}
                        for one in leads
                    ],
                )  # fmt: skip
    await work.session.flush()


async def people(company: Company, work: Work, size: int) -> list[Member]:
    """The reps; six of ten teams are in one region, 李雷 is in the first."""
    session, connection, team = work.session, company.connection, company.team
    west = a_department(session, connection, "华西区", under=company.head_office)
    reps = [company.lilei, company.hanmeimei]
    for number in range(2, max(20, size // CUSTOMERS_A_REP)):
        if number % REPS_A_TEAM == 0:
            region = company.east if number // REPS_A_TEAM % 10 < 6 else west
            team = a_department(session, connection, f"第{number}组", under=region)
        reps.append(a_member(session, connection, f"业务员{number}", team))
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
    await work.session.execute(
        insert(CustomerSearch),
        [_searched(work, *one) for one in zip(customers, contacts, places, strict=True)],
    )


def _searched(
    work: Work, customer: dict[str, Any], contact: dict[str, Any], place: dict[str, Any]
) -> dict[str, Any]:
    people = [(contact["name"], contact["phone"])]
    point = Point(place["lat"], place["lng"])
    document = document_of(SimpleNamespace(**customer), people, (), point)
    key = {"tenant_id": work.tenant_id, "customer_id": customer["id"]}
    return {**key, "number": customer["number"], **as_columns(document)}


async def _visit_and_share(work: Work, asker: Asker, dice: random.Random) -> None:
    mine = {"tenant_id": work.tenant_id, "member_id": asker.member.id}
    theirs = [known.customer_id for known in asker.knows]
    visits = [
        {**mine, "customer_id": one, "last_visit_at": work.now - timedelta(days=dice.randrange(90))}
        for one in dice.sample(theirs, min(VISITED, len(theirs)))
    ]
    shared = [
        {**mine, "customer_id": one, "access": "read"}
        for one in dice.sample(theirs, min(SHARED, len(theirs)))
    ]
    await work.session.execute(insert(CustomerVisitor), visits)
    await work.session.execute(insert(Collaborator), shared)


def _one_of(dice: random.Random, weights: dict[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def _a_phone(dice: random.Random) -> str:
    return f"1{dice.randrange(3, 10)}{dice.randrange(10**9):09d}"
