"""English, 中文: the language in which I speak to this member, here and wherever else."""

from dataclasses import replace

from field_ops.host.messages import Notice
from field_ops.people.actions import speak
from field_ops.texts import Text

from ..command import Command, Run, Turn

DONE = Text(
    "好的，以后都用中文。想换成英文，发「English」。",
    "From now on I speak English. For Chinese, say “Chinese”.",
)


def _speaks(language: str) -> Run:
    async def run(turn: Turn) -> None:
        await speak(turn.work, language)
        turn.work = replace(turn.work, actor=replace(turn.work.actor, language=language))
        await turn.reply(Notice(turn.say(DONE)))

    return run


# The help shows one line for both: how to come to the other language.
english = Command(
    phrases=("english", "speak english", "英文", "英语", "说英文"),
    summary=Text("English —— 换成英文", "Chinese — change to Chinese"),
    run=_speaks("en"),
)
chinese = Command(
    phrases=("中文", "说中文", "chinese", "speak chinese"),
    run=_speaks("zh"),
)
