"""What people are told about visits: facts in, cards out. Addresses are pages of ours (`#/…`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ..host.messages import Button, Card, Field

RESULTS = {"progress": "有进展", "no_change": "无变化", "problem": "有问题", "lost": "已流失"}
VERDICTS = {
    "VERIFIED": "范围内",
    "NEAR": "略超范围",
    "OUT_OF_RANGE": "超出范围",
    "WEAK": "定位较弱",
    "NO_FIX": "无定位",
    "UNVERIFIED": "客户位置未确认",
}


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
    observations: Sequence[str] = ()

    @property
    def page(self) -> str:
        return f"#/visits/{self.visit_id}"

    @property
    def arrived(self) -> str:
        return f"{self.checked_in_at.astimezone(self.zone):%m-%d %H:%M}"


def lead_about_abnormal_visit(facts: VisitFacts) -> Card:
    """To the lead: somebody should look at this, and here is why."""
    return Card(
        title=f"拜访需关注：{facts.rep} · {facts.customer}",
        fields=(
            Field("签到", facts.arrived),
            Field("位置", VERDICTS.get(facts.verdict, facts.verdict)),
            Field("编号", facts.number),
        ),
        text="\n".join(facts.observations),
        buttons=(Button("查看这次拜访", url=facts.page),),
        url=facts.page,
    )


def lead_about_result(facts: VisitFacts) -> Card:
    """To the lead: how it went at a key account, or where there is trouble."""
    shown = [Field("结果", RESULTS.get(facts.result, facts.result)), Field("签到", facts.arrived)]
    if facts.dwell_s is not None:
        shown.append(Field("停留", f"{facts.dwell_s // 60} 分钟"))
    if facts.next_action:
        shown.append(Field("下一步", facts.next_action))
    return Card(
        title=f"{facts.rep} 拜访了 {facts.customer}（{facts.level} 级）",
        fields=tuple(shown),
        text=facts.summary,
        buttons=(Button("查看这次拜访", url=facts.page),),
        url=facts.page,
    )


def check_out_missing(customer: str, minutes: int, url: str) -> Card:
    """To the rep: the visit is still open."""
    return Card(
        title=f"「{customer}」还没有签退",
        text=f"您已签到 {minutes} 分钟。离店时请签退，停留时长才会计入。",
        buttons=(Button("去签退", url=url),),
        url=url,
    )
