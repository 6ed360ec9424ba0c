"""记录 …: write the log of a visit in one sentence; one tap says how it went and keeps it."""

from collections.abc import Sequence
from datetime import timedelta

from field_ops.host.messages import Button, Card, Notice
from field_ops.texts import Text
from field_ops.visits import drafts, telling
from field_ops.visits.actions import NextAction, record_log
from field_ops.visits.messages import RESULTS, Kept, log_kept
from field_ops.visits.queries import VisitLine, without_log

from ..command import Command, Turn

SHORTEST = 5  # characters; domain.md §6.1
LOOK_BACK = timedelta(days=7)
LOG_OF = Text("「{customer}」的拜访记录", "{customer}: log")
HOW = Text("结果如何？点一下就提交。", "How did it go? One tap keeps it.")
SAY_KEEP = Text("确认记录 {code} {result}", "keep log {code} {result}")
WHICH = Text("记到哪一家的拜访？", "Which visit?")
SAY_LOG = Text("记录 {name} {summary}", "log {name} {summary}")
NOTHING = Text("没有等待记录的拜访", "No visit waits for its log")
CHECK_IN_FIRST = Text(
    "请先签到；签退后就可以用一句话写记录。",
    "Check in first; after the check-out one sentence is enough.",
)
CHECK_IN = Text("去签到", "Check in")
SAY_CHECK_IN = Text("签到", "check in")
SAY_MORE = Text(
    "请再多说一点（至少 5 个字），例如：记录 华联 谈了续约，下周三答复。",
    "Please say at least five characters about what happened.",
)


async def run(turn: Turn) -> None:
    since = turn.work.today - LOOK_BACK
    waiting = await without_log(turn.work, turn.work.actor.me, since, also_open=True)
    named, _, said = turn.rest.partition(" ")
    fitting = [line for line in waiting if said and named in line[1]]
    summary = said.strip() if fitting else turn.rest
    candidates = fitting or list(waiting)
    if not candidates:
        await turn.reply(_nothing_to_log(turn))
        return
    if len(candidates) > 1:
        await turn.reply_in_private(_which(turn, candidates, summary))
        return
    if len(summary) < SHORTEST:
        await turn.reply(Notice(turn.say(SAY_MORE)))
        return
    visit, customer, _ = candidates[0]
    code = await drafts.keep(turn.work, visit.id, summary)
    card = _confirm(turn, customer, summary, code)
    await turn.reply_in_private(card, about=telling.log_of(visit.id))


async def confirm(turn: Turn) -> None:
    code, _, result = turn.rest.partition(" ")
    draft = await drafts.find(turn.work, code)
    if result not in RESULTS:
        raise drafts.DraftGone()
    # Before the log: then it is this press's own code that changes the card.
    kept = Kept(draft.visit_id, turn.name, turn.work.local_now, result, draft.summary)
    await turn.settle(log_kept(kept, turn.language))
    await record_log(turn.work, draft.visit_id, result, draft.summary, NextAction("", None))
    await drafts.drop(turn.work, draft)


def _confirm(turn: Turn, customer: str, summary: str, code: str) -> Card:
    return Card(
        title=turn.say(LOG_OF, customer=customer),
        text=f"{summary}\n{turn.say(HOW)}",
        buttons=tuple(
            Button(turn.say(title), says=turn.say(SAY_KEEP, code=code, result=result))
            for result, title in RESULTS.items()
        ),
    )


def _which(turn: Turn, candidates: Sequence[VisitLine], summary: str) -> Card:
    names = list(dict.fromkeys(customer for _, customer, _ in candidates))[:5]
    return Card(
        title=turn.say(WHICH),
        choices=tuple(
            Button(name, says=turn.say(SAY_LOG, name=name, summary=summary)[:300]) for name in names
        ),
    )


def _nothing_to_log(turn: Turn) -> Card:
    return Card(
        title=turn.say(NOTHING),
        text=turn.say(CHECK_IN_FIRST),
        buttons=(Button(turn.say(CHECK_IN), says=turn.say(SAY_CHECK_IN)),),
    )


command = Command(
    phrases=("记录{text}", "log {text}"),
    summary=Text(
        "记录 华联 谈了续约 —— 一句话写拜访记录",
        "log hualian talked about renewal — the log in one sentence",
    ),
    run=run,
)
confirmation = Command(phrases=("确认记录{text}", "keep log {text}"), run=confirm)
