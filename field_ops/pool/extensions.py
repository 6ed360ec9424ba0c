"""More time for an owner, and what is never taken back: the verbs that hold a clock."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from sqlalchemy import delete, func, select

from ..access import reaches, require, visible
from ..customers.actions.holding import held
from ..customers.models import Customer
from ..db import new_id
from ..errors import NotAllowed
from ..history import audit
from ..outbox.post import post
from ..outbox.revise import asking, settle
from ..people import queries as people
from ..people.models import Member
from ..work import Work
from .actions import looks_over
from .errors import DecidedAlready, ExtensionWaits, NoMoreExtensions, NotYoursToRelease
from .facts import since_of
from .messages import decision_notice, extension_card, extension_decided_card
from .models import Extension, Protection
from .queries import pool_by_member
from .rules import RecycleRule

MOST_WAITING = 100


async def extensions_of(work: Work, customer: Customer) -> Sequence[Extension]:
    """What was asked for since its owner has it, the oldest first."""
    found = await work.session.scalars(
        select(Extension)
        .where(
            Extension.tenant_id == work.tenant_id,
            Extension.customer_id == customer.id,
            Extension.asked_at >= since_of(customer),
        )
        .order_by(Extension.id)
    )
    return found.all()


async def waiting_for_me(work: Work) -> Sequence[tuple[Extension, Customer, str]]:
    """(what was asked for, the customer, its owner's name) that the actor decides about, the oldest
    first."""
    rows = await work.session.execute(
        visible(work, Customer)
        .join(
            Extension,
            (Extension.tenant_id == Customer.tenant_id) & (Extension.customer_id == Customer.id),
        )
        .join(Member, (Member.tenant_id == Customer.tenant_id) & (Member.id == Customer.owner_id))
        .with_only_columns(Extension, Customer, Member.name)
        .where(
            Extension.state == "asked",
            Extension.asked_at >= func.coalesce(Customer.owner_since, Customer.created_at),
            reaches(work, "customers.assign", Customer.owner_id),
        )
        .order_by(Extension.id)
        .limit(MOST_WAITING)
    )
    return [(extension, customer, owner) for extension, customer, owner in rows]


async def rule_for(work: Work, customer: Customer) -> RecycleRule:
    """The recycle rule of its owner's pool."""
    owner = customer.owner_id or ""
    return (await pool_by_member(work, [owner]))[owner].rules.recycle


async def ask_for_extension(work: Work, customer_id: str, reason: str) -> Extension:
    """Ask my lead for more time. Raises NoMoreExtensions or ExtensionWaits."""
    require(work, "customers.claim")
    customer = await held(work, customer_id)
    if customer.owner_id != work.actor.me:
        raise NotYoursToRelease(name=customer.name)
    rule, asked = await rule_for(work, customer), await extensions_of(work, customer)
    if any(one.state == "asked" for one in asked):
        raise ExtensionWaits(name=customer.name)
    if sum(one.state == "granted" for one in asked) >= rule.extensions:
        raise NoMoreExtensions(name=customer.name, limit=rule.extensions)
    extension = Extension(
        tenant_id=work.tenant_id,
        id=new_id(),
        customer_id=customer.id,
        member_id=work.actor.me,
        asked_at=work.now,
        reason=reason,
        state="asked",
    )
    work.session.add(extension)
    audit.record(
        work, "customer.extension_asked", "customer", customer.id, {"reason": (None, reason)}
    )
    member = await work.session.get_one(Member, (work.tenant_id, work.actor.me))
    for leader in (await people.leaders_of(work, member.id))[:1]:
        await post(
            work,
            to=leader,
            message=lambda language: extension_card(
                member.name, customer.id, customer.name, rule.extension_days, reason, language
            ),
            kind="extension",
            once=f"extension-{extension.id}",
            about=about(customer.id),
        )
    return extension


def about(customer_id: str) -> str:
    """What a card is about that asks for more time."""
    return f"extension-{customer_id}"


async def ending(
    work: Work, customer: Customer, *, is_granted: bool
) -> tuple[str, str, str, str, bool]:
    """What such a card becomes when the actor has decided so."""
    me = await work.session.get_one(Member, (work.tenant_id, work.actor.me))
    return customer.id, customer.name, me.name, f"{work.local_now:%H:%M}", is_granted


async def decide_extension(work: Work, customer_id: str, *, is_granted: bool) -> Customer:
    """Grant or refuse what the owner asked for. Needs to decide about his customers."""
    require(work, "customers.assign")
    customer = await held(work, customer_id)
    if not await looks_over(work, customer):
        raise NotAllowed()
    waiting = [one for one in await extensions_of(work, customer) if one.state == "asked"]
    if not waiting:
        raise DecidedAlready(name=customer.name)
    state = "granted" if is_granted else "refused"
    waiting[0].state, waiting[0].decided_by = state, work.actor.member_id
    waiting[0].decided_at = work.now
    audit.record(work, f"customer.extension_{state}", "customer", customer.id)
    decided = partial(extension_decided_card, *await ending(work, customer, is_granted=is_granted))
    await settle(work, await asking(work, about(customer.id)), decided)
    days = (await rule_for(work, customer)).extension_days
    await post(
        work,
        to=waiting[0].member_id,
        message=lambda language: decision_notice(customer.name, days, is_granted, language),
        kind="extension_decided",
        once=f"extension-decided-{waiting[0].id}",
    )
    return customer


async def protect(work: Work, customer_id: str, until: date | None, reason: str) -> Customer:
    """Keep a customer from being recycled until that day, or (None) locked for good."""
    require(work, "customers.assign")
    customer = await _decided_about(work, customer_id)
    await _unprotected(work, customer)
    work.session.add(
        Protection(
            tenant_id=work.tenant_id,
            customer_id=customer.id,
            until=until,
            reason=reason,
            by_id=work.actor.member_id,
            at=work.now,
        )
    )
    await work.session.flush()
    said = until.isoformat() if until else "locked"
    audit.record(work, "customer.protected", "customer", customer.id, {"until": (None, said)})
    return customer


async def unprotect(work: Work, customer_id: str) -> Customer:
    """Let its clock run again."""
    require(work, "customers.assign")
    customer = await _decided_about(work, customer_id)
    await _unprotected(work, customer)
    audit.record(work, "customer.unprotected", "customer", customer.id)
    return customer


async def _decided_about(work: Work, customer_id: str) -> Customer:
    customer = await held(work, customer_id)
    if not await looks_over(work, customer):
        raise NotAllowed()
    return customer


async def _unprotected(work: Work, customer: Customer) -> None:
    await work.session.execute(
        delete(Protection).where(
            Protection.tenant_id == work.tenant_id, Protection.customer_id == customer.id
        )
    )
