"""A pretend host at its port: remembers what it was told to send and fails on demand.

host = FakeHost()
host.fail_next(HostUnavailable("down"))
relay = Relay(database, FakePlatforms({connection_id: host}), clock, "relay-1")
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import orjson

from field_ops.connections.refs import ConnectionRef
from field_ops.host.deliveries import Delivered
from field_ops.host.errors import (
    CallbackNotAuthentic,
    CallbackUnreadable,
    CredentialsRejected,
    HostRefused,
    SignInCodeRejected,
)
from field_ops.host.events import HostEvent, from_payload
from field_ops.host.messages import Card, Message, Wording
from field_ops.host.platform import (
    Callback,
    CallbackAnswer,
    Deliver,
    DepartmentsAnswer,
    HostDepartment,
    HostLimits,
    HostMember,
    HostPlatform,
    HostUser,
    MembersPage,
    PageSignature,
    RawCallback,
    Receipt,
    Recipient,
)
from field_ops.texts import Text
from tests.conftest import TUESDAY_MORNING

GENEROUS = HostLimits(per_member_minute=1000, per_member_hour=10_000, per_app_second=10_000)


class Nobody(httpx.AsyncBaseTransport):
    """A network on which nobody answers, for what asks nobody. (A real one begins by reading the
    certificates of this machine, which takes longer than most tests.)"""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody is there", request=request)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = TUESDAY_MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **how_far: float) -> None:
        """`clock.forward(minutes=90)`"""
        self.now += timedelta(**how_far)


def as_is(message: Message) -> Wording:
    """The same message for a reader of any language."""
    return lambda _language: message


@dataclass(frozen=True, slots=True)
class Said:
    """One message that the host accepted."""

    to: str
    message: Message
    once: str
    recipient: Recipient


@dataclass
class FakeMessenger:
    """Drops a message whose `once` it has, as WeCom does. `calls` counts what was tried.

    With a `journal` (a file that exists) everything accepted is also appended to it, one `once` a
    line, so that another process can go on and count after this one was killed. `after_send` is
    called for each.
    """

    journal: Path | None = None
    slow_s: float = 0.0
    said: list[Said] = field(default_factory=list)
    calls: int = 0
    failures: list[Exception] = field(default_factory=list)
    down: Exception | None = None
    fails_for: dict[str, Exception] = field(default_factory=dict)
    loses_answers: int = 0
    gives_ids: bool = True
    cards_change: bool = False
    codes_are_spent: bool = False  # each handle changes a card once, as WeCom's do
    spent: set[str] = field(default_factory=set)
    revised: list[tuple[str, Card]] = field(default_factory=list)
    after_send: Callable[[], None] = lambda: None

    async def send(self, to: Recipient, message: Message, *, once: str) -> Receipt:
        self.calls += 1
        await asyncio.sleep(self.slow_s)
        if self.down is not None:
            raise self.down
        if to.host_user_id in self.fails_for:
            raise self.fails_for[to.host_user_id]
        if self.failures and not self.loses_answers:
            raise self.failures.pop(0)
        if once not in self._known():
            self.said.append(Said(to.host_user_id, message, once, to))
            self._write_down(once)
            self.after_send()
        if self.loses_answers:
            self.loses_answers -= 1
            raise self.failures.pop(0)
        handle = once if isinstance(message, Card) and self.cards_change else ""
        return Receipt(f"m-{once}" if self.gives_ids else "", revise_with=handle)

    async def revise(self, revise_with: str, once: str, card: Card) -> None:
        self.calls += 1
        if self.failures and not self.loses_answers:
            raise self.failures.pop(0)
        if revise_with in self.spent:
            raise HostRefused("invalid response_code", code="60140")
        self.revised.append((once, card))
        if self.codes_are_spent:
            self.spent.add(revise_with)
        if self.loses_answers:
            self.loses_answers -= 1
            raise self.failures.pop(0)

    def _known(self) -> set[str]:
        written = self.journal.read_text().split() if self.journal else []
        return {said.once for said in self.said} | set(written)

    def _write_down(self, once: str) -> None:
        if self.journal is None:
            return
        # One write call: it is in the file whole, or not at all, whenever the process dies.
        descriptor = os.open(self.journal, os.O_WRONLY | os.O_APPEND)
        os.write(descriptor, f"{once}\n".encode())
        os.close(descriptor)


class FakeCallbacks:
    """Reads `{"signed": true, "events": [payload…]}`, an envelope that no real host has."""

    def read(self, raw: RawCallback, now: datetime) -> Callback:
        try:
            envelope = orjson.loads(raw.body)
        except orjson.JSONDecodeError as failure:
            raise CallbackUnreadable("not JSON") from failure
        if not envelope.get("signed"):
            raise CallbackNotAuthentic("not signed")
        events = tuple(from_payload(payload) for payload in envelope["events"])
        return Callback(events, CallbackAnswer(b"success:" + raw.door.encode()))


@dataclass
class FakeSignIn:
    """Every code that is the id of a known person is right, once."""

    people: dict[str, HostUser] = field(default_factory=dict)

    def authorise_url(self, redirect_uri: str, state: str, *, in_app: bool) -> str:
        return f"https://host.example/authorise?state={state}"

    async def who(self, code: str, *, in_app: bool = True) -> HostUser:
        try:
            return self.people.pop(code)
        except KeyError as failure:
            raise SignInCodeRejected(code) from failure


@dataclass
class FakeDirectory:
    """Answers from two lists; `failures` are raised first, one a call. `asked` tells the calls."""

    all_departments: list[HostDepartment] = field(default_factory=list)
    all_members: list[HostMember] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def departments(self, at: str = "") -> DepartmentsAnswer:
        self._answer("departments")
        return DepartmentsAnswer(tuple(self.all_departments))

    async def members_of(self, host_department_id: str, page: str = "") -> MembersPage:
        self._answer(host_department_id)
        return MembersPage(
            tuple(m for m in self.all_members if host_department_id in m.department_ids)
        )

    async def member(self, host_user_id: str) -> HostMember | None:
        self._answer(host_user_id)
        return next((m for m in self.all_members if m.host_user_id == host_user_id), None)

    def _answer(self, what: str) -> None:
        self.asked.append(what)
        if self.failures:
            raise self.failures.pop(0)


@dataclass
class FakeLongConnection:
    """Hands over what is put into `coming` while somebody runs it; `runs` counts by how many."""

    coming: asyncio.Queue[HostEvent] = field(default_factory=asyncio.Queue)
    ends_with: Exception | None = None
    ends: asyncio.Event = field(default_factory=asyncio.Event)
    runs: int = 0
    runs_ever: int = 0

    async def run(self, deliver: Deliver) -> None:
        self.runs += 1
        self.runs_ever += 1
        try:
            handing_over = asyncio.create_task(self._hand_over(deliver))
            await self.ends.wait()
            handing_over.cancel()
            if self.ends_with is not None:
                raise self.ends_with
        finally:
            self.runs -= 1
            handing_over.cancel()

    async def _hand_over(self, deliver: Deliver) -> None:
        while True:
            await deliver([await self.coming.get()])
            self.coming.task_done()

    def is_up(self) -> bool:
        return self.runs > 0


class FakePageSigner:
    async def sign(self, url: str, now: datetime) -> PageSignature:
        return PageSignature({"url": url}, {})


@dataclass
class FakeDelivery:
    """Tells of each message what `knows` says, else that it was delivered."""

    knows: dict[str, Delivered] = field(default_factory=dict)  # by the host's id
    tells: bool = True
    asked: list[str] = field(default_factory=list)
    recalled: list[str] = field(default_factory=list)

    async def look(self, to: Recipient, host_message_id: str) -> Delivered | None:
        self.asked.append(host_message_id)
        return self.knows.get(host_message_id, Delivered("delivered"))

    async def recall(self, to: Recipient, host_message_id: str) -> None:
        self.recalled.append(host_message_id)


@dataclass
class FakeHost:
    """All five parts of a host, and short ways to ask what it heard and to make it fail."""

    name: str = "wecom"
    limits: HostLimits = GENEROUS
    messenger: FakeMessenger = field(default_factory=FakeMessenger)
    sign_in: FakeSignIn = field(default_factory=FakeSignIn)
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    long_connection: FakeLongConnection | None = None
    delivery: FakeDelivery | None = None

    @property
    def platform(self) -> HostPlatform:
        return HostPlatform(
            name=self.name,
            title=Text(self.name, self.name),
            callbacks=FakeCallbacks(),
            messenger=self.messenger,
            sign_in=self.sign_in,
            directory=self.directory,
            page_signer=FakePageSigner(),
            limits=self.limits,
            long_connection=self.long_connection,
            delivery=self.delivery,
        )

    def heard_by(self, host_user_id: str) -> list[Message]:
        """What this person received, oldest first."""
        return [said.message for said in self.messenger.said if said.to == host_user_id]

    def fail_next(self, *failures: Exception) -> None:
        """The next sends raise these, one each, and nothing arrives."""
        self.messenger.failures += failures

    def lose_next_answer(self, failure: Exception) -> None:
        """The next send arrives, and the sender is told `failure`."""
        self.messenger.failures.append(failure)
        self.messenger.loses_answers += 1

    def go_down(self, failure: Exception) -> None:
        """Every send raises this until `come_back`."""
        self.messenger.down = failure

    def come_back(self) -> None:
        self.messenger.down = None


@dataclass
class FakePlatforms:
    """Which host is behind which connection: what the runtime is asked for."""

    hosts: Mapping[str, FakeHost] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)  # connections whose stored settings are wrong
    refs: Mapping[str, ConnectionRef] = field(default_factory=dict)  # by name in the address

    async def platform_of(self, connection_id: str) -> HostPlatform | None:
        if connection_id in self.broken:
            raise CredentialsRejected("the agent id is not a number")
        host = self.hosts.get(connection_id)
        return host.platform if host else None

    async def platform_named(
        self, host: str, name: str
    ) -> tuple[HostPlatform, ConnectionRef] | None:
        ref = self.refs.get(name)
        if ref is None or self.hosts[ref.id].name != host:
            return None
        return self.hosts[ref.id].platform, ref
