"""跟进 …: write down a call, a chat or a meeting in one sentence; one tap keeps it."""

from field_ops.access import find_visible
from field_ops.customers.models import Customer
from field_ops.follow_ups import drafts
from field_ops.follow_ups.actions import refuse_onlookers
from field_ops.follow_ups.messages import draft, kept
from field_ops.follow_ups.reading import read
from field_ops.texts import Text

from ..command import Command, Turn


async def run(turn: Turn) -> None:
    refuse_onlookers(turn.work)
    customer, said = turn.asked_customer, read(turn.rest, turn.work.today)
    code = await drafts.keep(turn.work, customer.id, said)
    await turn.reply_in_private(draft(said, customer.name, code, turn.language))


async def confirm(turn: Turn) -> None:
    row = await drafts.confirm(turn.work, turn.rest)
    customer = await find_visible(turn.work, Customer, row.customer_id)
    card = kept(customer.name, customer.id, row.summary, counted=row.counts, language=turn.language)
    await turn.settle(card)


command = Command(
    phrases=("跟进{customer}{text}", "follow up {customer}{text}"),
    summary=Text(
        "跟进 华联 电话 5 分钟，老板要九折，下周三答复 —— 记一次电话、微信或会面",
        "follow up hualian called 5 min, wants 10% off, answer on friday — a call or a chat",
    ),
    run=run,
)
confirmation = Command(phrases=("确认跟进{code}", "keep follow up {code}"), run=confirm)
