"""A rep's WeChat friends among the contacts of his customers: found, confirmed, agreed to, lost."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select

from field_ops.chat_contacts.models import (
    ChatContact,
    ChatContactHint,
    ChatContactKey,
    ChatContactReading,
    ChatLink,
)
from field_ops.chat_contacts.reading import compare_some
from field_ops.connections.actions import switch_service
from field_ops.connections.check_services import check_services
from field_ops.connections.models import ServicePause
from field_ops.contacts.models import ContactConsent
from field_ops.models import metadata
from integrations.sandbox.outsiders import WECOM, Acquaintance, Outsider, external_id_of
from integrations.wecom.simulator import WecomSimulator
from tests.scenarios.stage import CONNECTION, Phone, Stage

MOBILE = "13900139000"
HOST = "wecom"
NOTHING: dict[str, Any] = {"proposals": [], "links": [], "consents": []}


@dataclass
class Friends:
    """李雷's customer 华联超市 with 张经理, and the pretend WeCom's book of people outside."""

    stage: Stage
    lilei: Phone
    customer_id: str = ""
    contact_id: str = ""

    @property
    def wecom(self) -> WecomSimulator:
        return cast(WecomSimulator, self.stage.simulators[HOST])

    def friend(self, user_id: str = "lilei", number: int = 1, **noted: Any) -> Acquaintance:
        """张经理 as this member has him, with his mobile in the remark unless told otherwise."""
        noted = {"mobiles": ["139 0013 9000"], "remark": "华联老张", **noted}
        outsider = noted.pop("outsider", None) or Outsider(external_id_of(number), "张经理")
        now = int(self.stage.clock().timestamp())
        return Acquaintance(outsider, user_id, now, **noted)

    async def switch(self, *, on: bool) -> None:
        found = await self.stage.platforms.platform_named(HOST, CONNECTION)
        assert found is not None
        async with self.stage.database.writing() as session:
            work = self.stage.system(session, HOST)
            await switch_service(work, found[0], CONNECTION, "external_contacts", on=on)
        self.stage.platforms.forget()

    async def told(self) -> None:
        """The worker reads what events hinted at."""
        await self.stage.do("read_chat_contacts")

    async def compared(self, *, days: int = 0) -> None:
        """The worker compares everything, so many days from now."""
        self.stage.clock.forward(days=days)
        await self.stage.do("compare_chat_contacts")
        if days and self.stage.world.companies[HOST].people["lilei"].active:
            await self.lilei.signs_in()  # nobody stays signed in for a week

    async def seen_by(self, phone: Phone) -> dict[str, Any]:
        answer = await phone.page.get(f"/customers/{self.customer_id}/chat-contacts")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def answers(self, phone: Phone, chat: str, *, is_same: bool = True) -> Any:
        path = f"/customers/{self.customer_id}/chat-contacts/{chat}"
        body = {"contact_id": self.contact_id, "is_same": is_same}
        return await phone.page.send("PUT", path, body)

    async def consents(self, phone: Phone, *, given: bool) -> None:
        path = f"/customers/{self.customer_id}/contacts/{self.contact_id}/consent"
        answer = await phone.page.send("PUT", path, {"given": given, "how": "written"})
        assert (answer.status_code, answer.json()) == (200, {"given": given})

    async def linked(self, *, consent: bool = True) -> Acquaintance:
        """A friend whom 李雷 has confirmed, and who agreed."""
        friend = self.friend()
        assert await self.wecom.customers.add(friend) == 200
        await self.told()
        (proposal,) = (await self.seen_by(self.lilei))["proposals"]
        assert (await self.answers(self.lilei, proposal["chat_contact_id"])).status_code == 200
        if consent:
            await self.consents(self.lilei, given=True)
        return friend

    async def everything(self) -> str:
        """All that our database holds, but for our customers' own data."""
        ours = {"contact", "customer_key", "customer_search"}
        async with self.stage.database.reading() as session:
            return repr(
                [
                    (await session.execute(select(table))).all()
                    for table in metadata.sorted_tables
                    if table.name not in ours
                ]
            )

    async def all(self, table: type) -> list[Any]:
        async with self.stage.database.reading() as session:
            return list(await session.scalars(select(table)))


@pytest.fixture
async def friends(stage: Stage) -> Friends:
    lilei = await stage.somebody(HOST, "lilei")
    friends = Friends(stage, lilei)
    contact = {"name": "张经理", "phone": MOBILE}
    friends.customer_id = await lilei.creates("华联超市", contacts=[contact])
    shown = (await lilei.page.get(f"/customers/{friends.customer_id}")).json()
    friends.contact_id = shown["contacts"][0]["id"]
    await friends.switch(on=True)
    return friends


