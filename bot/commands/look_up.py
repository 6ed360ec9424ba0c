"""查 …: one customer with what matters now."""

from field_ops.customers.lookup import look_up
from field_ops.customers.messages import customer_card
from field_ops.customers.queries import detail
from field_ops.host.messages import Notice

from ..command import Command, Turn
from ..phrases import said
from ..slots import customer_in

LONGEST_NAME = 30  # characters; a longer sentence that no command knows is not a name


async def run(turn: Turn) -> None:
    shown = await detail(turn.work, turn.asked_customer.id)
    await turn.reply_in_private(customer_card(turn.work, shown, in_english=turn.in_english))


async def look_up_anything(turn: Turn) -> None:
    """A sentence that no command knows: perhaps it is just a customer's name."""
    sentence = said(turn.text)
    rows, _ = (
        await look_up(turn.work, sentence) if 1 < len(sentence) <= LONGEST_NAME else ([], False)
    )
    if not rows:
        await turn.reply(_not_understood(turn))
        return
    turn.customer = await customer_in(turn, sentence, "查 {}")
    if turn.customer is not None:
        await run(turn)


def _not_understood(turn: Turn) -> Notice:
    if turn.in_english:
        return Notice("I did not understand that. Say “help” to see what I can do.")
    return Notice("这句话我没听懂。发「帮助」看看可以怎么说，或直接发客户名称。")


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
    summary=(
        "查 华联 —— 查客户（名称、拼音首字母、电话都行）",
        "find hualian — a customer, by name, initials or phone",
    ),
    run=run,
)
