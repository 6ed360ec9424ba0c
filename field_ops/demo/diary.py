"""Three weeks in the field, as plain values: who was where, when, and what went wrong there.

Nothing here writes; `history` plays it through the real verbs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from ..calendar.work_days import WorkCalendar
from ..visits.verdict import Fix, radius_for
from .companies import Colleague, DemoCompany
from .phones import Phone
from .routes import route
from .shops import Shop
from .words import Log, a_log, a_reason

DAYS_BACK = 21
CALENDAR = WorkCalendar()
SKIP_REASONS = ("客户临时停业", "联系人不在", "客户要求改期", "紧急处理其他事务", "堵车")

OUT_OF_RANGE, NEAR, WEAK, NO_FIX = "out_of_range", "near", "weak", "no_fix"
SHORT_DWELL, NO_CHECK_OUT, LATE_LOG = "short_dwell", "no_check_out", "late_log"
MOCK, CLOCK_SKEW = "mock", "clock_skew"
# How many visits of three weeks each goes wrong with: about one in ten altogether.
TROUBLES = {
    NO_CHECK_OUT: 4,
    LATE_LOG: 4,
    OUT_OF_RANGE: 5,
    NEAR: 5,
    WEAK: 4,
    NO_FIX: 3,
    SHORT_DWELL: 6,
    MOCK: 2,
    CLOCK_SKEW: 3,
}
NEEDS_A_PLACE = (OUT_OF_RANGE, NEAR, WEAK)
LATE_BY_WORK_DAYS = 4  # well after every deadline that a log may have


@dataclass(frozen=True, slots=True)
class Stop:
    """A planned stop. `state` is what became of it without a visit, or `scheduled`."""

    day: date
    user_id: str
    shop: Shop
    position: int
    state: str = "scheduled"
    skip_reason: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One visit. `leaves_at` None: he forgot to check out. `log` None: it was never written."""

    user_id: str
    shop: Shop
    arrives_at: datetime
    leaves_at: datetime | None
    is_last: bool
    is_planned: bool
    trouble: str = ""
    fix_in: Fix | None = None
    fix_out: Fix | None = None
    reason: str = ""
    clock_off: timedelta = timedelta()
    log: Log | None = None
    logged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Diary:
    """Everything up to yesterday, in the order of time."""

    days: tuple[date, ...]
    stops: tuple[Stop, ...]
    calls: tuple[Call, ...]


def diary_of(
    company: DemoCompany, shops: Sequence[Shop], today: date, zone: ZoneInfo, seed: int
) -> Diary:
    """The same for the same company, day and seed."""
    writer = _Writer(company, shops, today, zone, seed)
    return writer.diary()


