"""Our messages in the three shapes that DingTalk takes: answer, robot message, work notice.

Answers and robot messages: "企业机器人发送消息的消息类型"; work notices: "消息类型与数据格式". The
same card becomes an ActionCard in each, whose buttons are links. A button that says a sentence is
the client's own link `dtmd://…/sendMessage`: whoever presses it sends that sentence to the robot.
DingTalk's card team says that such links work in what a robot sent, and nowhere else
(github.com/open-dingtalk/dingtalk-card-examples/issues/2); that the buttons of an ActionCard take
them is shown in github.com/eryajf/chatgpt-dingtalk/issues/277.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote

import orjson

from field_ops.host.errors import HostRefused
from field_ops.host.messages import Article, Button, Card, Message, Notice, clipped, plain
from field_ops.texts import Text

SAY = "dtmd://dingtalkclient/sendMessage?content="
MOST_BUTTONS = 5  # sampleActionCard2 … sampleActionCard5
BUTTON_CHARACTERS = 20
ROBOT_BYTES = 15_000  # msgParam
NOTICE_BYTES = 2_048  # msg of a work notice
NOTICE_URL_CHARACTERS = 700
NOTICE_SINGLE_URL_CHARACTERS = 500
NOTICE_BUTTON_LIST_CHARACTERS = 1_000
TITLE_BYTES = 100  # shown in the list of conversations
FACT_BYTES = 400
NEW_LINE = "  \n"  # DingTalk breaks a line only after two blanks
OPEN = Text("打开", "Open")
UNTITLED = Text("通知", "Notice")
NUMBER = Text("编号 {number}", "No. {number}")
FACT = Text("**{name}**：{value}", "**{name}**: {value}")
CHOICE = Text("{number}、{name}", "{number}) {name}")
TELL_ROBOT = Text("{caption}：对机器人说「{sentence}」", "{caption}: say “{sentence}” to the robot")

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


def answer(message: Message) -> dict[str, Any]:
    """What is posted to a conversation's reply address."""
    return _fitting(message, _answer, lambda made: len(orjson.dumps(made)), ROBOT_BYTES)


def robot_message(message: Message) -> tuple[str, str]:
    """`msgKey` and `msgParam` of a message that the robot sends by itself."""
    return _fitting(message, _robot_message, lambda made: len(made[1].encode()), ROBOT_BYTES)


def work_notice(message: Message, once: str) -> dict[str, Any]:
    """The `msg` of a work notice.

    DingTalk silently drops a second identical notice to one member on one day. So each carries a
    short number made from `once`: two reminders with the same words differ, and a retry of one
    reminder is still recognised, which is the only duplicate check that DingTalk offers.
    """
    number = hashlib.sha256(once.encode()).hexdigest()[:6].upper()
    mark = NUMBER.say(message.language, number=number)
    return _fitting(
        message,
        lambda short: _work_notice(short, mark),
        lambda made: len(orjson.dumps(made)),
        NOTICE_BYTES,
    )


def card_body(card: Card, rest: Sequence[Button], limit: int) -> str:
    """Facts and words of an interactive card as Markdown, within `limit` bytes.

    `rest` are the buttons for which the card has no room.
    """

    def made(message: Message) -> str:
        assert isinstance(message, Card)
        return _body(message, _links_or_sentences(card, rest))

    return _fitting(card, made, lambda body: len(body.encode()), limit)


def _answer(message: Message) -> dict[str, Any]:
    match message:
        case Notice(text):
            return {"msgtype": "text", "text": {"content": text}}
        case Article(_, markdown):
            return {
                "msgtype": "markdown",
                "markdown": {"title": short_title(message), "text": markdown},
            }
        case Card() as card:
            links, rest = _links(card)
            shown = {"title": short_title(card), "text": _markdown(card, rest)}
            if not links:
                return {"msgtype": "markdown", "markdown": shown}
            if len(links) == 1:
                shown |= {"singleTitle": links[0].text, "singleURL": links[0].url}
                return {"msgtype": "actionCard", "actionCard": shown}
            buttons = [{"title": link.text, "actionURL": link.url} for link in links]
            return {
                "msgtype": "actionCard",
                "actionCard": {**shown, "btnOrientation": "0", "btns": buttons},
            }


def _robot_message(message: Message) -> tuple[str, str]:
    match message:
        case Notice(text):
            return "sampleText", _json({"content": text})
        case Article(_, markdown):
            return "sampleMarkdown", _json({"title": short_title(message), "text": markdown})
        case Card() as card:
            links, rest = _links(card)
            shown = {"title": short_title(card), "text": _markdown(card, rest)}
            if not links:
                return "sampleMarkdown", _json(shown)
            if len(links) == 1:
                shown |= {"singleTitle": links[0].text, "singleURL": links[0].url}
                return "sampleActionCard", _json(shown)
            for number, link in enumerate(links, start=1):
                shown |= {f"actionTitle{number}": link.text, f"actionURL{number}": link.url}
            return f"sampleActionCard{len(links)}", _json(shown)


