"""The JSON of the desk console's page about connections."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from ..http.schemas import In, Out

Verb = Literal[
    "", "credentials", "resume", "confirm_sync", "check", "sync", "retry_events", "retry_messages"
]


class AdviceOut(Out):
    code: str
    is_urgent: bool
    says: str
    verb: Verb = Field(description="What a press can do about it; empty where nothing can")


class AddressOut(Out):
    door: Literal["callback", "robot"]
    url: str


class CredentialOut(Out):
    """Whether a setting has a value; never the value."""

    name: str
    is_set: bool
    is_secret: bool
    is_required: bool


class EventCount(Out):
    kind: str = Field(description="Empty for requests that were not authentic or not readable")
    outcome: str
    count: int


class EventsOut(Out):
    last_kind: str
    last_at: datetime | None
    by_kind: list[EventCount] = Field(description="Of the last 24 hours")
    by_hour: list[int] = Field(description="Events taken in, in each of `hours`")
    failed: int = Field(description="They wait for their next try")
    given_up: int


class WouldGo(Out):
    members: int
    departments: int
    of_members: int
    of_departments: int


class SyncOut(Out):
    run_id: str
    state: Literal["done", "halted", "failed"]
    started_at: datetime
    duration_s: float | None
    read_members: int
    read_departments: int
    counts: dict[str, int]
    reason: str
    would_go: WouldGo | None


class OutboxOut(Out):
    waiting: int
    oldest_due_at: datetime | None
    refused: int
    given_up: int
    by_hour: list[int] = Field(description="Messages posted in each of `hours` that were sent")
    sent: int = Field(description="Of those posted in the last 24 hours")


class BudgetOut(Out):
    """The host's limits, and what is used of those that it counts by the month."""

    used_this_month: int | None
    per_month: int | None
    per_second: int
    per_member_minute: int
    per_member_hour: int


class LineOut(Out):
    """A connection that we open, by which the host brings events."""

    is_up: bool
    since: datetime | None
    process: str


class ServiceOut(Out):
    """What the host does beside messages. `none`: this host does not have it."""

    name: str
    state: Literal["on", "off", "paused", "none"]
    does: str
    wants: str = Field(description="What must be granted in the host's admin console first")
    refused: str = Field(description="Why the host refuses it, while it is paused")
    retry_at: datetime | None


class ServiceSwitch(In):
    on: bool


class ConnectionOut(Out):
    id: str
    host: str
    title: str
    name: str
    corp_id: str
    is_sandbox: bool
    state: Literal["active", "paused", "unusable"]
    paused_at: datetime | None
    paused_reason: str
    is_set_in_environment: bool
    advice: list[AdviceOut] = Field(description="Most urgent first; empty when all is well")
    addresses: list[AddressOut]
    credentials: list[CredentialOut]
    hours: list[datetime] = Field(description="Beginnings of the last 24 hours, the present last")
    events: EventsOut
    sync: SyncOut | None
    sync_is_waited_for: bool
    outbox: OutboxOut
    budget: BudgetOut | None
    line: LineOut | None
    services: list[ServiceOut]
    has_line: bool = Field(description="Events come by a connection that we open")


class ConnectionsOut(Out):
    company: str
    as_of: datetime
    connections: list[ConnectionOut]


class FindingOut(Out):
    part: str
    ok: bool
    says: str


class CheckedOut(Out):
    findings: list[FindingOut]


class DoneOut(Out):
    """`count` is how many rows it was about, where there may be several."""

    count: int


class ConfirmIn(In):
    run_id: str = Field(max_length=26, description="The reading whose figures were looked at")


class CredentialsIn(In):
    """What is to be replaced. Written, never read back; empty forgets an optional one."""

    credentials: dict[str, str] = Field(min_length=1, max_length=20)


class ChangedOne(Out):
    name: str
    host_id: str


class SyncReportOut(Out):
    """Who changed by the last reading, by name; the first 500 of each kind."""

    people: dict[str, list[ChangedOne]]
