"""The timetable: what the program does by itself, and when. `read_aloud` says it to a person."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from inspect import getdoc

from .contacts.birthday_reminder import BIRTHDAY
from .jobs import (
    chat_contacts,
    contacts,
    customers,
    exchange,
    files,
    grading,
    people,
    queues,
    sharing,
    tidying,
    transfers,
    visits,
)
from .jobs.tools import Company, Tools
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
    Every(timedelta(seconds=1), queues.send_reminders),
    Every(timedelta(seconds=10), queues.retry_inbox),
    Every(timedelta(seconds=5), people.read_what_changed, alone=True),
    Every(timedelta(seconds=5), chat_contacts.read_chat_contacts, alone=True),
    Every(timedelta(seconds=30), chat_contacts.compare_chat_contacts, alone=True),
    # Also at every start, after which there may be some. Not more often: it is a call that DingTalk
    # counts against 5 000 a month, and the nightly comparison finds the rest.
    Every(timedelta(hours=2), queues.fetch_missed_events, alone=True),
    Every(timedelta(seconds=10), people.read_everybody_again, alone=True),
    Every(timedelta(hours=1), people.look_at_people, alone=True),
    Every(timedelta(minutes=1), people.hand_over, alone=True),
    Every(timedelta(minutes=10), visits.promise_day_plans, alone=True),
    Every(timedelta(seconds=5), queues.ring_alarms, alone=True),
    Every(timedelta(minutes=5), visits.read_attendance, alone=True),
    Every(timedelta(seconds=30), visits.keep_agendas, alone=True),
    Every(timedelta(seconds=15), queues.measure),
    Every(timedelta(hours=1), queues.watch_quotas, alone=True),
    Every(timedelta(minutes=5), queues.look_at_deliveries, alone=True),
    Every(timedelta(hours=1), tidying.tidy, alone=True),
    Every(timedelta(minutes=10), sharing.end_requests, alone=True),
    Every(timedelta(seconds=5), transfers.move_customers, alone=True),
    Every(timedelta(minutes=10), customers.allocate_customers, alone=True),
    Every(timedelta(hours=6), customers.mend_lookups, alone=True),
    Every(timedelta(seconds=5), customers.compute_formulas, alone=True),
    Every(timedelta(seconds=30), customers.settle_tags, alone=True),
    Every(timedelta(hours=1), customers.forget_attachments, alone=True),
    Every(timedelta(seconds=30), customers.merge_lookups, alone=True),
    Every(timedelta(seconds=2), exchange.write_exports, alone=True),
    Every(timedelta(minutes=10), exchange.forget_exports, alone=True),
    Every(timedelta(seconds=2), exchange.work_off_imports, alone=True),
    Every(timedelta(hours=1), exchange.forget_imports, alone=True),
    Daily(time(0, 10), visits.seal_evidence),
    Daily(time(0, 20), visits.miss_plans),
    Daily(time(2, 0), customers.recycle_customers),
    Daily(time(2, 30), customers.look_for_duplicates),
    Daily(time(3, 0), people.compare_people),
    Daily(time(4, 0), files.forget_orphaned_files),
    Daily(time(6, 0), grading.propose_levels),
    Daily(time(7, 0), contacts.promise_contact_birthdays),
    Daily(time(8, 40), customers.warn_before_recycling),
    Daily(time(23, 59), visits.end_open_visits),
)

REMINDERS: tuple[Rule, ...] = (
    BIRTHDAY,  # three days before and on the day at 09:00, to the owner
    DAY_PLAN,  # 08:30 of a work day, to whoever has stops or was made a rep
    CHECK_OUT_MISSING,  # 90 minutes after the check-in, to the rep
)


def read_aloud() -> list[tuple[str, str]]:
    """When and what, one line for each entry."""
    return [(entry.when, (getdoc(entry.job) or "").split("\n")[0]) for entry in TIMETABLE]
