"""The day plan: at 08:30 of a work day whoever has stops, or was made a rep, is told them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import partial

from sqlalchemy import or_, select

from ..access.roles import REP
from ..calendar.work_days import calendar_of
from ..host.messages import Wording
from ..people.models import Member, MemberRole
from ..reminders.actions import remind
from ..reminders.rules import Due, Rule
from ..work import Work
from . import queries
from .messages import day_plan_card

SENT_AT = time(8, 30)


async def schedule_day_plans(work: Work, day: date) -> int:
    """Promise `day`'s plan to everybody who gets one; again is nothing. Returns to how many.

    Nothing on a free day, and nothing after the plan would have been sent: who joins at noon has
    seen his day.
    """
    due_at = datetime.combine(day, SENT_AT, work.zone).astimezone(UTC)
    if work.now >= due_at or not (await calendar_of(work)).is_work_day(day):
        return 0
    members = await _who_gets_one(work, day)
    await remind(work, DAY_PLAN.name, due_at, [(member, member) for member in members])
    return len(members)


async def day_plans(work: Work, due: Sequence[Due]) -> Mapping[str, Wording]:
    """The cards, unless the day has become a free one in the meantime."""
    calendar = await calendar_of(work)
    cards: dict[str, Wording] = {}
    for one in due:
        day = work.on(one.due_at)
        if calendar.is_work_day(day):
            stops = await queries.planned_stops(work, one.member_id, day)
            cards[one.id] = partial(day_plan_card, day, stops, "#/today")
    return cards


async def _who_gets_one(work: Work, day: date) -> Sequence[str]:
    """Active members who are reps or have a stop that day."""
    reps = select(MemberRole.member_id).where(
        MemberRole.tenant_id == work.tenant_id, MemberRole.role == REP.code
    )
    found = await work.session.scalars(
        select(Member.id).where(
            Member.tenant_id == work.tenant_id,
            Member.state == "active",
            or_(Member.id.in_(reps), Member.id.in_(await queries.members_with_stops(work, day))),
        )
    )
    return found.all()


DAY_PLAN = Rule("day_plan", day_plans)
