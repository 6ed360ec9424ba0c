"""What people are told about plans: facts in, cards out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from ..host.messages import Button, Card
from ..texts import Text

WEEKDAYS = "一二三四五六日"
TITLE = Text("{day} · 今日拜访 {count} 家", "{day} · Visits today: {count}")
NOTHING = Text(
    "今天没有安排拜访。可以从客户里挑一家，或查看附近客户。",
    "Nothing is planned for today. Choose a customer, or see who is nearby.",
)
SEE_CUSTOMERS = Text("看客户", "See customers")
STOP = Text("{name}（{level}）", "{name} ({level})")
STATES = {
    "done": Text(" ✓", " ✓"),
    "attempted": Text(" ✓", " ✓"),
    "in_progress": Text(" 拜访中", " on site"),
}
MORE = Text("…还有 {count} 家，点开查看", "… {count} more: open to see them")
BEGIN = Text("开始今天", "Start the day")
MOST_LINES = 7  # a card has at most 8 lines of text (domain.md §13.4)


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """One line of a day: whom to visit, and when if a time was agreed."""

    name: str
    level: str
    planned_at: time | None = None
    state: str = "scheduled"
    customer_id: str = ""


def day_plan_card(day: date, stops: Sequence[PlannedStop], url: str, language: str) -> Card:
    """To the rep: today's stops in order."""
    title = TITLE.say(language, day=_named(day), count=len(stops))
    if not stops:
        customers = Button(SEE_CUSTOMERS.say(language), url="#/customers")
        return Card(title=title, text=NOTHING.say(language), buttons=(customers,), url=url)
    lines = [_line(number, stop, language) for number, stop in enumerate(stops[:MOST_LINES], 1)]
    if len(stops) > MOST_LINES:
        lines.append(MORE.say(language, count=len(stops) - MOST_LINES))
    begin = Button(BEGIN.say(language), url=url)
    return Card(title=title, text="\n".join(lines), buttons=(begin,), url=url)


def _named(day: date) -> Text:
    chinese = f"{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"
    return Text(chinese, f"{day:%a} {day.day} {day:%b}")


def _line(number: int, stop: PlannedStop, language: str) -> str:
    when = f" {stop.planned_at:%H:%M}" if stop.planned_at else ""
    done = STATES[stop.state].say(language) if stop.state in STATES else ""
    name = STOP.say(language, name=stop.name, level=stop.level)
    return f"{number}. {name}{when}{done}"
