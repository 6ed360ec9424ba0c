"""The two values a command file needs: `Command`, and the `Turn` it answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from field_ops.customers.models import Customer
from field_ops.host.events import CardPressed, Conversation
from field_ops.host.messages import Card, Message, Notice
from field_ops.outbox.post import answer, post
from field_ops.outbox.revise import settle_pressed
from field_ops.texts import Text
from field_ops.work import Work

Run = Callable[["Turn"], Awaitable[None]]

IN_PRIVATE = Text("@{name} 内容已私信给您。", "@{name} The answer is in your chat with me.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`phrases` are what people say, with slots in braces: `查{customer}`, `记录{customer}{text}`.

    `{customer}` is filled by exactly one customer before `run` is called: `bot.slots` offers the
    choice when several fit. `summary` is the line in the help; a command without one is not listed.
    """

    phrases: tuple[str, ...]
    run: Run
    summary: Text | None = None


@dataclass(slots=True)
class Turn:
    """One sentence of one member, and the way to answer it.

    `pressed` is the press that said it, where the host tells which card was pressed and how to
    change it.
    """

    work: Work
    host_user_id: str
    event_id: str
    conversation: Conversation
    text: str
    name: str = ""
    pressed: CardPressed | None = None
    customer: Customer | None = None
    rest: str = ""
    answers: int = 0

    @property
    def is_group(self) -> bool:
        return self.conversation.kind == "group"

    @property
    def language(self) -> str:
        """What the member reads: `zh` or `en`."""
        return self.work.actor.language

    @property
    def asked_customer(self) -> Customer:
        """The customer in the sentence, where the phrase has one."""
        if self.customer is None:
            raise RuntimeError("this phrase has no {customer}")
        return self.customer

    def say(self, text: Text, /, **facts: object) -> str:
        """The text in the member's language, with its facts in it."""
        return text.say(self.language, **facts)

    async def reply(self, message: Message, *, about: str = "") -> None:
        """Answer where the question was asked. `about` names what a card asks for, so that it is
        settled when the same thing was done elsewhere."""
        await answer(
            self.work, self.conversation, self.host_user_id, message, once=self._once(),
            about=about,
        )  # fmt: skip

    async def settle(self, card: Card) -> None:
        """What was asked for is done: the card that asked becomes `card`, for everybody who has it
        and without its questions. Typed, or where cards do not change, `card` is the answer."""
        if self.pressed is None:
            await self.reply_in_private(card)
        else:
            await settle_pressed(self.work, self.pressed, card)

    async def reply_in_private(self, message: Message, *, about: str = "") -> None:
        """Answer only to the person: names, phones and figures are not for a group."""
        if not self.is_group:
            await self.reply(message, about=about)
            return
        await post(
            self.work,
            to=self.work.actor.me,
            message=lambda _language: message,  # his own, which it is in already
            kind="answer",
            once=self._once(),
            about=about,
        )
        await self.reply(Notice(self.say(IN_PRIVATE, name=self.name)))

    def _once(self) -> str:
        """Stable over repeats of the event: the same question is answered once."""
        self.answers += 1
        return f"answer-{self.event_id}-{self.answers}"[:200]
