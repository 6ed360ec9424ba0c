"""协作答复 …: the owner answers who asks to work on his customer, by one press."""

from field_ops.host.messages import Notice
from field_ops.sharing import requests
from field_ops.sharing.messages import answered_card
from field_ops.sharing.schemas import Answer
from field_ops.texts import Text

from ..command import Command, Turn

ANSWERS: dict[str, Answer] = {
    "查看": "read",
    "修改": "edit",
    "谢绝": "decline",
    "read": "read",
    "edit": "edit",
    "decline": "decline",
}
PRESS_IT = Text(
    "请点申请卡片上的按钮，或在客户页上答复。",
    "Press a button of the card that asks, or answer on the customer's page.",
)


async def run(turn: Turn) -> None:
    request_id, _, word = turn.rest.partition(" ")
    said = ANSWERS.get(word.strip().lower())
    if said is None:
        await turn.reply(Notice(turn.say(PRESS_IT)))
        return
    # Before the answer: then it is this press's own code that changes the card.
    ended = await requests.ending(turn.work, request_id, said)
    await turn.settle(answered_card(ended, turn.language))
    await requests.answer(turn.work, request_id, said)


command = Command(phrases=("协作答复{text}", "answer collaboration {text}"), run=run)
