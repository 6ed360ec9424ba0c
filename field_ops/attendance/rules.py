"""Which attendance records have something to say about a visit, and what. Pure (domain.md §4.7).

Whatever is not next to a check-in or check-out of the same member is nobody's business here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..geo import DATUMS, Point, to_wgs84
from ..host.attendance import OUTSIDE, AttendanceRecord

NEXT_TO = timedelta(minutes=10)  # people sign in twice with two apps, one after the other
SAME_MINUTE = timedelta(seconds=60)
CORROBORATES_WITHIN_M = 500
FOR, AGAINST = "for", "against"
# Marks of the company's attendance rules (too late, another network) that doubt no position.
HARMLESS = frozenset({"time", "wifi"})


@dataclass(frozen=True, slots=True)
class VisitEnd:
    """One end of a visit: `check_in` or `check_out`, and where its fix was, if there was one."""

    visit_id: str
    end: str
    member_id: str
    host_user_id: str
    at: datetime
    point: Point | None


@dataclass(frozen=True, slots=True)
class Match:
    """A record that says something about one end of a visit. `point` and `distance_m` are None
    where the record or the fix has no position."""

    record: AttendanceRecord
    end: VisitEnd
    says: str
    point: Point | None
    distance_m: float | None


def match(record: AttendanceRecord, ends: Iterable[VisitEnd]) -> Match | None:
    """What the record says about the nearest in time of its member's `ends`; None for nothing."""
    near = [end for end in ends if abs(end.at - record.happened_at) <= NEXT_TO]
    if not near:
        return None
    end = min(near, key=lambda one: abs(one.at - record.happened_at))
    point, distance_m = _compared(record, end.point)
    if doubts_position(record) and abs(end.at - record.happened_at) <= SAME_MINUTE:
        return Match(record, end, AGAINST, point, distance_m)
    is_near = distance_m is not None and distance_m <= CORROBORATES_WITHIN_M
    if is_near and record.abnormal <= HARMLESS:
        return Match(record, end, FOR, point, distance_m)
    return None


def doubts_position(record: AttendanceRecord) -> bool:
    """Whether the host itself says that the position is not to be believed.

    `location` at an office punch only says that somebody is not at the office, as every rep at a
    customer is; outside there is no place where he should be, so there it means the position.
    """
    if "security" in record.abnormal:
        return True
    return "location" in record.abnormal and record.kind == OUTSIDE


def _compared(record: AttendanceRecord, fix: Point | None) -> tuple[Point | None, float | None]:
    """The record's point and its distance from the fix; of two possible readings the nearer."""
    if record.lat is None or record.lng is None:
        return None, None
    datums = (record.datum,) if record.datum else DATUMS
    points = [to_wgs84(record.lat, record.lng, datum) for datum in datums]
    if fix is None:
        return points[-1], None
    point = min(points, key=fix.distance_m)
    return point, fix.distance_m(point)
