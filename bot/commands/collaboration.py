"""协作答复 …: the owner answers who asks to work on his customer, by one press."""

from field_ops.host.messages import Notice
from field_ops.sharing import requests
from field_ops.sharing.messages import WORDS, answered_card
from field_ops.texts import Text

from ..command import Command, Turn

PRESS_IT = Text(
    "请点申请卡片上的按钮，或在客户页上答复。",
    "Press a button of the card that asks, or answer on the customer's page.",
)


async def run(turn: Turn) -> None:
    request_id, _, word = turn.rest.partition(" ")
    said = next((one for one, text in WORDS.items() if word in (text.zh, text.en)), None)
    if said is None:
        await turn.reply(Notice(turn.say(PRESS_IT)))
        return
    # Before the answer: then it is this press's own code that changes the card.
    ended = await requests.ending(turn.work, request_id, said)
    await turn.settle(answered_card(ended, turn.language))
    await requests.answer(turn.work, request_id, said)


command = Command(phrases=("协作答复{text}", "answer collaboration {text}"), run=run)
