"""今天: today's stops in order."""

from field_ops.plans.messages import day_plan_card
from field_ops.plans.queries import planned_stops
from field_ops.texts import Text

from ..command import Command, Turn


async def run(turn: Turn) -> None:
    work = turn.work
    stops = await planned_stops(work, work.actor.me, work.today)
    await turn.reply_in_private(day_plan_card(work.today, stops, "#/today", turn.language))


command = Command(
    phrases=("今天", "今日", "今日计划", "今天计划", "今天去哪", "today", "plan"),
    summary=Text("今天 —— 今天要去的客户", "today — the customers to visit today"),
    run=run,
)
