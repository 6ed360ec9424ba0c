"""What people are told when a customer is shared, or somebody asks for that."""

from dataclasses import dataclass
from datetime import datetime

from ..host.messages import Button, Card, Field, Message, Notice
from ..texts import Text
from .schemas import Answer

TITLE = Text(
    "{who} 与您共享了客户「{customer}」", "{who} shared the customer “{customer}” with you"
)
MAY = {
    "read": Text("您可以查看这个客户。", "You can see this customer."),
    "edit": Text("您可以查看和修改这个客户。", "You can see and change this customer."),
}
SEE = Text("看客户", "See the customer")
REQUEST = Text("{who} 申请协作「{customer}」", "{who} asks to work on “{customer}” with you")
DEPARTMENT = Text("部门", "Department")
REASON = Text("原因", "Reason")
UNTIL = Text("点一下就答复，三天内有效。", "One press answers, within three days.")
SAY = Text("协作答复 {request} {word}", "answer collaboration {request} {word}")
WORDS: dict[Answer, Text] = {
    "read": Text("查看", "read"),
    "edit": Text("修改", "edit"),
    "decline": Text("谢绝", "decline"),
}
CAPTIONS: dict[Answer, Text] = {
    "read": Text("同意查看", "May see"),
    "edit": Text("同意修改", "May change"),
    "decline": Text("谢绝", "Decline"),
}
GRANTED_AS = {
    "read": Text("已同意查看 · {by} {at}", "May see it · {by} {at}"),
    "edit": Text("已同意查看和修改 · {by} {at}", "May see and change it · {by} {at}"),
}
DECLINED_BY = Text("已谢绝 · {by} {at}", "Declined · {by} {at}")
DECLINED = Text(
    "负责人谢绝了您对「{customer}」的协作申请。有需要请联系主管。",
    "The owner of “{customer}” declined to share it. Ask your team lead if it matters.",
)
NO_ANSWER = Text(
    "您对「{customer}」的协作申请三天没有答复，已过期。可以再次申请，或请主管协调。",
    "Nobody answered within three days about “{customer}”. Ask again, or ask your team lead.",
)


def shared_with_you(who: str, customer: str, customer_id: str, access: str, language: str) -> Card:
    """To the new collaborator."""
    page = f"#/customers/{customer_id}"
    return Card(
        title=TITLE.say(language, who=who, customer=customer),
        text=MAY[access].say(language),
        buttons=(Button(SEE.say(language), url=page),),
        url=page,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks to work on which customer, and why."""

    request_id: str
    who: str
    department: str
    customer_id: str
    customer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """How it ended: `access` is what was granted, "" for nothing."""

    by: str
    asker: str
    customer_id: str
    customer: str
    access: str
    at: datetime


def request_card(asked: Asked, language: str) -> Card:
    """To the owner: one press answers."""
    page = f"#/customers/{asked.customer_id}"
    return Card(
        title=REQUEST.say(language, who=asked.who, customer=asked.customer),
        fields=(
            *((Field(DEPARTMENT.say(language), asked.department),) if asked.department else ()),
            Field(REASON.say(language), asked.reason),
        ),
        text=UNTIL.say(language),
        buttons=(
            *(
                Button(
                    CAPTIONS[said].say(language),
                    says=SAY.say(language, request=asked.request_id, word=word.say(language)),
                )
                for said, word in WORDS.items()
            ),
            Button(SEE.say(language), url=page),
        ),
        url=page,
    )


def answered_card(ended: Answered, language: str) -> Card:
    """What the card that asked becomes."""
    said = GRANTED_AS.get(ended.access, DECLINED_BY)
    page = f"#/customers/{ended.customer_id}"
    return Card(
        title=REQUEST.say(language, who=ended.asker, customer=ended.customer),
        text=said.say(language, by=ended.by, at=f"{ended.at:%H:%M}"),
        buttons=(Button(SEE.say(language), url=page),),
        url=page,
    )


def declined(customer: str, language: str) -> Message:
    """To who asked."""
    return Notice(DECLINED.say(language, customer=customer))


def nobody_answered(customer: str, language: str) -> Message:
    """To who asked."""
    return Notice(NO_ANSWER.say(language, customer=customer))
