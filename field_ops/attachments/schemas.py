"""The JSON of attachments."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from ..http.schemas import Out


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
