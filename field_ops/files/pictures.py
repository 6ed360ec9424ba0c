"""Pictures: checked by decoding, turned upright, made small, and watermarked (domain.md §4.8–4.9).

Everything here is CPU work and belongs in a thread, never on the event loop.
"""

import io
import struct
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import segno
from PIL import ExifTags, Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

LONG_EDGE_PX = 1600
QUALITY = 80
MOST_PIXELS = 60_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
# What reading metadata that somebody wrote by hand may raise.
UNREADABLE_EXIF = (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error)
BAND = (0, 0, 0, 165)
LETTERS = (255, 255, 255, 240)
QR_RIM = 4  # white squares around the code: ISO/IEC 18004 asks for four
LEAST_MODULE_PX = 2  # below, JPEG of this quality makes squares run together
FONT = Path(__file__).parent / "fonts" / "NotoSansSC-subset.otf"


class NotAPicture(ValueError):
    """The bytes are not a JPEG, PNG or WebP that can be opened."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An upright JPEG without metadata. `made` is the camera's own time of the original."""

    content: bytes
    width: int
    height: int
    made: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watermark:
    """`lines` from top to bottom; `corner` stands right above them. `url` is what the QR code in
    the corner opens; without one there is no QR code."""

    lines: tuple[str, ...]
    corner: str
    url: str = ""


def prepared(raw: bytes) -> Picture:
    """`raw` decoded, turned by its EXIF orientation, at most 1 600 px long, without metadata.

    Its `made` has a zone only where the camera wrote one. Raises `NotAPicture`. The header is
    looked at first, so a small file that would unpack to gigabytes is refused before it is decoded.
    """
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise NotAPicture("too many pixels")
            made = _made(opened)
            opened.draft("RGB", (LONG_EDGE_PX, LONG_EDGE_PX))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as failure:
        raise NotAPicture(str(failure)) from failure
    upright.thumbnail((LONG_EDGE_PX, LONG_EDGE_PX), Image.Resampling.LANCZOS)
    return Picture(_jpeg(upright), upright.width, upright.height, made)


def watermarked(content: bytes, mark: Watermark) -> bytes:
    """A copy of the picture with the watermark on a dark band at its foot."""
    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert("RGBA")
    size = max(12, min(picture.width, picture.height * 2) // 34)
    font, margin, step = _font(size), size // 2, round(size * 1.4)
    band = step * len(mark.lines) + 2 * margin
    top = picture.height - band
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    draw.rectangle((0, top, picture.width, picture.height), fill=BAND)
    room = picture.width - 2 * margin
    # On a picture lower than the band, half a code would help nobody.
    has_code = bool(mark.url) and top >= 0
    code = qr_code(mark.url, min(band - 2 * margin, picture.width // 3)) if has_code else None
    if code is not None:
        layer.paste(code, (picture.width - margin - code.width, top + (band - code.height) // 2))
        room -= code.width + margin
    for number, line in enumerate(mark.lines):
        place = (margin, top + margin + number * step)
        draw.text(place, _fitted(line, font, room), font=font, fill=LETTERS)
    left = picture.width - round(font.getlength(mark.corner)) - margin
    draw.rectangle((left - margin, top - step, picture.width, top - 1), fill=BAND)
    draw.text((left, top - step), mark.corner, font=font, fill=LETTERS)
    return _jpeg(Image.alpha_composite(picture, layer).convert("RGB"))


def smaller(content: bytes, edge_px: int) -> bytes:
    """A JPEG of the picture that is nowhere longer than `edge_px`."""
    with Image.open(io.BytesIO(content)) as opened:
        opened.draft("RGB", (edge_px, edge_px))
        picture = opened.convert("RGB")
    picture.thumbnail((edge_px, edge_px), Image.Resampling.LANCZOS)
    return _jpeg(picture)


def qr_code(text: str, edge_px: int) -> Image.Image | None:
    """A QR code at most `edge_px` wide, its white rim included; None where it would be too fine.

    Its squares are whole pixels: scaled ones would blur, and JPEG blurs them again.
    """
    matrix = segno.make(text, error="m", micro=False).matrix
    modules = len(matrix) + 2 * QR_RIM
    module_px = edge_px // modules
    if module_px < LEAST_MODULE_PX:
        return None
    small = Image.new("L", (modules, modules), 255)
    for y, row in enumerate(matrix, QR_RIM):
        for x, dark in enumerate(row, QR_RIM):
            if dark:
                small.putpixel((x, y), 0)
    edge = modules * module_px
    return small.resize((edge, edge), Image.Resampling.NEAREST).convert("RGBA")


def _made(opened: Image.Image) -> datetime | None:
    """What EXIF says of when the picture was made; None for what is missing or no time."""
    try:
        exif = opened.getexif().get_ifd(ExifTags.IFD.Exif)
        time = str(exif.get(ExifTags.Base.DateTimeOriginal, ""))
        zone = str(exif.get(ExifTags.Base.OffsetTimeOriginal, ""))
        iso = time.strip("\0 ").replace(":", "-", 2)
        made = datetime.fromisoformat(iso)
    except UNREADABLE_EXIF:
        return None
    try:
        return datetime.fromisoformat(iso + zone.strip("\0 "))
    except ValueError:
        return made


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)


def _fitted(line: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    """The line cut with … where it would leave the picture."""
    if font.getlength(line) <= room:
        return line
    while line and font.getlength(line + "…") > room:
        line = line[:-1]
    return line + "…"


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
