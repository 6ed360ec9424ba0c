"""What is said about contacts as persons: facts in, words out."""

from collections.abc import Mapping, Sequence
from datetime import date

from ..host.messages import Button, Card, Message
from ..outbox.plurals import listed
from ..texts import Text
from .birthdays import Birthday, birthday_text

HINTS: Mapping[str, tuple[Text, ...]] = {
    "driver": (
        Text("先说结论，再说理由", "Say the result first, then why"),
        Text("给两三个方案让对方选", "Offer two or three options to choose from"),
        Text("准时，少寒暄", "Be on time, and brief"),
    ),
    "expressive": (
        Text("先聊近况，再谈正事", "Ask how things are before business"),
        Text("多讲案例和画面，少念数字", "Tell stories rather than figures"),
        Text("谈完用文字确认要点", "Confirm the points in writing afterwards"),
    ),
    "amiable": (
        Text("放慢节奏，多听", "Slow down and listen"),
        Text("说明对团队的好处，给出保障", "Say what it does for the team, and what is assured"),
        Text("不当场逼单", "Do not press for a decision on the spot"),
    ),
    "analytical": (
        Text("带齐数据和资料", "Bring figures and papers"),
        Text("答不上来就约时间回复", "What you cannot answer, promise for a day"),
        Text("给对方时间核对", "Leave time to check"),
    ),
}
TODAY = Text("今天是{name}的生日（{text}）", "Today is the birthday of {name} ({text})")
SOON = Text(
    "{name}的生日在{month}月{day}日（{text}）",
    "{name}'s birthday is on {day:02}/{month:02} ({text})",
)
SEE = Text("看客户", "Open")
MANY = Text("{count} 位联系人快过生日了", "{count} contacts have their birthdays soon")


def hints_of(style: str, language: str) -> list[str]:
    return [hint.say(language) for hint in HINTS.get(style, ())]


def birthday_card(
    name: str,
    about: str,
    birthday: Birthday,
    day: date,
    is_today: bool,
    customer_id: str,
    language: str,
) -> Message:
    """To whoever owns the customer: three days before, and on the day."""
    text = birthday_text(birthday, language)
    title = (TODAY if is_today else SOON).say(
        language, name=name, text=text, month=day.month, day=day.day
    )
    page = f"#/customers/{customer_id}"
    return Card(title=title, text=about, buttons=(Button(SEE.say(language), url=page),), url=page)


def birthdays(cards: Sequence[Card], language: str) -> Card:
    """Several that wait for one person."""
    return listed(MANY.say(language, count=len(cards)), cards, language)
