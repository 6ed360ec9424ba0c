"""A company of any size, made from a seed: the same figures give the same people every time."""

from collections.abc import Iterator
from random import Random

from .acquaintances import generated
from .company import an_app
from .world import Company, Department, Person

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉建文辉玲志春雪梅国峰鑫宇浩然子轩雨欣"
LEVELS = (
    (
        "华东大区",
        "华南大区",
        "华北大区",
        "华中大区",
        "西南大区",
        "西北大区",
        "东北大区",
        "渠道中心",
    ),
    (
        "上海",
        "杭州",
        "南京",
        "广州",
        "深圳",
        "武汉",
        "成都",
        "西安",
        "沈阳",
        "青岛",
        "长沙",
        "郑州",
    ),
    ("城东片区", "城西片区", "城南片区", "城北片区", "开发区片区", "商超部", "流通部", "餐饮部"),
    ("一组", "二组", "三组", "四组", "五组", "六组", "七组", "八组", "九组", "十组"),
)
TITLES = ("业务代表", "业务代表", "业务代表", "高级业务代表", "理货员", "销售支持", "客户经理")
LEADS = ("总经理", "大区经理", "城市经理", "片区经理", "销售主管")
FAN_OUT = 8  # departments below one


def a_big_company(
    host: str, people: int = 50_000, departments: int = 5_000, seed: int = 7
) -> Company:
    """`people` in `departments` (the root counted) on `host`, in four or five levels.

    Every department has a leader as long as there are people for it; one in twelve people is in
    two departments, one in a hundred in three. With the same seed the people of both hosts have
    the same names and phone numbers, as in a company that uses both.
    """
    chance = Random(seed)  # noqa: S311 - a pretend company, not a secret
    company = Company(
        host=host,
        corp_id="ww5andb0xb1gc0rp01" if host == "wecom" else "dingsandboxbigcorp01",
        name=f"万众商贸集团（{people} 人）",
        app=an_app(host),
    )
    company.departments = {d.id: d for d in _departments(company.name, departments, chance)}
    for number, person in enumerate(_people(people, list(company.departments), chance)):
        person.user_id = _user_id(host, number)
        person.union_id = f"union{seed}x{number:07d}"
        company.people[person.user_id] = person
    _give_leaders(company, chance)
    if host == "wecom":
        company.outsiders = generated(company, seed)
    return company


def _departments(name: str, count: int, chance: Random) -> Iterator[Department]:
    yield Department(1, name, 0)
    level_of = {1: 0}
    for number in range(2, count + 1):
        parent = (number - 2) // FAN_OUT + 1
        level_of[number] = level_of[parent] + 1
        names = LEVELS[min(level_of[number], len(LEVELS)) - 1]
        place = (number - 2) % FAN_OUT
        yield Department(number, names[place % len(names)], parent, order=chance.randrange(10**6))


def _people(count: int, departments: list[int], chance: Random) -> Iterator[Person]:
    for number in range(count):
        # Everybody in turn first, so that no department is empty; then wherever chance puts him.
        home = departments[number] if number < len(departments) else chance.choice(departments)
        places = [home]
        draw = chance.random()
        if draw < 1 / 12:
            others = chance.sample(departments, k=min(2, len(departments)))
            wanted = others if draw < 1 / 100 else others[:1]
            places += [one for one in wanted if one != home]
        name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.randint(1, 2)))
        yield Person(
            "",
            name,
            places,
            phone=f"138{number:08d}",
            title=chance.choice(TITLES),
            main_department_id=home,
            device_id=f"device-{number}",
        )


def _give_leaders(company: Company, chance: Random) -> None:
    """The first who came to a department leads it; most people's own leader is told too."""
    leader_of: dict[int, Person] = {}
    for person in company.people.values():
        home = person.main_department_id
        if home not in leader_of:
            leader_of[home] = person
            person.leads = [home]
            person.title = LEADS[min(_depth(company, home), len(LEADS) - 1)]
    for person in company.people.values():
        if chance.random() < 0.7:
            at = person.main_department_id
            leader = leader_of[at]
            if leader is person:
                leader = leader_of.get(company.departments[at].parent_id, person)
            if leader is not person:
                person.direct_leader_id = leader.user_id


def _depth(company: Company, department_id: int) -> int:
    depth = 0
    while parent := company.departments[department_id].parent_id:
        department_id, depth = parent, depth + 1
    return depth


def _user_id(host: str, number: int) -> str:
    return f"rep{number:06d}" if host == "wecom" else f"0156{number * 7919 % 10**8:08d}{number:06d}"
