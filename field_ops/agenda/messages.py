"""How a plan reads in a host's calendar and list of to-dos, in the language of its owner."""

from collections.abc import Mapping
from datetime import time

from ..texts import Text

BOOK = Text("外勤拜访", "Waiqin visits")
VISIT = Text("拜访 {name}", "Visit {name}")
VISIT_AT = Text("拜访 {name} {at:%H:%M}", "Visit {name} {at:%H:%M}")
PURPOSE = Text("目的：{purpose}", "Purpose: {purpose}")


def title(name: str, language: str, at: time | None = None) -> str:
    """Whom to visit; with the hour where the host shows none of its own."""
    if at is None:
        return VISIT.say(language, name=name)
    return VISIT_AT.say(language, name=name, at=at)


def text(purpose: str, language: str) -> str:
    """What for, or nothing."""
    return PURPOSE.say(language, purpose=purpose) if purpose else ""


def counted(counts: Mapping[str, int]) -> Text:
    """What `waiqin host service` says of the entries."""
    return COUNTED.filled(held=counts.get("held", 0), waiting=counts.get("waiting", 0))


COUNTED = Text(
    "已写入 {held} 条，等待写入 {waiting} 条。",
    "{held} entries are there, {waiting} wait.",
)
