"""The JSON of follow-ups."""

from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from ..http.schemas import In, Out

Channel = Literal["call", "chat", "email", "meeting", "note"]
AnyChannel = Literal["visit", "call", "chat", "email", "meeting", "note"]
A_DAY_S = 24 * 60 * 60


class FollowUpIn(In):
    """A contact that took place. `happened_at` left out means now."""

    channel: Channel
    summary: str = Field(default="", max_length=2000, description="What it was about")
    happened_at: AwareDatetime | None = Field(default=None, description="At most 30 days ago")
    duration_s: int | None = Field(default=None, ge=0, le=A_DAY_S, description="Of a call")
    was_answered: bool = Field(default=False, description="Of a chat: whether they wrote back")
    next_action: str = Field(default="", max_length=200, description="What was promised")
    next_action_on: date | None = None
    contact_id: str | None = Field(default=None, max_length=26, description="Whom of theirs")
    member_id: str | None = Field(
        default=None, max_length=26, description="Whose contact it was; only programs may say"
    )


class FollowUpChange(In):
    """What to change; what is left out stays."""

    channel: Channel | None = None
    summary: str | None = Field(default=None, max_length=2000)
    happened_at: AwareDatetime | None = None
    duration_s: int | None = Field(default=None, ge=0, le=A_DAY_S)
    was_answered: bool | None = None
    next_action: str | None = Field(default=None, max_length=200)
    next_action_on: date | None = None
    contact_id: str | None = Field(default=None, max_length=26)


class EditOut(Out):
    """One earlier change: each field as it was and as it became."""

    at: datetime
    via: str
    change: dict[str, list[str | int | bool | None]]


class FollowUpOut(Out):
    id: str
    customer_id: str
    channel: AnyChannel
    member_id: str
    member_name: str
    contact_id: str | None = Field(description="None, too, where contacts are hidden from me")
    contact_name: str
    visit_id: str | None
    result: str
    summary: str
    duration_s: int | None
    was_answered: bool
    next_action: str
    next_action_due_at: datetime | None
    counts: bool = Field(description="Whether it counts for the clock of the customer")
    via: str
    happened_at: datetime
    created_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None = Field(description="When its member took it back; it says nothing")
    may_edit: bool = Field(description="May change or remove it")
    edits: list[EditOut] = Field(
        description="Oldest first; empty where nobody changed it, and once it is removed"
    )