async def test_from_a_new_friend_to_what_the_lead_sees(friends: Friends) -> None:
    wang = await friends.stage.somebody(HOST, "wang")
    assert await friends.wecom.customers.add(friends.friend()) == 200
    await friends.told()
    (proposal,) = (await friends.seen_by(friends.lilei))["proposals"]
    assert (proposal["name"], proposal["by"]) == ("华联老张", "phone")
    assert proposal["contact_id"] == friends.contact_id
    assert await friends.seen_by(wang) == NOTHING

    await friends.answers(friends.lilei, proposal["chat_contact_id"])
    shown = await friends.seen_by(friends.lilei)
    assert shown["proposals"] == []
    assert [(link["name"], link["is_mine"]) for link in shown["links"]] == [("华联老张", True)]
    assert (await friends.seen_by(wang))["links"] == []

    await friends.consents(friends.lilei, given=True)
    seen = await friends.seen_by(wang)
    assert [(one["member_name"], one["is_mine"]) for one in seen["links"]] == [("李雷", False)]
    (consent,) = seen["consents"]
    assert (consent["how"], consent["recorded_by_name"]) == ("written", "李雷")


async def test_a_name_with_the_customers_name_is_a_proposal_too(friends: Friends) -> None:
    at_work = Outsider(external_id_of(5), "张经理", kind=WECOM, corp_name="华联超市")
    noted = friends.friend(number=6, mobiles=[], remark="张经理", remark_corp_name="华联（超市）")
    elsewhere = friends.friend(number=7, mobiles=[], remark="张经理", remark_corp_name="红星")
    for one in (friends.friend(outsider=at_work, mobiles=[], remark=""), noted, elsewhere):
        assert await friends.wecom.customers.add(one) == 200
    await friends.told()
    proposals = (await friends.seen_by(friends.lilei))["proposals"]
    assert [one["by"] for one in proposals] == ["name", "name"]


async def test_who_is_somebody_else_is_not_asked_about_again(friends: Friends) -> None:
    friend = friends.friend()
    await friends.wecom.customers.add(friend)
    await friends.told()
    (proposal,) = (await friends.seen_by(friends.lilei))["proposals"]
    chat = proposal["chat_contact_id"]
    await friends.answers(friends.lilei, chat, is_same=False)
    assert await friends.seen_by(friends.lilei) == NOTHING
    await friends.wecom.customers.edit(friend)
    await friends.told()
    assert (await friends.seen_by(friends.lilei))["proposals"] == []
    await friends.answers(friends.lilei, chat)
    assert len((await friends.seen_by(friends.lilei))["links"]) == 1  # he thought again


async def test_consent_that_is_revoked_erases_what_came_from_the_host(friends: Friends) -> None:
    friend, colleagues = await friends.linked(), friends.friend("hanmeimei")
    friends.wecom.company.outsiders.add(colleagues)
    await friends.compared()
    wang = await friends.stage.somebody(HOST, "wang")
    assert "华联老张" in await friends.everything()
    await friends.consents(friends.lilei, given=False)
    for phone in (friends.lilei, wang):
        assert await friends.seen_by(phone) == NOTHING

    await friends.wecom.customers.edit(friend)
    await friends.told()
    await friends.compared(days=8)
    kept = await friends.everything()
    for word in ("华联老张", "+8613900139000", external_id_of(1)):
        assert word not in kept
    assert await friends.seen_by(friends.lilei) == NOTHING
    (consent,) = await friends.all(ContactConsent)
    assert consent.revoked_at is not None and consent.revoked_by is not None


async def test_who_agrees_again_is_found_again(friends: Friends) -> None:
    await friends.linked()
    await friends.consents(friends.lilei, given=False)
    await friends.consents(friends.lilei, given=True)
    await friends.compared(days=8)
    (proposal,) = (await friends.seen_by(friends.lilei))["proposals"]
    await friends.answers(friends.lilei, proposal["chat_contact_id"])
    assert len((await friends.seen_by(friends.lilei))["links"]) == 1
    assert len(await friends.all(ContactConsent)) == 2


@pytest.mark.parametrize("still_listed", [False, True])
async def test_a_friend_who_deletes_is_told_of_once(friends: Friends, still_listed: bool) -> None:
    friend = await friends.linked()
    friends.wecom.switches.who_left_is_listed = still_listed
    friends.wecom.faults.duplicate_events = 2
    assert await friends.wecom.customers.deleted_by_customer(friend) == 200
    for _ in range(2):
        await friends.told()
        await friends.compared(days=8)
        await friends.stage.deliver()
    told = [line.title for line in friends.lilei.heard]
    assert told == ["张经理 已将您删除"]
    assert (await friends.seen_by(friends.lilei))["links"] == []
    (row,) = await friends.all(ChatContact)
    assert (row.state, row.name, row.remark) == ("left", "", "")
    assert await friends.all(ChatContactKey) == []


