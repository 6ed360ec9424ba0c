"""What is noticed about a visit (domain.md §4.7). An observation, never a punishment. Pure.

Each flag has a severity, a weight in the risk score, and one sentence with its facts for rep and
lead alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..geo import Point
from ..texts import Text
from . import verdict as v
from .types import VisitType
from .verdict import Judgement, Presence
from .wording import distance

WEIGHTS = {"low": 5, "medium": 15, "high": 40, "critical": 100}
REVIEW_FROM = 40  # risk score from which a lead has to look

SHORT_DWELL_S = 3 * 60
CLOCK_SKEW = timedelta(minutes=5)
CLOCKS_TELL_FROM = 2002  # the year; one that was never set starts in 1970, 1980 or 2000
LIVE = timedelta(minutes=10)  # a picture may be as much older than the visit, and than its taking
TELEPORT_OVER_M = 2_000
TELEPORT_KMH = 120
FLIGHT_KMH = 300

SENTENCES = {
    "OUT_OF_RANGE": Text(
        "{end}位置离客户约 {distance}，远超签到范围 {radius_m} 米。",
        "The {end} position is about {distance} away, far outside the radius of {radius_m} m.",
    ),
    "NEAR": Text(
        "{end}位置离客户约 {distance}，略超签到范围 {radius_m} 米。",
        "The {end} position is about {distance} away, just outside the radius of {radius_m} m.",
    ),
    "NO_FIX": Text(
        "{end}时没有得到可用的定位。",
        "There was no usable position at {end}.",
    ),
    "WEAK": Text(
        "{end}定位精度只有 {accuracy_m} 米，需要照片佐证。",
        "The {end} position was only accurate to {accuracy_m} m, so a photo is needed.",
    ),
    "MOCK": Text(
        "手机报告{end}位置由模拟软件给出。",
        "The phone says that the {end} position came from a mock-location app.",
    ),
    "TELEPORT": Text(
        "从上一个位置到这里相距 {distance_km} 公里，时速需达 {speed_kmh} 公里。",
        "The previous position is {distance_km} km away: that takes {speed_kmh} km/h.",
    ),
    "CLOCK_SKEW": Text(
        "手机时间与服务器相差 {minutes} 分钟。",
        "The phone's clock is {minutes} minutes off the server's.",
    ),
    "SHORT_DWELL": Text(
        "在店 {minutes} 分钟，不足 3 分钟。",
        "The visit took {minutes} min, less than 3.",
    ),
    "LONG_DWELL": Text(
        "在店 {hours} 小时，明显长于一般拜访。",
        "The visit took {hours} h, much longer than usual.",
    ),
    "NO_CHECKOUT": Text(
        "没有签退，系统自动结束，不计停留时长。",
        "There was no check-out; the visit was ended by the system and no dwell is counted.",
    ),
    "DUP_PHOTO": Text(
        "照片与拜访 {other} 的照片完全相同。",
        "The photo is the same as one of visit {other}.",
    ),
    "ALBUM_PHOTO": Text(
        "有照片拍摄于 {made_at}，早于这次拜访，不是现场拍摄。",
        "A photo was made at {made_at}, before this visit, so it was not taken on the spot.",
    ),
    "LOG_LATE": Text(
        "拜访记录在截止时间之后才提交。",
        "The log was submitted after its deadline.",
    ),
}
# The same flag, noticed in another way.
MOCK_BY_HOST = Text(
    "{host}在 {at} 的打卡记录与{end}同一分钟，被{host}标记为位置可疑。",
    "{host} marked the position of its own record of {at}, the minute of the {end}, as suspect.",
)
ENDS = {"check_in": Text("签到", "check-in"), "check_out": Text("签退", "check-out")}


@dataclass(frozen=True, slots=True)
class Flag:
    name: str
    severity: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """Where and when a member was seen before."""

    point: Point
    at: datetime


def sentence(name: str, facts: dict[str, Any]) -> Text:
    """One flag for a person."""
    end = ENDS.get(str(facts.get("end")), "")
    if name == "MOCK" and "host" in facts:
        return MOCK_BY_HOST.filled(**facts | {"end": end, "host": Text(*facts["host"])})
    away = distance(facts.get("distance_m", 0))
    return SENTENCES[name].filled(**facts | {"end": end, "distance": away})


def of_presence(
    end: str, presence: Presence, judgement: Judgement, now: datetime, before: Seen | None
) -> list[Flag]:
    """What one end of a visit shows. `before` is where the member was seen last."""
    found = [*_of_verdict(end, presence, judgement), *_of_clock(presence, now)]
    if presence.fix is not None and presence.fix.is_mock:
        found.append(Flag("MOCK", "critical", {"end": end}))
    if presence.fix is not None and presence.fix.is_usable and before is not None:
        found += _of_travel(before, Seen(presence.fix.point, now))
    return found


def of_dwell(dwell_s: int, kind: VisitType) -> list[Flag]:
    """What the length of a visit shows."""
    if dwell_s < min(SHORT_DWELL_S, kind.minimum_dwell_s):
        return [Flag("SHORT_DWELL", "medium", {"minutes": dwell_s // 60})]
    if dwell_s > kind.long_dwell_s:
        return [Flag("LONG_DWELL", "low", {"hours": round(dwell_s / 3600, 1)})]
    return []


def of_photo(
    made_at: datetime | None, taken_at: datetime | None, began_at: datetime, zone: ZoneInfo
) -> list[Flag]:
    """What a picture shows that says itself when it was made. One that does not shows nothing.

    `made_at`, `taken_at` (when the page had it) and `began_at` (the check-in) are of the phone's
    clock. A picture that was new when the page had it is live, however long the check-in took.
    """
    if made_at is None or made_at.year < CLOCKS_TELL_FROM or made_at >= began_at - LIVE:
        return []
    if taken_at is not None and made_at >= taken_at - LIVE:
        return []
    facts = {"made_at": f"{made_at.astimezone(zone):%Y-%m-%d %H:%M}"}
    return [Flag("ALBUM_PHOTO", "high", facts)]


def risk_score(flags: Iterable[Flag]) -> int:
    """Sum of the weights, at most 100."""
    return min(100, sum(WEIGHTS[flag.severity] for flag in flags))


def is_abnormal(flags: Iterable[Flag]) -> bool:
    """At least one flag of severity medium or above."""
    return any(flag.severity != "low" for flag in flags)


def _of_verdict(end: str, presence: Presence, judgement: Judgement) -> list[Flag]:
    away = {
        "end": end,
        "distance_m": round(judgement.distance_m or 0),
        "radius_m": judgement.radius_m,
    }
    match judgement.verdict:
        case v.OUT_OF_RANGE:
            return [Flag("OUT_OF_RANGE", "high", away)]
        case v.NEAR:
            return [Flag("NEAR", "low", away)]
        case v.NO_FIX:
            return [Flag("NO_FIX", "medium", {"end": end})]
        case v.WEAK:
            accuracy_m = round(presence.fix.accuracy_m or 0) if presence.fix else 0
            return [Flag("WEAK", "medium", {"end": end, "accuracy_m": accuracy_m})]
    return []


def _of_clock(presence: Presence, now: datetime) -> list[Flag]:
    if presence.client_time is None:
        return []
    skew = abs(presence.client_time - now)
    if skew <= CLOCK_SKEW:
        return []
    return [Flag("CLOCK_SKEW", "medium", {"minutes": round(skew.total_seconds() / 60)})]


def _of_travel(before: Seen, here: Seen) -> list[Flag]:
    distance_m = before.point.distance_m(here.point)
    if distance_m <= TELEPORT_OVER_M:
        return []
    # Two fixes of one moment are judged over a second, so that nothing is divided by zero.
    elapsed_s = max((here.at - before.at).total_seconds(), 1.0)
    speed_kmh = distance_m / elapsed_s * 3.6
    if speed_kmh <= TELEPORT_KMH:
        return []
    severity = "critical" if speed_kmh > FLIGHT_KMH else "high"
    facts = {"distance_km": round(distance_m / 1000, 1), "speed_kmh": round(speed_kmh)}
    return [Flag("TELEPORT", severity, facts)]
