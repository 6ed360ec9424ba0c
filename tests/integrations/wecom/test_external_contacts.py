"""客户联系: what the adapter understands, what the pretend WeCom refuses, and what events say."""

from datetime import UTC, datetime

import httpx
import pytest

from field_ops.host.errors import HostRefused, HostUnavailable, PermissionMissing
from field_ops.host.events import ExternalContactChanged, from_payload, to_payload
from field_ops.host.external_contacts import HostExternalContact
from field_ops.host.services import Colleague
from integrations.sandbox.big_company import a_big_company
from integrations.sandbox.outsiders import WECOM, Acquaintance, Outsider, external_id_of
from integrations.wecom.client import WecomClient
from integrations.wecom.external_contacts import WecomExternalContacts

ADDED = 1_767_225_600


def an_acquaintance(user_id: str = "lilei", number: int = 1, **noted) -> Acquaintance:
    outsider = Outsider(external_id_of(number), f"张经理{number}", gender=1)
    return Acquaintance(outsider, user_id, ADDED + number, **noted)


@pytest.fixture
def known(simulator):
    """李雷 has three customers, 韩梅梅 one of them too; the function is given to both."""
    outsiders = simulator.company.outsiders
    outsiders.may = {"lilei", "hanmeimei"}
    for number in (1, 2, 3):
        outsiders.add(an_acquaintance(number=number, mobiles=["138 0000 0001"], tags=["重点"]))
    outsiders.add(an_acquaintance("hanmeimei", 2, remark="红星小张", remark_corp_name="红星"))
    return outsiders


async def all_of(host, *members: str) -> list[HostExternalContact]:
    found, page = [], ""
    while True:
        answer = await host.external_contacts.of_members(members, page)
        found += answer.contacts
        if not (page := answer.next_page):
            return found


async def test_only_members_with_the_function_are_named(host, known):
    assert set(await host.external_contacts.members()) == {"lilei", "hanmeimei"}


async def test_a_pair_says_who_he_is_and_what_the_member_noted(host, known):
    (pair,) = await all_of(host, "hanmeimei")
    assert pair == HostExternalContact(
        external_id=external_id_of(2),
        host_user_id="hanmeimei",
        name="张经理2",
        remark="红星小张",
        remark_corp_name="红星",
        added_at=datetime.fromtimestamp(ADDED + 2, UTC),
        add_way="1",
    )
    pairs = await all_of(host, "lilei", "hanmeimei")
    assert [(p.host_user_id, p.external_id) for p in pairs] == [
        *(("lilei", external_id_of(number)) for number in (1, 2, 3)),
        ("hanmeimei", external_id_of(2)),
    ]
    assert pairs[0].remark_mobiles == ("138 0000 0001",)


async def test_who_uses_wecom_at_work_shows_his_company(host, known):
    outsider = Outsider(external_id_of(9), "周老板", kind=WECOM, corp_name="华联超市")
    known.add(Acquaintance(outsider, "lilei", ADDED, state="store42"))
    (pair,) = await host.external_contacts.known_to(external_id_of(9))
    assert (pair.corp_name, pair.state, pair.remark) == ("华联超市", "store42", "周老板")


async def test_many_pairs_come_by_cursors(host, known):
    for number in range(10, 260):
        known.add(an_acquaintance("hanmeimei", number))
    found = await all_of(host, "lilei", "hanmeimei")
    assert len({(p.host_user_id, p.external_id) for p in found}) == len(found) == 254


async def test_everybody_who_knows_one_person_by_cursors_too(host, known, simulator):
    simulator.customers.followers_at_once = 1
    pairs = await host.external_contacts.known_to(external_id_of(2))
    assert {(p.host_user_id, p.tags) for p in pairs} == {("lilei", ("重点",)), ("hanmeimei", ())}


async def test_nobody_and_nothing_are_empty_answers(host, known):
    known.remove("hanmeimei", external_id_of(2))
    assert await all_of(host, "hanmeimei") == []
    assert await host.external_contacts.known_to(external_id_of(77)) == ()
    assert await host.external_contacts.known_to("made-up") == ()


async def test_an_answer_without_its_list_is_no_answer():
    def far_end(request: httpx.Request) -> httpx.Response:
        token = {"access_token": "t"} if "gettoken" in request.url.path else {}
        return httpx.Response(200, json={"errcode": 0, **token})

    http = httpx.AsyncClient(transport=httpx.MockTransport(far_end))
    part = WecomExternalContacts(WecomClient(http, "https://q.test", corp_id="ww1", secret="s"))
    for question in (part.members(), part.of_members(["lilei"]), part.known_to("wm1")):
        with pytest.raises(HostUnavailable):
            await question


