"""The JSON of visits: what pages and API users send and see."""

from datetime import date, datetime, time
from typing import Any, Literal

from pydantic import Field, FiniteFloat

from ..http.passes import KEY
from ..http.schemas import In, Out

Result = Literal["progress", "no_change", "problem", "lost"]
Verdict = Literal["NO_FIX", "UNVERIFIED", "WEAK", "VERIFIED", "NEAR", "OUT_OF_RANGE"]


class FixIn(In):
    """A position as the phone reported it, in the datum in which it came."""

    lat: FiniteFloat = Field(ge=-90, le=90, examples=[30.59285])
    lng: FiniteFloat = Field(ge=-180, le=180, examples=[114.30554])
    datum: Literal["WGS84", "GCJ02"]
    accuracy_m: FiniteFloat | None = Field(default=None, ge=0, le=1_000_000)
    provider: Literal["gps", "wifi", "cell", ""] = ""
    is_mock: bool | None = Field(default=None, description="Only Android hosts can tell")
    network: str = Field(default="", max_length=16)
    age_s: FiniteFloat | None = Field(default=None, ge=0, description="Age when it was sent")


class PresenceIn(In):
    """What both ends of a visit carry."""

    fix: FixIn | None = Field(default=None, description="null when no position could be had")
    reason: str = Field(default="", max_length=300, description="Why outside the radius")
    client_time: datetime | None = Field(default=None, description="The phone's clock")
    device_id: str = Field(default="", max_length=128)
    app_version: str = Field(default="", max_length=64)


class CheckInIn(PresenceIn):
    customer_id: str = Field(max_length=26)
    plan_id: str | None = Field(default=None, max_length=26)
    visit_type: str | None = Field(default=None, max_length=32)
    close_open_visit: bool = Field(
        default=False, description="End a visit that is still open elsewhere, without its dwell"
    )


class CheckOutIn(PresenceIn):
    pass


class VerdictQuery(In):
    """A look before pressing: how would a check-in here be judged?"""

    customer_id: str = Field(max_length=26)
    lat: FiniteFloat = Field(ge=-90, le=90)
    lng: FiniteFloat = Field(ge=-180, le=180)
    datum: Literal["WGS84", "GCJ02"]
    accuracy_m: FiniteFloat | None = Field(default=None, ge=0)
    visit_type: str = Field(default="routine", max_length=32)


class VerdictOut(Out):
    verdict: Verdict
    distance_m: float | None = Field(description="null without a fix or a known place")
    effective_distance_m: float | None
    radius_m: int
    reason_needed: bool
    photo_needed: bool
    blocks: bool = Field(description="A check-in here would be refused")
    sentence: str = Field(description="For the rep: where he stands and what that means")


class LogIn(In):
    """The shortest log that is accepted: one tap and one sentence."""

    result: Result
    summary: str = Field(min_length=5, max_length=4000)
    next_action: str = Field(default="", max_length=200)
    next_action_on: date | None = None


class FlagOut(Out):
    flag: str
    severity: Literal["low", "medium", "high", "critical"]
    sentence: str
    facts: dict[str, Any]


class FixOut(Out):
    at: datetime
    lat: float | None = Field(description="WGS-84")
    lng: float | None
    accuracy_m: float | None
    verdict: Verdict
    distance_m: float | None
    radius_m: int
    place_is_former: bool = Field(
        default=False, description="It was judged against where the customer was thought to be then"
    )


class CorroborationOut(Out):
    """A record of the host's own attendance that fits this end of the visit. Changes no verdict."""

    host: str
    end: Literal["check_in", "check_out"]
    at: datetime
    kind: Literal["office", "outside"]
    place: str
    distance_m: float = Field(description="From where the phone was")


class PhotoOut(Out):
    id: str
    url: str = Field(description="Signed, good for one hour; with the watermark")
    width: int
    height: int
    sha256: str
    verification_code: str
    captured_by: str = Field(
        description="host_camera, file_input_camera, file_input, or empty where nobody said"
    )
    uploaded_at: datetime


class PhotoPassQuery(In):
    key: str = Field(pattern=KEY, description="The idempotency key of the upload")


class PhotoPassOut(Out):
    photo_pass: str = Field(description="Goes into the header X-Waiqin-Pass of the upload")
    ends_at: datetime


class CustomerBrief(Out):
    id: str
    number: str
    name: str
    level: str
    address: str
    phone: str
    lat: float | None = Field(default=None, description="WGS-84")
    lng: float | None = None
    gcj_lat: float | None = Field(default=None, description="GCJ-02, for Chinese maps")
    gcj_lng: float | None = None
    place_status: Literal["confirmed", "proposed", ""] = ""


class VisitOut(Out):
    id: str
    number: str
    customer: CustomerBrief
    owner_id: str
    owner_name: str
    plan_id: str | None
    visit_type: str
    business_date: date
    checked_in_at: datetime
    checked_out_at: datetime | None
    is_open: bool
    dwell_s: int | None
    check_in: FixOut
    check_out: FixOut | None
    pair_colour: Literal["green", "amber", "red", "grey"] | None
    reason: str
    forced_check_out: bool
    risk_score: int
    review_state: Literal["none", "pending", "accepted", "rejected"]
    flags: list[FlagOut]
    corroborations: list[CorroborationOut]
    photos: list[PhotoOut]
    photo_needed: bool
    log_result: Result | None
    log_summary: str
    log_submitted_at: datetime | None
    log_due_at: datetime | None
    next_action: str
    next_action_due_at: datetime | None
    is_mine: bool


class VisitRow(Out):
    id: str
    number: str
    customer_id: str
    customer_name: str
    owner_name: str
    business_date: date
    checked_in_at: datetime
    checked_out_at: datetime | None
    dwell_s: int | None
    check_in_verdict: Verdict
    pair_colour: str | None
    risk_score: int
    log_result: Result | None
    log_summary: str
    is_mine: bool


class VisitRows(Out):
    rows: list[VisitRow]
    next_cursor: str | None = Field(description="Send as `cursor` for the page after this")


class VisitsQuery(In):
    customer_id: str | None = Field(default=None, max_length=26)
    mine: bool = True
    cursor: str | None = Field(default=None, max_length=26)


class Stop(Out):
    """One planned call of the day."""

    plan_id: str
    position: int
    planned_at: time | None
    state: str
    visit_type: str
    purpose: str
    customer: CustomerBrief
    visit_id: str | None


class TodayOut(Out):
    date: date
    is_work_day: bool
    day_name: str = Field(description="e.g. 国庆节, or empty")
    open_visit: VisitRow | None
    stops: list[Stop]
    unplanned: list[VisitRow] = Field(description="Visits of today that were not planned")
    visits_done: int
    logs_missing: list[VisitRow]
