"""Wuhan for the demo: districts and roads that exist, with made-up house numbers along them.

Each road is a straight line between two points (WGS-84, roughly where it runs), so that an address
and its place on the map agree well enough to walk a phone there.
"""

import math
from dataclasses import dataclass
from random import Random

from ..geo import EARTH_RADIUS_M, Point

CITY = "武汉"


@dataclass(frozen=True, slots=True)
class Road:
    """`highest` is the last house number; numbers grow from `start` to `end`."""

    district: str
    name: str
    start: Point
    end: Point
    highest: int


@dataclass(frozen=True, slots=True)
class Spot:
    """One address and where it is."""

    road: Road
    number: int
    point: Point

    @property
    def address(self) -> str:
        return f"{self.road.district}{self.road.name} {self.number} 号"


def _road(
    district: str, name: str, start: tuple[float, float], end: tuple[float, float], highest: int
) -> Road:
    return Road(district, name, Point(*start), Point(*end), highest)


# The three banks of the rivers are the territories of the three teams.
HANKOU = (
    _road("江岸区", "中山大道", (30.5872, 114.2935), (30.6068, 114.3122), 1620),
    _road("江岸区", "解放大道", (30.6102, 114.3010), (30.6412, 114.3305), 2480),
    _road("江岸区", "黄浦大街", (30.6150, 114.3045), (30.6262, 114.2968), 320),
    _road("江岸区", "后湖大道", (30.6462, 114.2792), (30.6558, 114.3085), 680),
    _road("江岸区", "胜利街", (30.5906, 114.3012), (30.6032, 114.3148), 330),
    _road("江汉区", "江汉路", (30.5786, 114.2862), (30.5862, 114.2800), 260),
    _road("江汉区", "建设大道", (30.5916, 114.2532), (30.6042, 114.2816), 760),
    _road("江汉区", "青年路", (30.5836, 114.2616), (30.6078, 114.2542), 580),
    _road("江汉区", "新华路", (30.5822, 114.2768), (30.6028, 114.2680), 640),
    _road("硚口区", "汉正街", (30.5660, 114.2696), (30.5700, 114.2806), 480),
    _road("硚口区", "古田二路", (30.5772, 114.2088), (30.5962, 114.2130), 210),
)
WUCHANG = (
    _road("武昌区", "中南路", (30.5302, 114.3252), (30.5402, 114.3288), 120),
    _road("武昌区", "武珞路", (30.5366, 114.3018), (30.5258, 114.3562), 780),
    _road("武昌区", "徐东大街", (30.5880, 114.3402), (30.5808, 114.3608), 420),
    _road("武昌区", "中北路", (30.5418, 114.3300), (30.5718, 114.3446), 290),
    _road("武昌区", "彭刘杨路", (30.5424, 114.2968), (30.5408, 114.3062), 260),
    _road("洪山区", "珞喻路", (30.5248, 114.3572), (30.5088, 114.4100), 1080),
    _road("洪山区", "雄楚大道", (30.5112, 114.3282), (30.4926, 114.4052), 920),
    _road("洪山区", "文治街", (30.4702, 114.3092), (30.4772, 114.3170), 150),
    _road("青山区", "和平大道", (30.6082, 114.3642), (30.6378, 114.4052), 1540),
    _road("青山区", "建设一路", (30.6268, 114.3812), (30.6350, 114.3748), 90),
)
HANYANG = (
    _road("汉阳区", "汉阳大道", (30.5520, 114.2722), (30.5636, 114.2098), 700),
    _road("汉阳区", "鹦鹉大道", (30.5482, 114.2762), (30.5118, 114.2546), 620),
    _road("汉阳区", "墨水湖北路", (30.5576, 114.2152), (30.5492, 114.2506), 240),
    _road("汉阳区", "西大街", (30.5528, 114.2648), (30.5508, 114.2726), 130),
    _road("汉阳区", "琴台大道", (30.5622, 114.2652), (30.5682, 114.2258), 380),
    _road("汉阳区", "四新大道", (30.5172, 114.2208), (30.5098, 114.2462), 160),
    _road("东西湖区", "吴中街", (30.6232, 114.1332), (30.6198, 114.1448), 140),
    _road("蔡甸区", "蔡甸大街", (30.5822, 114.0252), (30.5798, 114.0402), 520),
)
BANKS = (HANKOU, WUCHANG, HANYANG)


def some_spot(chance: Random, bank: tuple[Road, ...]) -> Spot:
    """A house on one of these roads, a few metres beside its middle line."""
    return spot_at(chance, chance.choice(bank), None)


def spot_at(chance: Random, road: Road, number: int | None) -> Spot:
    """House `number` of the road, or any."""
    number = number or chance.randint(1, road.highest)
    part = number / road.highest
    middle = Point(
        road.start.lat + (road.end.lat - road.start.lat) * part,
        road.start.lng + (road.end.lng - road.start.lng) * part,
    )
    return Spot(road, number, rounded(shifted(middle, *beside(chance, 25))))


def beside(chance: Random, spread_m: float) -> tuple[float, float]:
    """Metres to the north and to the east, about `spread_m` away."""
    return chance.gauss(0, spread_m), chance.gauss(0, spread_m)


def shifted(point: Point, north_m: float, east_m: float) -> Point:
    """The point that many metres away; good for distances within a city."""
    lat = point.lat + math.degrees(north_m / EARTH_RADIUS_M)
    metre_of_lng = EARTH_RADIUS_M * math.cos(math.radians(point.lat))
    return Point(lat, point.lng + math.degrees(east_m / metre_of_lng))


def rounded(point: Point) -> Point:
    """Six decimals, as phones and maps give them: about ten centimetres."""
    return Point(round(point.lat, 6), round(point.lng, 6))
