"""The port: a host platform is five small parts behind one value; a sixth where the host can bring
its events over a connection that we open, and a seventh where it keeps what it could not bring.

Raw bytes become our events at one door, our messages become the host's JSON at the other, and no
host word is used in between. The parts are Protocols, so each can be tested or replaced alone.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from ..texts import Text
from .checks import SelfCheck
from .events import Conversation, HostEvent
from .messages import Card, Message
from .services import HostServices

if TYPE_CHECKING:
    from .deliveries import Delivery


@dataclass(frozen=True, slots=True)
class RawCallback:
    """A request at a host's callback address, untouched.

    `door` is `callback` or `robot`, the last part of the address. `headers` have lower-case names;
    `query` values are decoded exactly once.
    """

    door: str
    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """Exactly what the host wants to hear."""

    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Callback:
    events: tuple[HostEvent, ...]
    answer: CallbackAnswer


Deliver = Callable[[Sequence[HostEvent]], Awaitable[None]]
"""Takes events in: once it returns they are committed, so the host may be told "received".

It raises what the database raises when it could not; then the host must hear nothing, or "later".
"""


class LongConnection(Protocol):
    """A connection that we open and by which the host brings events, instead of our address."""

    async def run(self, deliver: Deliver) -> None:
        """Stay connected and hand over what comes, until cancelled. One process does it at a time.

        Connects again by itself, with back-off, and without a gap where the host announces the end.
        Raises `CredentialsRejected` when the host refuses the app for good, and returns when the
        host gave the connection to somebody else.
        """
        ...

    def is_up(self) -> bool:
        """Whether the host would bring an event now."""
        ...


class MissedEvents(Protocol):
    """Events that the host kept because our address did not answer."""

    async def fetch(self) -> Sequence[HostEvent]:
        """Some of what was kept, each with an id that does not change; empty: there is no more.

        The host forgets what a call returned when it is asked again, so it must be taken in before
        that. Raises a `SendError`.
        """
        ...


class CallbackReader(Protocol):
    def read(self, raw: RawCallback, now: datetime) -> Callback:
        """Verify, decrypt and translate one request. Pure: no clock, no network, no database.

        Raises `CallbackNotAuthentic` or `CallbackUnreadable`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is for: one member, or a conversation that is being answered."""

    host_user_id: str = ""
    conversation: Conversation | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the host gave us for a message it accepted.

    `revise_with` is what a later revision of the card needs; empty when it cannot be revised.
    """

    host_message_id: str = ""
    revise_with: str = ""


class Messenger(Protocol):
    async def send(self, to: Recipient, message: Message, *, once: str) -> Receipt:
        """Hand one message to the host. `once` is stable over retries (≤ 64 of [0-9A-Za-z_-]) and
        is used for the host's own duplicate check where it has one.

        Raises `HostBusy`, `HostUnavailable`, `HostRefused` or `CredentialsRejected`.
        """
        ...

    async def revise(self, revise_with: str, once: str, card: Card) -> None:
        """Change a card that was sent, for everybody who has it. `revise_with` is the handle of its
        receipt or of a press on it, `once` that with which the card was sent.

        Same errors as `send`: `HostRefused` when the host does not change it any more.
        """
        ...


@dataclass(frozen=True, slots=True)
class HostUser:
    """Who signed in. Only `host_user_id` is sure to be there."""

    host_user_id: str
    union_id: str = ""
    name: str = ""
    device_id: str = ""


class SignIn(Protocol):
    def authorise_url(self, redirect_uri: str, state: str, *, in_app: bool) -> str:
        """Where to send the page so that the host returns it to `redirect_uri` with a code.

        `in_app`: the page is open inside the host's own app. Elsewhere the host asks who it is, by
        a QR code for example. Empty where there is no such way (inside DingTalk, whose bridge
        gives the code to the page itself).
        """
        ...

    async def who(self, code: str, *, in_app: bool = True) -> HostUser:
        """Exchange a one-time code, which came by the way that `in_app` names.

        Raises `SignInCodeRejected`, `NotAColleague` or a `SendError`.
        """
        ...


