"""Asks the policy about a batch of messages, with the facts that it needs read at once."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from ..calendar.work_days import WorkCalendar, calendar_of
from ..host.messages import Message
from ..host.platform import HostLimits
from ..tenants.models import Tenant
from ..work import Actor, Work
from .claims import Claimed, Sent, sent_since
from .policy import Waking, is_push, next_allowed, next_within_limits, told_apart

AN_HOUR = timedelta(hours=1)
APART = timedelta(
    minutes=15
)  # two cards of one kind; what comes in between is one (domain.md §12.2)


@dataclass(frozen=True, slots=True)
class Decision:
    """Send it now, unless one of the two moments says otherwise.

    `hold_until`: the member is to be left alone till then; others may overtake. `wait_until`: the
    host would drop it before then; the later ones wait behind it. `stamp` is added to its words.
    """

    hold_until: datetime | None = None
    wait_until: datetime | None = None
    stamp: str = ""

    @property
    def goes(self) -> bool:
        """Whether it is said now."""
        return self.hold_until is None and self.wait_until is None

    def worded(self, message: Message) -> Message:
        """The message as it is said now."""
        return told_apart(message, self.stamp) if self.stamp else message


@dataclass(frozen=True, slots=True)
class Peace:
    """What the policy must know of one company."""

    zone: ZoneInfo
    calendar: WorkCalendar
    waking: Waking


async def decide(
    session: AsyncSession,
    messages: Sequence[Claimed],
    limits: HostLimits,
    now: datetime,
    merges: Collection[str] = (),
) -> dict[str, Decision]:
    """What to do with each of these messages of one connection, by message id. `merges` are the
    kinds of which several can be said as one."""
    tenant_id = messages[0].tenant_id
    peace = await peace_of(session, tenant_id, now)
    midnight = datetime.combine(now.astimezone(peace.zone).date(), time(), peace.zone)
    recent = await sent_since(session, tenant_id, messages, min(midnight, now - AN_HOUR))
    by_person: dict[tuple[str, str], list[Sent]] = {}
    for sent in recent:
        by_person.setdefault((sent.connection_id, sent.host_user_id), []).append(sent)
    return {
        one.id: _decide(one, by_person.get(one.person, []), peace, limits, now, merges)
        for one in messages
    }


def _decide(
    one: Claimed,
    recent: Sequence[Sent],
    peace: Peace,
    limits: HostLimits,
    now: datetime,
    merges: Collection[str],
) -> Decision:
    if one.revises:  # changes what he already has, and the host's budgets are for messages
        return Decision()
    if is_push(one.kind, urgent=one.urgent):
        allowed = next_allowed(
            now, peace.zone, peace.calendar, _pushed(recent, peace), peace.waking
        )
        if allowed > now:
            return Decision(hold_until=allowed)
        if one.kind in merges and (apart := _next_of_kind(one.kind, recent)) > now:
            return Decision(hold_until=apart)
    if not _answers_at_his_address(one, now):
        counted = [sent.sent_at for sent in recent if not sent.at_his_address]
        free = next_within_limits(now, counted, limits)
        if free > now:
            return Decision(wait_until=free)
    unasked = one.conversation is None  # to who asks twice, the same answer is given twice
    if limits.identical_text_daily and unasked and _told_today(one, recent, peace, now):
        # The time of posting, not of sending: a retry must equal what the host may already have.
        return Decision(stamp=one.created_at.astimezone(peace.zone).strftime("%H:%M:%S"))
    return Decision()


def _next_of_kind(kind: str, recent: Sequence[Sent]) -> datetime:
    """When another card of this kind may go, with all that came meanwhile."""
    pushed = [sent.sent_at for sent in recent if sent.kind == kind and not sent.urgent]
    return max(pushed) + APART if pushed else datetime.min.replace(tzinfo=UTC)


def _answers_at_his_address(one: Claimed, now: datetime) -> bool:
    """By the way that the question gave: the figures per member are for what nobody asked for, and
    where the host has one for a conversation it says "busy" itself."""
    talk = one.recipient.conversation
    if talk is None or not talk.reply_to:
        return False
    return talk.reply_until is None or now < talk.reply_until


def _pushed(recent: Sequence[Sent], peace: Peace) -> Counter[date]:
    return Counter(
        sent.sent_at.astimezone(peace.zone).date()
        for sent in recent
        if is_push(sent.kind, urgent=sent.urgent)
    )


def _told_today(one: Claimed, recent: Sequence[Sent], peace: Peace, now: datetime) -> bool:
    today = now.astimezone(peace.zone).date()
    return any(
        sent.payload == one.payload and sent.sent_at.astimezone(peace.zone).date() == today
        for sent in recent
    )


async def peace_of(session: AsyncSession, tenant_id: int, now: datetime) -> Peace:
    """When this company's people are to be left alone."""
    tenant = await session.get_one(Tenant, tenant_id)
    work = Work(session, Actor(tenant_id, None, via="worker"), now, ZoneInfo(tenant.zone))
    waking = Waking(tenant.pushes_from, tenant.pushes_until, tenant.pushes_a_day)
    return Peace(work.zone, await calendar_of(work), waking)
