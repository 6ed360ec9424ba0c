"""The diary lived through: every visit with its evidence, flags, log and plan, moment by moment.

Each moment does what the verb of `visits.actions` does, by the same rules, into a `Ledger`.
Nothing is told to anybody: a lead need not hear today what his team did last week.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from typing import NamedTuple

from ..customers.models import CustomerLocation, CustomerVisitor
from ..db import new_id
from ..follow_ups.models import FollowUp
from ..follow_ups.promises import due_at_of
from ..history.audit import record
from ..history.numbers import take_numbers
from ..plans.actions import become
from ..plans.models import VisitPlan
from ..visits import evidence, flags
from ..visits.actions import is_effective, visit_kind
from ..visits.flags import Flag, Seen
from ..visits.models import FixRecord, Visit, VisitFlag
from ..visits.queries import SEEN_WITHIN, as_place
from ..visits.verdict import NO_FIX, Fix, Judgement, Presence, judge, pair_colour, radius_for
from ..work import Work
from .cast import Cast
from .companies import DemoCompany
from .customers import Entered
from .diary import LATE_LOG, Call, Diary
from .ledger import Ledger
from .phones import Phone
from .places import Places
from .words import Log

PLANS_ARE_MADE_AT = time(8, 5)
DAY_ENDS_AT = time(23, 59)
ON_THE_WAY = timedelta(seconds=1)  # from the phone's clock to our server
ROUTINE = visit_kind("routine")


class What(IntEnum):
    """What happens first when two things fall on one instant."""

    CHECK_OUT = 1
    LOG = 2
    CHECK_IN = 3
    DAY_ENDS = 4


class Moment(NamedTuple):
    """`call` is a place in the diary; -1 for what belongs to nobody's visit."""

    at: datetime
    what: What
    call: int = -1


async def live_through(
    people: Cast, company: DemoCompany, diary: Diary, customers: Sequence[Entered]
) -> int:
    """Write everything in the diary in the order of time; returns the number of visits."""
    life = _Life(people, company, diary, customers)
    await life.take_numbers()
    for moment in sorted(moments_of(diary, people)):
        life.live(moment)
    life.places.write()
    await life.ledger.write(people.work("", datetime.now(UTC)))
    return len(diary.calls)


def moments_of(diary: Diary, people: Cast) -> Iterator[Moment]:
    """Everything that happens, unsorted."""
    for place, call in enumerate(diary.calls):
        yield Moment(call.arrives_at, What.CHECK_IN, place)
        if call.leaves_at is not None:
            yield Moment(call.leaves_at, What.CHECK_OUT, place)
        if call.logged_at is not None:
            yield Moment(call.logged_at, What.LOG, place)
    for day in diary.days:
        yield Moment(_on(people, day, DAY_ENDS_AT), What.DAY_ENDS)


def plans_of(
    people: Cast, diary: Diary, customers: Sequence[Entered]
) -> dict[tuple[str, date, int], VisitPlan]:
    """By user id, day and shop. A plan without a visit is written with what became of it."""
    return {
        (stop.user_id, stop.day, stop.shop.index): VisitPlan(
            tenant_id=people.connection.tenant_id,
            id=new_id(),
            owner_id=people.id_of(stop.user_id),
            customer_id=customers[stop.shop.index].customer_id,
            planned_on=stop.day,
            position=stop.position,
            visit_type=ROUTINE.code,
            state=stop.state,
            skip_reason=stop.skip_reason,
            created_at=_on(people, stop.day, PLANS_ARE_MADE_AT),
        )
        for stop in diary.stops
    }


def presence_of(company: DemoCompany, call: Call, fix: Fix | None, at: datetime) -> Presence:
    """What came with one press of the button."""
    phone = Phone.of(company.host, call.user_id)
    return Presence(
        fix,
        reason=call.reason,
        client_time=at - ON_THE_WAY - call.clock_off,
        device_id=phone.device_id,
        app_version=phone.app_version,
    )


