"""What a lead is told when somebody leaves: facts in, a card out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..host.messages import Button, Card, Field
from ..outbox.plurals import listed
from ..texts import Text

TITLE = Text("{name} 已离职，请安排交接", "{name} has left: please arrange the handover")
MANY = Text(
    "{count} 位同事已离职，请安排交接", "{count} colleagues have left: please arrange the handovers"
)
CUSTOMERS = Text("客户", "Customers")
PLANS = Text("未来拜访计划", "Visits planned")
CHATS = Text("聊天客户", "Chat contacts")
CHATS_LINKED = Text(
    "{count} 位（{linked} 位已关联联系人）", "{count} ({linked} linked to contacts)"
)
LEVELS = Text("{count} 家（{levels}）", "{count} ({levels})")
DUE = Text("处理期限", "Until")
DAY = Text("{month}月{day}日", "{day:02}/{month:02}")
WHAT_HAPPENS = Text(
    "请把这些客户分配给同事。到期未处理的，A、B 级客户转到您名下，其余进入公海。",
    "Please give these customers to colleagues. What is left then: levels A and B become yours, "
    "the others go to the pool.",
)
OVERDUE = Text(
    "{name} 离职两个工作日，客户还没有交接",
    "{name} left two work days ago, and the customers are not handed over",
)
WHAT_HAPPENS_ABOVE = Text(
    "{lead} 还没有安排。到期未处理的，A、B 级客户转到 {lead} 名下，其余进入公海。",
    "{lead} has not arranged it yet. What is left then: levels A and B become {lead}'s, the others "
    "go to the pool.",
)
SEE = Text("看客户", "See customers")
ARRANGE = Text("去交接", "Hand over")


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """`customers` counts them by level; `chats` people outside in his chats, and `chats_linked`
    those of them who are linked to a contact who agreed. Who they are, nobody is told here."""

    member_id: str
    name: str
    customers: Mapping[str, int]
    plans: int
    until: date
    chats: int = 0
    chats_linked: int = 0


def handover_cards(cards: Sequence[Card], language: str) -> Card:
    """To the leader of several who left at once."""
    return listed(MANY.say(language, count=len(cards)), cards, language)


def handover_card(left: LeftBehind, language: str) -> Card:
    """To the direct leader of somebody who left."""
    return _card(left, TITLE.filled(name=left.name), WHAT_HAPPENS, language)


def overdue_card(left: LeftBehind, lead: str, language: str) -> Card:
    """To the leader above: a step up the ladder."""
    what = WHAT_HAPPENS_ABOVE.filled(lead=lead)
    return _card(left, OVERDUE.filled(name=left.name), what, language)


def _card(left: LeftBehind, title: Text, text: Text, language: str) -> Card:
    count = sum(left.customers.values())
    levels = " · ".join(f"{level} {number}" for level, number in sorted(left.customers.items()))
    customers = LEVELS.say(language, count=count, levels=levels) if count else "0"
    page = f"#/transfers?from={left.member_id}"
    until = DAY.say(language, month=left.until.month, day=left.until.day)
    return Card(
        title=title.say(language),
        fields=(
            Field(CUSTOMERS.say(language), customers),
            Field(PLANS.say(language), str(left.plans)),
            *_chats(left, language),
            Field(DUE.say(language), until),
        ),
        text=text.say(language),
        buttons=(
            Button(ARRANGE.say(language), url=page),
            Button(SEE.say(language), url="#/customers"),
        ),
        url=page,
    )


def _chats(left: LeftBehind, language: str) -> tuple[Field, ...]:
    if not left.chats:
        return ()
    said = CHATS_LINKED.say(language, count=left.chats, linked=left.chats_linked)
    return (Field(CHATS.say(language), said if left.chats_linked else str(left.chats)),)
