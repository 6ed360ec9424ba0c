"""Places on Earth: two datums, one distance. Never compare pairs of different datums.

GCJ-02 is the shifted datum that Chinese maps and the hosts' own location calls use; inside mainland
China it lies roughly 300–600 m away from WGS-84, more than most check-in radiuses.
"""

import math
from dataclasses import dataclass

EARTH_RADIUS_M = 6_371_008.8  # mean radius; domain.md §1 fixes it for every distance

# The Krasovsky 1940 ellipsoid, on which GCJ-02's published shift is defined.
SEMI_MAJOR_AXIS = 6_378_245.0
ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943_23

WGS84 = "WGS84"
GCJ02 = "GCJ02"
DATUMS = (WGS84, GCJ02)


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees, WGS-84."""

    lat: float
    lng: float

    def distance_m(self, other: "Point") -> float:
        """Great-circle (haversine) distance in metres."""
        lat_a, lat_b = math.radians(self.lat), math.radians(other.lat)
        half_lat = (lat_b - lat_a) / 2
        half_lng = math.radians(other.lng - self.lng) / 2
        chord = (
            math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lng) ** 2
        )
        return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))

    def box(self, radius_m: float) -> tuple[float, float, float, float]:
        """(south, north, west, east) around the circle; the corners are farther than `radius_m`."""
        reach_lat = math.degrees(radius_m / EARTH_RADIUS_M)
        reach_lng = reach_lat / max(0.01, math.cos(math.radians(self.lat)))
        return (
            self.lat - reach_lat,
            self.lat + reach_lat,
            self.lng - reach_lng,
            self.lng + reach_lng,
        )


def to_wgs84(lat: float, lng: float, datum: str) -> Point:
    """A pair of any known datum as WGS-84. Raises ValueError for an unknown datum."""
    if datum == WGS84:
        return Point(lat, lng)
    if datum == GCJ02:
        return gcj02_to_wgs84(lat, lng)
    raise ValueError(f"unknown datum {datum!r}; known are {', '.join(DATUMS)}")


def wgs84_to_gcj02(lat: float, lng: float) -> tuple[float, float]:
    """(lat, lng) in GCJ-02. Outside China the two datums are the same."""
    if not _is_in_china(lat, lng):
        return lat, lng
    d_lat, d_lng = _shift(lng - 105.0, lat - 35.0)
    rad = math.radians(lat)
    bend = 1 - ECCENTRICITY_SQUARED * math.sin(rad) ** 2
    root = math.sqrt(bend)
    meridian = SEMI_MAJOR_AXIS * (1 - ECCENTRICITY_SQUARED) / (bend * root)
    d_lat = math.degrees(d_lat / meridian)
    d_lng = math.degrees(d_lng / (SEMI_MAJOR_AXIS / root * math.cos(rad)))
    return lat + d_lat, lng + d_lng


def gcj02_to_wgs84(lat: float, lng: float) -> Point:
    """The inverse has no closed form: six fixed-point steps end below a millimetre."""
    guess_lat, guess_lng = lat, lng
    for _ in range(6):
        there_lat, there_lng = wgs84_to_gcj02(guess_lat, guess_lng)
        guess_lat -= there_lat - lat
        guess_lng -= there_lng - lng
    return Point(guess_lat, guess_lng)


def _is_in_china(lat: float, lng: float) -> bool:
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lng <= 137.8347


def _shift(x: float, y: float) -> tuple[float, float]:
    """The published series of GCJ-02, in metres north and east."""
    shared = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + shared
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + shared
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    return north, east
