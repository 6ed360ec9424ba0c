"""The JSON of the timeline."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from ..attachments.schemas import AttachmentOut
from ..comments.schemas import CommentOut
from ..follow_ups.schemas import AnyChannel
from ..http.schemas import In, Out
from .kinds import KINDS, OF_CONTACTS, WITH_HISTORY, Kind, TimelineKindUnknown

Value = str | int | float | bool | None
Guard = Literal["hidden", "masked", "read", "edit"]


class TimelineQuery(In):
    """Which kinds, and from where on."""

    kinds: str = Field(
        default="",
        max_length=200,
        description=f"With commas between, of: {', '.join(KINDS)}. Empty gives all",
        examples=["visit,follow_up"],
    )
    cursor: str = Field(default="", max_length=200, description="`next` of the page before")
    limit: int = Field(default=30, ge=1, le=100)

    @property
    def wanted(self) -> list[Kind]:
        """The kinds that are asked for. Raises TimelineKindUnknown."""
        asked = {kind.strip() for kind in self.kinds.split(",")} - {""}
        for kind in sorted(asked - set(KINDS)):
            raise TimelineKindUnknown(kind=kind, known=", ".join(KINDS))
        return [kind for kind in KINDS if kind in asked]


class ChangeOut(Out):
    """One field as it was and as it became, as far as the reader may see it. Members, options and
    the like are told by name."""

    field: str = Field(description="`custom.…` for one that the company made")
    label: str = Field(description="What the company calls it, where it made it; else empty")
    before: Value
    after: Value
    level: Guard = Field(description="How far the reader sees the field: hidden has no values")


class TimelineVisit(Out):
    id: str
    number: str
    visit_type: str
    checked_out_at: datetime | None
    dwell_s: int | None
    verdict: str
    was_planned: bool
    result: str | None
    summary: str


class TimelineFollowUp(Out):
    id: str
    channel: AnyChannel
    contact_name: str
    result: str
    summary: str
    duration_s: int | None
    was_answered: bool
    next_action: str
    next_action_due_at: datetime | None
    counts: bool
    was_edited: bool
    written_at: datetime = Field(description="Later than the entry's time where it was added late")
    removed_at: datetime | None = Field(description="When it was taken back; it says nothing then")
    may_edit: bool = Field(description="May change or remove it")


class TimelinePlan(Out):
    id: str
    planned_on: date
    state: str
    purpose: str
    skip_reason: str


class TimelineCustomer(Out):
    """The other record of a merge."""

    number: str
    name: str


class TimelineEntry(Out):
    """One thing that happened. Of `visit`, `follow_up`, `plan`, `comment` and `attachment` the one
    of its kind is set; every other kind says in `action` and `changes` what was done."""

    id: str = Field(description="Unique in the timeline")
    kind: Kind
    at: datetime
    by_id: str | None = Field(description="None: the system")
    by_name: str
    via: str = Field(description="The door: h5, bot, api, worker, cli or import; empty: unknown")
    action: str
    changes: list[ChangeOut]
    visit: TimelineVisit | None
    follow_up: TimelineFollowUp | None
    plan: TimelinePlan | None
    comment: CommentOut | None
    attachment: AttachmentOut | None
    other: TimelineCustomer | None
    is_of_merged: bool = Field(description="It happened to a record that became part of this one")


class TimelineOut(Out):
    entries: list[TimelineEntry]
    next: str = Field(description="Ask with this as `cursor` for what was before; empty: no more")


class HistoryQuery(In):
    field: str = Field(max_length=64, description=f"`custom.…`, or of: {', '.join(WITH_HISTORY)}")
    cursor: str = Field(default="", max_length=200)
    limit: int = Field(default=50, ge=1, le=200)


class ContactHistoryQuery(HistoryQuery):
    field: str = Field(max_length=64, description=f"`custom.…`, or of: {', '.join(OF_CONTACTS)}")


class FieldChangeOut(Out):
    at: datetime
    by_id: str | None
    by_name: str
    via: str
    action: str
    before: Value
    after: Value


class FieldHistoryOut(Out):
    field: str
    label: str = Field(description="What the company calls it, where it made it; else empty")
    level: Guard
    present: Value
    changes: list[FieldChangeOut]
    next: str
