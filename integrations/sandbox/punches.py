"""What members punched or signed in with their host's own attendance app, wherever they stood."""

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

OFFICE, OUTSIDE = "office", "outside"
MARKS = ("location", "time", "wifi", "device", "security")


@dataclass(frozen=True, slots=True)
class Punch:
    """One record. `lat` and `lng` are WGS-84; `marks` are what the host holds against it.

    `arrives_at`: from when the host tells of it, which is later when the phone was offline.
    """

    id: int
    host: str
    user_id: str
    at: float
    arrives_at: float
    kind: str
    place: str
    lat: float
    lng: float
    marks: tuple[str, ...] = ()


@dataclass(slots=True)
class Punches:
    """Everybody's records, in the order in which they were made."""

    made: list[Punch] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def add(
        self,
        host: str,
        user_id: str,
        *,
        at: float,
        lat: float,
        lng: float,
        place: str = "",
        kind: str = OUTSIDE,
        marks: Iterable[str] = (),
        late_s: float = 0.0,
    ) -> Punch:
        """A member punches at a place. Raises ValueError for a kind or a mark that nobody knows."""
        marks = tuple(marks)
        if kind not in (OFFICE, OUTSIDE) or not set(marks) <= set(MARKS):
            raise ValueError(f"no such record: {kind} {marks}")
        made = Punch(next(self._ids), host, user_id, at, at + late_s, kind, place, lat, lng, marks)
        self.made.append(made)
        return made

    def of(self, host: str, user_id: str, now: float) -> list[Punch]:
        """What the host can tell of this member by now."""
        return [
            punch
            for punch in self.made
            if (punch.host, punch.user_id) == (host, user_id) and punch.arrives_at <= now
        ]


# The ellipsoid of the published shift: its half axis in metres, and its eccentricity squared.
AXIS, ECCENTRICITY = 6378245.0, 0.00669342162296594323


def shifted(lat: float, lng: float) -> tuple[float, float]:
    """WGS-84 as the maps of both hosts show it: GCJ-02, by the formula that everybody publishes."""
    east, north = lng - 105.0, lat - 35.0
    waves = 20 * math.sin(6 * math.pi * east) + 20 * math.sin(2 * math.pi * east)
    up = -100 + 2 * east + 3 * north + 0.2 * north**2 + 0.1 * east * north
    up += 0.2 * math.sqrt(abs(east)) + 2 / 3 * waves
    up += 2 / 3 * (20 * math.sin(math.pi * north) + 40 * math.sin(math.pi / 3 * north))
    up += 2 / 3 * (160 * math.sin(math.pi / 12 * north) + 320 * math.sin(math.pi / 30 * north))
    over = 300 + east + 2 * north + 0.1 * east**2 + 0.1 * east * north
    over += 0.1 * math.sqrt(abs(east)) + 2 / 3 * waves
    over += 2 / 3 * (20 * math.sin(math.pi * east) + 40 * math.sin(math.pi / 3 * east))
    over += 2 / 3 * (150 * math.sin(math.pi / 12 * east) + 300 * math.sin(math.pi / 30 * east))
    angle = math.radians(lat)
    flat = 1 - ECCENTRICITY * math.sin(angle) ** 2
    per_degree_up = AXIS * (1 - ECCENTRICITY) / flat**1.5 * math.pi / 180
    per_degree_over = AXIS / math.sqrt(flat) * math.cos(angle) * math.pi / 180
    return lat + up / per_degree_up, lng + over / per_degree_over
