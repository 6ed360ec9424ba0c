"""What every host platform must do, whoever it is. Each host subclasses `HostContract`.

A subclass lives in `tests/integrations/<host>/test_contract.py`, is called `Test…`, and its module
provides these fixtures:

`simulator: HostSimulator`
    The pretend host, with a company from `a_company()` in its world. Its callbacks must arrive at
    `door.app`: give it `door.http` as its `http`, and `door.address` + "callback" (and "robot") as
    the app's callback addresses.
`host: HostPlatform`
    The adapter, connected to `simulator.app` through `httpx.ASGITransport`.
`door: Door`
    A `Door()`. The contract sets its reader and its clock by itself.

A new host may have to say, in its subclass, how a forged callback and an accepted page signature
look: override `forged` and `accepts`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from field_ops.host.errors import (
    CallbackError,
    CallbackNotAuthentic,
    CredentialsRejected,
    HostBusy,
    HostRefused,
    HostUnavailable,
    SendError,
    SignInCodeRejected,
)
from field_ops.host.events import (
    CardPressed,
    DepartmentsChanged,
    HostEvent,
    MembersChanged,
    MembersLeft,
    TextReceived,
)
from field_ops.host.messages import Article, Button, Card, Field, Notice, plain
from field_ops.host.platform import (
    CallbackReader,
    HostDepartment,
    HostMember,
    HostPlatform,
    PageSignature,
    RawCallback,
    Recipient,
)
from integrations.sandbox.stage import HostSimulator
from integrations.sandbox.world import App, Company, Department, Heard, Person

PAGE = "https://waiqin.example/h5/?from=host&name=%E5%8D%8E%E8%81%94"
HOSTILE_NAME = ("「华联」\"'<script>alert(1)</script>]]>&amp;**\n👨‍👩‍👧‍👦" * 5)[:200]


def a_company(host: str, app: App, corp_id: str = "wwSandboxCorp0001") -> Company:
    """Three departments, 王主管 who leads 李雷 and 韩梅梅, and the boss in two departments."""
    company = Company(host=host, corp_id=corp_id, name="晨光商贸", app=app)
    company.departments = {
        1: Department(1, "晨光商贸", 0),
        2: Department(2, "销售部", 1, order=2),
        5: Department(5, "销售一组", 2, order=1),
    }
    people = (
        Person("boss", "老板", [1, 2], leads=[1], title="总经理", main_department_id=1),
        Person("wang", "王主管", [5], leads=[5], title="主管", main_department_id=5),
        Person("lilei", "李雷", [5], direct_leader_id="wang", main_department_id=5),
        Person("hanmeimei", "韩梅梅", [5, 2], direct_leader_id="wang", main_department_id=5),
    )
    company.people = {person.user_id: person for person in people}
    return company


class Door:
    """Our side of the callbacks: an app that reads what the pretend host pushes and keeps it."""

    address = "http://waiqin.test/"

    def __init__(self) -> None:
        self.reader: CallbackReader | None = None
        self.now = lambda: datetime.now(UTC)
        self.raw: list[RawCallback] = []
        self.events: list[HostEvent] = []
        self.statuses: list[int] = []  # what to answer to the next pushes, instead of reading them
        self.app = Starlette(routes=[Route("/{door}", self._receive, methods=["GET", "POST"])])
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app))

    async def _receive(self, request: Request) -> Response:
        assert self.reader is not None
        raw = RawCallback(
            door=request.path_params["door"],
            method=request.method,
            query=dict(request.query_params),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.body(),
        )
        self.raw.append(raw)
        if self.statuses:
            return Response(status_code=self.statuses.pop(0))
        try:
            callback = self.reader.read(raw, self.now())
        except CallbackNotAuthentic:
            return Response(status_code=403)
        except CallbackError:
            return Response(status_code=400)
        self.events += callback.events
        answer = callback.answer
        return Response(answer.body, answer.status, media_type=answer.content_type)

    def heard(self, kind: type[HostEvent]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class HostContract:
    """Subclass it; provide `host`, `simulator` and `door`."""

    def forged(self, raw: RawCallback) -> RawCallback:
        """The same request with a signature that somebody without the token made up."""
        marks = [name for name in raw.query if name.endswith("signature")]
        headers = [name for name in raw.headers if name == "sign"]
        return replace(
            raw,
            query={**raw.query, **dict.fromkeys(marks, "0" * 40)},
            headers={**raw.headers, **dict.fromkeys(headers, "0" * 40)},
        )

    async def accepts(self, simulator: HostSimulator, url: str, page: PageSignature) -> bool:
        """Whether the pretend host would let the page at `url` use its script."""
        async with _reach(simulator) as http:
            for kind, signature in (("config", page.config), ("agent", page.agent_config)):
                if not signature:
                    continue
                query = {"url": url, "kind": kind, **{k: str(v) for k, v in signature.items()}}
                answer = await http.get("/sandbox/verify-signature", params=query)
                if answer.json()["ok"] is not True:
                    return False
        return True

    @pytest.fixture(autouse=True)
    def _an_open_door(self, host: HostPlatform, door: Door) -> None:
        door.reader = host.callbacks

    async def test_a_notice_reaches_its_recipient(self, host, simulator):
        await host.messenger.send(Recipient("lilei"), Notice("早上好"), once="n-1")
        assert [line.text for line in heard_by(simulator, "lilei")] == ["早上好"]
        assert heard_by(simulator, "wang") == []

    async def test_an_article_reaches_its_recipient(self, host, simulator):
        article = Article("今日计划", f"**三家**\n> {plain(HOSTILE_NAME)}")
        await host.messenger.send(Recipient("lilei"), article, once="a-1")
        (line,) = heard_by(simulator, "lilei")
        assert "三家" in line.text

    async def test_a_card_shows_its_facts_and_its_buttons(self, host, simulator):
        await host.messenger.send(Recipient("lilei"), A_CARD, once="c-1")
        (line,) = heard_by(simulator, "lilei")
        assert "华联超市" in drawn(line)
        assert "人民路 1 号" in drawn(line)
        assert {button["text"] for button in line.buttons} >= {"签到", "看拜访"}

    async def test_a_hostile_name_arrives_as_text(self, host, simulator):
        card = replace(A_CARD, title=HOSTILE_NAME, fields=(Field(HOSTILE_NAME, HOSTILE_NAME),))
        await host.messenger.send(Recipient("lilei"), card, once="c-2")
        (line,) = heard_by(simulator, "lilei")
        assert "华联" in drawn(line)

    async def test_a_choice_among_several_can_be_pressed(self, host, simulator, door):
        choices = tuple(Button(f"华联 {n} 店", says=f"查 华联 {n} 店") for n in range(1, 6))
        card = Card("您指哪一家？", choices=choices)
        await host.messenger.send(Recipient("lilei"), card, once="c-3")
        (line,) = heard_by(simulator, "lilei")
        assert [button["text"] for button in line.buttons] == [c.text for c in choices]
        await simulator.press(line.id, line.buttons[3]["key"], "lilei")
        assert said(door.events) == [("lilei", "查 华联 4 店")]

    async def test_a_pressed_button_says_its_sentence(self, host, simulator, door):
        await host.messenger.send(Recipient("lilei"), A_CARD, once="c-4")
        (line,) = heard_by(simulator, "lilei")
        (button,) = [b for b in line.buttons if b["text"] == "看拜访"]
        assert await simulator.press(line.id, button["key"], "lilei") == 200
        assert said(door.events) == [("lilei", "看拜访 华联超市")]

    async def test_a_card_changes_for_whoever_has_it(self, host, simulator):
        receipt = await host.messenger.send(Recipient("lilei"), A_CARD, once="c-5")
        if not receipt.revise_with:
            pytest.skip("the cards of this host, as it is connected here, do not change")
        done = replace(A_CARD, title="已签到 · 李雷 09:00", buttons=A_CARD.buttons[:1])
        await host.messenger.revise(receipt.revise_with, "c-5", done)
        (line,) = heard_by(simulator, "lilei")
        assert line.title == "已签到 · 李雷 09:00"
        assert [button["key"] for button in line.buttons] == [""]

    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            ("busy", HostBusy),
            ("down", HostUnavailable),
            ("lost_answer", HostUnavailable),
            ("refused", HostRefused),
        ],
    )
    async def test_a_failed_send_says_whether_to_try_again(self, host, simulator, fault, expected):
        await host.messenger.send(Recipient("wang"), Notice("先拿到凭证"), once="f-0")
        simulator.faults.add(fault)
        with pytest.raises(expected):
            await host.messenger.send(Recipient("lilei"), Notice("早上好"), once="f-1")

    async def test_a_lost_answer_says_that_it_may_have_arrived(self, host, simulator):
        await host.messenger.send(Recipient("wang"), Notice("先拿到凭证"), once="f-0")
        simulator.faults.add("lost_answer")
        with pytest.raises(HostUnavailable) as failure:
            await host.messenger.send(Recipient("lilei"), Notice("早上好"), once="f-1")
        assert failure.value.maybe_done
        assert len(heard_by(simulator, "lilei")) == 1

    async def test_a_message_to_nobody_is_refused(self, host, simulator):
        with pytest.raises(HostRefused):
            await host.messenger.send(Recipient("nobody"), Notice("早上好"), once="f-2")

    async def test_a_wrong_secret_is_a_matter_for_the_settings(self, host, simulator):
        simulator.faults.add("credentials")
        with pytest.raises(CredentialsRejected) as failure:
            await host.messenger.send(Recipient("lilei"), Notice("早上好"), once="f-3")
        assert simulator.company.app.secret not in str(failure.value)

    async def test_a_revoked_token_is_renewed_and_the_call_succeeds(self, host, simulator):
        await host.messenger.send(Recipient("lilei"), Notice("早上好"), once="t-1")
        simulator.revoke_tokens()
        await host.messenger.send(Recipient("lilei"), Notice("晚上好"), once="t-2")
        assert [line.text for line in heard_by(simulator, "lilei")] == ["早上好", "晚上好"]

    async def test_a_token_is_not_renewed_for_ever(self, host, simulator):
        simulator.faults.add("token_expired", times=50)
        with pytest.raises(SendError):
            await host.messenger.send(Recipient("lilei"), Notice("早上好"), once="t-3")
        assert simulator.faults.queue[0].times > 40

    async def test_a_member_signs_in_with_the_code_of_his_page(self, host, simulator):
        user = await host.sign_in.who(simulator.sign_in_code("lilei"))
        assert user.host_user_id == "lilei"

    async def test_a_sign_in_code_is_good_once(self, host, simulator):
        code = simulator.sign_in_code("lilei")
        await host.sign_in.who(code)
        with pytest.raises(SignInCodeRejected):
            await host.sign_in.who(code)

    async def test_an_invented_sign_in_code_is_rejected(self, host):
        with pytest.raises(SignInCodeRejected):
            await host.sign_in.who("made-up")

    async def test_the_directory_tells_all_departments(self, host):
        tree = [(d.host_department_id, d.name, d.parent_id) for d in await the_tree_of(host)]
        assert tree == [("1", "晨光商贸", ""), ("2", "销售部", "1"), ("5", "销售一组", "2")]

    async def test_the_directory_tells_all_members_of_a_department(self, host):
        members = (await host.directory.members_of("5")).members
        assert sorted(member.host_user_id for member in members) == ["hanmeimei", "lilei", "wang"]
        (boss,) = (await host.directory.members_of("1")).members
        assert boss.host_user_id == "boss"

    async def test_a_department_that_is_gone_has_nobody(self, host):
        assert (await host.directory.members_of("77")).members == ()

    async def test_the_directory_tells_one_member(self, host):
        wang = await host.directory.member("wang")
        assert isinstance(wang, HostMember)
        assert (wang.name, wang.department_ids, wang.leads) == ("王主管", ("5",), ("5",))
        assert wang.active

    async def test_somebody_who_is_not_there_is_none(self, host):
        assert await host.directory.member("nobody") is None

    async def test_an_outage_is_not_an_empty_department(self, host, simulator):
        simulator.faults.add("down", times=9)
        with pytest.raises(HostUnavailable):
            await host.directory.members_of("5")

    async def test_a_signed_page_is_accepted_by_the_host(self, host, simulator):
        page = await host.page_signer.sign(PAGE + "#/visits", datetime.now(UTC))
        assert await self.accepts(simulator, PAGE, page)
        assert not await self.accepts(simulator, PAGE + "&other=1", page)

    async def test_what_a_member_writes_arrives_as_text(self, simulator, door):
        assert await simulator.say("lilei", " 查 华联 ]]> & <b> 👋 ") == 200
        (event,) = door.heard(TextReceived)
        assert (event.host_user_id, event.text) == ("lilei", "查 华联 ]]> & <b> 👋")

    async def test_a_repeated_event_keeps_its_id(self, simulator, door):
        simulator.faults.duplicate_events = 3
        await simulator.say("lilei", "帮助")
        assert len(door.events) == 3
        assert len({event.event_id for event in door.events}) == 1

    async def test_the_same_words_twice_are_two_events(self, simulator, door):
        await simulator.say("lilei", "帮助")
        await simulator.say("lilei", "帮助")
        assert len({event.event_id for event in door.events}) == 2

    async def test_a_forged_callback_is_refused(self, host, simulator, door):
        await simulator.say("lilei", "帮助")
        with pytest.raises(CallbackNotAuthentic):
            host.callbacks.read(self.forged(door.raw[-1]), datetime.now(UTC))

    async def test_changes_in_the_company_are_told(self, simulator, door):
        await simulator.member_changed("lilei")
        await simulator.department_changed(5)
        await simulator.member_left("hanmeimei")
        assert [e.host_user_ids for e in door.heard(MembersChanged)] == [("lilei",)]
        assert [e.host_department_ids for e in door.heard(DepartmentsChanged)] == [("5",)]
        assert [e.host_user_ids for e in door.heard(MembersLeft)] == [("hanmeimei",)]


A_CARD = Card(
    title="华联超市",
    fields=(Field("地址", "人民路 1 号"), Field("上次拜访", "3 天前")),
    text="今天第 2 家",
    buttons=(
        Button("签到", url="https://waiqin.example/h5/#/check-in"),
        Button("看拜访", says="看拜访 华联超市"),
    ),
    url="https://waiqin.example/h5/#/customers/1",
)


def heard_by(simulator: HostSimulator, user_id: str) -> list[Heard]:
    return simulator.world.heard_by(simulator.host, user_id)


def drawn(line: Heard) -> str:
    """Everything that a phone would show of the line."""
    return "\n".join([line.title, line.text, *(f"{name} {value}" for name, value in line.fields)])


def said(events: Sequence[HostEvent]) -> list[tuple[str, str]]:
    """Who said what: by pressing a card, or through a button that types it for him."""
    spoken = {CardPressed: "says", TextReceived: "text"}
    return [
        (event.host_user_id, getattr(event, spoken[type(event)]))
        for event in events
        if type(event) in spoken
    ]


async def the_tree_of(host: HostPlatform) -> list[HostDepartment]:
    """Every department, asked for at each place where there may be more."""
    found: list[HostDepartment] = []
    waiting = [""]
    for at in waiting:  # grows while it is walked
        answer = await host.directory.departments(at)
        found += answer.departments
        waiting += answer.ask_next
    return found


def _reach(simulator: HostSimulator) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=simulator.app), base_url="http://host.test"
    )
