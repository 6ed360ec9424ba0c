"""Who reports to whom, as people draw it: superiors first, below each whoever he leads. Pure."""

from collections.abc import Sequence
from typing import Literal, Protocol, TypeVar

Gap = Literal["nobody_decides", "decider_not_known", "one_thread", "nobody_known"]
DECIDES = "decision_maker"


class Placed(Protocol):
    """Somebody with a place in the chart."""

    @property
    def id(self) -> str: ...
    @property
    def reports_to(self) -> str | None: ...


P = TypeVar("P", bound=Placed)


def in_chart(people: Sequence[P]) -> list[tuple[P, int]]:
    """Everybody once with his depth, siblings as they came. Whose superior is not here, or who is
    above himself, stands on top."""
    here = {one.id for one in people}
    led: dict[str | None, list[P]] = {}
    for one in people:
        boss = one.reports_to if one.reports_to in here else None
        led.setdefault(boss, []).append(one)
    placed: dict[str, tuple[P, int]] = {}

    def put(one: P, depth: int) -> None:
        if one.id in placed:
            return
        placed[one.id] = one, depth
        for below in led.get(one.id, ()):
            put(below, depth + 1)

    for top in led.get(None, ()):
        put(top, 0)
    for one in people:  # merged charts may hold a circle
        put(one, 0)
    return list(placed.values())


def gaps(strength_of: Sequence[tuple[str, int]]) -> list[Gap]:
    """What a lead asks about, of (role, best strength of one of us) for each contact: that nobody
    is said to decide, that whoever does knows none of us, that all hangs on one person, or that
    nobody there knows any of us (domain.md §18.10)."""
    if not strength_of:
        return []
    found: list[Gap] = []
    known = sum(strength > 0 for _, strength in strength_of)
    deciders = [strength for role, strength in strength_of if role == DECIDES]
    if not deciders:
        found.append("nobody_decides")
    elif known and not any(deciders):
        found.append("decider_not_known")
    if known == 0:
        found.append("nobody_known")
    elif known == 1:
        found.append("one_thread")
    return found
