"""Which event a change becomes: the names that other systems subscribe to, and what they say."""

from datetime import date, datetime, time
from typing import Any, Literal, get_args

from pydantic import Field

from ..customers.listing_api import ListedCustomer
from ..http.schemas import Out

EventName = Literal[
    "customer.created",
    "customer.changed",
    "customer.owner_changed",
    "customer.merged",
    "customer.parted",
    "customer.removed",
    "visit.checked_in",
    "visit.checked_out",
    "visit.logged",
    "plan.made",
    "plan.changed",
    "plan.done",
    "plan.skipped",
    "plan.missed",
    "plan.cancelled",
]
EVENT_NAMES: tuple[str, ...] = get_args(EventName)
PING = "ping"

# An action of a customer that is not here is a change of it: whoever adds a verb need not think.
OF_ACTION = {
    "customer.created": "customer.created",
    "customer.merged_into": "customer.merged",
    "customer.parted": "customer.parted",
    "customer.removed": "customer.removed",
    **dict.fromkeys(
        (
            "customer.claimed",
            "customer.allocated",
            "customer.assigned",
            "customer.handed_over",
            "customer.released",
            "customer.recycled",
            "customer.undone",
        ),
        "customer.owner_changed",
    ),
    "check_in": "visit.checked_in",
    "check_in_again": "visit.checked_in",
    "check_out": "visit.checked_out",
    "log": "visit.logged",
    **{name: name for name in EVENT_NAMES if name.startswith("plan.")},
    PING: PING,
}
NOT_TOLD = frozenset(
    {
        "customers.imported",  # each of its customers is told
        "customers.told_apart",
        "customer.shared",
        "customer.unshared",
        "customer.protected",
        "customer.unprotected",
    }
)


class ChangedBy(Out):
    member_id: str | None = Field(description="None: the company itself; of `api` a token's id")
    via: str = Field(description="h5, bot, worker, cli or api", examples=["h5"])


class OwnerChanged(Out):
    from_id: str | None
    to_id: str | None = Field(description="None: nobody owns it now")
    how: str = Field(examples=["claimed"])


class EventVisit(Out):
    id: str
    number: str = Field(examples=["V-20260310-0007"])
    customer_id: str
    owner_id: str
    visit_type: str = Field(examples=["routine"])
    checked_in_at: datetime
    check_in_verdict: str
    checked_out_at: datetime | None
    dwell_s: int | None
    log_result: str | None
    log_summary: str


class EventPlan(Out):
    id: str
    customer_id: str
    owner_id: str
    planned_on: date
    planned_at: time | None = Field(description="By the company's clock; None: at any time")
    visit_type: str = Field(examples=["routine"])
    purpose: str
    state: str = Field(
        description="draft, scheduled, in_progress, attempted, done, skipped, cancelled, missed or "
        "rescheduled",
        examples=["scheduled"],
    )
    skip_reason: str


class EventOut(Out):
    """What a webhook is sent. `customer`, `visit` and `plan` are as they are when it is made ready,
    which may be later than the change: go by `revision`, and by `number` for the order."""

    id: str = Field(description="The same at each try", examples=["evt_1_4711"])
    number: int = Field(description="Grows in the order in which things happened", examples=[4711])
    type: EventName | Literal["ping"]
    at: datetime
    by: ChangedBy | None = Field(None, description="None where nobody alone did it")
    customer_id: str | None = None
    changed: list[str] = Field(default_factory=list, description="Names of the changed fields")
    owner: OwnerChanged | None = None
    merged_into: str | None = None
    customer: ListedCustomer | None = Field(
        None, description="None: removed, merged, or out of sight now"
    )
    visit: EventVisit | None = None
    plan_id: str | None = None
    plan: EventPlan | None = Field(None, description="None: it went to somebody out of sight")


def event_of(action: str, subject: str) -> str | None:
    """The event that tells of this action; None when nobody is told."""
    if action in OF_ACTION:
        return OF_ACTION[action]
    if action in NOT_TOLD or action.startswith("customer.extension_") or subject != "customer":
        return None
    return "customer.changed"


def said_by(action: str, change: dict[str, Any]) -> dict[str, Any]:
    """What the audit entry of an action adds: which fields, whose it was, where it went."""
    said: dict[str, Any] = {"changed": sorted(change)}
    if OF_ACTION.get(action) == "customer.owner_changed":
        before, after = change["owner_id"]
        how = action.removeprefix("customer.")
        return {"changed": ["owner_id"], "owner": {"from_id": before, "to_id": after, "how": how}}
    if action == "customer.merged_into":
        return {"merged_into": change["into"][1]}
    if action == "plan.changed":
        return said
    if action.startswith(("contact.", "location.")):
        said["changed"] = ["contacts" if action.startswith("contact.") else "location"]
    return said if OF_ACTION.get(action) in (None, "customer.created") else {}
