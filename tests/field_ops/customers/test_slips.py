"""What was typed with a slip is found when nothing fits as it stands."""

import pytest

from field_ops.customers.lookup import look_up
from field_ops.customers.slips import has_slip, has_wrong_digit
from field_ops.db import Database
from field_ops.work import Work
from tests.factories import Company, a_customer, work_as


async def found(work: Work, typed: str) -> list[tuple[str, str]]:
    rows, _ = await look_up(work, typed)
    return [(row.customer.name, row.matched_on) for row in rows]


@pytest.mark.parametrize(
    "typed",
    [
        "华联抄市",  # a wrong character
        "华连超市",  # one that sounds alike
        "滑连",
        "华超市",  # one is missing
        "华联的超市",  # one too many
        "华超联市",  # two changed places
        "hualain",  # letters that changed places
        "hualin",  # a letter is missing
        "huaalian",  # one too many
        "hualianchaosi",  # s and sh
        "fualian",  # f and h
        "13800138900",  # a wrong digit
        "1380031",  # two changed places
        "武汉 华连超",
    ],
)
async def test_a_slip_is_forgiven(database: Database, company: Company, typed: str) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await a_customer(work, "武汉华联超市", phone="13800138000")
        await a_customer(work, "红星家具", phone="02785550000")
        assert [name for name, _ in await found(work, typed)] == ["武汉华联超市"]


async def test_what_fits_as_it_stands_keeps_what_is_similar_away(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await a_customer(work, "华联超市")
        await a_customer(work, "花莲超市")
        assert await found(work, "华联超市") == [("华联超市", "name")]
        assert await found(work, "花联超市") == [("华联超市", "similar"), ("花莲超市", "similar")]


async def test_a_slip_shows_nobody_what_is_out_of_his_sight(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        await a_customer(work_as(session, company.hanmeimei), "华联超市")
        assert await found(work_as(session, company.lilei), "华连超市") == []


@pytest.mark.parametrize("typed", ["红星家", "家联抄市", "超市华", "市超联华", "华红", "hualian"])
def test_two_slips_are_another_name(typed: str) -> None:
    assert not has_slip(typed, "武汉华联超市")


def test_a_digit_is_wrong_within_one_number() -> None:
    assert has_wrong_digit("13900138000", "02785551234 13800138000")
    assert not has_wrong_digit("13900138001", "13800138000")
