"""The verbs of a visit: check in, check out, record the log. Each takes `Work` first.

Refusals come first, then the change with its evidence, then what people are told.
"""

from collections.abc import Iterable
from datetime import datetime, time

from .. import access
from ..customers import actions as customers
from ..customers.models import Customer, CustomerLocation
from ..db import insert_into
from ..errors import StorageBusy
from ..history import changes
from ..history.audit import record
from ..history.chain import Proof, add_links, prove
from ..history.numbers import next_number
from ..plans import actions as plans
from ..reminders.actions import cancel_check_out_reminder, remind_about_check_out
from ..work import Work
from . import evidence, flags, new_rows, queries, sightings, telling
from .errors import (
    LogAlreadySubmitted,
    NotYourVisit,
    OutOfRange,
    ReasonNeeded,
    UnknownVisitType,
    VisitAlreadyClosed,
    VisitStillOpen,
)
from .flags import Flag
from .models import OPEN, Visit, VisitFlag
from .new_rows import NextAction
from .types import VISIT_TYPES, VisitType
from .verdict import Judgement, Presence, judge, pair_colour, radius_for

COUNTS = ("VERIFIED", "UNVERIFIED")  # a check-in that needs nobody's approval
EXCLUDED_FROM = 80  # risk score from which a visit does not count until it is accepted

__all__ = (
    "NextAction",
    "check_in",
    "check_out",
    "flag",
    "force_check_outs",
    "is_effective",
    "mine",
    "mine_to_change",
    "record_log",
    "visit_kind",
)


async def check_in(
    work: Work,
    customer_id: str,
    presence: Presence,
    *,
    plan_id: str | None = None,
    visit_type: str | None = None,
    close_open_visit: bool = False,
) -> Visit:
    """Arrive at a customer. Arriving again at the same one continues the same visit."""
    access.require(work, "visits.create")
    customer, doors = await queries.customer_to_visit(work, customer_id)
    location = queries.nearest_door(doors, presence.fix)
    plan = await plans.plan_for_visit(work, customer.id, plan_id)
    kind = visit_kind(visit_type or (plan.visit_type if plan else "routine"))

    under_way = await queries.under_way(work, customer.id)
    if under_way.open is not None and under_way.open.customer_id == customer.id:
        return under_way.open
    judgement = _judge(customer, kind, presence, location)
    _refuse_outside(customer, kind, judgement, presence)
    before = await queries.last_seen(work, work.actor.me)

    proofs: list[Proof] = []
    if under_way.open is not None:
        proofs += await _leave_open_visit(work, under_way.open, close=close_open_visit)
    visit, known = under_way.just_closed, list[VisitFlag]()
    if visit is None:
        visit = await _open(work, customer, kind, judgement, presence, plan.id if plan else None)
    else:
        known = await _continue(work, visit, presence)
    proofs.append(_keep_fix(work, visit, "check_in", presence, judgement, location))
    found = flags.of_presence("check_in", presence, judgement, work.now, before)
    proofs += flag(work, visit, found, known)
    await sightings.learn_place(work, customer, doors, presence.fix, [*known, *found])
    if plan is not None:
        await plans.start(work, plan)
    await remind_about_check_out(work, visit.id, visit.owner_id, visit.checked_in_at)
    await telling.lead_of_abnormal(work, visit, customer, found)
    await add_links(work, proofs)
    return visit


async def check_out(work: Work, visit_id: str, presence: Presence) -> Visit:
    """Leave. A second check-out of the same visit is refused with the time of the first."""
    visit, customer, doors = await mine_to_change(work, visit_id)
    location = queries.nearest_door(doors, presence.fix)
    if visit.checked_out_at is not None:
        raise VisitAlreadyClosed(at=f"{visit.checked_out_at.astimezone(work.zone):%H:%M}")
    kind = visit_kind(visit.visit_type)
    judgement = _judge(customer, kind, presence, location)
    before = await queries.last_seen(work, visit.owner_id)
    known = await queries.flags_of(work, visit.id)

    visit.checked_out_at = work.now
    visit.dwell_s = round((work.now - visit.checked_in_at).total_seconds())
    visit.check_out_verdict = judgement.verdict
    visit.pair_colour = pair_colour(visit.check_in_verdict, judgement.verdict)
    proofs = [_keep_fix(work, visit, "check_out", presence, judgement, location)]
    found = flags.of_presence("check_out", presence, judgement, work.now, before)
    found += flags.of_dwell(visit.dwell_s, kind)
    proofs += flag(work, visit, found, known)
    await customers.visited(work, customer, visit.checked_in_at)
    changes.happened(work, "check_out", "visit", [visit.id])
    await cancel_check_out_reminder(work, visit.id)
    await plans.settle(work, visit.plan_id, is_effective=is_effective(visit))
    await telling.visit_is_over(work, visit, customer)
    await telling.lead_of_abnormal(work, visit, customer, found)
    await add_links(work, proofs)
    return visit


