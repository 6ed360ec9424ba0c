"""Files for three days: upload and get (pages 90253 and 90254)."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from .answers import Failed, success
from .office import Call, File, Office

DAYS_3 = 3 * 24 * 3600
LEAST_BYTES = 5
MOST_BYTES = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}
ENDINGS = {"image": (".jpg", ".jpeg", ".png"), "voice": (".amr",), "video": (".mp4",)}
WITHOUT_RANGE = 20 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    kind: str
    file: File
    until: float
    owner: str = ""  # the webhook key that uploaded it; "" for the company


class Media:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._kept: dict[str, Kept] = {}

    def upload(self, call: Call) -> dict[str, Any]:
        return self.keep(call.query.get("type", ""), call.files.get("media"))

    def keep(self, kind: str, file: File | None, owner: str = "") -> dict[str, Any]:
        """Keep a file, and tell its id. Raises `Failed` for what WeCom would not take."""
        if kind not in MOST_BYTES:
            raise Failed(40004)
        if file is None or not file.name:
            raise Failed(41005)
        if len(file.content) <= LEAST_BYTES:
            raise Failed(44001)
        if len(file.content) > MOST_BYTES[kind]:
            raise Failed(45001)
        if not file.name.lower().endswith(ENDINGS.get(kind, "")):
            raise Failed(40005)
        now = self._office.clock()
        media_id = secrets.token_urlsafe(32)
        self._kept[media_id] = Kept(kind, file, now + DAYS_3, owner)
        return success(type=kind, media_id=media_id, created_at=str(int(now)))

    def get(self, call: Call) -> Response:
        kept = self._kept.get(call.wanted("media_id", 41006))
        if kept is None:
            raise Failed(40007)
        if self._office.clock() >= kept.until:
            raise Failed(40145)
        content = kept.file.content
        headers = {"content-disposition": f'attachment; filename="{kept.file.name}"'}
        wanted = call.headers.get("range", "")
        if not wanted:
            if len(content) > WITHOUT_RANGE:
                raise Failed(830002)
            return Response(content, media_type=kept.file.content_type, headers=_latin(headers))
        begin, end = _range(wanted, len(content))
        headers["content-range"] = f"bytes {begin}-{end - 1}/{len(content)}"
        return Response(
            content[begin:end], 206, media_type=kept.file.content_type, headers=_latin(headers)
        )

    def has(self, media_id: object, kind: str, owner: str = "") -> bool:
        kept = self._kept.get(str(media_id))
        lives = kept is not None and self._office.clock() < kept.until
        return lives and kept is not None and (kept.kind, kept.owner) == (kind, owner)


@dataclass(slots=True)
class Upload:
    """A file that the bot sends over its connection, piece by piece."""

    kind: str
    name: str
    size: int
    pieces: dict[int, bytes]
    count: int
    md5: str
    until: float

    def whole(self) -> bytes:
        """All pieces. Raises `Failed` when one is missing or the sum is another."""
        if len(self.pieces) < self.count:
            raise Failed(846616)
        content = b"".join(self.pieces[nth] for nth in range(self.count))
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if len(content) != self.size or self.md5 not in ("", digest):
            raise Failed(846613)
        return content


def _range(wanted: str, size: int) -> tuple[int, int]:
    unit, _, span = wanted.partition("=")
    begin, _, last = span.partition("-")
    if unit != "bytes" or not begin.isdecimal() or (last and not last.isdecimal()):
        raise Failed(40146)
    end = min(int(last) + 1, size) if last else size
    if int(begin) >= end:
        raise Failed(40146)
    return int(begin), end


def _latin(headers: dict[str, str]) -> dict[str, str]:
    """As WeCom does: the bytes of UTF-8, whatever headers are said to hold."""
    return {name: value.encode().decode("latin-1") for name, value in headers.items()}
