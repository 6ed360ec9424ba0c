"""What owners are told about grading."""

from ..host.messages import Button, Card, Message
from ..texts import Text

TITLE = Text("{count} 家客户建议调整等级", "{count} customers should have another level")
WHY = Text(
    "按本季度评分卡得出，确认后生效；跨两级的要写原因。",
    "By this quarter's score cards. It counts once you confirm; two levels at once need a reason.",
)
SEE = Text("去确认", "Decide")
PAGE = "#/customers"


def proposals_card(count: int, language: str) -> Message:
    """To an owner at the beginning of a quarter."""
    return Card(
        title=TITLE.say(language, count=count),
        text=WHY.say(language),
        buttons=(Button(SEE.say(language), url=PAGE),),
        url=PAGE,
    )
