"""Which check-ins agree about a place, and what follows for a door. Pure (domain.md §4.5).

Only honest check-ins come here (`visits/sightings.py`), the newest first. The freshest that agree
are asked first, so that a customer who moved is not held by years at the old address; and they have
to be more than half of what was seen at that door meanwhile, so that one who errs moves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import combinations
from statistics import median

from ..geo import Point
from .models import MAIN_DOOR, CustomerLocation
from .place_rules import PlaceRules

LOOKED_AT = 12  # newest check-ins of a door: whoever moved is known by them, and they are quick

DoorKey = tuple[str, str]
MAIN: DoorKey = (MAIN_DOOR, "")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A check-in as far as it says where a customer is."""

    visit_id: str
    member_id: str
    device_id: str
    day: date
    at: datetime
    point: Point


class Step(StrEnum):
    """What check-ins do to a door. `PROPOSE`: one was where nobody knew it; `SUPPORT`: they speak
    for a proposal; `CONFIRM`: that is its place; `MOVE`: the place follows them; `ASK`: it would
    move so far, or by the word of one person, that a lead has to say."""

    PROPOSE = "propose"
    SUPPORT = "support"
    CONFIRM = "confirm"
    MOVE = "move"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Decision:
    """`place` is what is supported, or replaced; `point` is where the door is, or may be."""

    step: Step
    door: DoorKey
    point: Point
    check_ins: tuple[Sighting, ...]
    place: CustomerLocation | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """What a door's history says: only check-ins after `since` count, because somebody answered
    those before; `anchor` is where it was when it last was confirmed and not merely moved a bit."""

    since: datetime | None = None
    anchor: Point | None = None


def door_of(places: Sequence[CustomerLocation], point: Point) -> DoorKey:
    """The door that somebody at this point stands at: that of the nearest place, whether it is
    confirmed yet or not. Of a customer without any place it is the main one."""
    if not places:
        return MAIN
    nearest = min(places, key=lambda place: place.point.distance_m(point))
    return nearest.door, nearest.door_name


def decide(
    places: Sequence[CustomerLocation],
    sightings: Sequence[Sighting],
    past: Mapping[DoorKey, Past],
    rules: PlaceRules,
) -> Decision | None:
    """What the newest check-in, with those before it, does to the door that it was at."""
    newest = sightings[0]
    door = door_of(places, newest.point)
    history = past.get(door, Past())
    seen = [
        one
        for one in sightings
        if door_of(places, one.point) == door and (not history.since or one.at > history.since)
    ]
    here = [place for place in places if (place.door, place.door_name) == door]
    confirmed = next((place for place in here if place.status == "confirmed"), None)
    proposed = [place for place in here if place.status == "proposed"]
    if confirmed is None:
        return _unconfirmed(door, proposed, newest, seen[:LOOKED_AT], rules)
    if confirmed.confirmed_at is not None:
        seen = [one for one in seen if one.at > confirmed.confirmed_at]
    return _confirmed(door, confirmed, proposed, seen[:LOOKED_AT], history, rules)


def agreeing(
    seen: Sequence[Sighting], rules: PlaceRules, near: Point | None = None
) -> tuple[Sighting, ...]:
    """The freshest that agree (and with `near`), as many as the rules ask for; else none."""
    for count in range(rules.check_ins, len(seen) + 1):
        group = largest_group(seen[:count], rules, near)
        if _is_enough(group, rules) and len(group) * 2 > count:
            return group
    return ()


def largest_group(
    seen: Sequence[Sighting], rules: PlaceRules, near: Point | None = None
) -> tuple[Sighting, ...]:
    """Most of them of which any two are within the rules' metres (and all of them of `near`): those
    that are enough before others; of equally many those on more days, then the newer ones."""
    close = [one for one in seen if near is None or near.distance_m(one.point) <= rules.within_m]
    friends: dict[int, set[int]] = {at: set() for at in range(len(close))}
    for one, other in combinations(range(len(close)), 2):
        if close[one].point.distance_m(close[other].point) <= rules.within_m:
            friends[one].add(other)
            friends[other].add(one)
    circles = _circles_of_friends(friends, set(), set(friends), set())
    best = max(
        (sorted(circle) for circle in circles),
        key=lambda circle: (
            _is_enough([close[at] for at in circle], rules),
            len(circle),
            len({close[at].day for at in circle}),
            [-at for at in circle],
        ),
    )
    return tuple(close[at] for at in best)


