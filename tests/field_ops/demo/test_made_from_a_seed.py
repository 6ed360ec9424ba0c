"""What the seed decides, before anything is written."""

from collections import Counter
from datetime import date, timedelta

import pytest

from field_ops.customers.names import full_name_key
from field_ops.customers.phones import read_phone
from field_ops.demo.companies import COMPANIES, SEED, DemoCompany
from field_ops.demo.diary import TROUBLES, Diary, diary_of
from field_ops.demo.shops import Shop, shops_of
from field_ops.demo.today import places
from field_ops.demo.world import build_world
from field_ops.keys import Keys
from integrations.sandbox.world import Company, World
from tests.conftest import SHANGHAI
from tests.field_ops.demo.conftest import PUBLIC_URL, SECRET

SUNDAY = date(2026, 3, 29)
COMPANY = pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.host)


def a_world(secret: str = SECRET) -> World:
    return build_world(lambda: 0.0, public_url=PUBLIC_URL, keys=Keys(secret))


def a_diary(company: DemoCompany, today: date = SUNDAY, seed: int = SEED) -> Diary:
    return diary_of(company, shops_of(company, seed), today, SHANGHAI, seed)


def test_a_restart_finds_the_same_world() -> None:
    first, again = a_world().companies, a_world().companies
    assert first == again
    for host, company in first.items():
        for user_id in company.people:
            assert company.outsiders.of(user_id) == again[host].outsiders.of(user_id)


def test_another_installation_has_other_secrets() -> None:
    mine, theirs = a_world().companies["wecom"].app, a_world("some other secret").companies
    assert theirs["wecom"].app.secret != mine.secret
    assert theirs["wecom"].app.callback_aes_key != mine.callback_aes_key


@pytest.mark.parametrize("host", ["wecom", "dingtalk"])
def test_a_company_has_fourteen_people_in_three_levels_of_departments(host: str) -> None:
    company = a_world().companies[host]
    assert len(company.people) == 14
    assert Counter(levels(company).values()) == {1: 1, 2: 2, 3: 3}
    assert company.people["lilei"].direct_leader_id == "wangzhuguan"


def levels(company: Company) -> dict[int, int]:
    found: dict[int, int] = {}
    for department in company.departments.values():
        found[department.id] = found.get(department.parent_id, 0) + 1
    return found


def test_the_apps_push_to_this_installation_and_trust_its_pages() -> None:
    app = a_world().companies["dingtalk"].app
    assert app.callback_url == f"{PUBLIC_URL}/hosts/dingtalk/demo/callback"
    assert app.robot_url == f"{PUBLIC_URL}/hosts/dingtalk/demo/robot"
    assert app.trusted_hosts == ["127.0.0.1:8000"]


@COMPANY
def test_customers_are_three_hundred_that_nobody_confuses(company: DemoCompany) -> None:
    shops = shops_of(company, SEED)
    phones = [phone for shop in shops for phone in phones_of(shop)]
    assert len({full_name_key(shop.name) for shop in shops}) == 300
    assert len(set(phones)) == len(phones)
    assert [phone for phone in phones if read_phone(phone) is None] == []
    assert sum("华联" in shop.name for shop in shops) >= 4


def phones_of(shop: Shop) -> list[str]:
    return [phone for phone in (shop.phone, *(one.phone for one in shop.contacts)) if phone]


@COMPANY
def test_most_places_are_confirmed_and_some_are_not_known(company: DemoCompany) -> None:
    known = Counter(shop.status for shop in shops_of(company, SEED))
    assert known["confirmed"] > 200
    assert min(known["proposed"], known[""]) > 10


@COMPANY
def test_the_same_seed_and_day_give_the_same_three_weeks(company: DemoCompany) -> None:
    assert a_diary(company) == a_diary(company)
    assert a_diary(company, seed=SEED + 1) != a_diary(company)


@COMPANY
def test_something_goes_wrong_in_every_way(company: DemoCompany) -> None:
    happened = Counter(call.trouble for call in a_diary(company).calls)
    assert {trouble: happened[trouble] for trouble in TROUBLES} == TROUBLES
    assert happened[""] > 8 * happened.total() / 10


@COMPANY
@pytest.mark.parametrize("today", [SUNDAY, date(2026, 2, 24), date(2026, 10, 8), date(2027, 1, 1)])
def test_the_three_weeks_end_yesterday_also_after_holidays(
    company: DemoCompany, today: date
) -> None:
    diary = a_diary(company, today)
    assert min(diary.days) >= today - timedelta(days=21)
    assert max(call.logged_at or call.arrives_at for call in diary.calls).date() < today
    assert {call.trouble for call in diary.calls} >= set(TROUBLES)


@COMPANY
def test_hualian_is_the_first_place_to_stand(company: DemoCompany) -> None:
    first, *others = places(company.host, SUNDAY)
    assert (first["name"], first["customer_number"]) == ("华联超市", "C-000001")
    assert len(others) > 10
