"""Whom the reps of the demo have in their WeChat: contacts of their customers, and others."""

from collections.abc import Iterator, Sequence
from random import Random

from integrations.sandbox.outsiders import (
    WECOM,
    Acquaintance,
    Outsider,
    Outsiders,
    external_id_of,
)

from .companies import DemoCompany
from .shops import SURNAMES, Shop, a_mobile

OF_EACH = 4  # customers of a rep whose contact is his friend too
EARLIEST, LATEST = 1_700_000_000, 1_760_000_000  # seconds: when they became friends
OTHERS = ("表哥", "物业", "老同学", "快递小哥")


def outsiders_of(company: DemoCompany, shops: Sequence[Shop], seed: int) -> Outsiders:
    """Four contacts of each rep's customers, by a mobile in the remark or by name and company, and
    one person who is nobody's contact. The office has not been given the function."""
    outsiders = Outsiders()
    outsiders.may = {one.user_id for one in (*company.leads, *company.reps)}
    for place, rep in enumerate(company.reps):
        chance = Random(f"{seed}/{company.host}/{rep.user_id}/outsiders")
        mine = [shop for shop in shops if shop.owner == rep.user_id and shop.contacts[0].phone]
        for pair in _friends(rep.user_id, mine[:OF_EACH], chance):
            outsiders.add(pair)
        name = chance.choice(SURNAMES) + chance.choice(OTHERS)
        stranger = Outsider(external_id_of(900_000 + place), name)
        noted = Acquaintance(stranger, rep.user_id, _at(chance), mobiles=[a_mobile(chance)])
        outsiders.add(noted)
    return outsiders


def _friends(user_id: str, shops: Sequence[Shop], chance: Random) -> Iterator[Acquaintance]:
    for shop in shops:
        contact, external_id = shop.contacts[0], external_id_of(shop.index)
        at_work = shop.index % 3 == 2  # he writes from his own company's WeCom
        if at_work:
            person = Outsider(external_id, contact.name, kind=WECOM, corp_name=shop.name)
        else:
            person = Outsider(external_id, contact.name)
        yield Acquaintance(
            person,
            user_id,
            _at(chance),
            remark="" if at_work else f"{shop.name[:8]} {contact.name}",
            mobiles=[] if at_work else [contact.phone],
            tags=["重点"] if shop.level == "A" else [],
        )


def _at(chance: Random) -> int:
    return chance.randint(EARLIEST, LATEST)
