"""签到: a link to the one-tap page; a host does not let a bot read a position."""

from field_ops.host.messages import Button, Card
from field_ops.plans.queries import planned_stops
from field_ops.texts import Text
from field_ops.visits.queries import open_visit

from ..command import Command, Turn

MOST_STOPS = 4
WHERE = Text("在哪家签到？", "Where do you check in?")
OTHER = Text("其他客户", "Another customer")
NOTHING_PLANNED = Text(
    "今天没有待拜访的计划，可以从客户里选一家。",
    "Nothing is planned for today. Choose one of your customers.",
)
CHECK_IN_AT = Text("到「{name}」签到", "Check in at {name}")
ONE_TAP = Text("点开后自动定位，一键签到。", "Opens the page and takes your position.")
CHECK_IN = Text("去签到", "Check in")
STILL_OPEN = Text("还有一次拜访没有签退", "A visit is still open")
CHECK_OUT_FIRST = Text("请先签退，再到下一家。", "Please check out there first.")
CHECK_OUT = Text("去签退", "Go to it")


async def run(turn: Turn) -> None:
    if turn.customer is not None:
        await turn.reply_in_private(_one_tap(turn, turn.customer.name, turn.customer.id))
        return
    still_open = await open_visit(turn.work, turn.work.actor.me)
    if still_open is not None:
        await turn.reply_in_private(_check_out_first(turn, still_open.id))
        return
    stops = await planned_stops(turn.work, turn.work.actor.me, turn.work.today)
    waiting = [stop for stop in stops if stop.state == "scheduled"][:MOST_STOPS]
    buttons = tuple(Button(stop.name, url=f"#/check-in/{stop.customer_id}") for stop in waiting)
    other = Button(turn.say(OTHER), url="#/customers")
    await turn.reply_in_private(
        Card(
            title=turn.say(WHERE),
            text="" if waiting else turn.say(NOTHING_PLANNED),
            choices=(*buttons, other),
        )
    )


def _one_tap(turn: Turn, name: str, customer_id: str) -> Card:
    page = f"#/check-in/{customer_id}"
    return Card(
        title=turn.say(CHECK_IN_AT, name=name),
        text=turn.say(ONE_TAP),
        buttons=(Button(turn.say(CHECK_IN), url=page),),
        url=page,
    )


def _check_out_first(turn: Turn, visit_id: str) -> Card:
    page = f"#/visits/{visit_id}"
    return Card(
        title=turn.say(STILL_OPEN),
        text=turn.say(CHECK_OUT_FIRST),
        buttons=(Button(turn.say(CHECK_OUT), url=page),),
        url=page,
    )


command = Command(
    phrases=(
        "签到",
        "打卡",
        "check in",
        "签到{customer}",
        "到了{customer}",
        "到{customer}了",
        "check in {customer}",
    ),
    summary=Text(
        "签到 —— 打开一键签到（也可以说「到了华联」）", "check in — open the one-tap page"
    ),
    run=run,
)
