"""What was typed, cut into the terms of the index (`terms.py`)."""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from .names import matching_form
from .pinyin import initials, syllables, syllables_from
from .terms import (
    BEGINNING,
    LONGEST_RUN,
    PHONE_PART,
    aside_term,
    beginning_initials_term,
    beginning_term,
    initials_term,
    pair_term,
    parts_of_phone,
    phone_term,
    runs_of,
    syllable_term,
    syllables_term,
)

MOST_WORDS = 5
LONGEST_WORD = 40
MOST_SEGMENTATIONS = 40
FEW_SEGMENTATIONS = 3  # of letters that were meant perhaps
PHONE_LIKE = re.compile(r"[\d\s()+\-./]*\d[\d\s()+\-./]*")
NUMBER_LIKE = re.compile(r"c-?0*(\d{1,9})")
NOT_INITIALS = "iuv"  # no syllable begins with them

Group = tuple[int, ...]  # any one of these terms
Alternative = tuple[Group, ...]  # all of these groups


@dataclass(frozen=True, slots=True)
class Word:
    """One piece of a question: a row may fit when it has every group of one alternative.

    `beginnings` are the alternatives of names that begin with it, `asides` those of what is said
    beside. `number`: it may be the short number of a customer. `is_loose`: with a slip it fits too,
    such as the letters of one of the `variants` (`slips.py`).
    """

    text: str
    alternatives: tuple[Alternative, ...]
    beginnings: tuple[Alternative, ...]
    asides: tuple[Alternative, ...]
    number: int | None = None
    is_loose: bool = False
    variants: tuple[str, ...] = ()


def read_question(typed: str) -> tuple[Word, ...]:
    """What was typed, in words that must all fit. () when there is nothing to look for."""
    plain = unicodedata.normalize("NFKC", typed).lower().strip()
    if PHONE_LIKE.fullmatch(plain):
        plain = re.sub(r"\D", "", plain.removeprefix("+86"))
    if number := NUMBER_LIKE.fullmatch(plain):
        return (_word(matching_form(plain), int(number[1])),)
    words = [matching_form(word)[:LONGEST_WORD] for word in plain.split()]
    return tuple(_word(word, _as_number(word)) for word in words if word)[:MOST_WORDS]


def _as_number(word: str) -> int | None:
    return int(word) if word.isdecimal() and word.isascii() and len(word) <= 9 else None


def _word(text: str, number: int | None) -> Word:
    pieces = pieces_of(text)
    literally = tuple((pair_term(piece),) for piece in pieces)
    alternatives: list[Alternative] = [literally]
    beginnings: list[Alternative] = [(*literally, (beginning_term(text[:BEGINNING]),))]
    if text.isdecimal() and len(text) >= PHONE_PART:
        alternatives.append(tuple((phone_term(part),) for part in sorted(parts_of_phone(text))))
    for units in segmentations(text):
        terms = _as_terms(units)
        alternatives.append(terms)
        begins = tuple(map(beginning_initials_term, runs_of(_letters(units[:BEGINNING]))))
        beginnings.append((*terms, begins))
    return Word(
        text,
        tuple(dict.fromkeys(alternatives)),
        tuple(dict.fromkeys(beginnings)),
        (tuple((aside_term(piece),) for piece in pieces),),
        number,
    )


def alternatives_in_pinyin(text: str) -> list[Alternative]:
    """The terms of what these letters can stand for, longest pieces first."""
    return [_as_terms(units) for units in segmentations(text)[:FEW_SEGMENTATIONS]]


def pieces_of(text: str) -> list[str]:
    """The pairs of neighbours in it; of one character, itself."""
    if len(text) == 1:
        return [text]
    return list(dict.fromkeys(text[at : at + 2] for at in range(len(text) - 1)))


def segmentations(text: str) -> list[tuple[str, ...]]:
    """Ways to read letters as syllables and initials, longest pieces first: hualian → hua lian, …

    Characters between the letters stand for themselves (`hl超市`). Nothing for a text without
    letters. A text that can be cut in more ways than `MOST_SEGMENTATIONS` keeps the first ones.
    """
    if not any("a" <= char <= "z" for char in text):
        return []
    ends = _reachable_ends(text)
    found: list[tuple[str, ...]] = []
    open_ways: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    while open_ways and len(found) < MOST_SEGMENTATIONS:
        at, units = open_ways.pop()
        if at == len(text):
            found.append(units)
            continue
        for length in sorted(_unit_lengths(text, at)):  # the longest is popped first
            if at + length in ends:
                open_ways.append((at + length, (*units, text[at : at + length])))
    return found


def _reachable_ends(text: str) -> set[int]:
    """The positions from which the end can be reached: without them a dead end costs 2ⁿ steps."""
    good = {len(text)}
    for at in range(len(text) - 1, -1, -1):
        if any(at + length in good for length in _unit_lengths(text, at)):
            good.add(at)
    return good


def _unit_lengths(text: str, at: int) -> set[int]:
    if not "a" <= text[at] <= "z":
        return {1}
    lengths = set() if text[at] in NOT_INITIALS else {1}
    for length in range(2, min(6, len(text) - at) + 1):
        piece = text[at : at + length]
        is_last = at + length == len(text)
        if piece in syllables() or (is_last and syllables_from(piece)):
            lengths.add(length)
    return lengths


def _as_terms(units: tuple[str, ...]) -> Alternative:
    """What a text has in which these syllables, first letters and characters are neighbours."""
    groups: dict[Group, None] = {}
    read = [_readings_of(unit, is_last=at == len(units) - 1) for at, unit in enumerate(units)]
    for unit, names in zip(units, read, strict=True):
        if names:
            groups[tuple(map(syllable_term, names))] = None
        elif not unit.isascii():
            groups[(pair_term(unit),)] = None
    for first, second in pairwise(read):
        if len(first) == 1 and second:
            groups[tuple(syllables_term(first[0], name) for name in second)] = None
    letters = _letters(units)
    size = min(LONGEST_RUN, len(units))
    for at in range(len(units) - size + 1):
        groups[tuple(map(initials_term, runs_of(letters[at : at + size])))] = None
    return tuple(groups)


def _readings_of(unit: str, *, is_last: bool) -> tuple[str, ...]:
    """The syllables that a piece of more than one letter may be; the last may be unfinished."""
    if len(unit) == 1:
        return ()
    return syllables_from(unit) if is_last else (unit,)


def _letters(units: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [initials(unit) if len(unit) == 1 else (unit[0],) for unit in units]
