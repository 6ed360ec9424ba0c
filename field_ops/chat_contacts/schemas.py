"""The JSON of chat contacts."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from ..customers.schemas import Schema

How = Literal["spoken", "written", "chat"]


class ChatProposalOut(Schema):
    """Somebody in my own chats who may be this contact."""

    chat_contact_id: str
    contact_id: str
    name: str = Field(description="What I call him in the chat", examples=["张经理"])
    by: Literal["phone", "name"] = Field(description="What is the same")


class ChatLinkOut(Schema):
    """A contact whom a member has in his chat. Of others only where the contact agreed."""

    chat_contact_id: str
    contact_id: str
    name: str
    member_name: str
    is_mine: bool
    since: datetime | None


class ConsentOut(Schema):
    contact_id: str
    how: How
    covers_person: bool = Field(
        description="Whether he agreed to more than to his chats: to our keeping what he is like"
    )
    given_at: datetime
    recorded_by_name: str


class ChatContactsOut(Schema):
    proposals: list[ChatProposalOut]
    links: list[ChatLinkOut]
    consents: list[ConsentOut] = Field(description="Those in force")


class ChatAnswerIn(Schema):
    contact_id: str = Field(max_length=26)
    is_same: bool


class ChatAnswerOut(Schema):
    """What counts now. Not who he is: answers are stored, and he may want to be forgotten."""

    is_same: bool


class ConsentIn(Schema):
    given: bool = Field(
        description="False revokes: links end, and what the host told and what he is like is erased"
    )
    how: How = "spoken"


class ConsentAnswerOut(Schema):
    given: bool