def centre(group: Sequence[Sighting]) -> Point:
    """The middle of them each way, which one at the edge does not draw towards itself."""
    return Point(median(one.point.lat for one in group), median(one.point.lng for one in group))


def by_several(group: Sequence[Sighting]) -> bool:
    """Whether two people say it, each with a phone of his own."""
    return any(
        one.member_id != other.member_id and (not one.device_id or one.device_id != other.device_id)
        for one, other in combinations(group, 2)
    )


def superseded(places: Sequence[CustomerLocation], decision: Decision) -> list[CustomerLocation]:
    """What becomes past with it: the place that is replaced, and proposals for its door, except
    those that are elsewhere and wait for a lead."""
    if decision.step not in (Step.CONFIRM, Step.MOVE) or decision.place is None:
        return []
    before = decision.place
    return [
        one
        for one in places
        if (one.door, one.door_name) == decision.door
        and (
            one is before
            or decision.step is Step.CONFIRM
            or one.point.distance_m(decision.point) <= one.point.distance_m(before.point)
        )
    ]


def _unconfirmed(
    door: DoorKey,
    proposed: Sequence[CustomerLocation],
    newest: Sighting,
    seen: Sequence[Sighting],
    rules: PlaceRules,
) -> Decision | None:
    for place in proposed:
        if group := agreeing(seen, rules, place.point):
            return Decision(Step.CONFIRM, door, centre(group), group, place)
    near = _nearest(proposed, newest.point)
    if near is None or near.point.distance_m(newest.point) > rules.within_m:
        return Decision(Step.PROPOSE, door, newest.point, (newest,))
    group = largest_group(seen, rules, near.point)
    return Decision(Step.SUPPORT, door, near.point, group, near)


def _confirmed(
    door: DoorKey,
    confirmed: CustomerLocation,
    proposed: Sequence[CustomerLocation],
    seen: Sequence[Sighting],
    history: Past,
    rules: PlaceRules,
) -> Decision | None:
    group = agreeing(seen, rules)
    if not group:
        return None
    middle = centre(group)
    away_m = confirmed.point.distance_m(middle)
    if away_m <= rules.within_m:
        return None  # it is where it is thought to be
    in_all_m = max(away_m, (history.anchor or confirmed.point).distance_m(middle))
    if in_all_m <= rules.free_move_m and by_several(group):
        return Decision(Step.MOVE, door, middle, group, confirmed)
    near = _nearest(proposed, middle)
    if near is not None and near.point.distance_m(middle) <= rules.within_m:
        return Decision(Step.SUPPORT, door, near.point, group, near)
    return Decision(Step.ASK, door, middle, group, confirmed)


def _nearest(places: Sequence[CustomerLocation], point: Point) -> CustomerLocation | None:
    return min(places, key=lambda place: place.point.distance_m(point), default=None)


def _is_enough(group: Sequence[Sighting], rules: PlaceRules) -> bool:
    return len(group) >= rules.check_ins and len({one.day for one in group}) >= rules.days


def _circles_of_friends(
    friends: Mapping[int, set[int]], chosen: set[int], left: set[int], done: set[int]
) -> list[frozenset[int]]:
    """Every group of friends that nobody can be added to (Bron and Kerbosch)."""
    if not left and not done:
        return [frozenset(chosen)]
    found = []
    left, done = set(left), set(done)
    for one in sorted(left):
        found += _circles_of_friends(
            friends, chosen | {one}, left & friends[one], done & friends[one]
        )
        left.discard(one)
        done.add(one)
    return found
