"""The JSON of exports."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from ..customers.filters import CustomerFilter
from ..http.schemas import In, Out

ExportFormat = Literal["csv", "xlsx"]
ExportState = Literal["waiting", "writing", "ready", "failed", "gone"]


class ExportIn(In):
    """Which customers are wanted, in which kind of file."""

    what: Literal["customers"] = "customers"
    format: ExportFormat = "xlsx"
    with_phones: bool = Field(
        False, description="Phones in full; needs the permission customers.export_sensitive"
    )
    filters: CustomerFilter = Field(default_factory=lambda: CustomerFilter())


class ExportOut(Out):
    """An export and how far it is. Ask again while it is `waiting` or `writing`."""

    id: str
    what: str
    format: ExportFormat
    state: ExportState
    phones_masked: bool
    counted: int = Field(description="Rows when it was asked for")
    rows: int = Field(description="Rows that are written so far")
    asked_at: datetime
    ready_at: datetime | None
    ends_at: datetime | None = Field(description="When the link ends and the file is removed")
    size_bytes: int | None
    url: str | None = Field(description="Where the file is; needs no cookie, ends by itself")


class ExportsOut(Out):
    rows: list[ExportOut] = Field(description="At most twenty, the newest first")
