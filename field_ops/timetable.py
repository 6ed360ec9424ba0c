"""The timetable: what the program does by itself, and when. `read_aloud` says it to a person."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from inspect import getdoc

from . import jobs
from .jobs import Company, Tools
from .plans.day_plan import DAY_PLAN
from .reminders.rules import Rule
from .visits.check_out_reminder import CHECK_OUT_MISSING


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again. With `alone`, by one worker of the installation at a time."""

    interval: timedelta
    job: Callable[[Tools], Awaitable[None]]
    alone: bool = False

    @property
    def name(self) -> str:
        return self.job.__name__

    @property
    def when(self) -> str:
        return f"every {self.interval}"


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day for each company, by its own clock; after a restart what was missed is done.

    The job answers whether it is done; if not, it is tried again after a while.
    """

    at: time
    job: Callable[[Tools, Company], Awaitable[bool]]

    @property
    def name(self) -> str:
        return self.job.__name__

    @property
    def when(self) -> str:
        return f"daily at {self.at:%H:%M}"

    def last_due(self, now: datetime, company: Company) -> datetime:
        """The latest moment, now or before, at which this was to be done."""
        local = now.astimezone(company.zone)
        due = datetime.combine(local.date(), self.at, company.zone)
        if due > local:
            due = datetime.combine(local.date() - timedelta(days=1), self.at, company.zone)
        return due


TIMETABLE: tuple[Every | Daily, ...] = (
    Every(timedelta(seconds=1), jobs.send_reminders),
    Every(timedelta(seconds=10), jobs.retry_inbox),
    Every(timedelta(seconds=5), jobs.read_what_changed, alone=True),
    Every(timedelta(seconds=5), jobs.read_chat_contacts, alone=True),
    Every(timedelta(seconds=30), jobs.compare_chat_contacts, alone=True),
    # Also at every start, after which there may be some. Not more often: it is a call that DingTalk
    # counts against 5 000 a month, and the nightly comparison finds the rest.
    Every(timedelta(hours=2), jobs.fetch_missed_events, alone=True),
    Every(timedelta(seconds=10), jobs.read_everybody_again, alone=True),
    Every(timedelta(hours=1), jobs.look_at_people, alone=True),
    Every(timedelta(minutes=1), jobs.hand_over, alone=True),
    Every(timedelta(minutes=10), jobs.promise_day_plans, alone=True),
    Every(timedelta(seconds=5), jobs.ring_alarms, alone=True),
    Every(timedelta(minutes=5), jobs.read_attendance, alone=True),
    Every(timedelta(seconds=30), jobs.keep_agendas, alone=True),
    Every(timedelta(seconds=15), jobs.measure),
    Every(timedelta(hours=1), jobs.watch_quotas, alone=True),
    Every(timedelta(minutes=5), jobs.look_at_deliveries, alone=True),
    Every(timedelta(hours=1), jobs.tidy, alone=True),
    Every(timedelta(hours=6), jobs.mend_lookups, alone=True),
    Every(timedelta(seconds=2), jobs.write_exports, alone=True),
    Every(timedelta(minutes=10), jobs.forget_exports, alone=True),
    Daily(time(0, 10), jobs.seal_evidence),
    Daily(time(2, 0), jobs.recycle_customers),
    Daily(time(2, 30), jobs.look_for_duplicates),
    Daily(time(3, 0), jobs.compare_people),
    Daily(time(8, 40), jobs.warn_before_recycling),
    Daily(time(23, 59), jobs.end_open_visits),
)

REMINDERS: tuple[Rule, ...] = (
    DAY_PLAN,  # 08:30 of a work day, to whoever has stops or was made a rep
    CHECK_OUT_MISSING,  # 90 minutes after the check-in, to the rep
)


def read_aloud() -> list[tuple[str, str]]:
    """When and what, one line for each entry."""
    return [(entry.when, (getdoc(entry.job) or "").split("\n")[0]) for entry in TIMETABLE]
