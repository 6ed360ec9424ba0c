"""The JSON of comments."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from ..http.schemas import In, Out

Mentions = Annotated[
    list[str], Field(max_length=20, description="Members who are named in it, by id")
]


class CommentIn(In):
    text: str = Field(min_length=1, max_length=1000)
    mentions: Mentions = []
    parent_id: str | None = Field(default=None, max_length=26, description="What it replies to")


class CommentChange(In):
    text: str = Field(min_length=1, max_length=1000)
    mentions: Mentions = []


class PersonOut(Out):
    id: str
    name: str


class ReplyOut(Out):
    id: str
    by_id: str
    by_name: str
    text: str = Field(description="Empty where it was removed")
    mentions: list[PersonOut]
    created_at: datetime
    was_edited: bool
    is_removed: bool
    may_edit: bool


class CommentOut(ReplyOut):
    replies: list[ReplyOut] = Field(description="Oldest first")


class MentionableQuery(In):
    q: str = Field(default="", max_length=100, description="Part of a name; empty: who is close")


class MentionableOut(Out):
    members: list[PersonOut]
