"""What people are told when customers go from one of them to another."""

from dataclasses import dataclass
from datetime import datetime

from ..host.messages import Button, Card, Field
from ..texts import Text

GOT = Text("您接手了 {count} 家客户", "You have taken over {count} customer(s)")
GAVE = Text("您的 {count} 家客户已交接", "{count} of your customers went to colleagues")
GOT_BACK = Text("{count} 家客户已退还给您", "{count} customer(s) are yours again")
GAVE_BACK = Text("{count} 家客户已退还给 {name}", "{count} customer(s) went back to {name}")
FROM = Text("原负责人", "From")
BY = Text("操作人", "By")
REASON = Text("原因", "Reason")
ALONG = Text("未来的拜访计划一起转移。", "Planned visits go along.")
SEE = Text("看客户", "See customers")


@dataclass(frozen=True, slots=True)
class Transferred:
    """`count` is all of it; what one reader got is told beside."""

    by: str
    from_name: str
    count: int
    reason: str
    is_undone: bool


def transferred_card(told: Transferred, got: int | None, language: str) -> Card:
    """To a receiver (`got` customers), or to who had them (None)."""
    if got is None:
        title = (GOT_BACK if told.is_undone else GAVE).say(language, count=told.count)
    elif told.is_undone:
        title = GAVE_BACK.say(language, count=got, name=told.from_name)
    else:
        title = GOT.say(language, count=got)
    shown = ((FROM, told.from_name), (BY, told.by), (REASON, told.reason))
    return Card(
        title=title,
        fields=tuple(Field(name.say(language), value) for name, value in shown if value),
        text=ALONG.say(language),
        buttons=(Button(SEE.say(language), url="#/customers"),),
        url="#/customers",
    )


def moment(written: str | None) -> datetime | None:
    """What was kept as text, back."""
    return datetime.fromisoformat(written) if written else None
