"""The routes of clocks: how long a customer stays, who asks for more time, what is taken back."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date

from ..access import find_visible, may, require
from ..customers.errors import OwnerUnknown
from ..customers.models import Customer
from ..customers.queries import names_of
from ..customers.schemas import MemberOut
from ..errors import NotAllowed, NotFound
from ..work import Work
from . import absences, actions, allocation, extensions, recycling
from .api import routes as routes
from .clock import Clock
from .errors import (
    AbsenceEndsBefore,
    DecidedAlready,
    ExtensionWaits,
    NoMoreExtensions,
    NothingToUndo,
    NotYoursToRelease,
    PoolMemberUnknown,
    PoolTagUnknown,
)
from .facts import clocks_of, protections_of
from .hoarding import TARGET, holders
from .holds import Hold, holds_of
from .messages import HELD_BY, KEPT, allocated_text, clock_text
from .queries import KnownPool
from .schemas import (
    AbsenceIn,
    AbsenceOut,
    AbsencesOut,
    AllocationRow,
    AllocationsOut,
    AwayOut,
    ClockOut,
    DecisionIn,
    EndingRow,
    EndingsOut,
    EndingsQuery,
    ExtensionIn,
    HolderOut,
    HoldersOut,
    MineEndingQuery,
    PoolOwnerOut,
    ProtectionIn,
    RulesIn,
    TrialIn,
    WaitingExtension,
    WaitingExtensions,
)
from .trial import as_if

MOST_ROWS = 200
HELD = (NotFound, NotAllowed)


@routes.get("/customers/{customer_id}/clock", refusals=(NotFound,))
async def show_clock(work: Work, customer_id: str) -> ClockOut:
    """When this customer goes back to the pool, and why."""
    return await _clock(work, customer_id)


@routes.post(
    "/customers/{customer_id}/extension",
    refusals=(*HELD, NotYoursToRelease, NoMoreExtensions, ExtensionWaits),
)
async def ask_for_extension(work: Work, customer_id: str, body: ExtensionIn) -> ClockOut:
    """Ask my lead for more time."""
    await extensions.ask_for_extension(work, customer_id, body.reason)
    return await _clock(work, customer_id)


@routes.post("/customers/{customer_id}/extension/decision", refusals=(*HELD, DecidedAlready))
async def decide_extension(work: Work, customer_id: str, body: DecisionIn) -> ClockOut:
    """Grant or refuse the time that one of my people asked for."""
    await extensions.decide_extension(work, customer_id, is_granted=body.is_granted)
    return await _clock(work, customer_id)


@routes.get("/pools/extensions", refusals=(NotAllowed,))
async def extensions_to_decide(work: Work) -> WaitingExtensions:
    """Who of my people asks for more time, and waits for me; the oldest first."""
    require(work, "customers.assign")
    return WaitingExtensions(
        extensions=[
            WaitingExtension(
                customer_id=customer.id,
                customer_name=customer.name,
                owner=MemberOut(id=one.member_id, name=name),
                reason=one.reason,
                asked_at=one.asked_at,
            )
            for one, customer, name in await extensions.waiting_for_me(work)
        ]
    )


@routes.put("/customers/{customer_id}/protection", refusals=HELD)
async def protect_customer(work: Work, customer_id: str, body: ProtectionIn) -> ClockOut:
    """Keep a customer from being recycled until a day, or lock it."""
    await extensions.protect(work, customer_id, body.until, body.reason)
    return await _clock(work, customer_id)


@routes.delete("/customers/{customer_id}/protection", refusals=HELD)
async def unprotect_customer(work: Work, customer_id: str) -> ClockOut:
    """Let its clock run again."""
    await extensions.unprotect(work, customer_id)
    return await _clock(work, customer_id)


@routes.get("/pools/recycling", refusals=(NotAllowed,))
async def what_would_be_recycled(work: Work, query: EndingsQuery) -> EndingsOut:
    """The dry run: what a run would take back if nobody did anything until then."""
    require(work, "pool.configure")
    found = await recycling.due_in(work, query.in_days)
    rows = sorted(found, key=lambda one: one.clock.deadline)[:MOST_ROWS]
    return EndingsOut(count=len(found), rows=await _endings(work, rows))


async def _endings(work: Work, rows: Sequence[recycling.Ending]) -> list[EndingRow]:
    names = await names_of(work, {one.customer.owner_id for one in rows})
    return [
        EndingRow.model_validate(
            {
                "id": one.customer.id,
                "number": one.customer.number,
                "name": one.customer.name,
                "level": one.customer.level,
                "owner": {
                    "id": one.customer.owner_id,
                    "name": names.get(one.customer.owner_id or "", ""),
                },
                "deadline": one.clock.deadline,
                "sentence": clock_text(one.clock, work.today).say(work.actor.language),
            }
        )
        for one in rows
    ]


@routes.get("/pools/ending", refusals=(NotAllowed,))
async def what_i_am_about_to_lose(work: Work, query: MineEndingQuery) -> EndingsOut:
    """My own customers whose clocks end soon, the soonest first, each with its reason."""
    require(work, "customers.claim")
    found = await recycling.mine_ending(work, query.within_days)
    return EndingsOut(count=len(found), rows=await _endings(work, found[:MOST_ROWS]))


@routes.post("/pools/recycling", refusals=(NotFound, NotAllowed, PoolMemberUnknown, PoolTagUnknown))
async def what_other_rules_would_recycle(work: Work, body: RulesIn) -> EndingsOut:
    """The dry run of rules before they are saved: what they would take back if nobody did
    anything until then. The week of grace that a change brings counts."""
    async with _as_typed(work, body):
        found = await recycling.due_in(work, body.in_days)
        rows = sorted(found, key=lambda one: one.clock.deadline)[:MOST_ROWS]
        return EndingsOut(count=len(found), rows=await _endings(work, rows))


@routes.post(
    "/pools/allocation", refusals=(NotFound, NotAllowed, PoolMemberUnknown, PoolTagUnknown)
)
async def what_rules_would_allocate(work: Work, body: TrialIn) -> AllocationsOut:
    """The dry run of giving out: who would have what waits in the pool now, and why."""
    async with _as_typed(work, body) as pool:
        count, found = await allocation.forecast(work, pool)
        names = await names_of(work, {one.to.id for one in found if one.to})
        return AllocationsOut(
            count=count,
            rows=[
                AllocationRow(
                    **{
                        name: getattr(one.customer, name)
                        for name in ("id", "number", "name", "city")
                    },
                    member=MemberOut(id=one.to.id, name=names[one.to.id]) if one.to else None,
                    sentence=allocated_text(one.reason).say(work.actor.language),
                )
                for one in found
            ],
        )


def _as_typed(work: Work, body: TrialIn) -> AbstractAsyncContextManager[KnownPool]:
    members = body.members
    named = [(one.kind, one.id, one.is_admin) for one in members] if members is not None else None
    return as_if(work, body.pool_id, body.rules, body.position, named)


@routes.post(
    "/pools/customers/{customer_id}/undo",
    refusals=(NotFound, NotAllowed, NothingToUndo, OwnerUnknown),
)
async def undo_recycling(work: Work, customer_id: str) -> PoolOwnerOut:
    """Give a recycled customer back to who had it, within seven days."""
    customer = await recycling.undo(work, customer_id)
    owner_id = customer.owner_id or ""
    names = await names_of(work, [owner_id])
    return PoolOwnerOut.model_validate({"owner": {"id": owner_id, "name": names[owner_id]}})


@routes.get("/pools/holders", refusals=(NotAllowed,))
async def who_holds_what(work: Work) -> HoldersOut:
    """What each of my people holds and works, who works the smallest part first."""
    require(work, "customers.assign")
    rows = [
        HolderOut.model_validate(
            {
                "member": {"id": one.member_id, "name": one.name},
                **{name: getattr(one, name) for name in COUNTED},
                "is_below_target": one.ratio is not None and one.ratio < TARGET,
            }
        )
        for one in await holders(work)
    ]
    return HoldersOut(target=TARGET, rows=rows)


COUNTED = (
    "held",
    "worked",
    "never_worked",
    "ratio",
    "claims",
    "deals",
    "last_day_releases",
    "repeated",
)


@routes.get("/absences", refusals=(NotAllowed,))
async def who_is_away(work: Work) -> AbsencesOut:
    """Who of my people is away, today or later; the earliest first."""
    require(work, "customers.assign")
    return AbsencesOut(
        absences=[
            AbsenceOut(
                member=MemberOut(id=one.member_id, name=name),
                first_day=one.first_day,
                last_day=one.last_day,
            )
            for one, name in await absences.ahead(work)
        ]
    )


@routes.put("/members/{member_id}/absences/{first_day}", refusals=(NotAllowed, AbsenceEndsBefore))
async def say_away(work: Work, member_id: str, first_day: str, body: AbsenceIn) -> AwayOut:
    """One of my people is away from this day on: his customers' clocks stand still."""
    await absences.say_away(work, member_id, _day(first_day), body.last_day)
    return await _away(work, member_id)


