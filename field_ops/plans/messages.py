"""What people are told about plans: facts in, cards out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from ..host.messages import Button, Card

WEEKDAYS = "一二三四五六日"
MOST_LINES = 7  # a card has at most 8 lines of text (domain.md §13.4)


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """One line of a day: whom to visit, and when if a time was agreed."""

    name: str
    level: str
    planned_at: time | None = None
    state: str = "scheduled"
    customer_id: str = ""


def day_plan_card(day: date, stops: Sequence[PlannedStop], url: str) -> Card:
    """To the rep: today's stops in order."""
    title = f"{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]} · 今日拜访 {len(stops)} 家"
    if not stops:
        text = "今天没有安排拜访。可以从客户里挑一家，或查看附近客户。"
        return Card(title=title, text=text, buttons=(Button("看客户", url="#/customers"),), url=url)
    lines = [_line(number, stop) for number, stop in enumerate(stops[:MOST_LINES], 1)]
    if len(stops) > MOST_LINES:
        lines.append(f"…还有 {len(stops) - MOST_LINES} 家，点开查看")
    return Card(title=title, text="\n".join(lines), buttons=(Button("开始今天", url=url),), url=url)


def _line(number: int, stop: PlannedStop) -> str:
    when = f" {stop.planned_at:%H:%M}" if stop.planned_at else ""
    done = {"done": " ✓", "attempted": " ✓", "in_progress": " 拜访中"}.get(stop.state, "")
    return f"{number}. {stop.name}（{stop.level}）{when}{done}"
