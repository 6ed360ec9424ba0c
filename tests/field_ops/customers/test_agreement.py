"""Which check-ins agree about a place: the table of cases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import cos, radians

import pytest

from field_ops.customers.agreement import (
    MAIN,
    Decision,
    Past,
    Sighting,
    Step,
    agreeing,
    by_several,
    centre,
    decide,
)
from field_ops.customers.models import CustomerLocation
from field_ops.customers.place_rules import PlaceRules
from field_ops.geo import Point

RULES = PlaceRules()
LAT, LNG = 30.59, 114.31
FIRST = datetime(2026, 3, 10, 2, tzinfo=UTC)
METRES = 111_195.0


def at(north_m: float, east_m: float = 0.0) -> Point:
    return Point(LAT + north_m / METRES, LNG + east_m / METRES / cos(radians(LAT)))


def seen(*where: tuple[float, int, str]) -> list[Sighting]:
    """(metres north, day, who) in the order of time; returned the newest first."""
    found = [
        Sighting(
            visit_id=f"{number:02}",
            member_id=who,
            device_id=f"phone of {who}",
            day=date(2026, 3, 10) + timedelta(days=day),
            at=FIRST + timedelta(days=day, minutes=number),
            point=at(north_m),
        )
        for number, (north_m, day, who) in enumerate(where)
    ]
    return found[::-1]


def a_place(
    north_m: float = 0.0, status: str = "confirmed", door: str = "main", how: str = "lead"
) -> CustomerLocation:
    point = at(north_m)
    return CustomerLocation(
        id=f"{door} {north_m:.0f} {status}",
        lat=point.lat,
        lng=point.lng,
        door=door,
        door_name="",
        status=status,
        confirmed_at=FIRST - timedelta(days=1) if status == "confirmed" else None,
        confirmed_how=how if status == "confirmed" else "",
    )


def decided(places: list[CustomerLocation], *where: tuple[float, int, str]) -> Decision | None:
    return decide(places, seen(*where), {}, RULES)


def step(places: list[CustomerLocation], *where: tuple[float, int, str]) -> str:
    decision = decided(places, *where)
    return decision.step if decision else ""


PROPOSED, CONFIRMED = [a_place(0, "proposed")], [a_place(0)]


@pytest.mark.parametrize(
    ("places", "where", "what"),
    [
        # An unconfirmed place
        (PROPOSED, [(10, 0, "李")], "support"),
        (PROPOSED, [(10, 0, "李"), (0, 0, "李"), (20, 0, "李")], "support"),  # one day only
        (PROPOSED, [(10, 0, "李"), (0, 1, "李")], "support"),  # two only
        (PROPOSED, [(10, 0, "李"), (0, 0, "李"), (20, 1, "李")], "confirm"),
        (PROPOSED, [(60, 0, "李"), (-60, 0, "李"), (0, 1, "李")], "support"),  # 120 m apart
        (PROPOSED, [(99, 0, "李"), (0, 0, "李"), (50, 1, "李")], "confirm"),
        (PROPOSED, [(101, 0, "李")], "propose"),  # further from what was proposed
        (PROPOSED, [(10, 0, "李"), (900, 0, "韩"), (0, 1, "李"), (20, 1, "李")], "confirm"),
        # as many elsewhere meanwhile: nobody is more than half
        (
            PROPOSED,
            [(10, 0, "李"), (900, 0, "韩"), (0, 1, "李"), (900, 1, "韩"), (900, 2, "韩"),
             (9, 2, "李")],
            "support",
        ),
        ([], [(10, 0, "李")], "propose"),
        # A confirmed one
        (CONFIRMED, [(10, 0, "李"), (0, 0, "李"), (20, 1, "李")], ""),
        (CONFIRMED, [(900, 0, "李")], ""),  # one far away says nothing
        (CONFIRMED, [(900, 0, "李"), (900, 0, "李"), (900, 1, "李")], "ask"),
        (CONFIRMED, [(900, 0, "李"), (900, 0, "李"), (0, 0, "韩"), (0, 1, "韩"), (900, 1, "李"),
                     (0, 1, "韩")], ""),
        (CONFIRMED, [(99, 0, "李"), (99, 0, "韩"), (99, 1, "李")], ""),  # near enough
        (CONFIRMED, [(150, 0, "李"), (150, 0, "李"), (150, 1, "李")], "ask"),  # one person alone
        (CONFIRMED, [(150, 0, "李"), (150, 0, "韩"), (150, 1, "李")], "move"),
        (CONFIRMED, [(199, 0, "李"), (199, 0, "韩"), (199, 1, "李")], "move"),
        (CONFIRMED, [(201, 0, "李"), (201, 0, "韩"), (201, 1, "李")], "ask"),
        # years at the old address do not hold it
        (CONFIRMED, [*((0, day, "李") for day in range(9)), (900, 9, "李"), (900, 10, "李"),
                     (900, 11, "李")], "ask"),
        # it waits for a lead already
        (
            [*CONFIRMED, a_place(890, "proposed")],
            [(900, 0, "李"), (900, 0, "李"), (900, 1, "李")],
            "support",
        ),
    ],
)  # fmt: skip
def test_what_check_ins_do(
    places: list[CustomerLocation], where: list[tuple[float, int, str]], what: str
) -> None:
    assert step(places, *where) == what


def test_each_door_is_told_by_those_who_were_at_it() -> None:
    doors = [a_place(0), a_place(2000, "proposed", "warehouse")]
    mixed = [(2010, 0, "李"), (5, 0, "韩"), (1990, 0, "李"), (0, 1, "韩"), (2000, 1, "李")]
    decision = decided(doors, *mixed)
    assert decision is not None
    assert (decision.step, decision.door) == (Step.CONFIRM, ("warehouse", ""))
    assert {one.member_id for one in decision.check_ins} == {"李"}
    assert step(doors, *mixed, (3, 2, "韩")) == ""


def test_what_was_answered_counts_no_more() -> None:
    where = [(900, 0, "李"), (900, 0, "李"), (900, 1, "李")]
    answered = {MAIN: Past(since=FIRST + timedelta(days=1, minutes=1))}
    assert decide(CONFIRMED, seen(*where), answered, RULES) is None
    again = seen(*where, (900, 2, "李"), (900, 3, "李"), (900, 3, "李"))
    decision = decide(CONFIRMED, again, answered, RULES)
    assert decision is not None and len(decision.check_ins) == 3


def test_a_place_does_not_creep_away_in_small_steps() -> None:
    moved = [a_place(150, how="moved")]
    where = [(300, 0, "李"), (300, 0, "韩"), (300, 1, "李")]
    assert step(moved, *where) == "move"
    anchored = decide(moved, seen(*where), {MAIN: Past(anchor=at(0))}, RULES)
    assert anchored is not None and anchored.step is Step.ASK


def test_one_at_the_edge_does_not_draw_the_middle_to_himself() -> None:
    honest = seen((0, 0, "李"), (4, 0, "李"), (2, 1, "李"))
    with_a_liar = seen((0, 0, "李"), (4, 0, "李"), (2, 1, "李"), (99, 1, "韩"))
    assert centre(with_a_liar).distance_m(centre(honest)) < 2
    assert agreeing(with_a_liar, RULES) != ()


def test_two_accounts_with_one_phone_are_one_witness() -> None:
    two = seen((0, 0, "李"), (0, 1, "韩"))
    assert by_several(two)
    assert by_several([replace(one, device_id="") for one in two])  # nobody knows their phones
    assert not by_several([replace(one, device_id="the same") for one in two])
    assert not by_several(seen((0, 0, "李"), (0, 1, "李")))


def test_the_figures_are_the_companys() -> None:
    strict = PlaceRules(check_ins=4, days=3)
    where = [(0, 0, "李"), (0, 1, "李"), (0, 1, "李")]
    assert agreeing(seen(*where), RULES) and not agreeing(seen(*where), strict)
    assert not agreeing(seen(*where, (0, 1, "李")), strict)
    assert agreeing(seen(*where, (0, 2, "李")), strict)
