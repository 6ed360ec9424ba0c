"""The picture in a form, as the hosts' apps send files (RFC 7578)."""

from collections.abc import AsyncGenerator

from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from ..errors import BodyUnreadable
from ..http.edge import read_body

PART = "photo"
AROUND = 64 * 1024  # bytes that the form may have beside the picture
MOST_FIELDS = 10  # an app may add some of its own


async def picture_of(request: Request, limit: int) -> bytes:
    """The bytes of the form's one file, which is named `photo`; `limit` is theirs.

    Raises `TooLarge` while reading, `BodyUnreadable` for everything that is no such form.
    """
    kind, _, _ = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "multipart/form-data":
        raise BodyUnreadable()
    raw = await read_body(request, limit + AROUND)
    parser = MultiPartParser(request.headers, _once(raw), max_files=1, max_fields=MOST_FIELDS)
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError) as failure:
        raise BodyUnreadable() from failure
    try:
        file = form.get(PART)
        if not isinstance(file, UploadFile):
            raise BodyUnreadable()
        return await file.read()
    finally:
        await form.close()


async def _once(raw: bytes) -> AsyncGenerator[bytes, None]:
    yield raw
    yield b""