async def record_log(
    work: Work, visit_id: str, result: str, summary: str, promise: NextAction
) -> Visit:
    """Write the log: one tap and one sentence. It becomes the customer's follow-up."""
    visit, customer, _ = await mine_to_change(work, visit_id)
    if visit.log_submitted_at is not None:
        raise LogAlreadySubmitted()
    proofs: list[Proof] = []
    visit.log_result, visit.log_summary = result, summary
    visit.log_submitted_at = work.now
    if work.now > await queries.log_due_at(work, visit):
        known = await queries.flags_of(work, visit.id)
        proofs += flag(work, visit, [Flag("LOG_LATE", "low")], known)
    work.session.add(new_rows.follow_up(work, visit, promise))
    proofs.append(prove(work, "log", visit.id, evidence.of_log(visit)))
    record(work, "log", "visit", visit.id, {"result": (None, result)})
    await plans.settle(work, visit.plan_id, is_effective=is_effective(visit))
    await telling.log_is_kept(work, visit)
    await telling.lead_of_result(work, visit, customer, promise.what)
    await add_links(work, proofs)
    return visit


async def force_check_outs(work: Work) -> int:
    """End every open visit of a day that is over; returns how many. Dwell is never guessed."""
    over = [visit for visit in await queries.open_visits(work) if _day_is_over(work, visit)]
    proofs = [proof for visit in over for proof in await _force_check_out(work, visit)]
    await add_links(work, proofs)
    return len(over)


def visit_kind(code: str) -> VisitType:
    if code not in VISIT_TYPES:
        raise UnknownVisitType(visit_type=code)
    return VISIT_TYPES[code]


def is_effective(visit: Visit) -> bool:
    """Whether the visit counts (domain.md §17.1)."""
    accepted = visit.review_state == "accepted"
    if visit.review_state == "rejected" or visit.log_submitted_at is None:
        return False
    if visit.check_in_verdict not in COUNTS and not accepted:
        return False
    if visit.risk_score >= EXCLUDED_FROM and not accepted:
        return False
    enough = visit_kind(visit.visit_type).minimum_dwell_s
    return visit.dwell_s is not None and visit.dwell_s >= enough


def _judge(
    customer: Customer, kind: VisitType, presence: Presence, location: CustomerLocation | None
) -> Judgement:
    radius_m = radius_for(customer.radius_m, kind.radius_m, customer.place_class)
    return judge(presence.fix, queries.as_place(location), radius_m)


def _refuse_outside(
    customer: Customer, kind: VisitType, judgement: Judgement, presence: Presence
) -> None:
    if not judgement.is_outside:
        return
    away = {
        "customer": customer.name,
        "distance_m": round(judgement.distance_m or 0),
        "radius_m": judgement.radius_m,
    }
    if kind.mode == "enforce":
        raise OutOfRange(**away)
    if kind.mode == "warn" and not presence.reason:
        raise ReasonNeeded(**away)


async def _leave_open_visit(work: Work, visit: Visit, *, close: bool) -> list[Proof]:
    if not close:
        raise await _still_open(work, visit)
    proofs = await _force_check_out(work, visit)
    await work.session.flush()
    return proofs


async def _still_open(work: Work, visit: Visit) -> VisitStillOpen:
    customer = await work.session.get_one(Customer, (work.tenant_id, visit.customer_id))
    return VisitStillOpen(customer=customer.name, visit_id=visit.id)