@routes.delete("/members/{member_id}/absences/{first_day}", refusals=(NotAllowed,))
async def say_back(work: Work, member_id: str, first_day: str) -> AwayOut:
    """He is not away from this day on after all."""
    await absences.say_back(work, member_id, _day(first_day))
    return await _away(work, member_id)


async def _away(work: Work, member_id: str) -> AwayOut:
    known = await absences.absences_of(work, [member_id])
    return AwayOut(member_id=member_id, days=list(known.get(member_id, ())))


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as failure:
        raise NotFound() from failure


def _said(work: Work, clock: Clock | None, held: Sequence[Hold]) -> str:
    if held:
        return KEPT.say(work.actor.language, why=HELD_BY[held[0]].say(work.actor.language))
    return clock_text(clock, work.today).say(work.actor.language) if clock else ""


async def _clock(work: Work, customer_id: str) -> ClockOut:
    customer: Customer = await find_visible(work, Customer, customer_id)
    clock = (await clocks_of(work, [customer])).get(customer.id)
    held = (await holds_of(work, [customer.id])).get(customer.id, [])
    protection = (await protections_of(work, [customer.id])).get(customer.id)
    rule = await extensions.rule_for(work, customer)
    asked = await extensions.extensions_of(work, customer)
    waiting = next((one.reason for one in asked if one.state == "asked"), None)
    granted = sum(one.state == "granted" for one in asked)
    is_mine = customer.owner_id is not None and customer.owner_id == work.actor.member_id
    may_claim = may(work, "customers.claim")
    decides = customer.owner_id is not None and await actions.looks_over(work, customer)
    return ClockOut.model_validate(
        {
            "deadline": clock.deadline if clock else None,
            "left_days": clock.left(work.today) if clock else None,
            "why": clock.why.value if clock else "",
            "days": clock.days if clock else None,
            "since": clock.since if clock else None,
            "sentence": _said(work, clock, held),
            "held_by": [one.value for one in held],
            "is_locked": protection is not None and protection.until is None,
            "protected_until": protection.until if protection else None,
            "extensions_granted": granted,
            "extensions_most": rule.extensions,
            "extension_days": rule.extension_days,
            "waiting_extension": waiting,
            "may_ask": bool(
                is_mine and may_claim and clock and waiting is None and granted < rule.extensions
            ),
            "may_release": may_claim and (is_mine or decides),
            "may_decide": decides and waiting is not None,
        }
    )
