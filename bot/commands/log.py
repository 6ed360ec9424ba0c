"""记录 …: write the log of a visit in one sentence; one tap says how it went and keeps it."""

from collections.abc import Sequence
from datetime import timedelta

from field_ops.host.messages import Button, Card, Notice
from field_ops.visits import drafts
from field_ops.visits.actions import NextAction, record_log
from field_ops.visits.messages import RESULTS
from field_ops.visits.queries import VisitLine, without_log

from ..command import Command, Turn

SHORTEST = 5  # characters; domain.md §6.1
LOOK_BACK = timedelta(days=7)
RESULTS_EN = {
    "progress": "Progress",
    "no_change": "No change",
    "problem": "Problem",
    "lost": "Lost",
}


async def run(turn: Turn) -> None:
    since = turn.work.today - LOOK_BACK
    waiting = await without_log(turn.work, turn.work.actor.me, since, also_open=True)
    named, _, said = turn.rest.partition(" ")
    fitting = [line for line in waiting if said and named in line[1]]
    summary = said.strip() if fitting else turn.rest
    candidates = fitting or list(waiting)
    if not candidates:
        await _nothing_to_log(turn, named)
        return
    if len(candidates) > 1:
        await turn.reply_in_private(_which(turn, candidates, summary))
        return
    if len(summary) < SHORTEST:
        await turn.reply(Notice(_say_more(turn)))
        return
    visit, customer, _ = candidates[0]
    code = await drafts.keep(turn.work, visit.id, summary)
    await turn.reply_in_private(_confirm(turn, customer, summary, code))


async def confirm(turn: Turn) -> None:
    code, _, result = turn.rest.partition(" ")
    draft = await drafts.find(turn.work, code)
    visit = await record_log(turn.work, draft.visit_id, result, draft.summary, NextAction("", None))
    await drafts.drop(turn.work, draft)
    page = f"#/visits/{visit.id}"
    english = turn.in_english
    await turn.reply_in_private(
        Card(
            title=f"Kept: {RESULTS_EN[result]}" if english else f"已记录 · {RESULTS[result]}",
            text=draft.summary,
            buttons=(Button("See it" if english else "查看拜访", url=page),),
            url=page,
        )
    )


def _confirm(turn: Turn, customer: str, summary: str, code: str) -> Card:
    titles = RESULTS_EN if turn.in_english else RESULTS
    question = "How did it go? One tap keeps it." if turn.in_english else "结果如何？点一下就提交。"
    return Card(
        title=f"{customer}: log" if turn.in_english else f"「{customer}」的拜访记录",
        text=f"{summary}\n{question}",
        buttons=tuple(
            Button(title, says=f"确认记录 {code} {result}") for result, title in titles.items()
        ),
    )


def _which(turn: Turn, candidates: Sequence[VisitLine], summary: str) -> Card:
    names = list(dict.fromkeys(customer for _, customer, _ in candidates))[:5]
    return Card(
        title="Which visit?" if turn.in_english else "记到哪一家的拜访？",
        choices=tuple(Button(name, says=f"记录 {name} {summary}"[:300]) for name in names),
    )


async def _nothing_to_log(turn: Turn, named: str) -> None:
    if turn.in_english:
        await turn.reply(Notice("There is no visit that waits for its log. Check in first."))
        return
    await turn.reply(
        Card(
            title="没有等待记录的拜访",
            text="请先签到；签退后就可以用一句话写记录。",
            buttons=(Button("去签到", says="签到"),),
        )
    )


def _say_more(turn: Turn) -> str:
    if turn.in_english:
        return "Please say at least five characters about what happened."
    return "请再多说一点（至少 5 个字），例如：记录 华联 谈了续约，下周三答复。"


command = Command(
    phrases=("记录{text}", "log {text}"),
    summary=(
        "记录 华联 谈了续约 —— 一句话写拜访记录",
        "log hualian talked about renewal — the log in one sentence",
    ),
    run=run,
)
confirmation = Command(phrases=("确认记录{text}",), run=confirm)
