"""The local store: what is in it, and how it lets go of what is old."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Thread

import anyio

from field_ops.files.store import LISTED_AT_ONCE, Kept, LocalStore

NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)


def age(path: Path, at: datetime) -> None:
    os.utime(path, (at.timestamp(), at.timestamp()))


async def listed(store: LocalStore, under: str) -> list[Kept]:
    return [one async for part in store.listed(under) for one in part]


async def test_it_lists_what_is_below_a_folder_in_parts(tmp_path: Path) -> None:
    store, chance = LocalStore(tmp_path / "files"), Random(1)
    assert await listed(store, "1/photos") == []  # nothing was ever kept there
    wanted = {
        f"1/photos/{chance.randrange(256):02x}/{number}.jpg" for number in range(LISTED_AT_ONCE + 9)
    }
    for place in (*wanted, "1/exports/x.csv", "11/photos/ab/y.jpg", "2/photos/ab/z.jpg"):
        path = tmp_path / "files" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    parts = [part async for part in store.listed("1/photos")]
    assert [len(part) for part in parts] == [LISTED_AT_ONCE, 9]
    assert {one.place for part in parts for one in part} == wanted


async def test_it_knows_what_was_never_finished_and_follows_no_link_out(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "files")
    await store.put("1/imports/abc", b"whole")
    age(tmp_path / "files/1/imports/abc", NOW)
    (tmp_path / "files/1/imports/.def.0123abcd").write_bytes(b"hal")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret").write_bytes(b"!")
    (tmp_path / "files/1/imports/out").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "files/1/imports/secret").symlink_to(tmp_path / "elsewhere/secret")
    found = {one.place: one for one in await listed(store, "1/imports")}
    assert set(found) == {"1/imports/abc", "1/imports/.def.0123abcd"}
    assert found["1/imports/abc"] == Kept("1/imports/abc", NOW)
    assert found["1/imports/.def.0123abcd"].is_draft


async def test_only_what_is_old_goes(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    for place, at in (("1/a", YESTERDAY - timedelta(seconds=1)), ("1/b", YESTERDAY)):
        await store.put(place, b"x")
        age(tmp_path / place, at)
    assert await store.remove_old("1/a", YESTERDAY)
    assert not await store.remove_old("1/a", YESTERDAY)  # gone already
    assert not await store.remove_old("1/b", YESTERDAY)
    assert [path.name for path in (tmp_path / "1").iterdir()] == ["b"]


async def test_what_somebody_keeps_in_this_very_moment_stays(tmp_path: Path) -> None:
    """The same picture comes again while its old file goes: whichever is first, it is there."""
    store, path = LocalStore(tmp_path), tmp_path / "1/photos/ab/abc.jpg"
    for _ in range(60):
        await store.put("1/photos/ab/abc.jpg", b"picture")
        age(path, YESTERDAY - timedelta(days=9))
        again = Thread(target=anyio.run, args=(store.put, "1/photos/ab/abc.jpg", b"picture"))
        again.start()
        await store.remove_old("1/photos/ab/abc.jpg", YESTERDAY)
        await anyio.to_thread.run_sync(again.join)
        assert await store.get("1/photos/ab/abc.jpg") == b"picture"
        assert [one.name for one in path.parent.iterdir()] == ["abc.jpg"]
