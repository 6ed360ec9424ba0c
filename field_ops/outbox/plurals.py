"""How several messages of one kind are said as one. Pure."""

from collections.abc import Callable, Sequence

from ..host.messages import Button, Card
from ..texts import Text

Plural = Callable[[Sequence[Card], str], Card]
"""Several cards of one kind, as they were worded, and the language of their reader: one card.

The domains write them beside their messages; a kind without one is never merged.
"""

MOST_LINES = 7  # a card has at most 8 lines of text (domain.md §13.4)
MOST_BUTTONS = 4
LINE = Text("{number}. {title}", "{number}. {title}")
SEE = Text("看第 {number} 条", "See no. {number}")
MORE = Text("…还有 {count} 条", "… and {count} more")


def listed(title: str, cards: Sequence[Card], language: str) -> Card:
    """A card that names each of these by its title, and leads to the first few."""
    lines = [
        LINE.say(language, number=number, title=card.title)
        for number, card in enumerate(cards[:MOST_LINES], 1)
    ]
    if len(cards) > MOST_LINES:
        lines.append(MORE.say(language, count=len(cards) - MOST_LINES))
    pages = list(enumerate((card.url for card in cards[:MOST_LINES]), 1))
    buttons = [Button(SEE.say(language, number=number), url=url) for number, url in pages if url]
    return Card(
        title=title,
        text="\n".join(lines),
        buttons=tuple(buttons[:MOST_BUTTONS]),
        url=buttons[0].url if buttons else "",
        language=language,
    )
