"""The lookup as a person would do it with paper: every customer compared, all of them sorted.

It shares the spelling of names and the dictionary of readings with the program, and nothing else:
neither the terms of the index, nor how a row is compared, nor how an answer is put together.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from field_ops.customers.names import matching_form
from field_ops.customers.pinyin import readings
from field_ops.geo import Point

DIGITS = re.compile(r"[\d\s()+\-./]*\d[\d\s()+\-./]*")


@dataclass(frozen=True, slots=True)
class Known:
    """A customer, with names in matching form. `rank`: 0 is mine; None is out of sight."""

    number: str
    name: str
    contacts: tuple[str, ...]
    phones: tuple[str, ...]
    rank: int | None
    place: Point | None
    visited_at: datetime | None
    asides: tuple[str, ...] = ()
    customer_id: str = ""


def numbers_in_order(typed: str, known: list[Known], near: Point | None) -> list[str]:
    """The numbers of all that fit and are in sight, in the order of domain.md §7.5."""
    words, ranked = _words(typed), []
    for row in known:
        if row.rank is None:
            continue
        fits = [_fits(word, row) for word in words]
        if None in fits:
            continue
        visited = row.visited_at.timestamp() if row.visited_at else 0.0
        distance = near.distance_m(row.place) if near and row.place else float("inf")
        ranked.append((row.rank, fits[0] if fits else 1, -visited, distance, row.number))
    return [number for *_, number in sorted(ranked)]


def _words(typed: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", typed).lower().strip()
    if DIGITS.fullmatch(plain):
        return [re.sub(r"\D", "", plain.removeprefix("+86"))]
    return [word for word in map(matching_form, plain.split()) if word]


def _fits(word: str, row: Known) -> int | None:
    """None when the word is nowhere in the row; 0 when the name begins with it, 2 when it is only
    in the address or a tag, else 1."""
    counted = re.fullmatch(r"(?:c0*)?(\d{1,9})", word)
    if counted and int(counted[1]) == int(row.number.rpartition("-")[2]):
        return 0
    if word in row.name:
        return 0 if row.name.startswith(word) else 1
    if word.isdecimal():
        if len(word) >= 3 and any(word in phone for phone in row.phones):
            return 1
    elif any(_reads(word, row.name[at:]) for at in range(len(row.name))):
        return 0 if _reads(word, row.name) else 1
    for contact in row.contacts:
        if word in contact:
            return 1
        if not word.isdecimal() and any(_reads(word, contact[at:]) for at in range(len(contact))):
            return 1
    return 2 if any(word in aside for aside in row.asides) else None


def _reads(typed: str, text: str) -> bool:
    """Whether `text` can be read aloud so that it begins with what was typed."""
    if not typed:
        return True
    if not text:
        return False
    char, rest = text[0], text[1:]
    heard = {char, *readings(char), *(reading[0] for reading in readings(char))}
    return any(
        typed.startswith(sound) and _reads(typed[len(sound) :], rest) for sound in heard
    ) or any(sound.startswith(typed) for sound in readings(char))
