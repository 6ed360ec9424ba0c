"""Where a page of the timeline ends: newest first, and nothing is shown twice or left out.

Two things of one moment stand in the order of their sources, then of their ids, newest first.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from sqlalchemy import ColumnElement, and_, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from ..errors import Invalid
from ..texts import Text


class TimelineCursorUnreadable(Invalid):
    sentence = Text(
        "动态的翻页位置已经失效，请回到开头重新看。",
        "This place in the timeline is no longer known. Please start again from the top.",
    )


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an entry. `rank` is that of its source."""

    at: datetime
    rank: int
    id: str

    @property
    def order(self) -> tuple[float, int, str]:
        """Sorts descending into the order of the page."""
        return (self.at.timestamp(), -self.rank, self.id)

    def written(self) -> str:
        """As a page sends it back."""
        told = orjson.dumps([self.at.astimezone(UTC).isoformat(), self.rank, self.id])
        return base64.urlsafe_b64encode(told).decode().rstrip("=")


def read(text: str) -> Place | None:
    """The place that a page sent; None for the top. Raises TimelineCursorUnreadable."""
    if not text:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        at, rank, id_ = orjson.loads(raw)
        place = Place(datetime.fromisoformat(at).astimezone(UTC), int(rank), str(id_))
    except (ValueError, TypeError, OverflowError, binascii.Error) as failure:
        raise TimelineCursorUnreadable() from failure
    # None of ours looks so, and the databases or the calendar would stumble over it.
    if not (len(place.id) <= 26 and place.id.isalnum() and 2000 <= place.at.year < 2200):
        raise TimelineCursorUnreadable()
    return place


def older(
    at: InstrumentedAttribute[datetime], id_: InstrumentedAttribute[str], rank: int,
    place: Place | None,
) -> ColumnElement[bool]:  # fmt: skip
    """True for the rows of the source `rank` that stand below `place`.

    The first half alone is a range of the index on (…, at, id).
    """
    if place is None:
        return true()
    if rank > place.rank:
        return at <= place.at
    if rank < place.rank:
        return at < place.at
    return and_(at <= place.at, or_(at < place.at, id_ < place.id))
