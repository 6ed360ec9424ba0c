"""Where bytes are kept. One interface; a local folder by default.

A place is a relative name like `1/photos/ab/abcdef.jpg`. Writing is atomic and repeatable: a file
is complete or absent, and the same place always holds the same bytes.
"""

import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Protocol

import anyio
import anyio.to_thread

from ..errors import StorageFull

PART = 1 << 18  # bytes that a large file takes of the memory
LISTED_AT_ONCE = 500
DRAFT = re.compile(r"\..+\.[0-9a-f]{8}")  # as `LocalStore` names them


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store. One that is a draft was never finished, and is at no place."""

    place: str
    kept_at: datetime
    is_draft: bool = False


class FileStore(Protocol):
    async def put(self, place: str, content: bytes) -> None:
        """Keep `content` at `place`, durably. Raises `StorageFull`."""
        ...

    async def get(self, place: str) -> bytes | None:
        """What is kept at `place`, or None."""
        ...

    async def put_file(self, place: str, source: Path) -> None:
        """Keep a copy of the file `source`, however large, at `place`. Raises `StorageFull`."""
        ...

    async def stream(self, place: str) -> AsyncIterator[bytes] | None:
        """What is kept at `place`, in parts, or None."""
        ...

    async def remove(self, place: str) -> None:
        """Forget what is kept at `place`; nothing there is as good."""
        ...

    def listed(self, under: str) -> AsyncIterator[Sequence[Kept]]:
        """Everything that is kept below the folder `under`, in parts, in no order. What comes or
        goes meanwhile may be among it or not."""
        ...

    async def remove_old(self, place: str, before: datetime) -> bool:
        """Forget what is kept at `place`, unless somebody kept it there at `before` or later, be it
        in this very moment. Whether that was done."""
        ...


class LocalStore:
    """Files in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    async def put(self, place: str, content: bytes) -> None:
        await anyio.to_thread.run_sync(
            self._write, self._path(place), lambda file: file.write(content)
        )

    async def get(self, place: str) -> bytes | None:
        return await anyio.to_thread.run_sync(self._read, self._path(place))

    async def put_file(self, place: str, source: Path) -> None:
        def copy(file: IO[bytes]) -> None:
            with source.open("rb") as original:
                shutil.copyfileobj(original, file, PART)

        await anyio.to_thread.run_sync(self._write, self._path(place), copy)

    async def stream(self, place: str) -> AsyncIterator[bytes] | None:
        try:
            file = await anyio.open_file(self._path(place), "rb")
        except FileNotFoundError:
            return None

        async def parts() -> AsyncIterator[bytes]:
            async with file:
                while part := await file.read(PART):
                    yield part

        return parts()

    async def remove(self, place: str) -> None:
        path = self._path(place)
        await anyio.to_thread.run_sync(lambda: path.unlink(missing_ok=True))

    async def listed(self, under: str) -> AsyncIterator[Sequence[Kept]]:
        with closing(self._walk(self._path(under))) as found:
            while part := await anyio.to_thread.run_sync(_some, found):
                yield part

    async def remove_old(self, place: str, before: datetime) -> bool:
        return await anyio.to_thread.run_sync(self._remove_old, self._path(place), before)

    def _path(self, place: str) -> Path:
        path = (self._root / place).resolve()
        if not path.is_relative_to(self._root):
            raise ValueError("a place may not lead out of the store")
        return path

    def _walk(self, folder: Path) -> Generator[Kept, None, None]:
        try:
            entries = os.scandir(folder)
        except FileNotFoundError:
            return
        with entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from self._walk(Path(entry.path))
                elif entry.is_file(follow_symlinks=False) and (at := _kept_at(entry)) is not None:
                    place = Path(entry.path).relative_to(self._root).as_posix()
                    yield Kept(place, at, DRAFT.fullmatch(entry.name) is not None)

    @staticmethod
    def _remove_old(path: Path, before: datetime) -> bool:
        """Set aside first: whoever keeps the same bytes there just now shall not lose them."""
        aside = _draft_of(path)
        try:
            if _moment(path.stat()) >= before:
                return False
            path.rename(aside)
        except FileNotFoundError:
            return False
        if _moment(aside.stat()) >= before:
            aside.replace(path)
            return False
        aside.unlink()
        return True

    @staticmethod
    def _write(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = _draft_of(path)
            with draft.open("wb") as file:
                fill(file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as failure:
            raise StorageFull() from failure

    @staticmethod
    def _read(path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def _some(found: Iterator[Kept]) -> list[Kept]:
    return list(islice(found, LISTED_AT_ONCE))


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


def _kept_at(entry: os.DirEntry[str]) -> datetime | None:
    """None for what went away meanwhile."""
    try:
        return _moment(entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None


def _moment(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(status.st_mtime, UTC)
