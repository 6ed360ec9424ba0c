"""Whether a row really fits a question, and why: the index only proposes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .pinyin import readings
from .questions import Word
from .slips import has_slip, has_wrong_digit
from .terms import PHONE_PART

REASONS = ("number", "name", "phone", "pinyin", "contact", "tag", "field", "address", "similar")
BEGINS, WITHIN, ASIDE = range(3)  # the name begins with it; it is, or is read, in it; only beside

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Match:
    """`on` is the best that a word matched on; `how` well the first word fits: BEGINS, …

    `span` is where it is in the name, in matching form; `text` is what else it is in.
    """

    on: str
    how: int
    span: Span | None = None
    text: str = ""


def match(
    words: Sequence[Word],
    numbers: Collection[int],
    name: str,
    contacts: str,
    phones: str,
    asides: str = "",
) -> Match | None:
    """None when a word does not fit. Texts as they are kept in `customer_search`; `numbers` are
    the short numbers that lead here."""
    found: list[Match] = []
    for word in words:
        one = _why(word, numbers, name, contacts, phones, asides)
        if one is None:
            return None
        found.append(one)
    if not found:
        return Match("", WITHIN)
    best = min(found, key=lambda one: REASONS.index(one.on))
    return Match(best.on, found[0].how, best.span, best.text)


def _why(
    word: Word, numbers: Collection[int], name: str, contacts: str, phones: str, asides: str
) -> Match | None:
    if word.number is not None and word.number in numbers:
        return Match("number", BEGINS)
    typed = word.text
    at = name.find(typed)
    if at >= 0:
        return Match("name", WITHIN if at else BEGINS, (at, at + len(typed)))
    if typed.isdecimal():
        if len(typed) >= PHONE_PART and typed in phones:
            return Match("phone", WITHIN)
    elif span := read_at(typed, name):
        return Match("pinyin", WITHIN if span[0] else BEGINS, span)
    for contact in contacts.split("\n") if contacts else ():
        if typed in contact or (not typed.isdecimal() and read_at(typed, contact)):
            return Match("contact", WITHIN, text=contact)
    for aside in asides.split("\n") if typed in asides else ():
        source, _, said = aside.partition(":")
        if typed in said:
            return Match(source, ASIDE, text=said)
    return _with_a_slip(word, name, contacts, phones) if word.is_loose else None


def _with_a_slip(word: Word, name: str, contacts: str, phones: str) -> Match | None:
    """What fits so is all alike: whether the name begins with it was not what was typed."""
    texts = (name, *(contacts.split("\n") if contacts else ()))
    if word.text.isdecimal():
        fits = has_wrong_digit(word.text, phones)
    elif word.variants:
        fits = any(read_at(one, text) for text in texts for one in word.variants)
    else:
        fits = any(has_slip(word.text, text) for text in texts)
    return Match("similar", WITHIN) if fits else None


def read_at(typed: str, text: str) -> Span | None:
    """Where in `text` the typed letters can be read first, or None.

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
                    return start, at + 1
                following[end] = min(start, following.get(end, start))
        open_at = following
    return None


@lru_cache(maxsize=65_536)  # the rows of one answer share most of their characters
def _ends(typed: str, done: int, char: str) -> tuple[int, ...]:
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
    return tuple(ends)