async def test_the_owner_hears_of_a_colleagues_lost_friend_only_if_the_contact_agreed(
    friends: Friends,
) -> None:
    hanmeimei = await friends.stage.somebody(HOST, "hanmeimei")
    friend = await friends.linked()
    async with friends.stage.database.reading() as session:
        new_owner = await friends.stage.member_id(session, HOST, "hanmeimei")
    wang = await friends.stage.somebody(HOST, "wang")
    path = f"/customers/{friends.customer_id}/owner"
    given = await wang.page.send("PUT", path, {"member_id": new_owner})
    assert given.status_code == 200
    assert len((await friends.seen_by(hanmeimei))["links"]) == 1
    await friends.wecom.customers.deleted_by_customer(friend)
    await friends.told()
    await friends.stage.deliver()
    assert [line.title for line in hanmeimei.heard][-1:] == ["张经理 已将 李雷 删除"]
    assert [line.title for line in friends.lilei.heard][-1:] == ["张经理 已将您删除"]


async def test_a_member_who_deletes_a_friend_is_told_nothing(friends: Friends) -> None:
    friend = await friends.linked()
    await friends.wecom.customers.deleted_by_member(friend)
    await friends.told()
    await friends.stage.deliver()
    assert friends.lilei.heard == []
    (link,) = await friends.all(ChatLink)
    assert link.state == "ended"


async def test_a_friend_who_comes_back_is_proposed_again(friends: Friends) -> None:
    friend = await friends.linked()
    await friends.wecom.customers.deleted_by_customer(friend)
    await friends.told()
    friends.stage.clock.forward(days=1)
    await friends.wecom.customers.add(friends.friend())
    await friends.told()
    assert len((await friends.seen_by(friends.lilei))["proposals"]) == 1


async def test_the_comparison_finds_what_events_lost(friends: Friends) -> None:
    """Mobiles that are noted later are told by no event at all."""
    friend = friends.friend(mobiles=[], remark="")
    friends.wecom.company.outsiders.add(friend)  # nobody told us
    await friends.compared()
    assert (await friends.seen_by(friends.lilei))["proposals"] == []
    friend.mobiles = [MOBILE]
    await friends.compared(days=6)
    assert (await friends.seen_by(friends.lilei))["proposals"] == []
    await friends.compared(days=1)
    assert len((await friends.seen_by(friends.lilei))["proposals"]) == 1

    friends.wecom.customers.forget(friend)
    await friends.compared(days=7)
    (row,) = await friends.all(ChatContact)
    assert (row.state, row.remark) == ("absent", "")
    await friends.stage.deliver()
    assert friends.lilei.heard == []  # who ended it, nobody knows


async def test_while_the_service_is_off_nothing_is_stored(friends: Friends) -> None:
    await friends.switch(on=False)
    assert await friends.wecom.customers.add(friends.friend()) == 200
    await friends.told()
    await friends.compared()
    for table in (ChatContact, ChatContactHint, ChatContactReading):
        assert await friends.all(table) == []
    assert not friends.stage.network.asked("externalcontact")


async def test_other_teams_see_nothing_and_nobody_answers_for_another(friends: Friends) -> None:
    friends.wecom.company.outsiders.add(friends.friend("zhao", mobiles=[MOBILE]))
    friends.wecom.company.outsiders.add(friends.friend("hanmeimei"))
    friends.wecom.company.outsiders.add(friends.friend("lilei"))
    await friends.compared()
    (mine,) = (await friends.seen_by(friends.lilei))["proposals"]
    zhao, wang = [await friends.stage.somebody(HOST, who) for who in ("zhao", "wang")]
    path = f"/customers/{friends.customer_id}/chat-contacts"
    assert (await zhao.page.get(path)).status_code == 404
    assert (await friends.answers(zhao, mine["chat_contact_id"])).status_code == 404
    assert (await friends.answers(wang, mine["chat_contact_id"])).status_code == 404
    theirs = [row.id for row in await friends.all(ChatContact) if row.host_user_id == "hanmeimei"]
    assert (await friends.answers(friends.lilei, theirs[0])).status_code == 404


async def test_only_who_was_proposed_can_be_linked(friends: Friends) -> None:
    friends.wecom.company.outsiders.add(friends.friend(mobiles=["13700000000"]))
    await friends.compared()
    (row,) = await friends.all(ChatContact)
    answer = await friends.answers(friends.lilei, row.id)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_proposed")
    await friends.lilei.page.send(
        "PATCH",
        f"/customers/{friends.customer_id}/contacts/{friends.contact_id}",
        {"phone": "137 0000 0000"},
    )
    assert (await friends.answers(friends.lilei, row.id)).status_code == 200


