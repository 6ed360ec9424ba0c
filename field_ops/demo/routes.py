"""Which customers a rep calls on, on which day, in which order."""

from collections.abc import Sequence
from datetime import date
from random import Random

from .companies import Colleague, DemoCompany
from .shops import Shop

# Levels differ in how often they are due; over three weeks that shows.
WEIGHTS = {"A": 6.0, "B": 3.0, "C": 1.5, "D": 0.7}
STOPS_OF_TODAY = 6
STAR_EVERY_DAYS = 4


def route(
    company: DemoCompany,
    shops: Sequence[Shop],
    rep: Colleague,
    day: date,
    count: int,
    seed: int,
) -> list[Shop]:
    """`count` of his customers for that day, each next one being the nearest."""
    chance = Random(f"{seed}/{company.host}/{rep.user_id}/{day}/route")
    own = [shop for shop in shops if shop.owner == rep.user_id]
    # Weighted and without repetition: the highest of random keys (Efraimidis and Spirakis, 2006).
    keys = {shop.index: chance.random() ** (1 / WEIGHTS[shop.level]) for shop in own}
    chosen = sorted(own, key=lambda shop: keys[shop.index], reverse=True)[:count]
    if own[0].index == 0 and day.toordinal() % STAR_EVERY_DAYS == 0 and own[0] not in chosen:
        chosen[-1] = own[0]
    # He begins his day at 华联超市 whenever he goes there.
    return _by_nearness(sorted(chosen, key=lambda shop: shop.index != 0))


def todays_stops(
    company: DemoCompany, shops: Sequence[Shop], rep: Colleague, day: date, seed: int
) -> list[Shop]:
    """The day that a visitor lives: 华联超市 comes first for 李雷."""
    stops = route(company, shops, rep, day, STOPS_OF_TODAY, seed)
    if rep != company.star:
        return stops
    first = shops[0]
    if first not in stops:
        stops = route(company, shops, rep, day, STOPS_OF_TODAY - 1, seed)
    return _by_nearness([first, *(shop for shop in stops if shop is not first)])


def _by_nearness(shops: Sequence[Shop]) -> list[Shop]:
    ordered, rest = list(shops[:1]), list(shops[1:])
    while rest:
        here = ordered[-1].place
        nearest = min(rest, key=lambda shop: (here.distance_m(shop.place), shop.index))
        rest.remove(nearest)
        ordered.append(nearest)
    return ordered