def _work_notice(message: Message, mark: str) -> dict[str, Any]:
    match message:
        case Notice(text):
            return {"msgtype": "text", "text": {"content": f"{text}\n{mark}"}}
        case Article(_, markdown):
            shown = {"title": short_title(message), "text": f"{markdown}\n\n{mark}"}
            return {"msgtype": "markdown", "markdown": shown}
        case Card() as card:
            markdown = f"{_markdown(card, _sentences(card))}\n\n{mark}"
            links = _notice_links(card)
            if not links:
                shown = {"title": short_title(card), "text": markdown}
                return {"msgtype": "markdown", "markdown": shown}
            shown = {"title": short_title(card), "markdown": markdown}
            if len(links) == 1 and len(links[0].url) <= NOTICE_SINGLE_URL_CHARACTERS:
                single = {"single_title": links[0].text, "single_url": links[0].url}
                return {"msgtype": "action_card", "action_card": shown | single}
            return {
                "msgtype": "action_card",
                "action_card": {
                    **shown,
                    "btn_orientation": "0",
                    "btn_json_list": _notice_buttons(links),
                },
            }


def _links(card: Card) -> tuple[list[Link], list[str]]:
    """The buttons, and as lines of Markdown those for which there is no room. Choices go first:
    a card that asks which one is meant is about them."""
    wanted = [*card.choices, *card.buttons]
    links = [Link(caption(button.text), _target(button)) for button in wanted]
    if card.url and len(links) < MOST_BUTTONS and card.url not in {link.url for link in links}:
        links.append(Link(OPEN.say(card.language), card.url))
    rest = [f"[{plain(button.text)}]({_target(button)})" for button in wanted[MOST_BUTTONS:]]
    return links[:MOST_BUTTONS], rest


def _notice_links(card: Card) -> list[Link]:
    """Only pages: a sentence link does nothing in a work notice, which no robot has sent."""
    links = [
        Link(caption(button.text), button.url)
        for button in card.choices + card.buttons
        if button.url
    ]
    if card.url and card.url not in {link.url for link in links}:
        links.append(Link(OPEN.say(card.language), card.url))
    links = [link for link in links if len(link.url) <= NOTICE_URL_CHARACTERS][:MOST_BUTTONS]
    while len(links) > 1 and len(_json(_notice_buttons(links))) > NOTICE_BUTTON_LIST_CHARACTERS:
        links.pop()
    return links


def _notice_buttons(links: list[Link]) -> list[dict[str, str]]:
    return [{"title": link.text, "action_url": link.url} for link in links]


def _sentences(card: Card) -> list[str]:
    return [_as_sentence(card, b) for b in card.choices + card.buttons if b.says]


def _links_or_sentences(card: Card, buttons: Sequence[Button]) -> list[str]:
    return [
        _as_sentence(card, button) if button.says else f"[{plain(button.text)}]({button.url})"
        for button in buttons
    ]


def _as_sentence(card: Card, button: Button) -> str:
    facts = {"caption": plain(button.text), "sentence": plain(button.says)}
    return TELL_ROBOT.say(card.language, **facts)


def _markdown(card: Card, more: list[str]) -> str:
    title = f"### {plain(clipped(card.title, FACT_BYTES))}"
    return "\n\n".join(filter(None, (title, _body(card, more))))


def _body(card: Card, more: list[str]) -> str:
    paragraphs: list[str] = []
    facts = [
        FACT.say(
            card.language,
            name=plain(clipped(fact.name, FACT_BYTES)),
            value=plain(clipped(fact.value, FACT_BYTES)),
        )
        for fact in card.fields
    ]
    paragraphs.append(NEW_LINE.join(facts))
    paragraphs.append(NEW_LINE.join(plain(line) for line in card.text.splitlines()))
    # A button cuts long names, and two branches of one chain may differ only at the end.
    if any(len(choice.text) > BUTTON_CHARACTERS for choice in card.choices):
        paragraphs.append(
            NEW_LINE.join(
                CHOICE.say(card.language, number=number, name=plain(choice.text))
                for number, choice in enumerate(card.choices, 1)
            )
        )
    paragraphs.append(NEW_LINE.join(more))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph.strip())


def _target(button: Button) -> str:
    return button.url or SAY + quote(button.says, safe="")


def caption(text: str) -> str:
    """What stands on a button."""
    text = " ".join(text.split())
    return text if len(text) <= BUTTON_CHARACTERS else text[: BUTTON_CHARACTERS - 1] + "…"


def short_title(message: Article | Card) -> str:
    """What stands in the list of conversations; never empty."""
    title = clipped(" ".join(message.title.split()), TITLE_BYTES)
    return title or UNTITLED.say(message.language)


def _json(values: object) -> str:
    return orjson.dumps(values).decode()


def _fitting(
    message: Message, make: Callable[[Message], Made], size: Callable[[Made], int], limit: int
) -> Made:
    """What `make` makes of the message, its words cut as far as needed to stay within `limit`.

    Marks that are escaped grow, so the room for the words is found by trying.
    """
    room = limit
    while True:
        made = make(_shortened(message, room))
        excess = size(made) - limit
        if excess <= 0:
            return made
        if room == 0 and isinstance(message, Card) and message.fields:
            message = replace(message, fields=message.fields[:-1])
        elif room == 0:
            raise HostRefused("longer than DingTalk takes, even without its text", code="too_long")
        room = max(min(room, _words_bytes(message)) - excess, 0)


def _shortened(message: Message, room: int) -> Message:
    match message:
        case Notice(text):
            return replace(message, text=clipped(text, room))
        case Article(_, markdown):
            return replace(message, markdown=clipped(markdown, room))
        case Card() as card:
            return replace(card, text=clipped(card.text, room))


def _words_bytes(message: Message) -> int:
    match message:
        case Article():
            return len(message.markdown.encode())
        case _:
            return len(message.text.encode())
