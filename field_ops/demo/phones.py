"""What the reps' phones report in the field."""

import math
from dataclasses import dataclass
from random import Random

from ..geo import GCJ02, WGS84, Point, wgs84_to_gcj02
from ..visits.verdict import Fix
from .town import beside, shifted

APP_VERSIONS = {"wecom": "wxwork/4.1.38", "dingtalk": "DingTalk/7.6.45"}


@dataclass(frozen=True, slots=True)
class Phone:
    """One rep's phone. Only Android tells whether a position is mocked (domain.md §4.1)."""

    device_id: str
    datum: str
    is_android: bool
    app_version: str

    @classmethod
    def of(cls, host: str, user_id: str) -> "Phone":
        """WeCom gives WGS-84 when asked for it; DingTalk gives GCJ-02."""
        chance = Random(f"{host}/{user_id}/phone")
        datum = GCJ02 if host == "dingtalk" else WGS84
        return cls(
            device_of(host, user_id), datum, chance.random() < 0.6, APP_VERSIONS.get(host, "")
        )

    def fix(self, chance: Random, place: Point, indoors: bool, off_m: float, heading: float) -> Fix:
        """A position `off_m` metres away from `place`, as inexact as phones are."""
        north, east = beside(chance, 22 if indoors else 9)
        angle = math.radians(heading)
        at = shifted(place, north + off_m * math.cos(angle), east + off_m * math.sin(angle))
        lat, lng = (at.lat, at.lng) if self.datum == WGS84 else wgs84_to_gcj02(at.lat, at.lng)
        return Fix(
            round(lat, 6),
            round(lng, 6),
            self.datum,
            float(chance.randint(30, 90) if indoors else chance.randint(8, 40)),
            provider="wifi" if indoors else "gps",
            is_mock=False if self.is_android else None,
            network=chance.choice(("4g", "5g", "5g", "wifi")),
            age_s=round(chance.uniform(0.2, 9), 1),
        )


def device_of(host: str, user_id: str) -> str:
    """The phone that this person carries, as the host's page scripts name it."""
    return f"device-{host}-{user_id}"