@dataclass(frozen=True, slots=True)
class HostDepartment:
    host_department_id: str
    name: str
    parent_id: str  # "" for the root of all
    order: int = 0
    leader_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostMember:
    """A member as the host shows him. None means "the host did not say", never "empty".

    `department_ids` in the host's order; `main_department_id` is "" where the host has none.
    """

    host_user_id: str
    name: str
    department_ids: tuple[str, ...]
    leads: tuple[str, ...] = ()
    main_department_id: str = ""
    direct_leader_id: str = ""
    union_id: str = ""
    phone: str | None = None
    email: str | None = None
    title: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class DepartmentsAnswer:
    """What a host tells of its departments when it is asked at one place of the tree.

    Below those in `ask_next` there may be more. `members` may be seen although none of their
    departments may.
    """

    departments: tuple[HostDepartment, ...] = ()
    ask_next: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MembersPage:
    """Direct members of one department; `next_page` is "" on the last page."""

    members: tuple[HostMember, ...]
    next_page: str = ""


class Directory(Protocol):
    """The company's people.

    A question is one call, or one of each of two APIs, so that whoever asks many can keep the
    host's rate and go on in the middle. Every call raises a `SendError` when the answer is not
    complete.
    """

    async def departments(self, at: str = "") -> DepartmentsAnswer:
        """The department `at`, or what this app may see at the top; others may come along. In any
        order; a parent that may not be seen is named all the same. Without `at` among them when
        the host has no such department; `HostRefused` when this app may not see it."""
        ...

    async def members_of(self, host_department_id: str, page: str = "") -> MembersPage:
        """One page of the direct members of a department; of one that is gone, nobody."""
        ...

    async def member(self, host_user_id: str) -> HostMember | None:
        """One member, or None when he is not in the company (any more)."""
        ...


@dataclass(frozen=True, slots=True)
class PageSignature:
    """What a page hands to the host's script so that it may use position, camera and scan.

    `config` and `agent_config` hold the script's own key names; `agent_config` may be empty.
    """

    config: Mapping[str, Any]
    agent_config: Mapping[str, Any]


class PageSigner(Protocol):
    async def sign(self, url: str, now: datetime) -> PageSignature:
        """Sign the page at `url` (without its hash)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLimits:
    """The host's figures, from its documentation; the relay stays below them.

    `per_member_minute` and `per_member_hour` are messages to one member, above which the host drops
    silently. `per_app_second` is calls of one API. `identical_text_daily` is true where the host
    drops a second identical text to one member on one day, unless it answers him. `per_app_month`
    is what the smallest edition has of the calls that are counted, None where none are.
    """

    per_member_minute: int
    per_member_hour: int
    per_app_second: int
    identical_text_daily: bool = False
    per_app_month: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPlatform(HostServices):
    """One connected host: what `integrations.<host>.connect()` assembles.

    Beside its parts it may have services, which somebody must switch on (`services.py`).
    """

    name: str  # "wecom"
    title: Text  # 企业微信, WeCom
    callbacks: CallbackReader
    messenger: Messenger
    sign_in: SignIn
    directory: Directory
    page_signer: PageSigner
    limits: HostLimits
    long_connection: LongConnection | None = None
    missed: MissedEvents | None = None
    self_check: SelfCheck | None = None
    delivery: "Delivery | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostKind:
    """A kind of host that is installed: its name, what it needs, and how to connect to it.

    `credentials` are the names of the settings it needs, `secrets` those of them that are secret.
    """

    name: str
    title: Text
    credentials: tuple[str, ...]
    required: tuple[str, ...]
    secrets: tuple[str, ...]
    connect: "Connect"


class Connect(Protocol):
    def __call__(
        self, credentials: Mapping[str, str], http: Any, base_urls: Mapping[str, str]
    ) -> HostPlatform:
        """Build the platform. `http` is the shared `httpx.AsyncClient`; opens nothing by itself.

        `base_urls` name where the host is, and as `doors` our own address for its callbacks,
        without the last part.
        """
        ...
