"""How alike two company names are: the largest of three measures of their cores, 0 to 1.

Bigram Dice finds reordered and inserted words, Jaro-Winkler typing slips (W. Winkler, 1990), and
equal readings what was heard instead of read: 海明 and 海名.
"""

from collections import Counter
from collections.abc import Sequence

from .pinyin import readings

PREFIX_WEIGHT = 0.1
LONGEST_PREFIX = 4


def similarity(one: str, other: str) -> float:
    """Of two cores (`names.core_name`). 1 when they are equal or read the same; 0 for nothing."""
    if not one or not other:
        return 0.0
    if one == other or sounds_the_same(one, other):
        return 1.0
    return max(dice(one, other), jaro_winkler(one, other))


def dice(one: str, other: str) -> float:
    """Twice the pairs of neighbours that both have, of all pairs of both."""
    ours, theirs = _pairs(one), _pairs(other)
    total = len(ours) + len(theirs)
    shared = (Counter(ours) & Counter(theirs)).total()
    return 2 * shared / total if total else 0.0


def jaro_winkler(one: str, other: str) -> float:
    """Characters in common at about the same place, counting more where the beginnings agree."""
    jaro = _jaro(one, other)
    prefix = 0
    for mine, his in zip(one[:LONGEST_PREFIX], other, strict=False):
        if mine != his:
            break
        prefix += 1
    return jaro + prefix * PREFIX_WEIGHT * (1 - jaro)


def sounds_the_same(one: str, other: str) -> bool:
    """Whether every character shares a reading with the one at its place; letters must be equal."""
    return len(one) == len(other) and all(
        mine == his or not set(readings(mine)).isdisjoint(readings(his))
        for mine, his in zip(one, other, strict=True)
    )


def _jaro(one: str, other: str) -> float:
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    free = list(other)
    mine: list[str] = []
    places: list[int] = []
    for at, char in enumerate(one):
        for there in range(max(at - reach, 0), min(at + reach + 1, len(free))):
            if free[there] == char:
                free[there] = ""
                mine.append(char)
                places.append(there)
                break
    if not mine:
        return 0.0
    theirs = [other[there] for there in sorted(places)]
    moved = sum(a != b for a, b in zip(mine, theirs, strict=True)) // 2
    found = len(mine)
    return (found / len(one) + found / len(other) + (found - moved) / found) / 3


def _pairs(text: str) -> Sequence[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]
