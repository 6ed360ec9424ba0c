"""What people are told about visits: facts in, cards out. Addresses are pages of ours (`#/…`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ..host.messages import Button, Card, Field
from ..outbox.plurals import listed
from ..texts import Text, said

RESULTS = {
    "progress": Text("有进展", "Progress"),
    "no_change": Text("无变化", "No change"),
    "problem": Text("有问题", "Problem"),
    "lost": Text("已流失", "Lost"),
}
VERDICTS = {
    "VERIFIED": Text("范围内", "In range"),
    "NEAR": Text("略超范围", "Just outside"),
    "OUT_OF_RANGE": Text("超出范围", "Out of range"),
    "WEAK": Text("定位较弱", "Low accuracy"),
    "NO_FIX": Text("无定位", "No position"),
    "UNVERIFIED": Text("客户位置未确认", "Place not confirmed"),
}
CHECKED_IN = Text("签到", "Checked in")
POSITION = Text("位置", "Position")
NUMBER = Text("编号", "Number")
RESULT = Text("结果", "Result")
STAYED = Text("停留", "Stayed")
NEXT_STEP = Text("下一步", "Next step")
MINUTES = Text("{minutes} 分钟", "{minutes} min")

ABNORMAL = Text("拜访需关注：{rep} · {customer}", "Please look at a visit: {rep} · {customer}")
VISITED = Text("{rep} 拜访了 {customer}（{level} 级）", "{rep} visited {customer} (level {level})")
MANY_ABNORMAL = Text("{count} 次拜访需关注", "{count} visits to look at")
MANY_RESULTS = Text("{count} 次拜访有结果", "Results of {count} visits")
SHOW_VISIT = Text("查看这次拜访", "See the visit")
STILL_OPEN = Text("「{customer}」还没有签退", "Not checked out yet: {customer}")
WHY_CHECK_OUT = Text(
    "您已签到 {minutes} 分钟。离店时请签退，停留时长才会计入。",
    "You checked in {minutes} minutes ago. Check out when you leave, or your stay is not counted.",
)
CHECK_OUT = Text("去签退", "Check out")
LOG_KEPT = Text("已记录 · {rep} {at}", "Kept · {rep} {at}")
CHECKED_OUT = Text("已签退 · {rep} {at}", "Checked out · {rep} {at}")
SHOW = Text("查看拜访", "See it")


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What a message about a visit may mention."""

    visit_id: str
    number: str
    customer: str
    level: str
    rep: str
    checked_in_at: datetime
    zone: ZoneInfo
    verdict: str = ""
    dwell_s: int | None = None
    result: str = ""
    summary: str = ""
    next_action: str = ""
    observations: Sequence[Text] = ()

    @property
    def page(self) -> str:
        return f"#/visits/{self.visit_id}"

    @property
    def arrived(self) -> Text:
        local = self.checked_in_at.astimezone(self.zone)
        return Text(f"{local:%m-%d %H:%M}", f"{local.day} {local:%b %H:%M}")


def lead_about_abnormal_visit(facts: VisitFacts, language: str) -> Card:
    """To the lead: somebody should look at this, and here is why."""
    return Card(
        title=ABNORMAL.say(language, rep=facts.rep, customer=facts.customer),
        fields=(
            _field(language, CHECKED_IN, facts.arrived),
            _field(language, POSITION, VERDICTS.get(facts.verdict, facts.verdict)),
            _field(language, NUMBER, facts.number),
        ),
        text="\n".join(seen.say(language) for seen in facts.observations),
        buttons=(Button(SHOW_VISIT.say(language), url=facts.page),),
        url=facts.page,
    )


def lead_about_result(facts: VisitFacts, language: str) -> Card:
    """To the lead: how it went at a key account, or where there is trouble."""
    shown = [
        _field(language, RESULT, RESULTS.get(facts.result, facts.result)),
        _field(language, CHECKED_IN, facts.arrived),
    ]
    if facts.dwell_s is not None:
        shown.append(_field(language, STAYED, MINUTES.filled(minutes=facts.dwell_s // 60)))
    if facts.next_action:
        shown.append(_field(language, NEXT_STEP, facts.next_action))
    return Card(
        title=VISITED.say(language, rep=facts.rep, customer=facts.customer, level=facts.level),
        fields=tuple(shown),
        text=facts.summary,
        buttons=(Button(SHOW_VISIT.say(language), url=facts.page),),
        url=facts.page,
    )


def abnormal_visits(cards: Sequence[Card], language: str) -> Card:
    """To the lead: several at once."""
    return listed(MANY_ABNORMAL.say(language, count=len(cards)), cards, language)


def results_of_visits(cards: Sequence[Card], language: str) -> Card:
    """To the lead: how several went."""
    return listed(MANY_RESULTS.say(language, count=len(cards)), cards, language)


def check_out_missing(customer: str, minutes: int, url: str, language: str) -> Card:
    """To the rep: the visit is still open."""
    return Card(
        title=STILL_OPEN.say(language, customer=customer),
        text=WHY_CHECK_OUT.say(language, minutes=minutes),
        buttons=(Button(CHECK_OUT.say(language), url=url),),
        url=url,
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """Who wrote the log of which visit, when (in the company's zone), and what it says."""

    visit_id: str
    rep: str
    at: datetime
    result: str
    summary: str


def log_kept(kept: Kept, language: str) -> Card:
    """To whoever was asked for the log: it is there."""
    page = f"#/visits/{kept.visit_id}"
    return Card(
        title=LOG_KEPT.say(language, rep=kept.rep, at=f"{kept.at:%H:%M}"),
        fields=(_field(language, RESULT, RESULTS.get(kept.result, kept.result)),),
        text=kept.summary,
        buttons=(Button(SHOW.say(language), url=page),),
        url=page,
        language=language,
    )


def checked_out(visit_id: str, customer: str, rep: str, at: datetime, language: str) -> Card:
    """To the rep who was reminded of it: the visit is over. `at` is in the company's zone."""
    page = f"#/visits/{visit_id}"
    return Card(
        title=CHECKED_OUT.say(language, rep=rep, at=f"{at:%H:%M}"),
        text=customer,
        buttons=(Button(SHOW.say(language), url=page),),
        url=page,
        language=language,
    )


def _field(language: str, name: Text, value: Text | str) -> Field:
    return Field(name.say(language), str(said(value, language)))
