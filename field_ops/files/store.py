"""Where bytes are kept. One interface; a local folder by default.

A place is a relative name like `1/photos/ab/abcdef.jpg`. Writing is atomic and repeatable: a file
is complete or absent, and the same place always holds the same bytes.
"""

import os
import secrets
from pathlib import Path
from typing import Protocol

import anyio.to_thread

from ..errors import StorageFull


class FileStore(Protocol):
    async def put(self, place: str, content: bytes) -> None:
        """Keep `content` at `place`, durably. Raises `StorageFull`."""
        ...

    async def get(self, place: str) -> bytes | None:
        """What is kept at `place`, or None."""
        ...


class LocalStore:
    """Files in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    async def put(self, place: str, content: bytes) -> None:
        await anyio.to_thread.run_sync(self._write, self._path(place), content)

    async def get(self, place: str) -> bytes | None:
        return await anyio.to_thread.run_sync(self._read, self._path(place))

    def _path(self, place: str) -> Path:
        path = (self._root / place).resolve()
        if not path.is_relative_to(self._root):
            raise ValueError("a place may not lead out of the store")
        return path

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            with draft.open("wb") as file:
                file.write(content)
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
