"""How a check-in or check-out is judged: the fixed algorithm of domain.md §4.2–§4.4. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..geo import Point, to_wgs84

NO_FIX = "NO_FIX"
UNVERIFIED = "UNVERIFIED"
WEAK = "WEAK"
VERIFIED = "VERIFIED"
NEAR = "NEAR"
OUT_OF_RANGE = "OUT_OF_RANGE"
OUTSIDE = (NEAR, OUT_OF_RANGE)

USABLE_ACCURACY_M = 500  # above, a fix proves nothing
WEAK_ACCURACY_M = 200  # above, a photo is asked for
ACCURACY_ALLOWANCE_M = 100  # at most this much of the accuracy is held in the rep's favour

DEFAULT_RADIUS_M = 300
SMALLEST_RADIUS_M, LARGEST_RADIUS_M = 50, 2_000
RADIUS_BY_PLACE_CLASS_M = {
    "street_store": 200,
    "mall": 300,
    "office": 300,
    "campus": 500,
    "site": 1_000,
    "other": 300,
}


@dataclass(frozen=True, slots=True)
class Fix:
    """A position as the phone reported it. `accuracy_m` None: the phone did not say."""

    lat: float
    lng: float
    datum: str
    accuracy_m: float | None
    provider: str = ""
    is_mock: bool | None = None
    network: str = ""
    age_s: float | None = None

    @property
    def point(self) -> Point:
        """WGS-84, whatever the phone's datum was."""
        return to_wgs84(self.lat, self.lng, self.datum)

    @property
    def is_usable(self) -> bool:
        return self.accuracy_m is not None and self.accuracy_m <= USABLE_ACCURACY_M


@dataclass(frozen=True, slots=True)
class Presence:
    """What came with one press of the button, besides the moment it reached us."""

    fix: Fix | None
    reason: str = ""
    client_time: datetime | None = None
    device_id: str = ""
    app_version: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a customer is thought to be (WGS-84); only a confirmed place proves anything."""

    point: Point
    is_confirmed: bool
    location_id: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`effective_distance_m` is the distance less what the accuracy allows."""

    verdict: str
    radius_m: int
    distance_m: float | None = None
    effective_distance_m: float | None = None

    @property
    def is_outside(self) -> bool:
        return self.verdict in OUTSIDE

    @property
    def needs_photo(self) -> bool:
        return self.verdict in (NO_FIX, WEAK, OUT_OF_RANGE)


def nearest(doors: Sequence[Place], fix: Fix | None) -> Place | None:
    """Which of the doors a check-in is measured from: the nearest that is confirmed; where none is,
    the nearest that somebody proposed. Without a position the first, the main door."""
    known = [door for door in doors if door.is_confirmed] or doors
    if fix is None or not known:
        return known[0] if known else None
    return min(known, key=lambda door: door.point.distance_m(fix.point))


def judge(fix: Fix | None, place: Place | None, radius_m: int) -> Judgement:
    """The verdict on one end of a visit; the first condition that matches wins."""
    if fix is None or not fix.is_usable or fix.accuracy_m is None:
        return Judgement(NO_FIX, radius_m)
    if place is None:
        return Judgement(UNVERIFIED, radius_m)
    distance_m = place.point.distance_m(fix.point)
    return judge_distance(distance_m, fix.accuracy_m, radius_m, is_confirmed=place.is_confirmed)


def judge_distance(
    distance_m: float, accuracy_m: float, radius_m: int, *, is_confirmed: bool
) -> Judgement:
    """The same from a distance and an accuracy, both in metres."""
    if accuracy_m > USABLE_ACCURACY_M:
        return Judgement(NO_FIX, radius_m)
    effective_m = max(0.0, distance_m - min(accuracy_m, ACCURACY_ALLOWANCE_M))
    if not is_confirmed:
        verdict = UNVERIFIED
    elif accuracy_m > WEAK_ACCURACY_M:
        verdict = WEAK
    elif effective_m <= radius_m:
        verdict = VERIFIED
    elif effective_m <= 2 * radius_m:
        verdict = NEAR
    else:
        verdict = OUT_OF_RANGE
    return Judgement(verdict, radius_m, distance_m, effective_m)


def radius_for(
    customer_radius_m: int | None, visit_type_radius_m: int | None, place_class: str
) -> int:
    """The check-in radius in metres: customer's own → visit type → place class → 300 m."""
    chosen = (
        customer_radius_m
        or visit_type_radius_m
        or RADIUS_BY_PLACE_CLASS_M.get(place_class, DEFAULT_RADIUS_M)
    )
    return min(max(chosen, SMALLEST_RADIUS_M), LARGEST_RADIUS_M)


def pair_colour(check_in: str, check_out: str | None) -> str:
    """green: both ends verified; amber: one; red: none and one outside; grey: not judgeable.

    A visit without a check-out has one end.
    """
    ends = [check_in, check_out]
    verified = ends.count(VERIFIED)
    if verified == 2:
        return "green"
    if verified == 1:
        return "amber"
    if any(end in OUTSIDE for end in ends):
        return "red"
    return "grey"
