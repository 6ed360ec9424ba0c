"""A sentence about a contact → what it says: by which way, how long, and what comes next. Pure."""

import re
from datetime import date

from ..calendar.spoken_days import find_day
from .schemas import Channel, FollowUpIn

CALLED = r"电话|通话|去电|来电|\bcall(?:ed)?\b|\bphoned?\b"
CHATTED = r"微信|企微|钉钉|聊天|\bchat(?:ted)?\b|\bwechat\b"
WROTE = r"邮件|\be-?mail(?:ed)?\b"
MET = r"开会|会面|见面|约见|\bmeeting\b|\bmet\b"
# By which words people say how it was; the first that is found counts.
WAYS: tuple[tuple[Channel, str], ...] = (
    ("call", CALLED),
    ("chat", CHATTED),
    ("email", WROTE),
    ("meeting", MET),
)
LASTED = re.compile(r"(\d{1,4})\s*(分钟|分|minutes?|mins?|秒钟?|seconds?|secs?)", re.IGNORECASE)
CLAUSES = re.compile(r"[，,。；;\n]+")


def read(said: str, today: date) -> FollowUpIn:
    """What a member told the bot. The last clause with a day in it is the promise."""
    channel = next((way for way, words in WAYS if re.search(words, said, re.IGNORECASE)), None)
    promise, due_on = "", None
    for clause in reversed(CLAUSES.split(said)):
        if (found := find_day(clause, today)) is not None:
            due_on = found[0]
            promise = clause.replace(found[1], "", 1).strip(" ,，前") or clause.strip()
            break
    return FollowUpIn(
        channel=channel or "note",
        summary=said[:2000],
        duration_s=_lasted(said) if channel == "call" else None,
        next_action=promise[:200],
        next_action_on=due_on,
    )


def _lasted(said: str) -> int | None:
    found = LASTED.search(said)
    if found is None:
        return None
    is_seconds = found.group(2).lower().startswith(("秒", "s"))
    return min(int(found.group(1)) * (1 if is_seconds else 60), 24 * 60 * 60)
