"""Descriptions of customers by what two of the same would have in common (domain.md §7.4).

    rows.add(7, traits_of(described))
    rows.like(other)       7, where both may be one, with the check that says so

Held in memory for the rows of a file: so many are compared with all the books in one reading of
them, and with each other. `suspects.py` asks the same of the lookup index for one description.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product

from ..geo import Point
from . import pinyin
from .phones import MOBILE
from .similarity import LONGEST_PREFIX, similarity
from .suspects import NEAR_M, SIMILAR, Action, Check, Traits, judge

SHORT, LONG = 7, 6  # characters of a core; of both lengths both kinds of keys are made
SHORTEST_KEY = 2
BEGINNING = 3
LONGEST_OF_SHORT = 4  # 红星 is alike 红星商贸, and is not alike anything longer
LONGEST_COMPARED = 8
MOST_SOUNDS = 8
# Cores with less in common are never alike by 0.85, by how many characters they begin the same: the
# shares of both cores that the other has, added up.
IN_COMMON = (1.55, 1.5, 1.4375, 1.357, 1.25)
MOST_OF_A_KEY = 50  # what so many have in common says nothing; alike ones have more in common
CELL = 0.0005  # degrees, about fifty metres


class Likeness:
    """Which of these may be the same as another one."""

    def __init__(self) -> None:
        self._traits: dict[int, Traits] = {}
        self._letters: dict[int, frozenset[str]] = {}
        self._equal: dict[str, list[int]] = {}
        self._alike: dict[str, list[int]] = {}
        self._sounds: dict[str, list[int]] = {}
        self._cells: dict[tuple[int, int], list[int]] = {}

    def __len__(self) -> int:
        return len(self._traits)

    def __contains__(self, number: int) -> bool:
        return number in self._traits

    @property
    def has_places(self) -> bool:
        return bool(self._cells)

    @property
    def mobiles(self) -> list[str]:
        return [key[1:] for key in self._equal if key[0] == "m"]

    def add(self, number: int, traits: Traits) -> None:
        self._traits[number] = traits
        for key in _equal_keys(traits):
            self._equal.setdefault(key, []).append(number)
        if traits.customer_kind == "company" and traits.core and traits.city:
            self._letters[number] = frozenset(traits.core)
            for key in (*_alike_keys(traits.core), *_beginning(traits.core, "2", "2+")):
                self._alike.setdefault(key, []).append(number)
            for key in _sounds(traits.core):
                self._sounds.setdefault(key, []).append(number)
        if traits.place is not None:
            self._cells.setdefault(_cell(traits.place), []).append(number)

    def drop(self, number: int) -> None:
        """It is known what it may be: it is not compared any more."""
        self._traits.pop(number, None)

    def like(self, other: Traits, *, is_new: bool = False) -> Iterator[tuple[int, Check]]:
        """Those that may be the same as this one, and why; hints are left out. `is_new`: those
        that are held were there before it."""
        found = self.named_like(other.name_key, other.core, other.customer_kind)
        found |= self.with_mobiles(other) | self.near(other.place)
        for number in sorted(found):
            held = self._traits[number]
            verdict = judge(other, held) if is_new else judge(held, other)
            if verdict is not None and verdict[1] is not Action.SHOW:
                yield number, verdict[0]

    def named_like(self, name_key: str, core: str, kind: str) -> set[int]:
        """Those whose names are the same or alike, wherever they are."""
        found = {*self._equal.get(f"n{name_key}", ())}
        if kind == "company" and core:
            found.update(self._equal.get(f"c{core}", ()))
            found.update(self._named_alike(core))
        return {number for number in found if number in self._traits}

    def with_mobiles(self, known: Traits) -> set[int]:
        numbers = (self._equal.get(f"m{one}", ()) for one in known.phones)
        return {one for some in numbers for one in some if one in self._traits}

    def near(self, place: Point | None) -> set[int]:
        """Those around a place: they are measured by whoever judges."""
        if place is None or not self._cells:
            return set()
        south, north, west, east = place.box(NEAR_M)
        return {
            number
            for lat in range(int(south // CELL), int(north // CELL) + 1)
            for lng in range(int(west // CELL), int(east // CELL) + 1)
            for number in self._cells.get((lat, lng), ())
            if number in self._traits
        }

    def _named_alike(self, core: str) -> set[int]:
        close: set[int] = set()
        for key in (*_alike_keys(core), *_beginning(core, "2+", "2")):
            held = self._alike.get(key)
            if held is not None and len(held) <= MOST_OF_A_KEY:
                close.update(held)
        letters = frozenset(core)
        found = {number for number in close if self._may_be_alike(number, core, letters)}
        found.update(self._sounds.get(_sound(core), ()))
        return found

    def _may_be_alike(self, number: int, core: str, letters: frozenset[str]) -> bool:
        """The quick questions first: most are not."""
        traits = self._traits.get(number)
        if traits is None:
            return False
        theirs = self._letters[number]
        common = len(letters & theirs)
        shares = common / len(letters) + common / len(theirs)
        if shares < IN_COMMON[-1] or shares < IN_COMMON[_begin_alike(traits.core, core)]:
            return False
        return similarity(traits.core, core) >= SIMILAR


def _equal_keys(traits: Traits) -> Iterator[str]:
    if traits.name_key:
        yield f"n{traits.name_key}"
    if traits.core and traits.customer_kind == "company":
        yield f"c{traits.core}"
    for phone in traits.phones:
        if MOBILE.fullmatch(phone):
            yield f"m{phone}"


def _alike_keys(core: str) -> Iterator[str]:
    """Two cores that are alike by 0.85 have one of these in common: the same beginning, all
    characters but one of a short one, or three neighbours of a long one."""
    if len(core) >= BEGINNING:
        yield f"{core[:BEGINNING]}…"
    if len(core) <= SHORT:
        yield core
        if len(core) > SHORTEST_KEY:
            yield from {core[:at] + core[at + 1 :] for at in range(len(core))}
    if len(core) >= LONG:
        for at in range(min(len(core) - 2, LONGEST_COMPARED)):
            yield core[at : at + 3]


def _beginning(core: str, of_two: str, of_more: str) -> Iterator[str]:
    """The key by which two characters and a name that begins with them are found together."""
    if len(core) <= LONGEST_OF_SHORT:
        yield f"{core[:2]}{of_two if len(core) == SHORTEST_KEY else of_more}"


def _begin_alike(one: str, other: str) -> int:
    """How many characters, as far as Jaro and Winkler count them."""
    return next(
        (at for at in range(LONGEST_PREFIX) if one[at : at + 1] != other[at : at + 1]),
        LONGEST_PREFIX,
    )


def _sounds(core: str) -> Iterator[str]:
    """How it may be read; of several readings the first ones."""
    readings = (pinyin.readings(char) or (char,) for char in core)
    return map(" ".join, islice(product(*readings), MOST_SOUNDS))


def _sound(core: str) -> str:
    """One of the ways to read it."""
    return " ".join(map(_first_reading, core))


@lru_cache(maxsize=32_768)
def _first_reading(char: str) -> str:
    return (pinyin.readings(char) or (char,))[0]


def _cell(place: Point) -> tuple[int, int]:
    return int(place.lat // CELL), int(place.lng // CELL)
