"""What an attendance record of the host says about a visit, and when it is asked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from field_ops.attendance.rules import VisitEnd, match
from field_ops.attendance.window import Progress, Window, next_window
from field_ops.geo import Point
from field_ops.host.attendance import AttendanceRecord
from field_ops.host.platform import HostLimits

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
WGS84 = (30.592850, 114.305540)
GCJ02 = (30.590441, 114.310985)  # the same place
END = VisitEnd("v-1", "check_in", "m-1", "lilei", NOON, Point(*WGS84))
RECORD = AttendanceRecord(
    key="r-1", host_user_id="lilei", happened_at=NOON, kind="outside",
    lat=GCJ02[0], lng=GCJ02[1], datum="GCJ02",
)  # fmt: skip
FREE = HostLimits(per_member_minute=1, per_member_hour=1, per_app_second=1)
COUNTED = replace(FREE, per_app_month=5_000)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, "for"),
        ({"happened_at": NOON + timedelta(minutes=10)}, "for"),
        ({"happened_at": NOON + timedelta(minutes=10, seconds=1)}, None),
        ({"happened_at": NOON - timedelta(minutes=10)}, "for"),
        ({"lat": GCJ02[0] + 0.0044}, "for"),  # 489 m
        ({"lat": GCJ02[0] + 0.0046}, None),  # 511 m: neither for nor against
        ({"lat": None, "lng": None}, None),
        ({"kind": "office"}, "for"),
        ({"abnormal": frozenset({"time", "wifi"})}, "for"),
        ({"abnormal": frozenset({"device"})}, None),  # perhaps it was somebody else
        ({"abnormal": frozenset({"other"})}, None),
        ({"abnormal": frozenset({"security"})}, "against"),
        ({"abnormal": frozenset({"security"}), "kind": "office"}, "against"),
        ({"abnormal": frozenset({"security"}), "lat": None, "lng": None}, "against"),
        ({"abnormal": frozenset({"location", "time"})}, "against"),
        # A rep at a customer is not at the office: that is what the mark of an office punch says.
        ({"abnormal": frozenset({"location"}), "kind": "office"}, None),
        (
            {
                "abnormal": frozenset({"security"}),
                "happened_at": NOON + timedelta(seconds=60),
            },
            "against",
        ),
        ({"abnormal": frozenset({"security"}), "happened_at": NOON + timedelta(seconds=61)}, None),
    ],
)
def test_what_a_record_says(change, says):
    found = match(replace(RECORD, **change), [END])
    assert (found.says if found else None) == says


@pytest.mark.parametrize(
    ("place", "datum"), [(GCJ02, "GCJ02"), (WGS84, "WGS84"), (GCJ02, ""), (WGS84, "")]
)
def test_the_distance_is_measured_in_one_datum(place, datum):
    found = match(replace(RECORD, lat=place[0], lng=place[1], datum=datum), [END])
    assert found.distance_m < 1


def test_the_end_that_is_nearest_in_time_is_meant():
    out = replace(END, end="check_out", at=NOON + timedelta(minutes=8))
    at = NOON + timedelta(minutes=5)
    assert match(replace(RECORD, happened_at=at), [END, out]).end is out


def test_a_check_in_without_a_fix_is_not_corroborated():
    assert match(RECORD, [replace(END, point=None)]) is None
    suspect = replace(RECORD, abnormal=frozenset({"security"}))
    assert match(suspect, [replace(END, point=None)]).says == "against"


def ago(**how_long) -> datetime:
    return NOON - timedelta(**how_long)


@pytest.mark.parametrize(
    ("limits", "before", "expected"),
    [
        (FREE, None, Window(ago(hours=24), NOON, True)),
        (FREE, Progress(ago(minutes=3), ago(minutes=3)), None),
        (FREE, Progress(ago(minutes=5), NOON), Window(ago(hours=24, minutes=5), NOON, True)),
        (FREE, Progress(ago(days=30), ago(days=30)), Window(ago(days=7), NOON, True)),
        (COUNTED, Progress(ago(minutes=179), ago(days=1)), None),
        (COUNTED, Progress(ago(hours=3), ago(hours=6)), Window(ago(hours=3.5), NOON, False)),
        (COUNTED, Progress(ago(hours=3), ago(hours=12)), Window(ago(hours=27), NOON, True)),
    ],
)
def test_how_far_back_is_asked(limits, before, expected):
    assert next_window(before, NOON, limits) == expected
