"""The watermark can be read: its QR code by somebody else's reader, its lines beside the code."""

import io
from random import Random

import pytest
import zxingcpp
from PIL import Image, ImageChops

from field_ops.files.pictures import Watermark, prepared, watermarked

URL = "https://crm.haiming.example.com/v/1-20260310-0007/9F86D081"
LINES = (
    "华联超市中山路店",
    "2026-03-10 09:30:12",
    "湖北省武汉市江岸区中山大道 1166 号华联商厦一层 A12 铺位，靠近北门停车场入口",
    "李雷 华东一组",
    "30.59044, 114.31099 ± 20 m",
)
MARK = Watermark(LINES, "V-20260310-0007 · 9F86D081", URL)
USUAL = (4000, 3000)


def a_busy_shelf(size: tuple[int, int], seed: int = 1) -> bytes:
    """Squares of all colours: what a code is hardest to find on."""
    wide, high = size[0] // 6 + 1, size[1] // 6 + 1
    noise = Image.frombytes("RGB", (wide, high), Random(seed).randbytes(wide * high * 3))
    return as_jpeg(noise.resize(size, Image.Resampling.NEAREST), 92)


def as_jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def drawn(size: tuple[int, int], mark: Watermark = MARK, seed: int = 1) -> Image.Image:
    """The picture as it is kept and shown."""
    return Image.open(io.BytesIO(watermarked(prepared(a_busy_shelf(size, seed)).content, mark)))


def read(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize(
    "size",
    [USUAL, (3000, 4000), (1600, 1067), (1280, 960), (640, 480), (400, 300), (320, 240)],
    ids=str,
)
def test_the_code_is_read_from_the_jpeg_that_is_kept(size: tuple[int, int]) -> None:
    assert read(drawn(size)) == [URL]


@pytest.mark.parametrize("seed", range(5))
def test_the_code_is_read_on_any_busy_picture(seed: int) -> None:
    assert read(drawn(USUAL, seed=seed)) == [URL]


@pytest.mark.parametrize("width", [1080, 720, 360])
def test_the_code_survives_being_sent_on_smaller_and_compressed_again(width: int) -> None:
    picture = drawn(USUAL)
    small = picture.resize((width, picture.height * width // picture.width))
    assert read(Image.open(io.BytesIO(as_jpeg(small, 60)))) == [URL]


def test_a_long_address_is_read_too() -> None:
    url = f"https://{'verification.' * 7}example.com/v/1234567-20260310-123456/9F86D081"
    assert read(drawn(USUAL, Watermark(LINES, MARK.corner, url))) == [url]


def test_without_an_address_there_is_no_code() -> None:
    assert read(drawn(USUAL, Watermark(LINES, MARK.corner))) == []


@pytest.mark.parametrize("size", [(160, 120), (90, 1600), (1600, 60)], ids=str)
def test_where_no_code_has_room_the_picture_is_still_marked(size: tuple[int, int]) -> None:
    picture = drawn(size)
    assert (picture.size, read(picture)) == (size, [])


@pytest.mark.parametrize("size", [USUAL, (3000, 4000), (640, 480)], ids=str)
def test_no_line_runs_into_the_code(size: tuple[int, int]) -> None:
    short = drawn(size, Watermark(("短",) * 5, MARK.corner, URL))
    long = drawn(size, Watermark(("长" * 200,) * 5, MARK.corner, URL))
    (code,) = zxingcpp.read_barcodes(long)
    corners = code.position
    box = (corners.top_left.x, corners.top_left.y, corners.bottom_right.x, corners.bottom_right.y)
    difference = ImageChops.difference(short.crop(box), long.crop(box)).convert("L")
    assert difference.getextrema()[1] < 64, "JPEG's own noise at most"
    assert read(short) == [URL]
