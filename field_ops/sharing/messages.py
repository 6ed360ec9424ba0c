"""What somebody is told when a customer is shared with him."""

from ..host.messages import Button, Card
from ..texts import Text

TITLE = Text(
    "{who} 与您共享了客户「{customer}」", "{who} shared the customer “{customer}” with you"
)
MAY = {
    "read": Text("您可以查看这个客户。", "You can see this customer."),
    "edit": Text("您可以查看和修改这个客户。", "You can see and change this customer."),
}
SEE = Text("看客户", "See the customer")


def shared_with_you(who: str, customer: str, customer_id: str, access: str, language: str) -> Card:
    """To the new collaborator."""
    page = f"#/customers/{customer_id}"
    return Card(
        title=TITLE.say(language, who=who, customer=customer),
        text=MAY[access].say(language),
        buttons=(Button(SEE.say(language), url=page),),
        url=page,
    )
