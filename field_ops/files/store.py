"""Where bytes are kept. One interface; a local folder by default.

A place is a relative name like `1/photos/ab/abcdef.jpg`. Writing is atomic and repeatable: a file
is complete or absent, and the same place always holds the same bytes.
"""

import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO, Protocol

import anyio
import anyio.to_thread

from ..errors import StorageFull

PART = 1 << 18  # bytes that a large file takes of the memory


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

    def _path(self, place: str) -> Path:
        path = (self._root / place).resolve()
        if not path.is_relative_to(self._root):
            raise ValueError("a place may not lead out of the store")
        return path

    @staticmethod
    def _write(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
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
