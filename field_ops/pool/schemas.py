"""The JSON of pools: what pages and API users send and see."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from ..customers.schemas import CustomerType, Kind, Level, MemberOut, Schema, Stage
from .rules import PoolRules


class PoolOut(Schema):
    id: str
    name: str = Field(description="Empty for the company's own, until somebody names it")
    rules: PoolRules
    is_admin: bool


class PoolsOut(Schema):
    """My pools, and what I may still do today."""

    pools: list[PoolOut]
    claims_left: int
    views_left: int
    holding: int = Field(description="Customers that count against the limit")
    holding_limit: int
    untold: list[str] = Field(
        description="Conditions of recycling that end no clock yet: nothing tells of opportunities "
        "and contracts"
    )


class PoolQuery(Schema):
    pool_id: str = Field("", max_length=26, description="Empty: all my pools")
    q: str = Field("", max_length=100, description="Part of the name or the city")
    level: Literal["", "A", "B", "C", "D"] = ""
    page: int = Field(1, ge=1, le=500, description="Twenty rows each; ask while `more` is true")


class PoolRow(Schema):
    """A customer before the claim. The phone is masked, hidden or open, as the pool says."""

    id: str
    number: str
    name: str
    level: Level
    lifecycle_stage: Stage
    city: str
    address: str = Field(description="Empty where the pool hides it")
    phone: str
    pool_id: str
    pool_name: str
    since: datetime | None = Field(description="When it came into the pool, where that is known")
    how: str = Field(description="created, released, recycled, assigned or handed_over")
    last_visit_at: datetime | None


class PoolRows(Schema):
    rows: list[PoolRow]
    more: bool


class PoolContactOut(Schema):
    name: str
    title: str
    phone: str


class PoolCustomerOut(PoolRow):
    customer_kind: Kind
    type: CustomerType
    note: str
    contacts: list[PoolContactOut]
    views_left: int


class ClaimedOut(Schema):
    customer_id: str
    claims_left: int


class PoolOwnerIn(Schema):
    member_id: str = Field(max_length=26)


class PoolOwnerOut(Schema):
    owner: MemberOut


class ReleaseIn(Schema):
    reason: str = Field(min_length=2, max_length=300, examples=["店铺已转让"])


class ReleasedOut(Schema):
    customer_id: str


class PoolMemberIn(Schema):
    kind: Literal["member", "department"]
    id: str = Field(max_length=26)
    is_admin: bool = False


class PoolMemberOut(PoolMemberIn):
    name: str


class PoolSettings(Schema):
    """A pool with whoever belongs to it; to the company's own everybody does."""

    id: str
    name: str = Field(description="Empty for the company's own, until somebody names it")
    position: int
    rules: PoolRules
    members: list[PoolMemberOut]
    customers: int = Field(description="How many lie in it now")


class RemovedPool(Schema):
    id: str
    name: str
    removed_at: datetime


class RemovalQuery(Schema):
    into: str = Field("", max_length=26, description="The pool that gets its customers")


class MovedOut(Schema):
    moved: int = Field(description="Customers that lie in another pool now")


class PoolSettingsOut(Schema):
    pools: list[PoolSettings] = Field(description="In the order in which they rule")
    named: list[MemberOut] = Field(description="Whom rules of allocation name")
    removed: list[RemovedPool] = Field(description="What can still be restored")


class PoolIn(Schema):
    """A pool as it shall be; the server keeps since when each rule is so."""

    name: str = Field(min_length=1, max_length=100, examples=["华东公海"])
    position: int = Field(0, ge=0, le=10_000)
    rules: PoolRules = Field(default_factory=PoolRules)
    members: list[PoolMemberIn] = Field(default_factory=list, max_length=1000)


class ClockOut(Schema):
    """Until when the owner has to do something, and why. Without `deadline` nothing recycles it."""

    deadline: date | None = Field(description="The last day; a work day of the company")
    left_days: int | None = Field(description="Calendar days; negative when it is over")
    why: Literal[
        "first_follow_up", "no_follow_up", "no_deal", "no_opportunity", "after_contract", ""
    ]
    days: int | None = Field(description="Of the condition; work days for the first follow-up")
    since: date | None = Field(description="The day that they are counted from")
    sentence: str = Field(description="The same for a person, in his language; may be empty")
    is_locked: bool
    protected_until: date | None
    held_by: list[Literal["extension_waits", "visit_open"]] = Field(
        description="Why it stays, whatever its clock says"
    )
    extensions_granted: int
    extensions_most: int
    extension_days: int
    waiting_extension: str | None = Field(description="Why more time was asked for")
    may_ask: bool
    may_release: bool
    may_decide: bool


class ExtensionIn(Schema):
    reason: str = Field(min_length=2, max_length=300, examples=["客户下周才回来"])


class DecisionIn(Schema):
    is_granted: bool


class ProtectionIn(Schema):
    until: date | None = Field(description="The last protected day; None locks the customer")
    reason: str = Field("", max_length=300)


class AbsenceIn(Schema):
    last_day: date = Field(description="Included")


class AbsenceOut(Schema):
    member: MemberOut
    first_day: date
    last_day: date


class AbsencesOut(Schema):
    absences: list[AbsenceOut]


class AwayOut(Schema):
    """When a member is away, the earliest first."""

    member_id: str
    days: list[tuple[date, date]] = Field(description="First and last day of each absence")


class EndingRow(Schema):
    """A customer that a run would take back, with its reason."""

    id: str
    number: str
    name: str
    level: Level
    owner: MemberOut
    deadline: date
    sentence: str


class EndingsOut(Schema):
    count: int = Field(description="All of them; `rows` are the first two hundred")
    rows: list[EndingRow]


class WaitingExtension(Schema):
    customer_id: str
    customer_name: str
    owner: MemberOut
    reason: str
    asked_at: datetime


class WaitingExtensions(Schema):
    extensions: list[WaitingExtension] = Field(description="Those that I decide about")


class EndingsQuery(Schema):
    in_days: int = Field(1, ge=0, le=365, description="A run so many days from now")


class MineEndingQuery(Schema):
    within_days: int = Field(15, ge=0, le=365)


class TrialIn(Schema):
    """A pool as it is typed, before anybody saves it."""

    pool_id: str = Field("default", max_length=26, description="Empty: a new one")
    rules: PoolRules
    position: int | None = Field(None, ge=0, le=10_000, description="None: as it is")
    members: list[PoolMemberIn] | None = Field(
        None, max_length=1000, description="None: as they are"
    )


class RulesIn(TrialIn):
    in_days: int = Field(8, ge=0, le=365, description="A run so many days from now")


class AllocationRow(Schema):
    """A customer that waits, and who would have it; None: it waits on, and members may claim it."""

    id: str
    number: str
    name: str
    city: str
    member: MemberOut | None
    sentence: str = Field(description="Why")


class AllocationsOut(Schema):
    count: int = Field(description="All that wait; `rows` are the first two hundred")
    rows: list[AllocationRow]


class HolderOut(Schema):
    """What one member holds, and what he does with it. Thirty days for worked, 180 for the rest."""

    member: MemberOut
    held: int
    worked: int
    never_worked: int
    ratio: float | None = Field(description="Worked of held, 0 to 1; None when nothing is held")
    is_below_target: bool
    claims: int
    deals: int
    last_day_releases: int
    repeated: int = Field(description="Customers that he released twice or more")


class HoldersOut(Schema):
    target: float
    rows: list[HolderOut]
