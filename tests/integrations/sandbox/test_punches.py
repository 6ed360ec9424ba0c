"""What members punched with their host's own app, and where its maps draw it."""

import pytest

from integrations.sandbox.punches import Punches, shifted


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((39.908823, 116.397470), (39.910226, 116.403714)),
        ((31.239702, 121.499718), (31.237688, 121.504151)),
        ((30.592850, 114.305540), (30.590441, 114.310985)),
        ((30.657000, 104.066000), (30.654578, 104.068508)),
    ],
)
def test_the_maps_are_shifted_as_published(wgs84, gcj02):
    assert shifted(*wgs84) == pytest.approx(gcj02, abs=1e-6)


def test_a_late_record_is_told_when_it_has_arrived():
    punches = Punches()
    punches.add("wecom", "lilei", at=100, lat=31, lng=121, late_s=60)
    assert punches.of("wecom", "lilei", 159) == []
    assert [punch.at for punch in punches.of("wecom", "lilei", 160)] == [100]
    assert punches.of("dingtalk", "lilei", 160) == []


@pytest.mark.parametrize("wrong", [{"kind": "home"}, {"marks": ["mood"]}])
def test_nobody_punches_what_no_host_knows(wrong):
    with pytest.raises(ValueError):
        Punches().add("wecom", "lilei", at=0, lat=0, lng=0, **wrong)


async def test_whoever_holds_the_phone_punches_where_it_is(console, world):
    await console.post("phone", json={"host": "dingtalk", "user_id": "lilei", "place": "红星"})
    assert (await console.post("punch", json={})).status_code == 200
    assert (await console.post("punch", json={"suspect": True})).status_code == 200
    normal, suspect = world.punches.made
    assert (normal.user_id, normal.lat, normal.lng) == ("lilei", 31.2404, 121.4837)
    assert (normal.kind, normal.marks, suspect.marks) == ("outside", (), ("security",))
    assert (await console.post("punch", json={"kind": "home"})).status_code == 422
