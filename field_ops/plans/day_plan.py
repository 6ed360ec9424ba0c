"""The day plan: at 08:30 of a work day whoever has stops, or was made a rep, is told them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import partial

from sqlalchemy import exists, or_, select

from ..access.roles import REP
from ..calendar.work_days import calendar_of
from ..host.messages import Wording
from ..people.models import Member, MemberRole
from ..reminders.actions import remind
from ..reminders.models import Reminder
from ..reminders.rules import Due, Rule
from ..work import Work
from . import queries
from .messages import day_plan_card

SENT_AT = time(8, 30)


async def who_gets_a_plan(work: Work, day: date) -> Sequence[str]:
    """The members to whom `day`'s plan is to be promised, and is not yet.

    Nobody on a free day, and nobody after the plan would have been sent: who joins at noon has
    seen his day.
    """
    if work.now >= _due_at(work, day) or not (await calendar_of(work)).is_work_day(day):
        return ()
    return await _without_a_plan(work, day)


async def promise_plans(work: Work, day: date, members: Sequence[str]) -> None:
    """Promise `day`'s plan to these members; again is nothing."""
    await remind(work, DAY_PLAN.name, _due_at(work, day), [(member, member) for member in members])


def _due_at(work: Work, day: date) -> datetime:
    return datetime.combine(day, SENT_AT, work.zone).astimezone(UTC)


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


async def _without_a_plan(work: Work, day: date) -> Sequence[str]:
    """Active members who are reps or have a stop that day, and whom nobody promised its plan."""
    promised = exists().where(
        Reminder.tenant_id == Member.tenant_id,
        Reminder.rule == DAY_PLAN.name,
        Reminder.subject_id == Member.id,
        Reminder.due_at == _due_at(work, day),
        Reminder.state != "cancelled",
    )
    reps = select(MemberRole.member_id).where(
        MemberRole.tenant_id == work.tenant_id, MemberRole.role == REP.code
    )
    found = await work.session.scalars(
        select(Member.id).where(
            Member.tenant_id == work.tenant_id,
            Member.state == "active",
            or_(Member.id.in_(reps), Member.id.in_(await queries.members_with_stops(work, day))),
            ~promised,
        )
    )
    return found.all()


DAY_PLAN = Rule("day_plan", day_plans)
