"""Near duplicates of a file, against a comparison of every row with everything."""

import random
from pathlib import Path

import pytest
from sqlalchemy import select

from field_ops.customers.models import Customer
from field_ops.customers.suspects import Action, Described, judge, traits_of
from field_ops.db import Database
from field_ops.exchange.at_once import Desk, Wishes
from field_ops.exchange.error_file import reasons_of
from field_ops.exchange.import_doubts import FEW
from field_ops.geo import to_wgs84
from tests.factories import Company
from tests.field_ops.exchange.desk import a_desk, a_sheet

HEADER = "名称,电话,城市,客户性质,客户类型,纬度,经度,坐标系,分支机构,确认不重复"
BRANDS = [
    "红星",
    "红心",
    "红新",
    "华联",
    "华莲",
    "新百",
    "宏源达",
    "宏源大",
    "金桥中天",
    "金桥天中",
]
KINDS = ["超市", "便利店", "商贸", "电子商务", "大药房"]
FORMS = ["有限公司", "有限责任公司", "", "商行"]
CITIES = ["武汉", "上海", ""]


@pytest.fixture
def desk(database: Database, company: Company, tmp_path: Path) -> Desk:
    return a_desk(database, tmp_path, company.admin, company.tenant.id, part=7)


def some(dice: random.Random, number: int) -> tuple[str, Described]:
    """A line of the file, and what it describes."""
    kind = dice.choice(["企业", "企业", "企业", "个人"])
    name = dice.choice(["王伟", "李娜", "张敏"])
    if kind == "企业":
        name = f"{dice.choice(BRANDS)}{dice.choice(KINDS)}{dice.choice(FORMS)}"
    type_ = dice.choice(["客户", "门店"])
    lat, lng = (round(base + dice.randrange(6) * 0.0003, 4) for base in (30.5904, 114.3109))
    is_branch, is_another = dice.random() < 0.1, dice.random() < 0.1
    said = Described(
        name=name,
        customer_kind="company" if kind == "企业" else "person",
        type="store" if type_ == "门店" else "customer",
        phones=(f"139{number:08d}",),
        city=dice.choice(CITIES),
        place=to_wgs84(lat, lng, "GCJ02"),
        is_branch=is_branch,
    )
    flags = ["是" if one else "" for one in (is_branch, is_another)]
    cells = [name, said.phones[0], said.city, kind, type_, str(lat), str(lng), "GCJ02", *flags]
    return ",".join(cells), said


@pytest.mark.parametrize("size", [FEW, FEW + 30])
@pytest.mark.parametrize("seed", range(3))
async def test_rows_are_doubted_as_if_each_were_compared_with_everything(
    desk: Desk, tmp_path: Path, seed: int, size: int
) -> None:
    dice = random.Random(f"doubts {seed} {size}")
    books = [some(dice, number) for number in range(40)]
    first = a_sheet(tmp_path, "\n".join([HEADER, *(line + "是" for line, _ in books)]), "一.csv")
    there = (await desk.take_in(first, Wishes(skip_errors=True))).batch
    present = await kept(desk, dict(enumerate(books, start=2)))
    file = [some(dice, number) for number in range(100, 100 + size)]
    path = a_sheet(tmp_path, "\n".join([HEADER, *(line for line, _ in file)]), "二.csv")
    report = await desk.take_in(path, Wishes(key="phone", skip_errors=True))
    assert there.state == report.batch.state == "done"
    outcome = {error.number: reasons_of(error, "zh") for error in report.errors}
    taken = list(present)
    for number, (line, said) in enumerate(file, start=2):
        new = traits_of(said)
        verdicts = [judge(new, traits_of(one)) for one in taken]
        doubts = [one for one in verdicts if one is not None and one[1] is not Action.SHOW]
        is_wrong = "重复（" in outcome.get(number, "")
        if not is_wrong:
            is_doubted = bool(doubts) and not line.endswith("是")
            assert ("可能与" in outcome.get(number, "")) == is_doubted, (line, doubts)
        if number not in outcome:
            taken.append(said)
    assert len(outcome) > 10
    assert (report.counts["created"], len(taken) - len(present)) == (len(taken) - len(present),) * 2


async def kept(desk: Desk, lines: dict[int, tuple[str, Described]]) -> list[Described]:
    async with desk.database.reading() as session:
        phones = set(await session.scalars(select(Customer.phone)))
    return [said for _, said in lines.values() if said.phones[0] in phones]
