"""What a file really is, told from its bytes. Its name only chooses among what the bytes allow.

Nothing here opens a document further than its table of contents: we keep files, we do not run them.
Pictures are `pictures.py`'s business.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

MOST_PARTS = 5_000  # of an office document; a real one has some hundred
PDF, OLE, ZIP = b"%PDF-", bytes.fromhex("d0cf11e0a1b11ae1"), b"PK\x03\x04"
MACROS_OF_OLE = ("_VBA_PROJECT".encode("utf-16-le"), "Macros".encode("utf-16-le"))
TEXTS = ("txt", "csv", "md", "log")
OPEN_XML = {
    "word/": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ppt/": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
OLD_OFFICE = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}


class NotADocument(ValueError):
    """The bytes are none of the kinds that are kept."""


class HasMacros(ValueError):
    """A document that would run something when it is opened."""


@dataclass(frozen=True, slots=True)
class Document:
    """`kind`: pdf, document or text. `suffix` is the one that belongs to the bytes."""

    kind: str
    suffix: str
    media_type: str


def recognised(raw: bytes, name: str) -> Document:
    """Raises NotADocument and HasMacros."""
    suffix = PurePath(name).suffix.lower().lstrip(".")
    if raw.startswith(PDF) and b"%%EOF" in raw[-2048:]:
        return Document("pdf", "pdf", "application/pdf")
    if raw.startswith(ZIP):
        return _open_xml(raw)
    if raw.startswith(OLE) and suffix in OLD_OFFICE:
        if any(mark in raw for mark in MACROS_OF_OLE):
            raise HasMacros(suffix)
        return Document("document", suffix, OLD_OFFICE[suffix])
    if suffix in TEXTS and _is_text(raw):
        return Document("text", suffix, "text/plain; charset=utf-8")
    raise NotADocument(suffix)


def _open_xml(raw: bytes) -> Document:
    """By the parts that it has; a plain ZIP has none of them."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as failure:
        raise NotADocument("zip") from failure
    if "[Content_Types].xml" not in parts or len(parts) > MOST_PARTS:
        raise NotADocument("zip")
    if any(part.lower().endswith("vbaproject.bin") for part in parts):
        raise HasMacros("zip")
    for folder, (suffix, media_type) in OPEN_XML.items():
        if any(part.startswith(folder) for part in parts):
            return Document("document", suffix, media_type)
    raise NotADocument("zip")


def _is_text(raw: bytes) -> bool:
    """Whether it is UTF-8, or GB18030 as Chinese Windows writes it, without control characters."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not any(ord(mark) < 32 and mark not in "\t\n\r\f" for mark in text)
    return False
