"""延期答复 …: a lead decides by one press whether one of his people gets more time."""

from field_ops.customers.queries import find_customer
from field_ops.host.messages import Notice
from field_ops.pool import extensions
from field_ops.pool.messages import WORDS, extension_decided_card
from field_ops.texts import Text

from ..command import Command, Turn

PRESS_IT = Text(
    "请点申请卡片上的按钮，或在客户页上处理。",
    "Press a button of the card that asks, or decide on the customer's page.",
)


async def run(turn: Turn) -> None:
    customer_id, _, word = turn.rest.partition(" ")
    is_granted = next((yes for yes, text in WORDS.items() if word in (text.zh, text.en)), None)
    if is_granted is None:
        await turn.reply(Notice(turn.say(PRESS_IT)))
        return
    customer = await find_customer(turn.work, customer_id)
    # Before the decision: then it is this press's own code that changes the card.
    said = await extensions.ending(turn.work, customer, is_granted=is_granted)
    await turn.settle(extension_decided_card(*said, turn.language))
    await extensions.decide_extension(turn.work, customer_id, is_granted=is_granted)


command = Command(phrases=("延期答复{text}", "answer extension {text}"), run=run)
