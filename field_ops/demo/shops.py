"""Customers of a demo company: plain values, the same for the same seed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from ..geo import Point
from .companies import DemoCompany, Known, Trade
from .town import some_spot, spot_at

MOST = 300
OF_EACH_LEAD = 7  # key accounts that a lead keeps for himself
UNOWNED = 15

FIRST = "吉福惠鑫瑞祥顺和兴旺佳宏泰盛荣康安永恒裕"
SECOND = "源达隆丰康民邻多园通宁乐华光辰茂博雅信诚"
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红斌宇浩凯欣晨雪琳佳慧颖婷"
MOBILE_PREFIXES = ("135", "136", "137", "138", "139", "150", "151", "158", "159", "186", "187")
LEVELS = "A" * 12 + "B" * 23 + "C" * 40 + "D" * 25
STAGES = {
    "A": ("repeat", "repeat", "won"),
    "B": ("won", "repeat", "intent"),
    "C": ("won", "intent", "contacted"),
    "D": ("potential", "contacted", "dormant"),
}
SOURCES = ("扫街开发", "客户转介绍", "展会", "导入", "电话开发")
TITLES = (
    ("店长", "decision_maker"),
    ("老板", "decision_maker"),
    ("经理", "decision_maker"),
    ("采购", "influencer"),
    ("收货员", "user"),
    ("财务", "finance"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A contact. `phone` may be empty."""

    name: str
    title: str
    role: str
    phone: str


@dataclass(frozen=True, slots=True)
class Shop:
    """One customer. `place` is where it really is; `status` what we know of that.

    `status`: `confirmed`, `proposed` or "" for nothing.
    `owner` is a user id, "" for nobody. `days_known` before the first run of the demo.
    """

    index: int
    name: str
    level: str
    type: str
    place_class: str
    stage: str
    source: str
    phone: str
    address: str
    contacts: tuple[Person, ...]
    owner: str
    place: Point
    status: str
    days_known: int

    @property
    def number(self) -> str:
        """Its short number in a company where it was entered in this order."""
        return f"C-{self.index + 1:06d}"


@cache
def shops_of(company: DemoCompany, seed: int) -> tuple[Shop, ...]:
    """All customers of the company, those that examples speak of first."""
    return tuple(_Makes(company, seed).shops())


def a_mobile(chance: Random) -> str:
    return chance.choice(MOBILE_PREFIXES) + f"{chance.randrange(10**8):08d}"


class _Makes:
    """Makes the customers in order, and remembers what must not occur twice."""

    def __init__(self, company: DemoCompany, seed: int) -> None:
        self.company = company
        self.chance = Random(f"{seed}/{company.host}/customers")
        self.names = {known.name for known in company.known}
        self.phones: set[str] = set()
        self.trades = [trade for trade in company.trades for _ in range(trade.share)]

    def shops(self) -> Iterator[Shop]:
        ages = sorted((self.chance.randint(35, 900) for _ in range(MOST)), reverse=True)
        owners = self._owners()
        for index, known in enumerate(self.company.known):
            yield self._known(index, known, ages[index])
        for index in range(len(self.company.known), MOST):
            owner, team = owners[index - len(self.company.known)]
            yield self._another(index, owner, team, ages[index])

    def _owners(self) -> list[tuple[str, int]]:
        """(user id or "", team) for each customer after the known ones, in a mixed order."""
        company, wanted = self.company, MOST - len(self.company.known)
        owners = [("", place % len(company.teams)) for place in range(UNOWNED)]
        for team, lead in enumerate(company.leads):
            owners += [(lead.user_id, team)] * OF_EACH_LEAD
        while len(owners) < wanted:
            rep = company.reps[len(owners) % len(company.reps)]
            owners.append((rep.user_id, rep.team or 0))
        self.chance.shuffle(owners)
        return owners

    def _known(self, index: int, known: Known, days_known: int) -> Shop:
        chance = self.chance
        road = next(road for road in self.company.banks[0] if road.name == known.road)
        spot = spot_at(chance, road, known.number)
        contact = Person(known.contact, known.contact[1:], "decision_maker", self._mobile())
        return Shop(
            index=index,
            name=known.name,
            level=known.level,
            type="store",
            place_class=known.place_class,
            stage=chance.choice(STAGES[known.level]),
            source=chance.choice(SOURCES),
            phone=self._land_line(),
            address=spot.address,
            contacts=(contact,),
            owner=self.company.reps[known.rep].user_id,
            place=spot.point,
            status="confirmed",
            days_known=days_known,
        )

    def _another(self, index: int, owner: str, team: int, days_known: int) -> Shop:
        chance, trade = self.chance, self.chance.choice(self.trades)
        spot = some_spot(chance, self.company.banks[team])
        # A lead keeps key accounts; nobody leaves those without an owner.
        level = {"": chance.choice("CD")}.get(owner, chance.choice(LEVELS))
        if any(owner == lead.user_id for lead in self.company.leads):
            level = chance.choice("AAB")
        return Shop(
            index=index,
            name=self._name(trade, spot.road.name),
            level=level,
            type=trade.type,
            place_class=trade.place_class,
            stage=chance.choice(STAGES[level]),
            source=chance.choice(SOURCES),
            phone=self._mobile() if chance.random() < 0.6 else self._land_line(),
            address=spot.address,
            contacts=tuple(self._contacts()),
            owner=owner,
            place=spot.point,
            status=chance.choices(("confirmed", "proposed", ""), (78, 14, 8))[0],
            days_known=days_known,
        )

    def _name(self, trade: Trade, road: str) -> str:
        """福隆超市 or 福隆超市（江汉路店）; never twice the same."""
        chance = self.chance
        while True:
            name = chance.choice(FIRST) + chance.choice(SECOND) + trade.ending
            if trade.ending.endswith("公司"):
                name = "武汉" + name
            elif trade.type == "store" and chance.random() < 0.3:
                name = f"{name}（{road}店）"
            if name not in self.names:
                self.names.add(name)
                return name

    def _contacts(self) -> Iterator[Person]:
        chance = self.chance
        for title, role in chance.sample(TITLES, chance.choice((1, 1, 1, 2))):
            given = "".join(chance.sample(GIVEN, chance.choice((1, 1, 2))))
            phone = self._mobile() if chance.random() < 0.85 else ""
            yield Person(chance.choice(SURNAMES) + given, title, role, phone)

    def _mobile(self) -> str:
        return self._fresh(lambda: a_mobile(self.chance))

    def _land_line(self) -> str:
        return self._fresh(lambda: f"027-8{self.chance.randrange(10**7):07d}")

    def _fresh(self, make: Callable[[], str]) -> str:
        while (phone := make()) in self.phones:
            continue
        self.phones.add(phone)
        return phone