async def test_who_withdrew_is_not_linked_by_a_late_answer(friends: Friends) -> None:
    friends.wecom.company.outsiders.add(friends.friend(number=2))
    await friends.linked()
    await friends.compared()
    (other,) = (await friends.seen_by(friends.lilei))["proposals"]
    await friends.consents(friends.lilei, given=False)
    answer = await friends.answers(friends.lilei, other["chat_contact_id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "consent_withdrawn")


async def test_a_missing_permission_pauses_the_service_alone(friends: Friends) -> None:
    friends.wecom.switches.customers_are_closed = True
    await friends.wecom.customers.add(friends.friend())
    await friends.told()
    await friends.compared()
    (pause,) = await friends.all(ServicePause)
    assert (pause.service, pause.code) == ("external_contacts", "48002")
    asked = len(friends.stage.network.asked("externalcontact"))
    await friends.told()
    await friends.compared()
    assert len(friends.stage.network.asked("externalcontact")) == asked

    friends.wecom.switches.customers_are_closed = False
    friends.stage.clock.forward(hours=1)
    await friends.told()
    assert len((await friends.seen_by(friends.lilei))["proposals"]) == 1
    assert await friends.all(ServicePause) == []


async def test_the_check_says_whether_the_permission_is_there(friends: Friends) -> None:
    found = await friends.stage.platforms.platform_named(HOST, CONNECTION)
    assert found is not None
    platform, connection = found
    for is_closed in (False, True):
        friends.wecom.switches.customers_are_closed = is_closed
        (finding,) = await check_services(platform, connection.services)
        assert (finding.part, finding.ok) == ("external_contacts", not is_closed)
    assert "48002" in finding.says.zh and "客户联系" in finding.says.zh
    assert await check_services(platform, frozenset()) == []


async def test_a_member_without_the_function_spoils_nothing(friends: Friends) -> None:
    """He lost it after the list was read; the others are read all the same."""
    outsiders = friends.wecom.company.outsiders
    for who in ("lilei", "hanmeimei", "wang", "zhao"):
        outsiders.add(friends.friend(who))
    friends.wecom.switches.out_of_sight = {"hanmeimei"}
    await friends.compared()
    rows = await friends.all(ChatContact)
    assert {row.host_user_id for row in rows} == {"lilei", "wang", "zhao"}


async def test_a_comparison_that_is_cut_off_goes_on_where_it_was(friends: Friends) -> None:
    outsiders = friends.wecom.company.outsiders
    for number in range(250):
        outsiders.add(friends.friend("lilei", number, mobiles=[]))
    found = await friends.stage.platforms.platform_named(HOST, CONNECTION)
    assert found is not None

    async def one_page() -> bool:
        stage = friends.stage
        return await compare_some(stage.database, *found, stage.clock, most_pages=1)

    assert not await one_page()
    friends.wecom.faults.add("down", "get_by_user")
    assert not await one_page()  # the answer did not come
    assert not await one_page()
    assert len(await friends.all(ChatContact)) == 200
    for _ in range(3):
        done = await one_page()
    assert done and len(await friends.all(ChatContact)) == 250
    asked = friends.stage.network.asked("get_by_user")
    assert len(asked) == 4  # three pages and the one that was cut
    (reading,) = await friends.all(ChatContactReading)
    assert reading.finished_at == friends.stage.clock()


async def test_a_leaver_chats_are_counted_on_the_card_and_kept(friends: Friends) -> None:
    friends.wecom.company.outsiders.add(friends.friend(number=2, mobiles=[]))
    await friends.linked()
    await friends.compared()
    assert await friends.wecom.member_left("lilei") == 200
    await friends.stage.read_what_changed()
    await friends.stage.do("hand_over")
    await friends.stage.deliver()
    wang = friends.stage.phone(HOST, "wang")
    assert ("聊天客户", "2 位（1 位已关联联系人）") in wang.heard[-1].fields
    await friends.compared(days=8)
    assert {row.state for row in await friends.all(ChatContact)} == {"known"}


async def test_a_removed_contact_takes_links_and_consents_along(friends: Friends) -> None:
    await friends.linked()
    path = f"/customers/{friends.customer_id}/contacts/{friends.contact_id}"
    assert (await friends.lilei.page.send("DELETE", path)).status_code == 200
    await friends.stage.do("tidy")
    assert await friends.all(ChatLink) == await friends.all(ContactConsent) == []


async def test_hints_that_nobody_could_read_are_forgotten(friends: Friends) -> None:
    await friends.wecom.customers.add(friends.friend())
    await friends.switch(on=False)
    friends.stage.clock.now += timedelta(days=8)
    await friends.stage.do("tidy")
    assert await friends.all(ChatContactHint) == []
