"""帮助: what can be said to me."""

from field_ops.host.messages import Button, Card
from field_ops.texts import Text

from ..command import Command, Turn

TITLE = Text("您可以这样对我说", "What you can say")
TODAY = Text("今天", "Today")
SAY_TODAY = Text("今天", "today")
OPEN = Text("打开外勤", "Open Waiqin")


async def run(turn: Turn) -> None:
    from . import COMMANDS  # the list holds this very command

    lines = [turn.say(command.summary) for command in COMMANDS if command.summary]
    await turn.reply(
        Card(
            title=turn.say(TITLE),
            text="\n".join(lines),
            buttons=(
                Button(turn.say(TODAY), says=turn.say(SAY_TODAY)),
                Button(turn.say(OPEN), url="#/today"),
            ),
            url="#/today",
        )
    )


command = Command(
    phrases=("帮助", "?", "怎么用", "你好", "您好", "help", "hi", "hello"),
    summary=Text("帮助 —— 我能做什么", "help — what I can do"),
    run=run,
)
