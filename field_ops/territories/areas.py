"""Whether a place lies in an area: by the names of its divisions, or inside a polygon. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..geo import Point, to_wgs84

CITY = "市"


@dataclass(frozen=True, slots=True)
class Division:
    """A city, or one district of it; both as people write them."""

    city: str
    district: str = ""

    def has(self, city: str, address: str) -> bool:
        """Whether a customer of this city and address is there; customers have no district of
        their own, so its name is looked for in the address."""
        return plain(city) == plain(self.city) and self.district in address


@dataclass(frozen=True, slots=True)
class Area:
    """Where the outline is known and the place too, the outline decides; else the divisions."""

    divisions: Sequence[Division]
    outline: Sequence[Point] = ()

    def has(self, city: str, address: str, place: Point | None) -> bool:
        if self.outline and place is not None:
            return is_inside(place, self.outline)
        return any(one.has(city, address) for one in self.divisions)


def plain(city: str) -> str:
    """武汉市 is 武汉."""
    return city.strip().removesuffix(CITY)


def outline_of(corners: Sequence[Sequence[float]], datum: str) -> tuple[Point, ...]:
    return tuple(to_wgs84(lat, lng, datum) for lat, lng in corners)


def is_inside(place: Point, outline: Sequence[Point]) -> bool:
    """By how many sides a line from it to the north crosses. An area of a company is small enough
    for straight sides, and none lies across the date line."""
    inside = False
    for one, other in zip(outline, [*outline[1:], outline[0]], strict=True):
        if (one.lng > place.lng) != (other.lng > place.lng):
            along = (place.lng - one.lng) / (other.lng - one.lng)
            inside ^= place.lat < one.lat + along * (other.lat - one.lat)
    return inside
