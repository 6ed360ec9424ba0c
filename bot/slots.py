"""What may stand in the braces, and how it is understood. Never guessed: a choice is offered."""

from field_ops.customers.lookup import Found, look_up
from field_ops.customers.models import Customer
from field_ops.customers.queries import find_customer
from field_ops.host.messages import Button, Card, Notice
from field_ops.texts import Text

from .command import Turn

MOST_CHOICES = 5
WHICH = Text("「{typed}」有几家，您指的是？", "Which “{typed}” do you mean?")
MORE = Text("还有更多，名称多说几个字会更准。", "There are more. Say a little more of the name.")
NOBODY = Text(
    "没有找到「{typed}」。可以少打几个字，或试试拼音首字母、电话后四位。",
    "I found no customer for “{typed}”. Try fewer letters or a phone number.",
)


async def customer_in(turn: Turn, typed: str, say_again: str) -> Customer | None:
    """The one customer that `typed` means, or None after a choice or an explanation was sent.

    `say_again` is the sentence with `{}` where the customer's number goes: what a choice's button
    says.
    """
    rows, more = await look_up(turn.work, typed)
    if not rows:
        await turn.reply(Notice(turn.say(NOBODY, typed=typed)))
        return None
    exact = [row for row in rows if typed in (row.customer.name, row.customer.number)]
    is_sure = len(rows) == 1 and rows[0].why.on != "similar"  # a slip is asked about, not guessed
    if is_sure or len(exact) == 1:
        return await find_customer(turn.work, (exact or rows)[0].customer.id)
    await turn.reply_in_private(_choice(turn, typed, rows, more, say_again))
    return None


def _choice(turn: Turn, typed: str, rows: list[Found], more: bool, say_again: str) -> Card:
    shown = rows[:MOST_CHOICES]
    many = more or len(rows) > MOST_CHOICES
    choices = tuple(
        Button(row.customer.name, says=say_again.replace("{}", row.customer.number, 1))
        for row in shown
    )
    return Card(
        title=turn.say(WHICH, typed=typed), text=turn.say(MORE) if many else "", choices=choices
    )