async def _open(
    work: Work,
    customer: Customer,
    kind: VisitType,
    judgement: Judgement,
    presence: Presence,
    plan_id: str | None,
) -> Visit:
    number = await next_number(work, f"V-{work.today:%Y%m%d}", 4)
    values = new_rows.visit_values(work, number, presence, judgement)
    visit: Visit | None = await work.session.scalar(
        insert_into(work.session, Visit)
        .values(**values, customer_id=customer.id, plan_id=plan_id, visit_type=kind.code)
        .on_conflict_do_nothing(index_elements=["tenant_id", "owner_id"], index_where=OPEN)
        .returning(Visit)
    )
    if visit is None:
        # Two phones of one member at once: the database let one of them in.
        winner = (await queries.under_way(work, customer.id)).open
        raise StorageBusy() if winner is None else await _still_open(work, winner)
    record(work, "check_in", "visit", visit.id)
    return visit


async def _continue(work: Work, visit: Visit, presence: Presence) -> list[VisitFlag]:
    """He went out to the car and came back: the same visit, its first arrival stays.

    Returns the flags that it still has.
    """
    record(work, "check_in_again", "visit", visit.id)
    visit.checked_out_at = visit.dwell_s = visit.check_out_verdict = visit.pair_colour = None
    visit.reason = visit.reason or presence.reason
    for fix in await queries.fixes_of(work, visit.id):
        await work.session.delete(fix)
    kept = []
    for known in await queries.flags_of(work, visit.id):
        if known.flag in ("SHORT_DWELL", "LONG_DWELL") or known.facts.get("end") == "check_out":
            await work.session.delete(known)
        else:
            kept.append(known)
    await work.session.flush()
    return kept


def _keep_fix(
    work: Work,
    visit: Visit,
    end: str,
    presence: Presence,
    judgement: Judgement,
    location: CustomerLocation | None,
) -> Proof:
    """Keep what the phone sent and how it was judged."""
    kept = new_rows.fix_record(work, visit, end, presence, judgement, location)
    work.session.add(kept)
    return prove(work, end, visit.id, evidence.of_fix(visit, kept))


def flag(
    work: Work, visit: Visit, found: Iterable[Flag], known: Iterable[VisitFlag]
) -> list[Proof]:
    """Add what was noticed to what was known; the same flag twice (both ends, say) is one flag."""
    flagged = {kept.flag: Flag(kept.flag, kept.severity, kept.facts) for kept in known}
    proofs = []
    for new in found:
        if new.name in flagged:
            continue
        flagged[new.name] = new
        work.session.add(new_rows.visit_flag(work, visit, new))
        payload = evidence.of_flag(visit, new.name, new.severity, new.facts)
        proofs.append(prove(work, "flag", visit.id, payload))
    visit.risk_score = flags.risk_score(flagged.values())
    unproven = visit.check_in_verdict in ("NO_FIX", "OUT_OF_RANGE")
    if visit.review_state == "none" and (unproven or visit.risk_score >= flags.REVIEW_FROM):
        visit.review_state = "pending"
    return proofs


async def _force_check_out(work: Work, visit: Visit) -> list[Proof]:
    visit.checked_out_at = work.now
    visit.forced_check_out = True
    visit.dwell_s = None
    visit.pair_colour = pair_colour(visit.check_in_verdict, None)
    changes.happened(work, "check_out", "visit", [visit.id])
    proofs = [prove(work, "forced_check_out", visit.id, evidence.of_forced_check_out(visit))]
    known = await queries.flags_of(work, visit.id)
    proofs += flag(work, visit, [Flag("NO_CHECKOUT", "medium")], known)
    await cancel_check_out_reminder(work, visit.id)
    await plans.settle(work, visit.plan_id, is_effective=is_effective(visit))
    return proofs


async def mine(work: Work, visit_id: str) -> Visit:
    """My own visit; `NotYourVisit` for one that I may only see."""
    visit = await access.find_visible(work, Visit, visit_id)
    _refuse_others(work, visit)
    return visit


async def mine_to_change(work: Work, visit_id: str) -> queries.VisitAndDoors:
    """The same with its customer and doors; nobody else changes it before the commit."""
    found = await queries.visit_to_change(work, visit_id)
    _refuse_others(work, found[0])
    return found


def _refuse_others(work: Work, visit: Visit) -> None:
    if visit.owner_id != work.actor.member_id:
        raise NotYourVisit()


def _day_is_over(work: Work, visit: Visit) -> bool:
    if visit.business_date < work.today:
        return True
    last_minute = datetime.combine(visit.business_date, time(23, 59), tzinfo=work.zone)
    return work.now >= last_minute