class _Writer:
    def __init__(
        self, company: DemoCompany, shops: Sequence[Shop], today: date, zone: ZoneInfo, seed: int
    ) -> None:
        self.company, self.shops, self.seed, self.zone = company, shops, seed, zone
        self.chance = Random(f"{seed}/{company.host}/{today}/diary")
        before = (today - timedelta(days=back) for back in range(DAYS_BACK, 0, -1))
        self.days = tuple(day for day in before if CALENDAR.is_work_day(day))
        self.phones = {rep.user_id: Phone.of(company.host, rep.user_id) for rep in company.reps}

    def diary(self) -> Diary:
        stops: list[Stop] = []
        calls: list[Call] = []
        for day in self.days:
            for rep in self.company.reps:
                planned, made = self._day(day, rep)
                stops += planned
                calls += made
        calls.sort(key=lambda call: (call.arrives_at, call.user_id))
        told = tuple(self._tell(call) for call in self._with_troubles(calls))
        return Diary(self.days, tuple(stops), told)

    def _day(self, day: date, rep: Colleague) -> tuple[list[Stop], list[Call]]:
        chance = self.chance
        shops = route(self.company, self.shops, rep, day, chance.choice((4, 4, 5)), self.seed)
        stops = [Stop(day, rep.user_id, shop, place) for place, shop in enumerate(shops, 1)]
        # Nobody gets through every plan, and now and then a door on the way is open.
        stops = [self._maybe_dropped(stop) for stop in stops]
        visited = [(stop.shop, True) for stop in stops if stop.state == "scheduled"]
        if chance.random() < 0.15:
            another = route(self.company, self.shops, rep, day, 7, self.seed)[-1]
            if another not in shops:
                visited.append((another, False))
        return stops, list(self._through_the_day(day, rep, visited))

    def _maybe_dropped(self, stop: Stop) -> Stop:
        luck = self.chance.random()
        if luck < 0.12:
            return replace(stop, state="missed")
        if luck < 0.2:
            return replace(stop, state="skipped", skip_reason=self.chance.choice(SKIP_REASONS))
        return stop

    def _through_the_day(
        self, day: date, rep: Colleague, visited: Sequence[tuple[Shop, bool]]
    ) -> Iterator[Call]:
        chance = self.chance
        at = datetime.combine(day, time(9), self.zone) + timedelta(seconds=chance.randint(0, 2400))
        here = None
        for place, (shop, is_planned) in enumerate(visited, 1):
            if here is not None:
                # In the city: 22 km/h with the detours, and some minutes to park and walk.
                metres = here.place.distance_m(shop.place) * 1.35
                at += timedelta(minutes=chance.randint(7, 20), seconds=metres / 6.1)
            if time(11, 45) <= at.time() <= time(13):
                at += timedelta(minutes=chance.randint(50, 70))
            leaves = at + timedelta(seconds=chance.randint(11 * 60, 48 * 60))
            yield Call(
                rep.user_id,
                shop,
                at.astimezone(UTC),
                leaves.astimezone(UTC),
                is_last=place == len(visited),
                is_planned=is_planned,
            )
            at, here = leaves, shop

    def _with_troubles(self, calls: list[Call]) -> list[Call]:
        """Some of them go wrong; each in one way."""
        for trouble, count in TROUBLES.items():
            fit = [place for place, call in enumerate(calls) if self._can_have(call, trouble)]
            for place in self.chance.sample(fit, min(count, len(fit))):
                calls[place] = replace(calls[place], trouble=trouble)
        return calls

    def _can_have(self, call: Call, trouble: str) -> bool:
        if call.trouble:
            return False
        if trouble in NEEDS_A_PLACE:
            return call.shop.status == "confirmed"
        if trouble == NO_CHECK_OUT:
            return call.is_last
        if trouble == LATE_LOG:
            return self._day_of(call) < self.days[-1 - LATE_BY_WORK_DAYS]
        return True

    def _tell(self, call: Call) -> Call:
        """The same call with everything that the phone sent and the rep wrote."""
        chance, phone = self.chance, self.phones[call.user_id]
        trouble, indoors = call.trouble, call.shop.place_class in ("mall", "office")
        off_m = 0.0
        if trouble == OUT_OF_RANGE:
            off_m = chance.uniform(1_600, 2_600)
        elif trouble == NEAR:
            off_m = chance.uniform(1.6, 1.8) * radius_for(None, None, call.shop.place_class)
        heading = chance.uniform(0, 360)
        there = phone.fix(chance, call.shop.place, indoors, off_m, heading)
        leaving = phone.fix(chance, call.shop.place, indoors, off_m, heading)
        if trouble == WEAK:
            there = replace(there, accuracy_m=float(chance.randint(220, 460)), provider="cell")
        told = replace(
            call,
            fix_in=None if trouble == NO_FIX else there,
            fix_out=leaving,
            reason=a_reason(chance, trouble) if off_m else "",
        )
        if trouble == MOCK:
            told = replace(told, fix_in=replace(there, is_mock=True))
        elif trouble == CLOCK_SKEW:
            told = replace(told, clock_off=timedelta(minutes=chance.randint(8, 25)))
        elif trouble == NO_CHECK_OUT:
            told = replace(told, leaves_at=None, fix_out=None)
        elif trouble == SHORT_DWELL:
            stay = timedelta(seconds=chance.randint(50, 170))
            told = replace(told, leaves_at=call.arrives_at + stay)
        return self._with_log(told)

    def _with_log(self, call: Call) -> Call:
        """Written at the door, the next morning, or late; the visitor's last one is still owed."""
        day, chance = self._day_of(call), self.chance
        log = a_log(chance, self.company.goods, call.shop.level, day, CALENDAR)
        if call.is_last and day == self.days[-1] and call.user_id == self.company.star.user_id:
            return call
        if call.trouble == LATE_LOG:
            return replace(call, log=log, logged_at=self._on(day, LATE_BY_WORK_DAYS, time(15, 20)))
        if call.leaves_at is None:
            if day == self.days[-1]:
                return call
            return replace(call, log=log, logged_at=self._on(day, 1, time(8, 50)))
        after = timedelta(seconds=chance.randint(40, 360))
        return replace(call, log=log, logged_at=call.leaves_at + after)

    def _on(self, day: date, work_days_later: int, at: time) -> datetime:
        later = CALENDAR.add_work_days(day, work_days_later)
        moment = datetime.combine(later, at, self.zone)
        return (moment + timedelta(seconds=self.chance.randint(0, 1500))).astimezone(UTC)

    def _day_of(self, call: Call) -> date:
        return call.arrives_at.astimezone(self.zone).date()
