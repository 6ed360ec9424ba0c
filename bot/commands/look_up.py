"""查 …: one customer with what matters now."""

from field_ops.customers.lookup import look_up
from field_ops.customers.messages import customer_card
from field_ops.customers.openings import note_opened
from field_ops.customers.queries import detail
from field_ops.host.messages import Notice
from field_ops.texts import Text

from ..command import Command, Turn
from ..phrases import said
from ..slots import customer_in

LONGEST_NAME = 30  # characters; a longer sentence that no command knows is not a name
LOOK_UP = Text("查 {}", "find {}")
NOT_UNDERSTOOD = Text(
    "这句话我没听懂。发「帮助」看看可以怎么说，或直接发客户名称。",
    "I did not understand that. Say “help” to see what I can do, or just a customer's name.",
)


async def run(turn: Turn) -> None:
    shown = await detail(turn.work, turn.asked_customer.id)
    note_opened(turn.work, shown)
    await turn.reply_in_private(customer_card(turn.work, shown, turn.language))


async def look_up_anything(turn: Turn) -> None:
    """A sentence that no command knows: perhaps it is just a customer's name."""
    sentence = said(turn.text)
    rows, _ = (
        await look_up(turn.work, sentence, forgives=False)
        if 1 < len(sentence) <= LONGEST_NAME
        else ([], False)
    )
    if not rows:
        await turn.reply(Notice(turn.say(NOT_UNDERSTOOD)))
        return
    turn.customer = await customer_in(turn, sentence, turn.say(LOOK_UP))
    if turn.customer is not None:
        await run(turn)


command = Command(
    phrases=(
        "查{customer}的电话",
        "查{customer}",
        "找{customer}",
        "{customer}电话",
        "{customer}的电话",
        "look up {customer}",
        "find {customer}",
    ),
    summary=Text(
        "查 华联 —— 查客户（名称、拼音首字母、电话都行）",
        "find hualian — a customer, by name, initials or phone",
    ),
    run=run,
)
