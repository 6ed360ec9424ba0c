"""Whether a row really fits a question, and why: the index only proposes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .pinyin import readings
from .terms import PHONE_PART, Word, number_of

REASONS = ("number", "name", "phone", "pinyin", "contact", "tag", "field", "address")
BEGINS, WITHIN, ASIDE = range(3)  # the name begins with it; it is, or is read, in it; only beside


@dataclass(frozen=True, slots=True)
class Match:
    """`on` is the best that a word matched on; `how` well the first word fits: BEGINS, …"""

    on: str
    how: int


def match(
    words: Sequence[Word], number: str, name: str, contacts: str, phones: str, asides: str = ""
) -> Match | None:
    """None when a word does not fit. Texts as they are kept in `customer_search`."""
    reasons: list[tuple[str, int]] = []
    for word in words:
        reason = _why(word, number, name, contacts, phones, asides)
        if reason is None:
            return None
        reasons.append(reason)
    if not reasons:
        return Match("", WITHIN)
    return Match(min((on for on, _ in reasons), key=REASONS.index), reasons[0][1])


def _why(
    word: Word, number: str, name: str, contacts: str, phones: str, asides: str
) -> tuple[str, int] | None:
    if word.number is not None and word.number == number_of(number):
        return "number", BEGINS
    at = name.find(word.text)
    if at >= 0:
        return "name", WITHIN if at else BEGINS
    is_decimal = word.text.isdecimal()
    if is_decimal and len(word.text) >= PHONE_PART and word.text in phones:
        return "phone", WITHIN
    start = None if is_decimal else read_at(word.text, name)
    if start is not None:
        return "pinyin", WITHIN if start else BEGINS
    for contact in contacts.split("\n") if contacts else ():
        if word.text in contact or (not is_decimal and read_at(word.text, contact) is not None):
            return "contact", WITHIN
    for aside in asides.split("\n") if word.text in asides else ():
        source, _, said = aside.partition(":")
        if word.text in said:
            return source, ASIDE
    return None


def read_at(typed: str, text: str) -> int | None:
    """Where in `text` the typed letters can be read, or None.

    Each character may be typed as itself, as one of its readings or as a first letter; the last
    reading may be unfinished. One pass with every open reading at once, so that a hostile text
    costs no more than its length times the question's.
    """
    if not any("a" <= char <= "z" for char in typed):
        return None
    open_at: dict[int, int] = {}  # how much was read → the earliest start that got there
    for at, char in enumerate(text):
        open_at.setdefault(0, at)
        following: dict[int, int] = {}
        for done, start in open_at.items():
            for end in _ends(typed, done, char):
                if end == len(typed):
                    return start
                following[end] = min(start, following.get(end, start))
        open_at = following
    return None


@lru_cache(maxsize=65_536)  # the rows of one answer share most of their characters
def _ends(typed: str, done: int, char: str) -> frozenset[int]:
    ends = set()
    if typed[done] == char:
        ends.add(done + 1)
    for reading in readings(char):
        if typed[done] == reading[0]:
            ends.add(done + 1)
            if typed.startswith(reading, done):
                ends.add(done + len(reading))
            elif reading.startswith(typed[done:]):
                ends.add(len(typed))
    return frozenset(ends)
