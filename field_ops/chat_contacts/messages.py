"""What members are told when somebody outside deletes one of them."""

from ..host.messages import Button, Card
from ..texts import Text

DELETED_YOU = Text("{contact} 已将您删除", "{contact} has deleted you")
DELETED_HIM = Text("{contact} 已将 {member} 删除", "{contact} has deleted {member}")
WHERE = Text(
    "{customer} 的联系人。聊天里发消息对方已收不到，请换一种方式联系。",
    "A contact at {customer}. Messages in the chat do not arrive any more: please use another way.",
)
SEE = Text("看客户", "See the customer")


def chat_lost(contact: str, customer: str, customer_id: str, member: str, language: str) -> Card:
    """To the member who was deleted (`member` is "" then), or to the owner of the customer."""
    title = DELETED_HIM.say(language, contact=contact, member=member)
    if not member:
        title = DELETED_YOU.say(language, contact=contact)
    page = f"#/customers/{customer_id}"
    return Card(
        title=title,
        text=WHERE.say(language, customer=customer),
        buttons=(Button(SEE.say(language), url=page),),
        url=page,
    )
