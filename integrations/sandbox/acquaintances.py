"""Whom the reps of a big company know outside of it, made from a seed."""

from collections.abc import Iterator
from random import Random

from .outsiders import WECHAT, WECOM, Acquaintance, Outsider, Outsiders, external_id_of
from .world import Company

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
CALLED = ("经理", "老板", "店长", "采购", "总", "姐", "哥", "老师")
SHOPS = ("鑫源超市", "好又多便利店", "福满楼酒家", "永辉批发部", "百佳副食", "惠民药房", "天天生鲜")
REPS = ("业务代表", "高级业务代表", "客户经理")
MOST_OF_ONE = 8


def generated(company: Company, seed: int) -> Outsiders:
    """Up to eight acquaintances for every rep of a big company; the same for the same seed."""
    place = {user_id: number for number, user_id in enumerate(company.people)}

    def make(user_id: str) -> Iterator[Acquaintance]:
        person = company.people.get(user_id)
        if person is None or person.title not in REPS:
            return
        chance = Random(f"{seed}/{user_id}/outsiders")  # noqa: S311 - a pretend company
        for number in range(chance.randint(0, MOST_OF_ONE)):
            yield _some(chance, user_id, place[user_id] * MOST_OF_ONE + number)

    return Outsiders(make, lambda: company.people)


def _some(chance: Random, user_id: str, number: int) -> Acquaintance:
    name = chance.choice(SURNAMES) + chance.choice(CALLED)
    at_work = chance.random() < 0.3
    outsider = Outsider(
        external_id_of(number),
        name,
        kind=WECOM if at_work else WECHAT,
        corp_name=chance.choice(SHOPS) if at_work else "",
        gender=chance.randint(0, 2),
    )
    mobiles = [f"137{chance.randrange(10**8):08d}"] if chance.random() < 0.6 else []
    return Acquaintance(
        outsider,
        user_id,
        added_at=1_700_000_000 + chance.randrange(50_000_000),
        remark=f"{chance.choice(SHOPS)}{name}" if chance.random() < 0.5 else name,
        mobiles=mobiles,
        tags=["重点"] if chance.random() < 0.2 else [],
        add_way=chance.choice((1, 2, 3, 8)),
    )
