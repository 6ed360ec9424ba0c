"""A host's directory and sign-in at the port: a company in two dictionaries, and its bad days."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from field_ops.host.errors import (
    HostRefused,
    NotAColleague,
    SendError,
    SignInCodeRejected,
)
from field_ops.host.platform import (
    CallbackReader,
    DepartmentsAnswer,
    HostDepartment,
    HostKind,
    HostLimits,
    HostMember,
    HostPlatform,
    HostUser,
    MembersPage,
    Messenger,
    PageSignature,
)
from field_ops.texts import Text

FOREIGNER = "somebody of another company"


class FakeCompany:
    """Plays `Directory`, `SignIn` and `PageSigner`. 总部 › 华东区 › 华东一组, five people.

    `fails_at` maps a department id to what reading its members raises; `down` makes every call
    raise; `hidden` are members whom the lists leave out although they are there.
    """

    def __init__(self) -> None:
        self.departments_by_id: dict[str, HostDepartment] = {}
        self.people: dict[str, HostMember] = {}
        self.codes: dict[str, str] = {}
        self.fails_at: dict[str, SendError] = {}
        self.down: SendError | None = None
        self.hidden: set[str] = set()
        self.invisible: set[str] = set()
        self.asked: list[str] = []
        self.redirects = True
        self.on_web = True
        self.page_size = 100
        self.department("1", "晨光商贸")
        self.department("2", "华东区", "1", leaders=("zhao",))
        self.department("5", "华东一组", "2")
        self.department("6", "华东二组", "2")
        self.person("boss", "老板", "1", leads=("1",))
        self.person("zhao", "赵经理", "2")
        self.person("wang", "王主管", "5", leads=("5",))
        self.person("lilei", "李雷", "5", phone="13800000001")
        self.person("hanmeimei", "韩梅梅", "5", "6")

    def department(
        self, one: str, name: str, parent: str = "", leaders: tuple[str, ...] = ()
    ) -> None:
        self.departments_by_id[one] = HostDepartment(one, name, parent, leader_ids=leaders)

    def person(self, who: str, name: str, *departments: str, **said: Any) -> None:
        self.people[who] = HostMember(who, name, departments, **said)

    def change(self, who: str, **said: Any) -> None:
        self.people[who] = replace(self.people[who], **said)

    def move(self, one: str, under: str) -> None:
        self.departments_by_id[one] = replace(self.departments_by_id[one], parent_id=under)

    def leave(self, *who: str) -> None:
        for one in who:
            del self.people[one]

    def code_for(self, who: str, code: str = "code-1") -> str:
        self.codes[code] = who
        return code

    async def departments(self, at: str = "") -> DepartmentsAnswer:
        self._answer(f"departments {at}".strip())
        return DepartmentsAnswer(tuple(self.departments_by_id.values()))

    async def members_of(self, host_department_id: str, page: str = "") -> MembersPage:
        self._answer(f"members {host_department_id} {page}".strip())
        if host_department_id in self.fails_at:
            raise self.fails_at[host_department_id]
        listed = [
            member
            for who, member in self.people.items()
            if host_department_id in member.department_ids and who not in self.hidden
        ]
        begin = int(page or 0)
        end = begin + self.page_size
        return MembersPage(tuple(listed[begin:end]), str(end) if end < len(listed) else "")

    async def member(self, host_user_id: str) -> HostMember | None:
        self._answer(f"member {host_user_id}")
        if host_user_id in self.invisible:
            raise HostRefused("outside the visible range", code="60011")
        return self.people.get(host_user_id)

    def authorise_url(self, redirect_uri: str, state: str, *, in_app: bool) -> str:
        if not (self.redirects if in_app else self.on_web):
            return ""
        page = "authorise" if in_app else "login"
        return f"https://host.example/{page}?redirect_uri={redirect_uri}&state={state}"

    async def who(self, code: str, *, in_app: bool = True) -> HostUser:
        self._answer("who" if in_app else "who on the web")
        if code not in self.codes:
            raise SignInCodeRejected("unknown or used")
        if self.codes[code] == FOREIGNER:
            raise NotAColleague("of another company")
        return HostUser(self.codes.pop(code))

    async def sign(self, url: str, now: datetime) -> PageSignature:
        self._answer("sign")
        return PageSignature(config={"signature": f"of {url}"}, agent_config={})

    def _answer(self, what: str) -> None:
        self.asked.append(what)
        if self.down is not None:
            raise self.down


TITLES = {"wecom": Text("企业微信", "WeCom"), "dingtalk": Text("钉钉", "DingTalk")}


def a_platform(company: FakeCompany, name: str = "wecom") -> HostPlatform:
    """The company behind the port. What a sync or a sign-in never touches is not there."""
    return HostPlatform(
        name=name,
        title=TITLES[name],
        callbacks=cast(CallbackReader, None),
        messenger=cast(Messenger, None),
        sign_in=company,
        directory=company,
        page_signer=company,
        limits=HostLimits(per_member_minute=30, per_member_hour=1000, per_app_second=2000),
    )


class FakeKind:
    """A host that is installed, with these `services`; remembers with what it was connected."""

    def __init__(self, company: FakeCompany, name: str = "wecom") -> None:
        self.company = company
        self.services: dict[str, Any] = {}
        self.connected: list[tuple[dict[str, str], dict[str, str]]] = []
        self.kind = HostKind(
            name=name,
            title=TITLES[name],
            credentials=("corp_id", "agent_id", "secret", "client_id"),
            required=("corp_id", "secret"),
            secrets=("secret",),
            connect=self.connect,
        )

    def connect(
        self, credentials: Mapping[str, str], http: Any, base_urls: Mapping[str, str]
    ) -> HostPlatform:
        self.connected.append((dict(credentials), dict(base_urls)))
        return replace(a_platform(self.company, self.kind.name), **self.services)
