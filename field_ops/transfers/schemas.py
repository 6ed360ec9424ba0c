"""The JSON of transfers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from ..customers.schemas import Level, MemberOut, Stage
from ..http.schemas import In, Out

MemberId = Annotated[str, Field(max_length=26)]


class TransferAsk(In):
    """Which customers of whom go to whom. Several receivers share evenly, level by level."""

    from_id: MemberId
    to_ids: list[MemberId] = Field(min_length=1, max_length=20)
    level: Level | None = None
    lifecycle_stage: Stage | None = None
    city: str | None = Field(None, max_length=64)
    customer_ids: list[MemberId] = Field(
        default_factory=list, max_length=500, description="Only these; empty: all that fit"
    )


class TransferIn(TransferAsk):
    count: int = Field(ge=1, description="How many the preview showed")
    reason: str = Field("", max_length=300, examples=["片区调整"])


class Receiver(Out):
    member: MemberOut
    gets: int
    held: int = Field(description="What he owns now, all of it")
    counted: int = Field(description="What of it counts against his limit; a transfer does not")
    holding_limit: int
    is_over: bool = Field(description="He could claim nothing: his limit is reached")
    shared: int = Field(description="Of what he gets, shared with him already")


class TransferPreview(Out):
    count: int
    levels: dict[str, int]
    plans: int = Field(description="Planned visits that go along")
    open_visits: int = Field(description="Visits under way: they stay with who is there")
    waiting_extensions: int = Field(description="Requests for more time that fall away")
    receivers: list[Receiver]


class TransferOut(Out):
    id: str
    from_member: MemberOut
    by: MemberOut | None
    at: datetime
    state: Literal["moving", "done", "returning", "undone"]
    reason: str
    count: int
    moved: int
    receivers: list[MemberOut]
    may_undo: bool
    can_undo_until: datetime


class Transfers(Out):
    transfers: list[TransferOut] = Field(description="At most fifty, the newest first")


class TransferPerson(Out):
    """Somebody whose customers I may give to others, and who may get some while he `is_here`."""

    id: str
    name: str
    held: int
    is_here: bool


class TransferPeople(Out):
    people: list[TransferPerson]