class _Life:
    def __init__(
        self, people: Cast, company: DemoCompany, diary: Diary, customers: Sequence[Entered]
    ) -> None:
        self.people, self.company, self.diary = people, company, diary
        self.customers = customers
        self.ledger = Ledger()
        self.places = Places(customers, self.ledger)
        self.numbers: dict[date, Iterator[int]] = {}
        self.plans = plans_of(people, diary, customers)
        self.ledger.rows += self.plans.values()
        self.visits: dict[int, Visit] = {}
        self.flags: dict[str, list[Flag]] = {}
        self.seen: dict[str, Seen] = {}
        self.visitors: dict[tuple[str, str], CustomerVisitor] = {}

    async def take_numbers(self) -> None:
        zone = self.people.connection.zone
        days = Counter(call.arrives_at.astimezone(zone).date() for call in self.diary.calls)
        for day, count in sorted(days.items()):
            work = self.people.work("", _on(self.people, day, PLANS_ARE_MADE_AT))
            first = await take_numbers(work, f"V-{day:%Y%m%d}", count)
            self.numbers[day] = iter(range(first, first + count))

    def live(self, moment: Moment) -> None:
        if moment.what is What.DAY_ENDS:
            self.end_day(self.people.work("", moment.at))
            return
        call = self.diary.calls[moment.call]
        work = self.people.work(call.user_id, moment.at)
        match moment.what:
            case What.CHECK_IN:
                self.visits[moment.call] = self.check_in(work, call)
            case What.CHECK_OUT:
                self.check_out(work, call, self.visits[moment.call])
            case What.LOG if call.log is not None:
                self.record_log(work, call, self.visits[moment.call], call.log)

    def check_in(self, work: Work, call: Call) -> Visit:
        presence = presence_of(self.company, call, call.fix_in, work.now)
        judgement = self._judge(call, presence)
        plan = self.plans.get((call.user_id, work.today, call.shop.index))
        if plan is not None and plan.state != "scheduled":
            plan = None
        visit = Visit(
            tenant_id=work.tenant_id,
            id=new_id(),
            number=f"V-{work.today:%Y%m%d}-{next(self.numbers[work.today]):04d}",
            owner_id=work.actor.me,
            customer_id=self.customers[call.shop.index].customer_id,
            plan_id=plan.id if plan else None,
            visit_type=ROUTINE.code,
            business_date=work.today,
            checked_in_at=work.now,
            check_in_verdict=judgement.verdict,
            reason=presence.reason,
            risk_score=0,
            review_state="none",
            forced_check_out=False,
            log_summary="",
        )
        self.ledger.rows.append(visit)
        record(work, "check_in", "visit", visit.id)
        self._keep(work, call, visit, "check_in", presence, judgement)
        self.places.learn(work, visit, presence, self.flags)
        if plan is not None:
            become(work, plan, "in_progress")
        return visit

    def check_out(self, work: Work, call: Call, visit: Visit) -> None:
        presence = presence_of(self.company, call, call.fix_out, work.now)
        judgement = self._judge(call, presence)
        visit.checked_out_at = work.now
        visit.dwell_s = round((work.now - visit.checked_in_at).total_seconds())
        visit.check_out_verdict = judgement.verdict
        visit.pair_colour = pair_colour(visit.check_in_verdict, judgement.verdict)
        self._keep(work, call, visit, "check_out", presence, judgement)
        self._flag(work, visit, flags.of_dwell(visit.dwell_s, ROUTINE))
        self._visited(work, visit)
        self._settle(work, call, visit)

    def record_log(self, work: Work, call: Call, visit: Visit, log: Log) -> None:
        visit.log_result, visit.log_summary = log.result, log.summary
        visit.log_submitted_at = work.now
        if call.trouble == LATE_LOG:
            self._flag(work, visit, [Flag("LOG_LATE", "low")])
        due_at = due_at_of(work, log.due_on)
        self.ledger.rows.append(
            FollowUp(
                tenant_id=work.tenant_id,
                id=new_id(),
                customer_id=visit.customer_id,
                member_id=visit.owner_id,
                channel="visit",
                via=work.actor.via,
                visit_id=visit.id,
                result=log.result,
                summary=log.summary,
                next_action=log.promise,
                next_action_due_at=due_at,
                happened_at=visit.checked_in_at,
                created_at=work.now,
            )
        )
        self.ledger.prove(work, "log", visit.id, evidence.of_log(visit))
        record(work, "log", "visit", visit.id, {"result": (None, log.result)})
        self._settle(work, call, visit)

    def end_day(self, work: Work) -> None:
        """Who forgot to check out is checked out, and nobody guesses how long he stayed."""
        for place, visit in self.visits.items():
            if visit.checked_out_at is None:
                visit.checked_out_at, visit.forced_check_out = work.now, True
                visit.pair_colour = pair_colour(visit.check_in_verdict, None)
                proof = evidence.of_forced_check_out(visit)
                self.ledger.prove(work, "forced_check_out", visit.id, proof)
                self._flag(work, visit, [Flag("NO_CHECKOUT", "medium")])
                self._settle(work, self.diary.calls[place], visit)

    def _judge(self, call: Call, presence: Presence) -> Judgement:
        radius_m = radius_for(None, ROUTINE.radius_m, call.shop.place_class)
        return judge(presence.fix, as_place(self._door(call, presence)), radius_m)

    def _door(self, call: Call, presence: Presence) -> CustomerLocation | None:
        return self.places.door(self.customers[call.shop.index].customer_id, presence.fix)

    def _keep(
        self,
        work: Work,
        call: Call,
        visit: Visit,
        end: str,
        presence: Presence,
        judgement: Judgement,
    ) -> None:
        """The fix with its proof, and what it shows."""
        location, fix = self._door(call, presence), presence.fix
        kept = FixRecord(
            tenant_id=work.tenant_id,
            visit_id=visit.id,
            end=end,
            member_id=visit.owner_id,
            at=work.now,
            lat=fix.point.lat if fix else None,
            lng=fix.point.lng if fix else None,
            original_lat=fix.lat if fix else None,
            original_lng=fix.lng if fix else None,
            datum=fix.datum if fix else "",
            accuracy_m=fix.accuracy_m if fix else None,
            provider=fix.provider if fix else "",
            is_mock=fix.is_mock if fix else None,
            network=fix.network if fix else "",
            fix_age_s=fix.age_s if fix else None,
            client_time=presence.client_time,
            device_id=presence.device_id,
            host=work.actor.via,
            app_version=presence.app_version,
            verdict=judgement.verdict,
            distance_m=judgement.distance_m,
            effective_distance_m=judgement.effective_distance_m,
            radius_m=judgement.radius_m,
            location_id=location.id if location else None,
        )
        self.ledger.rows.append(kept)
        self.ledger.prove(work, end, visit.id, evidence.of_fix(visit, kept))
        before = self.seen.get(visit.owner_id)
        if before is not None and before.at < work.now - SEEN_WITHIN:
            before = None
        if fix is not None and judgement.verdict != NO_FIX:
            self.seen[visit.owner_id] = Seen(fix.point, work.now)
        self._flag(work, visit, flags.of_presence(end, presence, judgement, work.now, before))

    def _flag(self, work: Work, visit: Visit, found: Sequence[Flag]) -> None:
        """The same flag at both ends is one flag."""
        kept = self.flags.setdefault(visit.id, [])
        for new in found:
            if new.name in {known.name for known in kept}:
                continue
            kept.append(new)
            self.ledger.rows.append(
                VisitFlag(
                    tenant_id=work.tenant_id,
                    visit_id=visit.id,
                    flag=new.name,
                    severity=new.severity,
                    facts=new.facts,
                    at=work.now,
                )
            )
            proof = evidence.of_flag(visit, new.name, new.severity, new.facts)
            self.ledger.prove(work, "flag", visit.id, proof)
        visit.risk_score = flags.risk_score(kept)
        unproven = visit.check_in_verdict in ("NO_FIX", "OUT_OF_RANGE")
        if unproven or visit.risk_score >= flags.REVIEW_FROM:
            visit.review_state = "pending"

    def _visited(self, work: Work, visit: Visit) -> None:
        self.ledger.last_visits[visit.customer_id] = visit.checked_in_at
        visitor = self.visitors.get((visit.owner_id, visit.customer_id))
        if visitor is None:
            visitor = CustomerVisitor(
                tenant_id=work.tenant_id,
                member_id=visit.owner_id,
                customer_id=visit.customer_id,
                last_visit_at=visit.checked_in_at,
            )
            self.visitors[visit.owner_id, visit.customer_id] = visitor
            self.ledger.rows.append(visitor)
        visitor.last_visit_at = visit.checked_in_at

    def _settle(self, work: Work, call: Call, visit: Visit) -> None:
        plan = self.plans.get((call.user_id, visit.business_date, call.shop.index))
        if plan is not None and plan.id == visit.plan_id:
            become(work, plan, "done" if is_effective(visit) else "attempted")


def _on(people: Cast, day: date, at: time) -> datetime:
    return datetime.combine(day, at, people.connection.zone).astimezone(UTC)
