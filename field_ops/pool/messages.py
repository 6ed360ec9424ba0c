"""What people are told about pools and clocks: facts in, cards out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..host.messages import Button, Card, Field, Message, Notice
from ..texts import Text
from .clock import Clock, Why
from .holds import Hold

MOST_LINES = 7  # a card has at most 8 lines of text
WHY = {
    Why.FIRST_FOLLOW_UP: Text(
        "因领取后 {days} 个工作日没有有效跟进",
        "no effective follow-up {days} work days after the claim",
    ),
    Why.NO_FOLLOW_UP: Text("因 {days} 天没有有效跟进", "no effective follow-up for {days} days"),
    Why.NO_DEAL: Text("因 {days} 天没有成交", "no deal for {days} days"),
    Why.NO_OPPORTUNITY: Text("因 {days} 天没有新商机", "no new opportunity for {days} days"),
    Why.AFTER_CONTRACT: Text(
        "因合同到期 {days} 天没有续签", "no renewal {days} days after the contract ended"
    ),
}
HELD_BY = {
    Hold.EXTENSION_WAITS: Text("延期申请等待主管处理", "an extension waits for the team lead"),
    Hold.VISIT_OPEN: Text("正在拜访", "somebody is visiting it"),
}
KEPT = Text("暂不回收：{why}", "Not recycled: {why}")
LEFT = Text("还有 {left} 天：{why}", "{left} day(s) left: {why}")
TODAY = Text("今天是最后一天：{why}", "today is the last day: {why}")
OVER = Text("已到期，将进入公海：{why}", "over, it goes to the pool: {why}")
LINE = Text("{number}. {name}：{clock}", "{number}. {name}: {clock}")
NAMED = Text("{number}. {name}", "{number}. {name}")
MORE = Text("…还有 {count} 家", "… and {count} more")
WARNING = Text("{count} 家客户快要回收", "Customers about to go back to the pool: {count}")
ACT = Text("跟进 {name}", "Follow up {name}")
ASK = Text("申请延期或退回", "Ask for an extension or release")
RECYCLED = Text("{count} 家客户已回收到公海", "Customers that went back to the pool: {count}")
ALLOCATED_TO_YOU = Text(
    "系统分给您 {count} 家公海客户", "Customers given to you from the pool: {count}"
)
SEE_MINE = Text("看客户", "See customers")
SEE_POOL = Text("看公海", "See the pool")
EXTENSION = Text("{member}申请延期：{name}", "{member} asks for an extension: {name}")
BY = Text("延长", "By")
DAYS = Text("{days} 天", "{days} days")
REASON = Text("原因", "Reason")
DECIDE = Text("看客户", "See the customer")
GRANT = Text("同意延期", "Grant")
REFUSE = Text("不同意", "Refuse")
SAY_DECISION = Text("延期答复 {customer} {word}", "answer extension {customer} {word}")
WORDS = {True: Text("同意", "grant"), False: Text("不同意", "refuse")}
GRANTED_BY = Text("已同意延期 · {by} {at}", "Extended · {by} {at}")
REFUSED_BY = Text("未同意延期 · {by} {at}", "Not extended · {by} {at}")
SEE_IT = Text("看客户", "See the customer")
GRANTED = Text("主管已同意「{name}」延期 {days} 天。", "“{name}” was extended by {days} days.")
REFUSED = Text("主管没有同意「{name}」延期。", "The extension of “{name}” was not granted.")


ALLOCATED_BECAUSE = {
    "round_robin": Text("轮到他了", "it is his turn"),
    "least_loaded": Text("他名下客户最少", "he holds the fewest"),
    "same_city": Text("他在同城有客户", "he has customers in the same city"),
    "nearest": Text("他的客户离得最近", "his customers are nearest"),
    "territory": Text("在他负责的片区「{name}」", "it lies in his territory “{name}”"),
    "by_tag": Text("带有标签「{name}」", "it has the tag “{name}”"),
}
WAITS = Text(
    "暂时没有合适的人（不在规则内、休假或已满），留在公海",
    "nobody fits now (not named, away or full); it stays in the pool",
)


def allocated_text(reason: str) -> Text:
    """Why the system gives a customer to somebody, from what the history of owners keeps."""
    way, _, name = reason.partition(":")
    return ALLOCATED_BECAUSE[way].filled(name=name) if way in ALLOCATED_BECAUSE else WAITS


@dataclass(frozen=True, slots=True)
class Warned:
    """A customer whose clock ends soon."""

    customer_id: str
    name: str
    clock: Clock


def clock_text(clock: Clock, today: date) -> Text:
    """还有 3 天：因 15 天没有有效跟进."""
    why, left = WHY[clock.why].filled(days=clock.days), clock.left(today)
    if left > 0:
        return LEFT.filled(left=left, why=why)
    return (OVER if left < 0 else TODAY).filled(why=why)


def warning_card(warned: Sequence[Warned], today: date, language: str) -> Card:
    """To an owner, once a day: whose clocks end soon, the soonest first, and what to press."""
    lines = [
        LINE.say(language, number=number, name=one.name, clock=clock_text(one.clock, today))
        for number, one in enumerate(warned[:MOST_LINES], 1)
    ]
    act = Button(
        ACT.say(language, name=warned[0].name[:8]), url=f"#/customers/{warned[0].customer_id}"
    )
    page = "#/pool/ending"
    ask = Button(ASK.say(language), url=page)
    return Card(
        title=WARNING.say(language, count=len(warned)),
        text="\n".join([*lines, *_more(len(warned), language)]),
        buttons=(act, ask),
        url=page,
    )


def recycled_card(names: Sequence[str], language: str) -> Card:
    """To who had them, his lead and who administers the pool, once a day."""
    lines = [
        NAMED.say(language, number=number, name=name)
        for number, name in enumerate(names[:MOST_LINES], 1)
    ]
    return Card(
        title=RECYCLED.say(language, count=len(names)),
        text="\n".join([*lines, *_more(len(names), language)]),
        buttons=(Button(SEE_POOL.say(language), url="#/pool"),),
        url="#/pool",
    )


def allocated_card(names: Sequence[str], language: str) -> Card:
    """To a member to whom the system gave customers of a pool."""
    lines = [
        NAMED.say(language, number=number, name=name)
        for number, name in enumerate(names[:MOST_LINES], 1)
    ]
    return Card(
        title=ALLOCATED_TO_YOU.say(language, count=len(names)),
        text="\n".join([*lines, *_more(len(names), language)]),
        buttons=(Button(SEE_MINE.say(language), url="#/customers"),),
        url="#/customers",
    )


def extension_card(
    member: str, customer_id: str, name: str, days: int, reason: str, language: str
) -> Card:
    """To the lead: one of his people asks for more time. One press decides."""
    page = f"#/customers/{customer_id}"
    by = DAYS.say(language, days=days)
    return Card(
        title=EXTENSION.say(language, member=member, name=name),
        fields=(Field(BY.say(language), by), Field(REASON.say(language), reason)),
        buttons=(
            *(
                Button(
                    (GRANT if is_granted else REFUSE).say(language),
                    says=SAY_DECISION.say(language, customer=customer_id, word=word.say(language)),
                )
                for is_granted, word in WORDS.items()
            ),
            Button(DECIDE.say(language), url=page),
        ),
        url=page,
    )


def extension_decided_card(
    customer_id: str, name: str, by: str, at: str, is_granted: bool, language: str
) -> Card:
    """What the card becomes that asked for it."""
    said = GRANTED_BY if is_granted else REFUSED_BY
    page = f"#/customers/{customer_id}"
    return Card(
        title=name,
        text=said.say(language, by=by, at=at),
        buttons=(Button(SEE_IT.say(language), url=page),),
        url=page,
    )


def decision_notice(name: str, days: int, is_granted: bool, language: str) -> Message:
    """To who asked for more time."""
    return Notice((GRANTED if is_granted else REFUSED).say(language, name=name, days=days))


def _more(count: int, language: str) -> list[str]:
    return [MORE.say(language, count=count - MOST_LINES)] if count > MOST_LINES else []
