"""What somebody is told when he was mentioned, or answered."""

from typing import Literal

from ..host.messages import Button, Card
from ..texts import Text

Why = Literal["mention", "reply"]
TITLE: dict[Why, Text] = {
    "mention": Text(
        "{who} 在客户「{customer}」的评论里提到了您",
        "{who} mentioned you at the customer “{customer}”",
    ),
    "reply": Text(
        "{who} 回复了您在客户「{customer}」的评论",
        "{who} replied to your comment at “{customer}”",
    ),
}
SEE = Text("看评论", "See the comment")
LONGEST = 200  # characters of the comment


def told(why: Why, who: str, customer: str, customer_id: str, text: str, language: str) -> Card:
    page = f"#/customers/{customer_id}"
    return Card(
        title=TITLE[why].say(language, who=who, customer=customer),
        text=text if len(text) <= LONGEST else text[:LONGEST] + "…",
        buttons=(Button(SEE.say(language), url=page),),
        url=page,
    )
