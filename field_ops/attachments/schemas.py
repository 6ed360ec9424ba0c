"""The JSON of attachments."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from ..http.schemas import In, Out


class AttachmentOut(Out):
    id: str
    name: str
    kind: Literal["picture", "pdf", "document", "text"]
    size_bytes: int
    created_at: datetime
    is_removed: bool
    removed_by_name: str
    may_remove: bool
    url: str = Field(description="Downloads it; good for a quarter of an hour. Empty when removed")
    thumbnail_url: str = Field(description="Of a picture; empty for others")


class AttachmentGoneOut(Out):
    removed: bool = True


class StorefrontIn(In):
    attachment_id: str = Field(max_length=26, description="A picture that is attached already")


class StorefrontOut(Out):
    """By what a store is recognised, and what its record still needs."""

    photo: AttachmentOut | None
    missing: list[Literal["photo", "place"]] = Field(description="Empty of what is no store")
