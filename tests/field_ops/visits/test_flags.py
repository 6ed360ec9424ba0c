"""What is noticed about a visit: one row a flag."""

from datetime import UTC, datetime, timedelta

import pytest

from field_ops.geo import Point
from field_ops.visits import flags
from field_ops.visits.flags import Flag, Seen
from field_ops.visits.types import ROUTINE, VISIT_TYPES
from field_ops.visits.verdict import Fix, Judgement, Presence

NOW = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
HERE = Fix(30.59285, 114.30554, "WGS84", 20)


def seen(
    presence: Presence | None = None, verdict: str = "VERIFIED", before: Seen | None = None
) -> list[tuple[str, str]]:
    given = presence or Presence(HERE)
    found = flags.of_presence("check_in", given, Judgement(verdict, 300, 650, 600), NOW, before)
    return [(flag.name, flag.severity) for flag in found]


def test_an_ordinary_arrival_shows_nothing() -> None:
    assert seen() == []


@pytest.mark.parametrize(
    "verdict, flag",
    [
        ("OUT_OF_RANGE", ("OUT_OF_RANGE", "high")),
        ("NEAR", ("NEAR", "low")),
        ("NO_FIX", ("NO_FIX", "medium")),
        ("WEAK", ("WEAK", "medium")),
    ],
)
def test_the_verdict_is_a_flag(verdict: str, flag: tuple[str, str]) -> None:
    assert seen(verdict=verdict) == [flag]


def test_a_mock_position_is_critical() -> None:
    mocked = Presence(Fix(30.59285, 114.30554, "WGS84", 20, is_mock=True))
    assert seen(mocked) == [("MOCK", "critical")]


@pytest.mark.parametrize("minutes, found", [(4, []), (6, ["CLOCK_SKEW"]), (-6, ["CLOCK_SKEW"])])
def test_a_clock_that_lies(minutes: int, found: list[str]) -> None:
    late = Presence(HERE, client_time=NOW + timedelta(minutes=minutes))
    assert [name for name, _ in seen(late)] == found


@pytest.mark.parametrize(
    "km, minutes, found",
    [
        (1.9, 0, []),
        (10, 10, []),
        (10, 4, [("TELEPORT", "high")]),
        (10, 1, [("TELEPORT", "critical")]),
        (10, 0, [("TELEPORT", "critical")]),
    ],
)
def test_nobody_travels_that_fast(km: float, minutes: int, found: list[tuple[str, str]]) -> None:
    away = Seen(Point(30.59285 + km / 111.195, 114.30554), NOW - timedelta(minutes=minutes))
    assert seen(before=away) == found


@pytest.mark.parametrize(
    "dwell_s, kind, found",
    [
        (179, "routine", ["SHORT_DWELL"]),
        (180, "routine", []),
        (4 * 3600 + 1, "routine", ["LONG_DWELL"]),
        (4 * 3600 + 1, "service", []),
        (10, "delivery", ["SHORT_DWELL"]),
    ],
)
def test_too_short_and_too_long(dwell_s: int, kind: str, found: list[str]) -> None:
    assert [flag.name for flag in flags.of_dwell(dwell_s, VISIT_TYPES[kind])] == found


def test_the_risk_score_is_capped() -> None:
    assert flags.risk_score([Flag("MOCK", "critical"), Flag("NEAR", "low")]) == 100
    assert flags.risk_score([Flag("WEAK", "medium"), Flag("NEAR", "low")]) == 20


def test_a_low_flag_alone_is_not_abnormal() -> None:
    assert not flags.is_abnormal([Flag("NEAR", "low")])
    assert flags.is_abnormal(flags.of_dwell(10, ROUTINE))


@pytest.mark.parametrize("name", sorted(flags.SENTENCES))
def test_every_flag_is_a_sentence_in_both_languages(name: str) -> None:
    facts = {
        "end": "check_in", "distance_m": 650, "radius_m": 300, "accuracy_m": 250,
        "distance_km": 10.2, "speed_kmh": 600, "minutes": 2, "hours": 5.5, "other": "V-1",
        "made_at": "2026-03-09 18:00",
    }  # fmt: skip
    said = flags.sentence(name, facts)
    assert said.zh.endswith("。") and said.en.endswith(".")
    assert "{" not in said.zh + said.en
