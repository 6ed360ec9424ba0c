"""签到: a link to the one-tap page; a host does not let a bot read a position."""

from field_ops.host.messages import Button, Card
from field_ops.plans.queries import planned_stops
from field_ops.visits.queries import open_visit

from ..command import Command, Turn

MOST_STOPS = 4


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
    other = Button("Another customer" if turn.in_english else "其他客户", url="#/customers")
    await turn.reply_in_private(
        Card(
            title="Where do you check in?" if turn.in_english else "在哪家签到？",
            text="" if waiting else _nothing_planned(turn),
            choices=(*buttons, other),
        )
    )


def _one_tap(turn: Turn, name: str, customer_id: str) -> Card:
    page = f"#/check-in/{customer_id}"
    if turn.in_english:
        return Card(
            title=f"Check in at {name}",
            text="Opens the page and takes your position.",
            buttons=(Button("Check in", url=page),),
            url=page,
        )
    return Card(
        title=f"到「{name}」签到",
        text="点开后自动定位，一键签到。",
        buttons=(Button("去签到", url=page),),
        url=page,
    )


def _check_out_first(turn: Turn, visit_id: str) -> Card:
    page = f"#/visits/{visit_id}"
    if turn.in_english:
        return Card(
            title="A visit is still open",
            text="Please check out there first.",
            buttons=(Button("Go to it", url=page),),
            url=page,
        )
    return Card(
        title="还有一次拜访没有签退",
        text="请先签退，再到下一家。",
        buttons=(Button("去签退", url=page),),
        url=page,
    )


def _nothing_planned(turn: Turn) -> str:
    if turn.in_english:
        return "Nothing is planned for today."
    return "今天没有待拜访的计划，可以从客户里选一家。"


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
    summary=("签到 —— 打开一键签到（也可以说「到了华联」）", "check in — open the one-tap page"),
    run=run,
)
