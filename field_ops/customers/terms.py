"""The terms by which customers are found: cut here for the index, and here for a question.

One alphabet of kinds, each marked by its first letter: `c` character and pair, `s` syllable, `i`
initials of one to three neighbours, `b` beginning of the name, `x` character and pair of what is
said beside (address, tags), `d` three digits of a phone, `n` short number, `o` owner. Every term
of a document is exact: no prefix queries, no positions.
Whatever the terms find is compared again with the row (`matching.py`).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import product

from .names import matching_form
from .pinyin import FIRST_COMMON, LAST_COMMON, initials, readings, syllables, syllables_from

NOBODY = "none"
ADDRESS = "address"  # as the source of what is said beside
MOST_WORDS = 5
LONGEST_WORD = 40
MOST_SEGMENTATIONS = 40
LONGEST_RUN = 3  # initials of neighbours that are one term
BEGINNING = 3  # characters or initials that are remembered as a beginning
PHONE_PART = 3
PHONE_LIKE = re.compile(r"[\d\s()+\-./]*\d[\d\s()+\-./]*")
NUMBER_LIKE = re.compile(r"c-?0*(\d{1,9})")
NOT_INITIALS = "iuv"  # no syllable begins with them

Group = tuple[str, ...]  # any one of these terms
Alternative = tuple[Group, ...]  # all of these groups


@dataclass(frozen=True, slots=True)
class Document:
    """What a customer can be found by; texts in matching form, phones as digits."""

    number: str
    name: str
    contacts: tuple[str, ...]
    phones: tuple[str, ...]
    owner_id: str | None
    asides: tuple[tuple[str, str], ...] = ()  # (source, text): the address, tags


@dataclass(frozen=True, slots=True)
class Word:
    """One piece of a question: a row may fit when it has every group of one alternative.

    `beginnings` are the alternatives of names that begin with it.
    """

    text: str
    alternatives: tuple[Alternative, ...]
    beginnings: tuple[Alternative, ...]
    number: int | None = None


def terms_of(document: Document) -> set[str]:
    """Everything the index remembers about a customer."""
    terms = {owner_term(document.owner_id), f"n{number_of(document.number)}"}
    terms.update(*_text_terms(document.name), *_beginnings(document.name))
    for contact in document.contacts:
        terms.update(*_text_terms(contact))
    for phone in document.phones:
        terms.update(_phone_parts(phone))
    for _, aside in document.asides:
        terms.update(_aside_terms(aside))
    return terms


@lru_cache(maxsize=65_536)  # an import has the same few ten thousand terms again and again
def term_number(tenant_id: int, term: str) -> int:
    """The term as PostgreSQL keeps it, in 32 bits with a sign.

    Two terms may share a number: like any row that the index proposes, a wrong one is compared and
    left out.
    """
    digest = sha256(f"{tenant_id}{term}".encode()).digest()
    return int.from_bytes(digest[:4], "big", signed=True)


def owner_term(owner_id: str | None) -> str:
    return f"o{owner_id or NOBODY}"


def pair_term(pair: str) -> str:
    """Two neighbouring characters, or one."""
    return f"c{_spelled(pair)}"


def initials_term(letters: str) -> str:
    """The first letters of up to three neighbours."""
    return f"i{_spelled(letters)}"


def number_of(number: str) -> int:
    """C-000123 → 123."""
    return int(number.rpartition("-")[2] or 0)


def read_question(typed: str) -> tuple[Word, ...]:
    """What was typed, in words that must all fit. () when there is nothing to look for."""
    plain = unicodedata.normalize("NFKC", typed).lower().strip()
    if PHONE_LIKE.fullmatch(plain):
        plain = re.sub(r"\D", "", plain.removeprefix("+86"))
    if number := NUMBER_LIKE.fullmatch(plain):
        return (_word(matching_form(plain), int(number[1])),)
    words = [matching_form(word)[:LONGEST_WORD] for word in plain.split()]
    return tuple(_word(word, _as_number(word)) for word in words if word)[:MOST_WORDS]


def _word(text: str, number: int | None) -> Word:
    literally = _literally(text)
    alternatives = [literally, _literally(text, "x")]
    beginnings = [(*literally, (f"b{_spelled(text[:BEGINNING])}",))]
    if number is not None:
        alternatives.append(((f"n{number}",),))
    if text.isdecimal() and len(text) >= PHONE_PART:
        alternatives.append(tuple((part,) for part in sorted(_phone_parts(text))))
    for units in _segmentations(text):
        terms = _as_terms(units)
        alternatives.append(terms)
        first = "".join(unit[0] for unit in units[:BEGINNING])
        beginnings.append((*terms, (f"bi{first}",)))
    return Word(text, tuple(dict.fromkeys(alternatives)), tuple(dict.fromkeys(beginnings)), number)


def _as_number(word: str) -> int | None:
    return int(word) if word.isdecimal() and word.isascii() and len(word) <= 9 else None


def _text_terms(text: str) -> Iterator[tuple[str, ...]]:
    for length in range(1, LONGEST_RUN + 1):
        for at in range(len(text) - length + 1):
            yield _run_terms(text[at : at + length])


@lru_cache(maxsize=65_536)  # names are made of the same words: most of an import is found here
def _run_terms(run: str) -> tuple[str, ...]:
    """The terms of one to three neighbours, read as a whole."""
    first = _runs("i", [initials(char) for char in run])
    if len(run) == 1:
        return (f"c{_spelled(run)}", *(f"s{reading}" for reading in readings(run)), *first)
    pair = (f"c{_spelled(run)}",) if len(run) == 2 else ()
    return (*pair, *first)


def _beginnings(name: str) -> Iterator[tuple[str, ...]]:
    for length in range(1, min(BEGINNING, len(name)) + 1):
        yield _beginning_terms(name[:length])


@lru_cache(maxsize=65_536)
def _beginning_terms(beginning: str) -> tuple[str, ...]:
    first = _runs("bi", [initials(char) for char in beginning])
    return (f"b{_spelled(beginning)}", *first)


def _runs(kind: str, letters: list[tuple[str, ...]]) -> Iterator[str]:
    for run in product(*letters):
        yield kind + _spelled("".join(run))


def _aside_terms(text: str) -> Iterator[str]:
    yield from (f"x{_spelled(char)}" for char in text)
    yield from (f"x{_spelled(text[at : at + 2])}" for at in range(len(text) - 1))


def _phone_parts(digits: str) -> set[str]:
    return {f"d{digits[at : at + PHONE_PART]}" for at in range(len(digits) - PHONE_PART + 1)}


@lru_cache(maxsize=32_768)
def _spelled(text: str) -> str:
    """As one token of the index: what it would split at or not know is written as its code."""
    return "".join(char if _is_plain(char) else f"u{ord(char):x}" for char in text)


def _is_plain(char: str) -> bool:
    return (char.isascii() and char.isalnum()) or FIRST_COMMON <= ord(char) <= LAST_COMMON


def _literally(text: str, kind: str = "c") -> Alternative:
    pieces = [text] if len(text) == 1 else [text[at : at + 2] for at in range(len(text) - 1)]
    return tuple((f"{kind}{_spelled(piece)}",) for piece in dict.fromkeys(pieces))


def _segmentations(text: str) -> list[tuple[str, ...]]:
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
    groups: dict[Group, None] = {}
    for at, unit in enumerate(units):
        if len(unit) > 1:
            is_last = at == len(units) - 1
            names = syllables_from(unit) if is_last else (unit,)
            groups[tuple(f"s{name}" for name in names)] = None
        elif not unit.isascii():
            groups[(f"c{_spelled(unit)}",)] = None
    letters = [initials(unit) if len(unit) == 1 else (unit[0],) for unit in units]
    size = min(3, len(letters))
    for at in range(len(letters) - size + 1):
        groups[tuple(_runs("i", letters[at : at + size]))] = None
    return tuple(groups)
