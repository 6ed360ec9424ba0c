"""What reps write after a visit, and why they stood somewhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from ..calendar.work_days import WorkCalendar

RESULTS = ("progress", "no_change", "problem", "lost")
SHARES = (48, 40, 10, 2)
SUMMARIES = {
    "progress": (
        "补了 {count} 箱{goods}，老板同意下周加一个陈列位。",
        "新品{goods}试销不错，客户追加 {count} 件。",
        "谈妥{goods}的月度活动，端架留给我们两周。",
        "对账完成，客户答应月底前结清，另订{goods} {count} 件。",
        "店长看了{goods}的样品，愿意先上 {count} 件试卖。",
    ),
    "no_change": (
        "库存正常，{goods}还有 {count} 件，暂不补货。",
        "采购不在，和店员核对了{goods}的价签和日期。",
        "例行拜访，整理了{goods}的陈列，客户暂无新需求。",
        "客户最近客流一般，{goods}动销慢，先观察两周。",
    ),
    "problem": (
        "上次送的{goods}有 {count} 件外箱破损，客户要求换货。",
        "竞品在门口做买赠，我们的{goods}被挪到下层。",
        "客户反映{goods}到货晚了两天，影响周末销售。",
    ),
    "lost": (
        "客户准备转让店面，{goods}不再进货。",
        "客户改从别家进{goods}，价格低一成，暂时谈不回来。",
    ),
}
PROMISES = (
    "带{goods}样品再访",
    "确认{goods}补货数量",
    "送{goods}活动海报",
    "回访{goods}动销",
    "对账并开票",
    "处理{goods}换货",
)
REASONS = {
    "near": ("店门口在修路，车停在马路对面", "客户在隔壁仓库收货，在那里见的面"),
    "out_of_range": ("客户临时约在他的新仓库见面", "客户在批发市场进货，去市场找他谈的"),
}


@dataclass(frozen=True, slots=True)
class Log:
    """One tap and one sentence, with the promise that was made (`promise` may be empty)."""

    result: str
    summary: str
    promise: str = ""
    due_on: date | None = None


def a_log(
    chance: Random, goods: Sequence[str], level: str, day: date, calendar: WorkCalendar
) -> Log:
    """The log of a visit on `day`."""
    result = chance.choices(RESULTS, SHARES)[0]
    if level == "A" and result == "lost":
        result = "problem"  # nobody loses a key account in a demo
    facts = {"goods": chance.choice(goods), "count": chance.randint(2, 30)}
    summary = chance.choice(SUMMARIES[result]).format(**facts)
    if result == "lost" or chance.random() < 0.45:
        return Log(result, summary)
    due_on = calendar.add_work_days(day, chance.randint(2, 8))
    return Log(result, summary, chance.choice(PROMISES).format(**facts), due_on)


def a_reason(chance: Random, trouble: str) -> str:
    return chance.choice(REASONS[trouble])
