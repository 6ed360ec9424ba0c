"""帮助: what can be said to me."""

from field_ops.host.messages import Button, Card

from ..command import Command, Turn


async def run(turn: Turn) -> None:
    from . import COMMANDS  # the list holds this very command

    side = 1 if turn.in_english else 0
    lines = [command.summary[side] for command in COMMANDS if command.summary]
    await turn.reply(
        Card(
            title="What you can say" if turn.in_english else "您可以这样对我说",
            text="\n".join(lines),
            buttons=(
                Button("Today" if turn.in_english else "今天", says="今天"),
                Button("Open Waiqin" if turn.in_english else "打开外勤", url="#/today"),
            ),
            url="#/today",
        )
    )


command = Command(
    phrases=("帮助", "?", "怎么用", "你好", "您好", "help", "hi", "hello"),
    summary=("帮助 —— 我能做什么", "help — what I can do"),
    run=run,
)
