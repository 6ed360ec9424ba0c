"""A follow-up that was said to the bot: the card that asks for one tap, and what it becomes."""

from datetime import date

from ..host.messages import Button, Card, Field
from ..texts import Text
from .counting import Contacted, counts
from .schemas import FollowUpIn

CHANNELS = {
    "call": Text("电话", "Call"),
    "chat": Text("聊天", "Chat"),
    "email": Text("邮件", "E-mail"),
    "meeting": Text("会面", "Meeting"),
    "note": Text("备忘", "Note"),
}
TITLE = Text("跟进「{customer}」", "Follow-up of {customer}")
KEPT = Text("已记下 · {customer}", "Kept · {customer}")
HOW = Text("方式", "How")
NEXT = Text("下一步", "Next")
LASTED = Text("{minutes} 分钟", "{minutes} min")
COUNTS = Text("算一次有效跟进。", "It counts as a follow-up.")
DOES_NOT = Text(
    "不算有效跟进：写满 20 个字并说明下一步，或写上通话多少分钟。",
    "It does not count: say 20 characters and what comes next, or how many minutes the call took.",
)
KEEP = Text("记下", "Keep it")
SAY_KEEP = Text("确认跟进 {code}", "keep follow up {code}")
SEE = Text("看客户", "See the customer")


def draft(said: FollowUpIn, customer: str, code: str, language: str) -> Card:
    """What was understood; one tap keeps it."""
    return Card(
        title=TITLE.say(language, customer=customer),
        fields=_facts(said, language),
        text=f"{said.summary}\n{(COUNTS if _counts(said) else DOES_NOT).say(language)}",
        buttons=(Button(KEEP.say(language), says=SAY_KEEP.say(language, code=code)),),
    )


def kept(customer: str, customer_id: str, summary: str, *, counted: bool, language: str) -> Card:
    page = f"#/customers/{customer_id}"
    return Card(
        title=KEPT.say(language, customer=customer),
        text="\n".join(filter(None, (summary, COUNTS.say(language) if counted else ""))),
        buttons=(Button(SEE.say(language), url=page),),
        url=page,
    )


def _facts(said: FollowUpIn, language: str) -> tuple[Field, ...]:
    how = CHANNELS[said.channel].say(language)
    if said.duration_s:
        how += " " + LASTED.say(language, minutes=max(1, round(said.duration_s / 60)))
    facts = [Field(HOW.say(language), how)]
    if said.next_action:
        due = f" · {_day(said.next_action_on)}" if said.next_action_on else ""
        facts.append(Field(NEXT.say(language), said.next_action + due))
    return tuple(facts)


def _day(day: date) -> str:
    return f"{day:%m-%d}"


def _counts(said: FollowUpIn) -> bool:
    return counts(
        Contacted(
            channel=said.channel,
            text=said.summary,
            next_action=said.next_action,
            duration_s=said.duration_s,
            was_answered=said.was_answered,
        )
    )
