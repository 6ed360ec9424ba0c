"""The JSON of sharing a customer."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from ..http.schemas import In, Out

Access = Literal["read", "edit"]
Answer = Literal["read", "edit", "decline"]


class ShareIn(In):
    access: Access = Field(description="What he may do beside seeing it")


class CollaboratorOut(Out):
    member_id: str
    name: str
    access: Access


class CollaboratorsOut(Out):
    collaborators: list[CollaboratorOut]
    may_share: bool


class CollaborationIn(In):
    reason: str = Field(min_length=2, max_length=300, examples=["他们新店由我跟进"])


class CollaborationOut(Out):
    """A request as far as it has come."""

    id: str
    state: Literal["asked", "granted", "declined", "over"]
    access: Literal["read", "edit", ""]
    expires_at: datetime


class WaitingRequest(Out):
    id: str
    customer_id: str
    customer_name: str
    member_id: str
    name: str = Field(description="Who asks")
    reason: str
    asked_at: datetime
    expires_at: datetime


class WaitingRequests(Out):
    requests: list[WaitingRequest] = Field(description="Those that I may answer")


class CollaborationAnswerIn(In):
    answer: Answer