@pytest.mark.parametrize(
    ("switch", "code"), [("customers_are_closed", "48002"), ("app_is_inactive", "48011")]
)
async def test_an_app_that_may_not_ask_lacks_a_permission(host, known, simulator, switch, code):
    setattr(simulator.switches, switch, True)
    part = host.external_contacts
    questions = (
        part.look(Colleague("lilei")),
        part.members(),
        part.of_members(["lilei"]),
        part.known_to(external_id_of(1)),
    )
    for question in questions:
        with pytest.raises(PermissionMissing) as failure:
            await question
        assert failure.value.code == code


async def test_one_who_may_not_be_asked_about_spoils_the_question(host, known, simulator):
    simulator.switches.out_of_sight = {"hanmeimei"}
    for members, code in ((("lilei", "hanmeimei"), "60011"), (("lilei", "wang"), "84074")):
        with pytest.raises(HostRefused) as failure:
            await all_of(host, *members)
        assert failure.value.code == code
    assert len(await all_of(host, "lilei")) == 3
    pairs = await host.external_contacts.known_to(external_id_of(2))
    assert [pair.host_user_id for pair in pairs] == ["lilei"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 41009),
        ({"userid_list": ["lilei"] * 101}, 40058),
        ({"userid_list": ["lilei"], "cursor": "made up"}, 40058),
        ({"userid_list": ["lilei"], "limit": "many"}, 40058),
        ({"userid_list": ["nobody"]}, 60111),
    ],
)
async def test_the_pretend_wecom_is_pedantic_about_many(phone, known, body, code):
    assert (await phone.post("externalcontact/batch/get_by_user", body))["errcode"] == code


async def test_the_pretend_wecom_is_pedantic_about_one(phone, known):
    assert (await phone.get("externalcontact/get"))["errcode"] == 41035
    assert (await phone.get("externalcontact/get", external_userid="x"))["errcode"] == 40096
    assert (await phone.get("externalcontact/list", userid="wang"))["errcode"] == 84074
    listed = await phone.get("externalcontact/list", userid="LiLei")
    assert len(listed["external_userid"]) == 3
    known.remove("hanmeimei", external_id_of(2))
    assert (await phone.get("externalcontact/list", userid="hanmeimei"))["errcode"] == 84061


async def test_the_secret_of_the_address_book_reads_no_customers(phone, simulator, http):
    token = (await phone.token(corpsecret=simulator.contacts_secret))["access_token"]
    said = await phone.get("externalcontact/get_follow_user_list", access_token=token)
    assert said["errcode"] == 48002


async def test_what_customers_and_members_do_arrives_as_hints(host, known, simulator, door):
    door.reader = host.callbacks
    pair = an_acquaintance(number=5, state="store42")
    customers = simulator.customers
    for done in (
        customers.add(pair),
        customers.add(pair, confirmed=False),
        customers.edit(pair),
        customers.deleted_by_customer(pair),
        customers.deleted_by_member(pair),
    ):
        assert await done == 200
    events = door.heard(ExternalContactChanged)
    assert [event.change for event in events] == ["added", "added", "changed", "left", "removed"]
    assert {(e.host_user_id, e.external_id) for e in events} == {("lilei", external_id_of(5))}
    assert len({event.event_id for event in events}) == 5
    assert from_payload(to_payload(events[0])) == events[0]


@pytest.mark.parametrize("still_listed", [False, True])
async def test_a_customer_who_left_is_listed_in_one_reading_of_the_documentation(
    host, known, simulator, door, still_listed
):
    door.reader = host.callbacks
    simulator.switches.who_left_is_listed = still_listed
    await simulator.customers.deleted_by_customer(known.of("hanmeimei")[external_id_of(2)])
    assert bool(await all_of(host, "hanmeimei")) is still_listed


def test_a_big_company_knows_people_outside_the_same_for_the_same_seed():
    ones, others = (a_big_company("wecom", 400, 40, seed=7).outsiders for _ in range(2))
    everybody = [f"rep{number:06d}" for number in range(400)]
    known = [pair for who in everybody for pair in ones.of(who).values()]
    assert known == [pair for who in everybody for pair in others.of(who).values()]
    assert len({pair.outsider.external_id for pair in known}) == len(known) > 100
    assert ones.knowing(known[-1].outsider.external_id) == [known[-1]]
    assert a_big_company("dingtalk", 40, 4).outsiders.of("rep000001") == {}
