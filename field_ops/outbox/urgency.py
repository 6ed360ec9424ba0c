"""How a message says that it is urgent: in its words on every host, and in short for an alarm."""

from dataclasses import replace

from ..host.messages import Article, Card, Message, Notice
from ..texts import Text

MARKED = Text("【紧急】{text}", "Urgent: {text}")


def marked(message: Message) -> Message:
    """The message, whose first words say that it is urgent."""

    def said(text: str) -> str:
        return MARKED.say(message.language, text=text)

    match message:
        case Notice(text):
            return replace(message, text=said(text))
        case Article() | Card():
            return replace(message, title=said(message.title))


def in_short(message: Message) -> str:
    """What an alarm says of it: the title, and the sentence of a card."""
    match message:
        case Notice(text):
            return text
        case Article(title):
            return title
        case Card():
            return "\n".join(part for part in (message.title, message.text) if part)
