"""The terms by which customers are found, as the index keeps them: numbers.

One alphabet of kinds, each marked by its first letter: `a` every customer, `c` character and pair,
`s` syllable, `t` two neighbouring syllables, `i` initials of one to three neighbours, `b` beginning
of the name, `x` character and pair of what is said beside (address, tags), `d` three digits of a
phone, `o` owner, `f` a field that is filtered by, `g` square of the map. Every term is exact: no
prefix queries, no positions. `questions.py` cuts a question into the same terms, and whatever they
find is compared again with the row (`matching.py`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import product

from ..geo import Point
from .cells import squares_of
from .pinyin import initials, readings

NOBODY = "none"
# As the sources of what is said beside, where somebody may not see it.
ADDRESS, CONTACT = "address", "contact"
LONGEST_RUN = 3  # initials of neighbours that are one term
BEGINNING = 3  # characters or initials that are remembered as a beginning
PHONE_PART = 3


@dataclass(frozen=True, slots=True)
class Document:
    """What a customer can be found by; texts in matching form, phones as digits.

    `asides` are pairs of source and text: the address, tags. `facets` are pairs of a field that is
    filtered by and its value.
    """

    name: str
    contacts: tuple[str, ...]
    phones: tuple[str, ...]
    owner_id: str | None
    asides: tuple[tuple[str, str], ...] = ()
    facets: tuple[tuple[str, str], ...] = ()
    place: Point | None = None


def terms_of(document: Document) -> set[int]:
    """Everything the index remembers about a customer."""
    terms = {EVERYBODY, owner_term(document.owner_id)}
    terms.update(_beginnings(document.name))
    for text in (document.name, *document.contacts):
        for at in range(len(text)):
            terms.update(_pair_terms(text[at : at + 2]))
        terms.update(_longest_runs(text))
    for phone in document.phones:
        terms.update(map(phone_term, parts_of_phone(phone)))
    for _, aside in document.asides:
        for at in range(len(aside)):
            terms.update(_aside_terms(aside[at : at + 2]))
    for name, value in document.facets:
        terms.add(facet_term(name, value))
    if document.place is not None:
        terms.update(map(square_term, squares_of(document.place)))
    return terms


def _term(kind: str, text: str) -> int:
    digest = blake2b(f"{kind}{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


EVERYBODY = _term("a", "")


@lru_cache(maxsize=65_536)
def owner_term(owner_id: str | None) -> int:
    return _term("o", owner_id or NOBODY)


@lru_cache(maxsize=65_536)
def pair_term(pair: str) -> int:
    """Two neighbouring characters, or one."""
    return _term("c", pair)


@lru_cache(maxsize=65_536)
def aside_term(pair: str) -> int:
    """Two neighbouring characters of what is said beside, or one."""
    return _term("x", pair)


@lru_cache(maxsize=65_536)
def initials_term(letters: str) -> int:
    """The first letters of up to three neighbours."""
    return _term("i", letters)


@lru_cache(maxsize=65_536)
def syllable_term(syllable: str) -> int:
    return _term("s", syllable)


@lru_cache(maxsize=65_536)
def syllables_term(first: str, second: str) -> int:
    """The readings of two neighbours."""
    return _term("t", f"{first} {second}")


@lru_cache(maxsize=65_536)
def beginning_term(beginning: str) -> int:
    """The first characters of the name."""
    return _term("b", beginning)


@lru_cache(maxsize=65_536)
def beginning_initials_term(letters: str) -> int:
    """The first letters of the first characters of the name."""
    return _term("bi", letters)


@lru_cache(maxsize=65_536)
def phone_term(part: str) -> int:
    return _term("d", part)


@lru_cache(maxsize=65_536)
def facet_term(name: str, value: str) -> int:
    return _term("f", f"{name}={value}")


def square_term(square: tuple[int, int, int]) -> int:
    """Level, row and column (`cells.py`): a number of its own, as there are so many."""
    level, row, column = square
    return (level + 1) << 56 | row << 28 | column


def parts_of_phone(digits: str) -> set[str]:
    return {digits[at : at + PHONE_PART] for at in range(len(digits) - PHONE_PART + 1)}


@lru_cache(maxsize=131_072)  # names are made of the same words: most of an import is found here
def _pair_terms(pair: str) -> tuple[int, ...]:
    """The terms of the first of two neighbours, alone and together with the second."""
    first = pair[0]
    terms = [pair_term(first), *(syllable_term(one) for one in readings(first))]
    terms += map(initials_term, initials(first))
    if len(pair) > 1:
        terms.append(pair_term(pair))
        terms += (syllables_term(*two) for two in product(readings(first), readings(pair[1])))
        terms += map(initials_term, runs_of(map(initials, pair)))
    return tuple(terms)


def _longest_runs(text: str) -> Iterator[int]:
    """The initials of each three neighbours: the letters are remembered, as names are too many."""
    letters = [initials(char) for char in text]
    for at in range(len(text) - LONGEST_RUN + 1):
        yield from map(initials_term, runs_of(letters[at : at + LONGEST_RUN]))


@lru_cache(maxsize=65_536)
def _aside_terms(pair: str) -> tuple[int, ...]:
    return (aside_term(pair[0]), aside_term(pair))


def _beginnings(name: str) -> Iterator[int]:
    for length in range(1, min(BEGINNING, len(name)) + 1):
        yield from _beginning_terms(name[:length])


@lru_cache(maxsize=65_536)
def _beginning_terms(beginning: str) -> tuple[int, ...]:
    return (
        beginning_term(beginning),
        *map(beginning_initials_term, runs_of(map(initials, beginning))),
    )


def runs_of(letters: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """First letters of neighbours, each given with those that it can have."""
    return map("".join, product(*letters))
