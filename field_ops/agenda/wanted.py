"""What a host should hold, and the steps from what it holds to that. No network in here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Literal
from zoneinfo import ZoneInfo

from ..host.agenda import Entry
from ..host.services import Colleague
from . import messages
from .models import AgendaEntry

AHEAD = timedelta(days=14)
KEPT = timedelta(days=7)  # a past entry is still ticked, changed and taken away; then it is history
USUAL_VISIT = timedelta(minutes=45)
LAST_MINUTE = time(23, 59, 59)
SHOWN = ("scheduled", "in_progress", "attempted", "done")

Key = tuple[str, str]  # plan, host user id


@dataclass(frozen=True, slots=True)
class Plan:
    """A visit plan of a member who is there, with what an entry needs to know of it."""

    plan_id: str
    member_id: str
    whose: Colleague
    language: str
    day: date
    at: time | None
    customer_id: str
    customer: str
    address: str
    purpose: str
    state: str

    @property
    def key(self) -> Key:
        return self.plan_id, self.whose.host_user_id


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `settle`: find out what became of a question whose answer was lost."""

    what: Literal["make", "settle", "change", "tick", "take_away", "forget"]
    day: date
    plan: Plan | None = None
    row: AgendaEntry | None = None


def entry_of(plan: Plan, service: str, zone: ZoneInfo) -> Entry:
    """How the plan reads in a calendar or in a list of to-dos."""
    begins = datetime.combine(plan.day, plan.at, zone) if plan.at else None
    ends = None
    if begins is not None:
        ends = (begins.astimezone(UTC) + USUAL_VISIT).astimezone(zone)
    is_todo = service == "todo"
    return Entry(
        title=messages.title(plan.customer, plan.language, plan.at if is_todo else None),
        day=plan.day,
        closes=datetime.combine(plan.day, LAST_MINUTE, zone),
        url=url_of(plan),
        begins=None if is_todo else begins,
        ends=None if is_todo else ends,
        place="" if is_todo else plan.address,
        text="" if is_todo else messages.text(plan.purpose, plan.language),
        done=is_todo and plan.state == "done",
    )


def url_of(plan: Plan) -> str:
    """The customer's page, named for this plan alone."""
    return f"#/customers/{plan.customer_id}?plan={plan.plan_id}"


def stamp_of(entry: Entry) -> str:
    """Equal for entries that read alike, done or not."""
    return sha256(repr(replace(entry, done=False)).encode()).hexdigest()[:32]


def steps(
    plans: Iterable[Plan],
    rows: Sequence[AgendaEntry],
    service: str,
    zone: ZoneInfo,
    now: datetime,
) -> list[Step]:
    """What brings the host in line, what is soonest first. Nothing for rows that have to wait."""
    today = now.astimezone(zone).date()
    wanted: dict[Key, Plan] = {}
    for plan in plans:
        if plan.state in SHOWN:
            wanted.setdefault(plan.key, plan)
    found = [
        _about(row, wanted.get((row.plan_id, row.host_user_id)), zone, now, today) for row in rows
    ]
    known = {(row.plan_id, row.host_user_id) for row in rows}
    found += [
        Step("make", plan.day, plan)
        for key, plan in wanted.items()
        if key not in known and _is_worth_making(plan, service, today)
    ]
    return sorted(
        (step for step in found if step), key=lambda step: (step.what != "take_away", step.day)
    )


def _about(
    row: AgendaEntry, plan: Plan | None, zone: ZoneInfo, now: datetime, today: date
) -> Step | None:
    day = plan.day if plan else row.day
    if day < today - KEPT:
        return Step("forget", day, row=row)
    if row.state == "dropped" or (row.retry_at is not None and row.retry_at > now):
        return None
    match row.state:
        case "asked":
            return Step("settle", day, plan, row)
        case "waiting" if plan is None or not _is_worth_making(plan, row.service, today):
            return Step("forget", day, row=row)
        case "waiting":
            return Step("make", day, plan, row)
    if plan is None or row.state == "leaving":  # half deleted is no base for anything else
        return Step("take_away", day, row=row)
    entry = entry_of(plan, row.service, zone)
    if stamp_of(entry) != row.stamp:
        return Step("change", day, plan, row)
    return Step("tick", day, plan, row) if entry.done != row.done else None


def _is_worth_making(plan: Plan, service: str, today: date) -> bool:
    return plan.day >= today and not (service == "todo" and plan.state == "done")


def lost_entry(row: AgendaEntry, zone: ZoneInfo) -> Entry:
    """As much of a lost entry as is needed to find it."""
    closes = datetime.combine(row.day, LAST_MINUTE, zone)
    return Entry(title="", day=row.day, closes=closes, url=row.url)
